/**
 * The exchange of names in a pair: each side says its own, the client first.
 *
 * @module
 */
import type { Block, Endpoint } from "./endpoint.ts";
import { linesOf } from "../wire/framing.ts";
import { isNotice, nameIn, nameLine } from "../wire/message.ts";
import { nameProblem } from "../wire/names.ts";

/** What two sides greet each other with. */
export interface GreetingOptions {
  /** The own name; none for a side without one. */
  name: string | undefined;
  /** Whether the own name comes first, as a client's; a server's is an answer. */
  first: boolean;
  /** Is told the peer's name; absent on a side that passes it on as data. */
  named?(name: string): void;
  /** Shows the peer's name line as data, where it must not take a turn. */
  passOn?(line: Block): Promise<void>;
  /**
   * Is told when the first line is one that only a room says, and whether it
   * came before anything was said to the peer.
   */
  inRoom?(unasked: boolean): void;
}

/** The remote end of a pair that greets first. */
export interface GreetedEndpoint extends Endpoint {
  /** False for a name line that is the first line: the peer takes it off. */
  takesTurn(block: Block): boolean;
}

/**
 * Says the own name, where it comes first. Returns an end that takes a peer's
 * name line off when it is the very first line and the name is a good one, and
 * answers it. A side that has said something, or says no more, gives no name.
 *
 * @throws what the remote end throws.
 */
export async function greet(
  remote: Endpoint,
  { name, first, named, passOn, inRoom }: GreetingOptions,
): Promise<GreetedEndpoint> {
  let said: "nothing" | "name" | "more" = "nothing";
  let isGreeted = !named && !passOn;

  async function sayName(): Promise<void> {
    if (name === undefined || said !== "nothing") return;
    said = "name";
    await remote.send(nameLine(name));
  }

  async function receiveFirst(): Promise<Block | null> {
    const block = await remote.receive();
    if (isGreeted || block === null) return block;
    isGreeted = true;
    const [line = block] = linesOf(block);
    if (isNotice(line)) inRoom?.(said !== "more");
    const peer = goodNameIn(line);
    if (peer === null) return block;
    await passOn?.(line);
    named?.(peer);
    if (named) await sayName();
    const rest = block.subarray(line.length);
    return rest.length > 0 ? rest : await remote.receive();
  }

  if (first) await sayName();
  return {
    framing: "lines",
    receive: () => isGreeted ? remote.receive() : receiveFirst(),
    send(block): Promise<void> {
      said = "more";
      return remote.send(block);
    },
    closeWrite(): Promise<void> {
      said = "more";
      return remote.closeWrite();
    },
    close: () => remote.close(),
    takesTurn: (block) => said !== "nothing" || goodNameIn(block) === null,
  };
}

function goodNameIn(line: Block): string | null {
  const name = nameIn(line);
  return name !== null && nameProblem(name) === null ? name : null;
}
