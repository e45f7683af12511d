/**
 * One conversation with who is at the other end of a connection.
 *
 * @module
 */
import type { Connection } from "../chat/connection.ts";
import { converse, type Ending } from "../chat/converse.ts";
import { isPasswordWanted } from "../net/connect.ts";
import { type Block, OutputClosed } from "../chat/endpoint.ts";
import { greet, type GreetedEndpoint } from "../chat/greeting.ts";
import { Turns } from "../chat/turns.ts";
import { withoutEnding } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";
import { describeEnding, describeFault, STATUS } from "./outcome.ts";
import { reasonOf } from "../text/failure.ts";
import type { Program } from "./program.ts";

/**
 * Has one conversation with who is at the other end of a connection, and tells
 * how it ended. Returns the exit status that it deserves.
 *
 * @throws {OutputClosed} when standard output can't be written any more.
 * @throws what {@linkcode isPasswordWanted} knows, when the server asks for a
 * password and none was given.
 */
export async function talk(
  program: Program,
  connection: Connection,
): Promise<number> {
  const { role, options, say, terminal, signal } = program;
  const { framing, maxMessage, idleTimeout, end } = options;
  const { address } = connection;
  connection.begin({
    framing,
    maxMessage,
    idleTimeout,
    observe: (observation) =>
      terminal.warn(
        say(
          observation === "not UTF-8" && terminal.passesBytes
            ? "not UTF-8, passed on"
            : observation,
        ),
      ),
  });
  const first = role === "client" ? "local" : "remote";
  const turns = new Turns(options.turns ? first : undefined);
  terminal.begin();
  try {
    const greeted = framing === "raw"
      ? undefined
      : await greetPeer(connection, program, turns);
    let told = false;
    const ending = await converse(terminal, greeted ?? connection, {
      end,
      turns,
      // An empty message can't be sent under raw.
      takesTurn: greeted?.takesTurn ??
        ((block) => withoutEnding(block).length > 0),
      broken: connection.broken,
      signal,
      goesOn: options.keepOpen,
      heardEnd: (ending): Promise<void> => {
        told = true;
        return tellWhoEnded(ending, program);
      },
    });
    // Sending may have failed first, before anyone read why it was not let in.
    if (connection.problem !== undefined) throw connection.problem;
    return told
      ? tellUnsent(ending, program)
      : await tellEnding(ending, program);
  } catch (fault) {
    if (fault instanceof OutputClosed || isPasswordWanted(fault)) throw fault;
    const message = describeFault(fault, address, say);
    terminal.warn(say("error", { message }));
    return STATUS.failed;
  } finally {
    terminal.presence = "expected";
    connection.close();
  }
}

/** Exchanges names over the connection, which raw peers don't know. */
function greetPeer(
  connection: Connection,
  { role, options, style, terminal }: Program,
  turns: Turns,
): Promise<GreetedEndpoint> {
  const { renderer } = terminal;
  return greet(connection, {
    name: options.name,
    first: role === "client",
    ...(style === "chat" && {
      named: (name: string) => renderer.peerName = name,
      inRoom: (unasked: boolean) => {
        renderer.inRoom = role === "client";
        // A room's members speak at any time: none of them would pass the turn.
        if (renderer.inRoom && unasked) turns.open();
      },
    }),
    ...(style === "plain" && options.turns && {
      passOn: (line: Block) => terminal.send(line),
    }),
  });
}

/**
 * Tells how a conversation ended. Returns the exit status that it deserves.
 *
 * @throws {OutputClosed} when that is how it ended.
 */
export async function tellEnding(
  ending: Ending,
  program: Program,
): Promise<number> {
  await tellWhoEnded(ending, program);
  return tellUnsent(ending, program);
}

/**
 * Tells that the peer ended the conversation, if it did.
 *
 * @throws {OutputClosed} when standard output can't be written any more.
 */
async function tellWhoEnded(
  ending: Ending,
  { role, say, terminal }: Program,
): Promise<void> {
  const peer = {
    role: role === "client" ? "server" : "client",
    name: terminal.renderer.peerName,
  } as const;
  const sentence = describeEnding(ending, peer, say);
  if (sentence !== undefined) await terminal.tell(sentence);
}

/**
 * Tells what was not said, if there is such. Returns the exit status that the
 * ending deserves.
 *
 * @throws {OutputClosed} when that is how it ended.
 */
function tellUnsent(ending: Ending, program: Program): number {
  const { options, say, terminal } = program;
  if (ending.how === "output closed") throw new OutputClosed(ending.cause);
  if (ending.how === "said" && ending.by === "local" && ending.leftOver) {
    terminal.warn(say("left over", { end: options.end }));
  }
  if (ending.how === "closed" && ending.unsent) {
    terminal.warnNotSent(textsOf(ending.unsent));
  }
  return STATUS.ok;
}

/** Tells that clients can't be accepted for the moment, and why. */
export function tellNotAccepted(
  fault: unknown,
  { terminal, say }: Program,
): void {
  terminal.warn(say("not accepted", { cause: reasonOf(fault) }));
}
