import { assert, assertEquals, assertRejects } from "@std/assert";
import { Connection } from "../../lib/chat/connection.ts";
import { ConnectionError } from "../../lib/chat/endpoint.ts";
import { watchBeginning } from "../../lib/net/admit.ts";
import { isPasswordWanted } from "../../lib/net/connect.ts";
import {
  askPassword,
  givePassword,
  WRONG_WAIT_MS,
} from "../../lib/net/password.ts";
import { Failure, type Phrase, sentence } from "../../lib/text/phrases.ts";
import {
  ACCEPTED,
  PASSWORD_BYTES,
  QUESTION,
  TRIES,
  WRONG,
} from "../../lib/wire/fixed_lines.ts";
import { FakeStream, readAll } from "../kit/fake_stream.ts";
import { PURE } from "../kit/pure.ts";

const PASSWORD = "开门 please";
const TLS_HELLO = Uint8Array.of(0x16, 0x03, 0x01, 0x00, 0xd9, 0x01);
const TLS_ALERT = Uint8Array.of(0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x32);
/** How a server begins that takes the first password. */
const OPENED = `${QUESTION}\n${ACCEPTED}\n`;

function test(name: string, fn: () => Promise<void> | void): void {
  Deno.test({ ...PURE, name, fn });
}

/** Judges at once. */
const AT_ONCE = {
  judge: (_: unknown, isRight: () => boolean): Promise<boolean> =>
    Promise.resolve(isRight()),
};

/** Asks for the password; by default a wrong one waits for nothing. */
async function ask(
  stream: FakeStream,
  { wrongWait = 0, signal = new AbortController().signal } = {},
): Promise<Connection> {
  const connection = new Connection(stream, stream);
  await askPassword(connection, {
    password: PASSWORD,
    signal,
    wrongWait,
    guesses: AT_ONCE,
  });
  return connection;
}

async function assertProblem(
  work: Promise<unknown>,
  problem: Phrase,
): Promise<void> {
  const error = await assertRejects(() => work, Failure);
  assertEquals(error.sentence.phrase, problem);
}

test("askPassword() lets in who has the password, with any line ending", async () => {
  for (const ending of ["\n", "\r\n"]) {
    const stream = new FakeStream();
    const asked = ask(stream);
    await stream.until(`${QUESTION}\n`);
    stream.give(PASSWORD + ending);
    const inside = await asked;
    assertEquals(stream.written, OPENED);
    stream.give("hello\n");
    stream.give(null);
    assertEquals(stream.closed, false);
    assertEquals(await readAll(inside), "hello\n");
  }
});

test("askPassword() gives what came behind the password to the conversation", async () => {
  const stream = new FakeStream();
  stream.give(`${PASSWORD}\nfirst\nsec`);
  stream.give("ond\n");
  stream.give(null);
  assertEquals(await readAll(await ask(stream)), "first\nsecond\n");
});

test("askPassword() takes a password that comes byte by byte", async () => {
  const stream = new FakeStream();
  for (const byte of new TextEncoder().encode(`wrong\r\n${PASSWORD}\r\nhi`)) {
    stream.give(Uint8Array.of(byte));
  }
  stream.give(null);
  assertEquals(await readAll(await ask(stream)), "hi");
});

test("askPassword() takes a last line without an ending", async () => {
  const stream = new FakeStream();
  stream.give(PASSWORD);
  stream.give(null);
  assertEquals(await readAll(await ask(stream)), "");
});

test("askPassword() asks again after a wrong password, a second later", async () => {
  const stream = new FakeStream();
  const begin = performance.now();
  stream.give(`wrong\n${PASSWORD}\n`);
  await ask(stream, { wrongWait: WRONG_WAIT_MS });
  assert(performance.now() - begin >= WRONG_WAIT_MS);
  assertEquals(
    stream.written,
    `${QUESTION}\n${WRONG}\n${QUESTION}\n${ACCEPTED}\n`,
  );
});

test("askPassword() refuses after three wrong passwords", async () => {
  const stream = new FakeStream();
  stream.give(`a\nb\nc\n${PASSWORD}\n`);
  await assertProblem(ask(stream), "wrong password");
  const asked = `${QUESTION}\n${WRONG}\n`.repeat(TRIES);
  assertEquals(stream.written, `${asked}* not taken: wrong password\n`);
});

test("askPassword() takes nothing but exactly the password", async () => {
  const wrong = [
    "",
    " ",
    `${PASSWORD} `,
    ` ${PASSWORD}`,
    PASSWORD.slice(0, -1),
    `${PASSWORD}e`,
    PASSWORD.toUpperCase(),
    `${PASSWORD}\0`,
  ];
  for (const line of wrong) {
    const stream = new FakeStream();
    stream.give(`${line}\n`);
    const asked = ask(stream);
    await stream.until(`${WRONG}\n${QUESTION}\n`);
    stream.give(null);
    await assertProblem(asked, "wrong password");
  }
});

