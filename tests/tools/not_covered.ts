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
   * the blanks at the beginning and the end of each. It has to be in one
   * place of the file only.
   */
  lines: Readonly<Record<string, readonly string[]>>;
}

/** By reason, and by file. */
export const NOT_COVERED: readonly Reason[] = [
  {
    why: "An abort or a close between two awaits, which no test can order",
    lines: {
      "cli/room.ts": ["if (signal.aborted) close();"],
    },
  },
  {
    why: "The peer, or another server, goes just between two steps",
    lines: {
      "cli/talk.ts": [
        "if (connection.problem !== undefined) throw connection.problem;",
        "terminal.warnNotSent(textsOf(ending.unsent));",
      ],
    },
  },
  {
    why: "Needs an address that is not loopback, which a machine may lack",
    lines: {
      "net/locks.ts": [`warn(sentence("not encrypted", { address }));`],
    },
  },
  {
    why: "The system gives a client the very port that it connects to",
    lines: {
      "net/connect.ts": [`
        connection.close();
        throw new Deno.errors.ConnectionRefused("Connected to itself");
      `],
    },
  },
  {
    why: "Needs another system, or an older Deno",
    lines: {
      "terminal/progress.ts": [`
        // Not every system tells of every kind of standard input.
        return undefined;
      `],
      "net/admit.ts": [`throw new Failure(sentence("no unix sockets"));`],
    },
  },
  {
    why: "A fault that is not known to happen is passed on",
    lines: {
      "cli/password.ts": ["throw fault;"],
      "net/relay.ts": [
        `
        // Another program of this machine was quicker.
        inside.close();
      `,
        `
        plain.close();
        throw fault;
      `,
      ],
      "net/tls.ts": [
        "if (tlsCa === undefined || !isAboutIdentity(error)) throw error;",
        "if (!(cause instanceof Deno.errors.UnexpectedEof)) throw cause;",
      ],
    },
  },
  {
    why: "A terminal that goes, or does not tell, where it is looked at first",
    lines: {
      "terminal/screen.ts": ["return DEFAULT_SIZE;"],
    },
  },
];
