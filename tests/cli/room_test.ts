import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { converse } from "../../lib/chat/converse.ts";
import { type Block, OutputClosed } from "../../lib/chat/endpoint.ts";
import { InputError } from "../../lib/terminal/input.ts";
import { operatorAt, type OperatorTerminal } from "../../lib/cli/room.ts";
import { sentence, speaker } from "../../lib/text/phrases.ts";
import { FakeEndpoint } from "../kit/fake_endpoint.ts";
import { PURE } from "../kit/pure.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A terminal whose input and output break when the test says so. */
class FakeTerminal implements OperatorTerminal {
  readonly framing = "lines";
  attended = false;
  isClosed = false;
  readonly warnings: string[] = [];
  readonly shown: string[] = [];
  inputFault: Error | undefined;
  outputFault: OutputClosed | undefined;

  resume(): void {}

  /** Gives null once the peer has gone. */
  readonly #left = Promise.withResolvers<null>();

  /** Says nothing until the peer has gone. */
  receiveNothing(): Promise<null> {
    return this.#left.promise;
  }

  receive(): Promise<Block | null> {
    return this.inputFault
      ? Promise.reject(this.inputFault)
      : Promise.resolve(encoder.encode("hello\n"));
  }

  send(block: Block): Promise<void> {
    return this.tell(decoder.decode(block));
  }

  echo(block: Block): Promise<void> {
    return this.tell(decoder.decode(block));
  }

  tell(text: string): Promise<void> {
    if (this.outputFault) return Promise.reject(this.outputFault);
    this.shown.push(text);
    return Promise.resolve();
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  closeWrite(): Promise<void> {
    this.#left.resolve(null);
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }
}

Deno.test(
  "operatorAt() leaves with the room, its terminal stays open",
  PURE,
  async () => {
    const terminal = new FakeTerminal();
    terminal.attended = true;
    terminal.receive = terminal.receiveNothing;
    const operator = operatorAt(terminal, speaker("en"));
    const remote = new FakeEndpoint("remote");
    const ending = converse(operator, remote, { end: "n" });
    remote.give("* The room is closed\n", null);
    assertEquals(await ending, { how: "closed" });
    assertEquals(terminal.shown, ["* The room is closed\n"]);
    assertEquals([operator.hasFailed, terminal.isClosed], [false, false]);
    operator.close();
    assertEquals(terminal.isClosed, true);
  },
);

Deno.test(
  "operatorAt() goes on without input that can't be sent",
  PURE,
  async () => {
    const terminal = new FakeTerminal();
    const operator = operatorAt(terminal, speaker("en"));
    assertEquals(
      await operator.receive(),
      encoder.encode("hello\n"),
    );
    assertEquals(operator.hasFailed, false);
    const place = { line: 3, offset: 1, encoding: "BIG5" };
    terminal.inputFault = new InputError(sentence("input not UTF-8", place));
    const remote = new FakeEndpoint("remote");
    const ending = converse(operator, remote, { end: "n" });
    await remote.until(({ writeClosed }) => writeClosed);
    remote.give("Ann: still here\n", null);
    assertEquals(await ending, { how: "closed" });
    assertEquals(terminal.shown, ["Ann: still here\n"]);
    const [warning = ""] = terminal.warnings;
    assertStringIncludes(warning, "error: line 3 of the input is not UTF-8");
    assertEquals(operator.hasFailed, true);
  },
);

Deno.test(
  "operatorAt() goes on without output, and says so once",
  PURE,
  async () => {
    const terminal = new FakeTerminal();
    const operator = operatorAt(terminal, speaker("en"));
    const cause = new Error("No space left");
    terminal.outputFault = new OutputClosed(cause);
    await operator.send(encoder.encode("one\n"));
    await operator.echo?.(encoder.encode("two\n"));
    await operator.tell("three");
    assertEquals(terminal.warnings, [
      "warning: standard output can't be written (No space left); the room goes on, and nothing more is shown here",
    ]);
    assertEquals(operator.hasFailed, true);
  },
);

Deno.test(
  "operatorAt() throws for output that has gone away",
  PURE,
  async () => {
    const terminal = new FakeTerminal();
    const operator = operatorAt(terminal, speaker("en"));
    const cause = Object.assign(new Error("gone"), { name: "BrokenPipe" });
    terminal.outputFault = new OutputClosed(cause);
    await assertRejects(() => operator.tell("one"), OutputClosed);
    assertEquals(terminal.warnings, []);
    assertEquals(operator.hasFailed, false);
  },
);
