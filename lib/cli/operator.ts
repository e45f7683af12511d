/**
 * The operator of a room at this process's terminal.
 *
 * @module
 */
import {
  type Block,
  isBrokenPipe,
  type LocalEndpoint,
  OutputClosed,
} from "../chat/endpoint.ts";
import { reasonOf } from "../text/failure.ts";
import { describeFault } from "./outcome.ts";
import type { Say } from "../text/phrases.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** What an operator needs of a terminal. */
export type OperatorTerminal = Pick<
  Terminal,
  | "attended"
  | "receive"
  | "send"
  | "echo"
  | "tell"
  | "warn"
  | "closeWrite"
  | "close"
>;

/**
 * The terminal as an end that the room does not depend on: input that can't be
 * sent is its end, output that can't be written is done without, and each is
 * told in one line. But an output that has gone away, as in `| head -1`, is
 * thrown as the terminal does.
 */
export class Operator implements LocalEndpoint {
  readonly framing = "lines";
  readonly #terminal: OperatorTerminal;
  readonly #say: Say;
  #isInputLost = false;
  #isOutputLost = false;

  constructor(terminal: OperatorTerminal, say: Say) {
    this.#terminal = terminal;
    this.#say = say;
  }

  /** Whether input or output was lost. */
  get hasFailed(): boolean {
    return this.#isInputLost || this.#isOutputLost;
  }

  get attended(): boolean {
    return this.#terminal.attended;
  }

  async receive(): Promise<Block | null> {
    try {
      return await this.#terminal.receive();
    } catch (fault) {
      this.#isInputLost = true;
      const message = describeFault(fault, "", this.#say);
      this.#terminal.warn(this.#say("error", { message }));
      return null;
    }
  }

  async send(block: Block): Promise<void> {
    await this.#show(() => this.#terminal.send(block));
  }

  async echo(block: Block): Promise<void> {
    await this.#show(() => this.#terminal.echo(block));
  }

  /** A sentence about the room, as {@linkcode Terminal.tell} shows it. */
  async tell(text: string): Promise<void> {
    await this.#show(() => this.#terminal.tell(text));
  }

  closeWrite(): Promise<void> {
    return this.#terminal.closeWrite();
  }

  close(): void {
    this.#terminal.close();
  }

  async #show(show: () => Promise<void>): Promise<void> {
    try {
      await show();
    } catch (fault) {
      if (!(fault instanceof OutputClosed) || isBrokenPipe(fault.cause)) {
        throw fault;
      }
      if (this.#isOutputLost) return;
      this.#isOutputLost = true;
      const cause = reasonOf(fault.cause);
      this.#terminal.warn(this.#say("room output failed", { cause }));
    }
  }
}
