import { assertEquals } from "@std/assert";
import { type Presence, Prompt } from "../../lib/terminal/prompt.ts";
import { Renderer } from "../../lib/terminal/output.ts";
import { Screen } from "../../lib/terminal/screen.ts";
import { speaker } from "../../lib/text/phrases.ts";
import { PURE } from "../kit/pure.ts";

const MAX_MESSAGE_BYTES = 8;
const CONTROL_C = "\x03";
const CONTROL_D = "\x04";
const UP = "\x1b[A";

/** A prompt at a terminal whose keys the test presses. */
function start({ presence = "here" }: { presence?: Presence } = {}): {
  prompt: Prompt;
  /** What was told, and the modes that were set. */
  done: string[];
  /** Settles when keys, pressed at once, are acted on; an error is a fault. */
  press(keys: string | Uint8Array | Error | null): Promise<void>;
  /** Closes the prompt, and lets its last read end. */
  end(): Promise<void>;
  /** What is on the screen, without what only moves the cursor. */
  shown(): Promise<string>;
  /** All that was written since. */
  written(): Promise<string>;
} {
  const done: string[] = [];
  let reading = Promise.withResolvers<Uint8Array>();
  let asked = Promise.withResolvers<void>();
  let all = "";
  const say = speaker("en");
  const output = {
    write(bytes: Uint8Array): Promise<number> {
      all += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const screen = new Screen({
    size: () => ({ columns: 80, rows: 24 }),
    setRaw: (mode) => void done.push(`raw ${mode}`),
  });
  const prompt = new Prompt({
    role: "client",
    screen,
    renderer: new Renderer({
      role: "client",
      say,
      color: false,
      time: false,
      name: undefined,
    }, true),
    end: "n",
    lineByLine: false,
    maxMessage: MAX_MESSAGE_BYTES,
    say,
    presence: () => presence,
    keeps: true,
    warn: (text) => void done.push(`warn: ${text.slice(0, 9)}`),
    warnNotSent: (texts) => void done.push(`not sent: ${texts}`),
    interrupt: (signal) => void done.push(signal),
  }, {
    stdout: output,
    stdin: {
      async read(bytes): Promise<number | null> {
        asked.resolve();
        const read = await reading.promise;
        reading = Promise.withResolvers();
        bytes.set(read);
        return read.length || null;
      },
    },
  });
  async function written(): Promise<string> {
    for (let turn = 0; turn < 2; turn++) await screen.flush();
    const taken = all;
    all = "";
    return taken;
  }
  return {
    prompt,
    done,
    async press(keys): Promise<void> {
      await asked.promise;
      asked = Promise.withResolvers();
      if (keys instanceof Error) reading.reject(keys);
      else if (keys instanceof Uint8Array) reading.resolve(keys);
      else reading.resolve(new TextEncoder().encode(keys ?? ""));
      const isOver = keys instanceof Error || keys === null;
      if (isOver) {
        for (let turn = 0; turn < 9; turn++) {
          await Promise.resolve();
        }
      } else if (keys.at(-1) !== CONTROL_D) await asked.promise;
    },
    async end(): Promise<void> {
      prompt.close();
      reading.resolve(new Uint8Array(1));
      for (let turn = 0; turn < 9; turn++) await screen.flush();
    },
    written,
    async shown(): Promise<string> {
      return (await written()).replaceAll(
        /(?![\r\n\t])\p{Cc}(\[[?\d]*[A-Zhl]|[78])/gu,
        "",
      );
    },
  };
}

/** The text of the next line. */
async function read(prompt: Prompt): Promise<string | null> {
  const block = await prompt.read();
  return block && new TextDecoder().decode(block);
}

Deno.test("Prompt.read() gives lines, and null for an end", PURE, async () => {
  const { prompt, press, end, done } = start();
  await press("one\r\r/quit\rafter\r/exit\r");
  for (const line of ["one\n", "\n", null, "after\n", null]) {
    assertEquals(await read(prompt), line);
  }
  // Of three bytes each.
  await press("你好吗\r12345678\r");
  assertEquals(await read(prompt), "12345678\n");
  await press("one\rtwo\r");
  assertEquals(prompt.takeEntered(), ["one", "two"]);
  await end();
  await end();
  assertEquals(await read(prompt), null);
  assertEquals(done, ["raw true", "warn: this line", "raw false"]);
  assertEquals(await prompt.secret("?"), null);
});

for (const presence of ["expected", "gone", "here"] as const) {
  Deno.test(`Prompt acts where a peer is ${presence}`, PURE, async () => {
    const { prompt, press, end, shown, done } = start({ presence });
    await press("/help\r /clear\r/help me\r");
    const isGone = presence === "gone";
    const told = isGone ? ["not sent:  /clear", "not sent: /help me"] : [];
    const kept = isGone ? [] : [" /clear", "/help me"];
    assertEquals(done.splice(0), ["raw true", ...told]);
    assertEquals(prompt.takeEntered(), kept);
    assertEquals((await shown()).includes("Commands: "), true);
    await press("/quit\r");
    assertEquals(prompt.takeEntered(), presence === "here" ? ["/quit"] : []);
    assertEquals(done.splice(0), presence === "here" ? [] : ["SIGINT"]);
    await end();
  });
}

Deno.test("Prompt obeys Ctrl-C, Ctrl-D and the end", PURE, async () => {
  for (const way of [null, new Error("EIO")]) {
    const { prompt, press, done } = start({ presence: "expected" });
    await press(`half${CONTROL_C}${CONTROL_C}`);
    assertEquals(done.splice(0), ["raw true", "SIGINT"]);
    await press(`one\r${CONTROL_D}`);
    assertEquals(await read(prompt), "one\n");
    assertEquals(await read(prompt), null);
    assertEquals(done.splice(0), ["SIGINT", "raw false"]);
    prompt.resume();
    await press(`${UP}!\r`);
    assertEquals(await read(prompt), "one!\n");
    await press("half");
    const reading = read(prompt);
    const answer = prompt.secret("Password: ");
    await press(way);
    assertEquals([await reading, await answer], [null, null]);
    assertEquals(done, ["raw true", "SIGHUP", "raw false"]);
    prompt.close();
  }
});

Deno.test("Prompt completes a Tab that is typed", PURE, async () => {
  const { prompt, press, end, shown } = start();
  await press("name\t");
  await press("\t");
  await press("\r/he\t");
  await press("\r");
  assertEquals(prompt.takeEntered(), ["name\t"]);
  await press("/");
  await press("\t");
  assertEquals(
    (await shown()).endsWith("/clear  /exit  /help  /quit\n/"),
    true,
  );
  await end();
});

Deno.test("Prompt.secret() shows and keeps nothing", PURE, async () => {
  const { prompt, press, end, shown } = start();
  await press("half");
  await shown();
  const answer = prompt.secret("Password: ");
  await press("/h");
  await press("\t");
  await press(`\rmore`);
  assertEquals(await answer, "/h\t");
  await press("\r");
  const screen = await shown();
  assertEquals(screen.includes("Password: "), true);
  assertEquals(screen.includes("/h"), false);
  await press(`${UP}${UP}\r`);
  assertEquals(prompt.takeEntered(), ["halfmore", ""]);
  await end();
});

Deno.test("Prompt sends no line that is not UTF-8", PURE, async () => {
  const { prompt, press, end, done } = start();
  await press(Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3, 0x0d));
  await press("好\r");
  assertEquals(await read(prompt), "好\n");
  await end();
  assertEquals(done, ["raw true", "warn: this line", "raw false"]);
});

for (const ending of ["n", "/quit", "/exit"]) {
  Deno.test(`Prompt keeps a paste from ${ending} on`, PURE, async () => {
    const { prompt, press, end, done } = start();
    await press(`\x1b[200~one\rto\twin\r${ending}\rlast\x1b[201~`);
    assertEquals(prompt.takeEntered(), ["one", "to\twin"]);
    assertEquals(done.at(-1), "warn: the paste");
    // A person who sends it means it.
    await press("\r");
    assertEquals(prompt.takeEntered(), [ending, "last"]);
    await press("typed");
    assertEquals(prompt.takeEntered(), []);
    await end();
    assertEquals(prompt.takeEntered().includes("typed"), true);
  });
}

Deno.test("Prompt asks the terminal to mark pastes", PURE, async () => {
  const { press, end, written } = start();
  await press("a");
  assertEquals((await written()).includes("\x1b[?2004h"), true);
  await end();
  assertEquals((await written()).includes("\x1b[?2004l"), true);
});
