/**
 * The lines of `lib/` that no test runs, with the reason why not, for
 * `deno task coverage`. One that is run after all in one run or another does
 * no harm.
 *
 * @module
 */

/** Lines known not to be run, and why. */
export interface Reason {
  why: string;
  /**
   * By file: the text of a line, or of several that follow each other, without
   * the blanks at the beginning and the end of each. It has to stand in one
   * place of the file only.
   */
  lines: Readonly<Record<string, readonly string[]>>;
}

/** By reason, and by file. */
export const NOT_COVERED: readonly Reason[] = [
  {
    why: "An abort or a close between two awaits, which no test can order",
    lines: {
      "prompt.ts": ["if (!this.#editor.isOpen) return Promise.resolve(null);"],
      "room_server.ts": ["if (signal.aborted) close();"],
    },
  },
  {
    why: "The peer, or another server, goes just between two steps",
    lines: {
      "talk.ts": [
        "if (visitor.problem !== undefined) throw visitor.problem;",
        "terminal.warnNotSent(textsOf(ending.unsent));",
      ],
      "unix_socket.ts": [`
        return listenAt(path, say);
        } catch (error) {
        throw unixFailure(error, path, say);
      `],
    },
  },
  {
    why: "Needs an address that is not loopback, which a machine may lack",
    lines: {
      "entrance.ts": [`warn(say("not encrypted", { address }));`],
    },
  },
  {
    why: "The system gives a client the very port that it connects to",
    lines: {
      "network.ts": [`
        connection.close();
        throw new Deno.errors.ConnectionRefused("Connected to itself");
      `],
    },
  },
  {
    why: "Needs a user who is not root",
    lines: {
      "transcript_file.ts": [`return say("log not writable", { path });`],
    },
  },
  {
    why: "Needs another system, or an older Deno",
    lines: {
      "input_size.ts": [`
        // Not every system tells of every kind of standard input.
        return undefined;
      `],
      "unix_socket.ts": [
        `if (Deno.build.os === "windows") throw new Failure(say("no unix sockets"));`,
        `
        // Before it became a permission, everyone was allowed to.
        return true;
        `,
        `
        // Before that was a host, a path needed no permission for the network.
        return "granted";
        `,
      ],
    },
  },
  {
    why: "A fault that is not known to happen is passed on",
    lines: {
      "program.ts": [
        "if (!(error instanceof UsageError)) throw error;",
        "if (!(fault instanceof Failure)) throw fault;",
      ],
      "secret.ts": ["throw fault;"],
      "tls.ts": [
        "if (tlsCa === undefined || !isAboutIdentity(error)) throw error;",
        "if (!(cause instanceof Deno.errors.UnexpectedEof)) throw cause;",
      ],
    },
  },
  {
    why: "A terminal that goes, or does not tell, where it is looked at first",
    lines: {
      "screen.ts": ["return DEFAULT_SIZE;"],
    },
  },
];
