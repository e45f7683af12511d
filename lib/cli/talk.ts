/**
 * One conversation with the peer at the other end of a connection.
 *
 * @module
 */
import type { Connection } from "../chat/connection.ts";
import { converse } from "../chat/converse.ts";
import type { Ending } from "../chat/conversation.ts";
import { type Block, ConnectionError, OutputClosed } from "../chat/endpoint.ts";
import { greet, type GreetedEndpoint } from "../chat/greeting.ts";
import { pause, Turns } from "../chat/waiting.ts";
import { serverAddress } from "../net/admit.ts";
import { isPasswordWanted } from "../net/connect.ts";
import { Failure, reasonOf, sentence } from "../text/phrases.ts";
import { withoutEnding } from "../wire/framing.ts";
import { textsOf } from "../wire/message.ts";
import { guestNumber } from "../wire/names.ts";
import { describeEnding, describeFault, STATUS } from "./outcome.ts";
import type { Program } from "./program.ts";

/** The longest pause before connecting again, and the first, in milliseconds. */
const MAX_PAUSE_MS = 10_000;
const FIRST_PAUSE_MS = 200;

/**
 * Connects and talks by `once`, under `--reconnect` once more each time that the
 * connection breaks, under the name that one had. Returns the exit status: of a
 * pipe's input something may be lost then, so it has failed.
 *
 * @throws what `once` throws, and the reason of the program's signal.
 */
export async function talkOn(
  program: Program,
  once: (program: Program, isFirst: boolean) => Promise<number>,
): Promise<number> {
  const { options, say, terminal, signal } = program;
  let status: number | undefined;
  let { name, wait } = options;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    // One that wants a name is a guest until that is free.
    const { ownName = "" } = terminal.renderer;
    const isGuest = guestNumber(ownName) !== undefined;
    if (ownName && !(name && isGuest)) name = ownName;
    const began = performance.now();
    try {
      const changed = { ...program, options: { ...options, wait, name } };
      const own = await once(changed, status === undefined);
      return terminal.attended ? own : status ?? own;
    } catch (fault) {
      if (!options.reconnect || !isBroken(fault)) throw fault;
      const message = describeFault(fault, serverAddress(options), say);
      terminal.warn(say("connecting again", { message }));
    }
    status = STATUS.failed;
    wait = Infinity;
    await pause(pauseMs, signal);
    signal.throwIfAborted();
    // A server that lets nobody in is not asked all the time.
    const wasLong = performance.now() - began > MAX_PAUSE_MS;
    pauseMs = wasLong ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, MAX_PAUSE_MS);
  }
}

/**
 * Talks with the peer, and tells how the conversation ended. Returns the exit
 * status.
 *
 * @throws {OutputClosed} when standard output can't be written any more.
 * @throws what {@linkcode isPasswordWanted} knows, when the server asks for a
 * password and none was given.
 * @throws what {@linkcode isBroken} knows, under `--reconnect`.
 */
export async function talk(
  program: Program,
  connection: Connection,
): Promise<number> {
  const { role, options, say, terminal, signal } = program;
  const { framing, end } = options;
  connection.begin({
    ...options,
    isText: !terminal.passesBytes,
    observe(seen): void {
      const isPassedOn = seen === "not UTF-8" && terminal.passesBytes;
      terminal.warn(sentence(isPassedOn ? "not UTF-8, passed on" : seen));
    },
  });
  const first = role === "client" ? "local" : "remote";
  const turns = new Turns(options.turns ? first : undefined);
  terminal.begin();
  try {
    const greeted = framing === "raw"
      ? undefined
      : await greetPeer(connection, program, turns);
    let told: Promise<void> | undefined;
    const ending = await converse(terminal, greeted ?? connection, {
      end,
      complete: options.complete,
      turns,
      // An empty message can't be sent under raw.
      takesTurn: greeted?.takesTurn ??
        ((block) => withoutEnding(block).length > 0),
      broken: connection.broken,
      signal,
      goesOn: options.keepOpen,
      heardEnd: (ending) => told = tellWhoEnded(ending, program),
    });
    // Sending may have failed first, before anyone read why it was not let in.
    if (connection.problem !== undefined) throw connection.problem;
    // One that ends it says the end word.
    if (options.reconnect && ending.how === "closed" && end !== "") {
      warnNotSent(ending, program);
      const about = sentence("server closed");
      throw new ConnectionError("broken", { cause: new Failure(about) });
    }
    return await tellEnding(ending, program, told);
  } catch (fault) {
    if (fault instanceof OutputClosed || isPasswordWanted(fault)) throw fault;
    if (options.reconnect && isBroken(fault)) throw fault;
    const { address, hasHeard } = connection;
    const isUnheard = role === "client" && !hasHeard &&
      fault instanceof ConnectionError && fault.kind === "broken" &&
      !(fault.cause instanceof Failure);
    const message = isUnheard
      ? say("closed at once")
      : describeFault(fault, address, say);
    terminal.warn(sentence("error", { message }));
    return STATUS.failed;
  } finally {
    terminal.presence = "expected";
    connection.close();
  }
}

/** Whether a connection broke, or its peer closed it without an end word. */
function isBroken(fault: unknown): boolean {
  return fault instanceof ConnectionError && fault.kind === "broken";
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
 * Tells how a conversation ended, and what was not said in it; `told` is set
 * where the first is being told already. Returns the exit status.
 *
 * @throws {OutputClosed} when that is how it ended.
 */
export async function tellEnding(
  ending: Ending,
  program: Program,
  told = tellWhoEnded(ending, program),
): Promise<number> {
  const { options, terminal } = program;
  await told;
  if (ending.how === "output closed") throw new OutputClosed(ending.cause);
  if (ending.how === "said" && ending.leftOver) {
    const isOwn = ending.by === "local";
    const message = sentence("not all sent");
    terminal.warn(
      isOwn
        ? sentence("left over", { end: options.end })
        : sentence("error", { message }),
    );
    return STATUS.failed;
  }
  warnNotSent(ending, program);
  return STATUS.ok;
}

function warnNotSent(ending: Ending, { terminal }: Program): void {
  if (ending.how === "closed" && ending.unsent) {
    terminal.warnNotSent(textsOf(ending.unsent));
  }
}

async function tellWhoEnded(
  ending: Ending,
  { role, terminal }: Program,
): Promise<void> {
  const peer = role === "client" ? "server" : "client";
  const about = describeEnding(ending, peer, terminal.renderer.peerName);
  if (about) await terminal.tell(about);
}

/** Tells that clients can't be accepted for the moment, and why. */
export function tellNotAccepted(fault: unknown, { terminal }: Program): void {
  terminal.warn(sentence("not accepted", { cause: reasonOf(fault) }));
}