test("askPassword() reads no more than its limit of who sends no line", async () => {
  const stream = new FakeStream();
  stream.give(new Uint8Array(10 * 1024 * 1024).fill(0x61));
  await assertProblem(ask(stream), "wrong password");
  assert(stream.bytesRead <= 2 * PASSWORD_BYTES);
  const written = `${QUESTION}\n* not taken: wrong password\n`;
  assertEquals(stream.written, written);
});

test("askPassword() takes no bytes for a password that are not UTF-8", async () => {
  const stream = new FakeStream();
  const connection = new Connection(stream, stream);
  const { signal } = new AbortController();
  const password = "\ufffd";
  const options = { password, signal, guesses: AT_ONCE, wrongWait: 0 };
  stream.give(Uint8Array.of(0xff, 0x0a));
  stream.give(null);
  await assertProblem(askPassword(connection, options), "wrong password");
});

test("askPassword() and givePassword() compare the form NFC", async () => {
  const composed = "P\u00e4ssword";
  const stream = new FakeStream();
  stream.give(`${composed.normalize("NFD")}\n`);
  const { signal } = new AbortController();
  const options = { password: composed, signal, guesses: AT_ONCE };
  await askPassword(new Connection(stream, stream), options);
  assertEquals(stream.written, OPENED);
  const server = new FakeStream();
  server.give(OPENED);
  const password = composed.normalize("NFD");
  await givePassword(new Connection(server, server), { password, signal });
  assertEquals(server.written, `${composed}\n`);
});

test("askPassword() takes a line that just fits", async () => {
  const stream = new FakeStream();
  const password = "p".repeat(PASSWORD_BYTES - 1);
  stream.give(`${password}\n`);
  const { signal } = new AbortController();
  const connection = new Connection(stream, stream);
  await askPassword(connection, { password, signal, guesses: AT_ONCE });
  assertEquals(stream.written, OPENED);
});

test("askPassword() tells who leaves and who speaks TLS", async () => {
  const left = new FakeStream();
  left.give(null);
  await assertProblem(ask(left), "left at the door");
  const secure = new FakeStream();
  secure.give(TLS_HELLO);
  await assertProblem(ask(secure), "client with TLS");
});

test("askPassword() takes no name for a password that was tried", async () => {
  const named = new FakeStream();
  named.give("/name 小明\n");
  named.give(null);
  await assertProblem(ask(named), "left at the door");
  for (const lines of ["/name 小明\nsesame\n", "sesame\n/name 小明\n"]) {
    const guesser = new FakeStream();
    guesser.give(lines);
    guesser.give(null);
    await assertProblem(ask(guesser), "wrong password");
  }
  const persistent = new FakeStream();
  persistent.give("/name 小明\n".repeat(TRIES));
  await assertProblem(ask(persistent), "wrong password");
});

test("askPassword() ends with the reason of its signal, in a read or a wait", async () => {
  const reading = new FakeStream();
  const controller = new AbortController();
  const asked = ask(reading, { signal: controller.signal });
  await reading.starved();
  controller.abort(new Failure(sentence("too slow at the door")));
  await assertProblem(asked, "too slow at the door");

  const waiting = new FakeStream();
  const other = new AbortController();
  waiting.give("wrong\n");
  const { signal } = other;
  const work = ask(waiting, { signal, wrongWait: WRONG_WAIT_MS });
  await waiting.until(`${QUESTION}\n`);
  other.abort(new Failure(sentence("too slow at the door")));
  await assertProblem(work, "too slow at the door");
});

test("askPassword() ends with the reason of its signal while a write is stuck", async () => {
  const controller = new AbortController();
  const stream = new FakeStream();
  stream.write = (): Promise<number> => {
    controller.abort(new Failure(sentence("too slow at the door")));
    return new Promise(() => {});
  };
  await assertProblem(
    ask(stream, { signal: controller.signal }),
    "too slow at the door",
  );
});

/** Gives the password to a server that says this. */
async function give(stream: FakeStream): Promise<Connection> {
  const { signal } = new AbortController();
  const connection = new Connection(stream, stream);
  await givePassword(connection, { password: PASSWORD, signal });
  return connection;
}

test("givePassword() answers the question, and only that", async () => {
  const stream = new FakeStream();
  const given = give(stream);
  assertEquals(stream.written, "");
  stream.give(QUESTION.slice(0, 5));
  assertEquals(stream.written, "");
  stream.give(`${QUESTION.slice(5)}\n`);
  await stream.until(`${PASSWORD}\n`);
  stream.give(`${ACCEPTED}\nwelcome`);
  stream.give(" all\n");
  stream.give(null);
  assertEquals(await readAll(await given), "welcome all\n");
  assertEquals(stream.written, `${PASSWORD}\n`);
});

test("givePassword() keeps the password from a server that does not ask", async () => {
  const first: readonly [string | Uint8Array | null, Phrase][] = [
    ["hello\n", "no password wanted"],
    [`${QUESTION} please\n`, "no password wanted"],
    ["x".repeat(PASSWORD_BYTES + 1), "no password wanted"],
    [TLS_ALERT, "server with TLS"],
    [null, "closed unasked"],
  ];
  for (const [bytes, problem] of first) {
    const stream = new FakeStream();
    stream.give(bytes);
    await assertProblem(give(stream), problem);
    assertEquals(stream.written, "");
  }
});

test("givePassword() tries once", async () => {
  for (const answer of [`${WRONG}\n${QUESTION}\n`, null, "hello\n"]) {
    const stream = new FakeStream();
    stream.give(`${QUESTION}\n`);
    stream.give(answer);
    await assertProblem(give(stream), "password refused");
    assertEquals(stream.written, `${PASSWORD}\n`);
  }
});

test("askPassword() and givePassword() understand each other", async () => {
  const [client, server] = pair();
  const [outside, inside] = await Promise.all([give(client), ask(server)]);
  await inside.send(new TextEncoder().encode("hello\n"));
  client.give(null);
  assertEquals(await readAll(outside), "hello\n");
});

/** All that a beginning can be looked at for. */
const PROBLEMS = [
  "password wanted",
  "server with TLS",
  "client with TLS",
] as const;

/** What a connection throws that is watched for all, or some, problems. */
async function problemAt(
  parts: readonly (string | Uint8Array)[],
  problems: Parameters<typeof watchBeginning>[1] = PROBLEMS,
): Promise<unknown> {
  const stream = new FakeStream();
  const connection = new Connection(stream, stream);
  watchBeginning(connection, problems);
  for (const part of [...parts, null]) stream.give(part);
  try {
    await readAll(connection);
    return undefined;
  } catch (fault) {
    assert(fault instanceof ConnectionError);
    if (fault.reason) return fault.reason;
    assertEquals(connection.problem, fault.cause);
    assert(fault.cause instanceof Failure);
    assertEquals(
      isPasswordWanted(fault),
      fault.cause.sentence.phrase === "password wanted",
    );
    return fault.cause.sentence.phrase;
  }
}

test("watchBeginning() knows who speaks what, wherever it is cut", async () => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const cases: readonly [Uint8Array, typeof PROBLEMS[number]][] = [
    [encode(`${QUESTION}\n`), "password wanted"],
    [encode(`${QUESTION}\r\nmore`), "password wanted"],
    [TLS_ALERT, "server with TLS"],
    [TLS_HELLO, "client with TLS"],
  ];
  for (const [bytes, problem] of cases) {
    assertEquals(await problemAt([bytes]), problem);
    for (let cut = 1; cut < bytes.length; cut++) {
      const parts = [bytes.slice(0, cut), bytes.slice(cut)];
      assertEquals(await problemAt(parts), problem);
    }
    const others = PROBLEMS.filter((other) => other !== problem);
    // At its end the whole stream was such an answer.
    const last = problem === "server with TLS" ? "TLS wanted" : undefined;
    assertEquals(await problemAt([bytes], others), last);
  }
  const harmless = ["", "*", "hello\n", `a\n${QUESTION}\n`, "\x16", "\x15\x03"];
  for (
    const text of [...harmless, QUESTION, `${QUESTION} no\n`, `\n${QUESTION}\n`]
  ) {
    assertEquals(await problemAt([text]), undefined);
  }
});

test("watchBeginning() looks at the beginning only", async () => {
  const long = "x".repeat(60);
  assertEquals(await problemAt(["one", long, `\n${QUESTION}\n`]), undefined);
  for (const [start, problem] of [["", "password wanted"], ["x", undefined]]) {
    assertEquals(await problemAt([start ?? "", QUESTION, "\n", long]), problem);
  }
});

/** Two streams, each of which reads what is written to the other. */
function pair(): [FakeStream, FakeStream] {
  const left = new FakeStream();
  const right = new FakeStream();
  join(left, right);
  join(right, left);
  return [left, right];
}

function join(from: FakeStream, to: FakeStream): void {
  const write = from.write.bind(from);
  from.write = async (bytes): Promise<number> => {
    const count = await write(bytes);
    to.give(bytes.slice(0, count));
    return count;
  };
}
