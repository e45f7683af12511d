/**
 * A room for all clients of a server, with the operator at its terminal.
 *
 * @module
 */
import { Alarm } from "../chat/alarm.ts";
import { CLOSING_WAIT_MS } from "../chat/closing.ts";
import { Connection } from "../chat/connection.ts";
import { converse, type Ending } from "../chat/conversation.ts";
import type { Visitor } from "../net/door.ts";
import type { Entrance } from "../net/entrance.ts";
import { FULL } from "../net/gate.ts";
import { ProtocolError } from "../wire/framing.ts";
import { MemoryKeeper, releaseMemory } from "../room/memory.ts";
import { EndWord, lineOf } from "../wire/message.ts";
import { Operator } from "./operator.ts";
import type { RoomSettings } from "./options.ts";
import { STATUS } from "./outcome.ts";
import type { Program } from "./program.ts";
import { Room } from "../room/room.ts";
import { serve } from "../net/serve.ts";
import { tellEnding, tellNotAccepted } from "./talk.ts";
import { noticeOf } from "../room/utterance.ts";

/** How many messages more may be said at once than in a second. */
const BURST_SECONDS = 4;

/**
 * Holds a room until the operator ends it, or the program is interrupted.
 * Returns the exit status that it deserves, when all members are gone.
 *
 * @throws {OutputClosed} when standard output has gone away.
 */
export async function holdRoom(
  program: Program,
  entrance: Entrance,
  settings: RoomSettings,
): Promise<number> {
  const { options, say, terminal, signal } = program;
  const { end, maxMessage } = options;
  const operator = new Operator(terminal, say);
  await operator.tell(
    end === "" ? say("room opened, no end") : say("room opened", { end }),
  );
  const room = new Room({
    end,
    maxMessage,
    say,
    maxMembers: settings.maxClients,
    history: settings.history,
    queueBytes: settings.queueBytes,
    rate: {
      perSecond: settings.rate,
      burst: settings.rate * BURST_SECONDS,
    },
  });
  const farewells = new Set<() => void>();
  const memory = new MemoryKeeper(releaseMemory);
  const gathering = { entrance, room, farewells, memory };
  const closed = new AbortController();
  const serving = serve(
    entrance,
    (visitor) => serveMember(program, gathering, visitor),
    {
      whom: "all",
      signal: AbortSignal.any([signal, closed.signal]),
      failed: (fault) => tellNotAccepted(fault, program),
    },
  );
  terminal.renderer.inRoom = true;
  terminal.begin();
  const seat = room.joinOperator(options.name ?? say(program.role));
  const close = (): void => {
    room.close();
    for (const bidFarewell of farewells) bidFarewell();
  };
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  let ending: Ending;
  try {
    ending = await converse(operator, seat, { end, signal });
  } finally {
    signal.removeEventListener("abort", close);
    close();
    closed.abort();
    await serving;
    memory.stop();
  }
  const status = await tellEnding(ending, program);
  return operator.hasFailed ? STATUS.failed : status;
}

/** What the members of a room share. */
interface Gathering {
  entrance: Entrance;
  room: Room;
  /** What lets each go in good time, to be called when the room closes. */
  farewells: Set<() => void>;
  memory: MemoryKeeper;
}

/** One member's part, from coming to going. Never throws. */
async function serveMember(
  program: Program,
  { entrance, room, farewells, memory }: Gathering,
  visitor: Visitor,
): Promise<void> {
  const { options, say, signal } = program;
  const { maxMessage, idleTimeout, end } = options;
  const connection = new Connection(visitor, {
    framing: "lines",
    maxMessage,
    idleTimeout,
    takesUnended: true,
    observe: () => {},
    sent(): void {
      memory.busy();
      if (!signal.aborted) farewell?.reset();
    },
    overLimit(fault): void {
      bidFarewell();
      if (typeof seat === "string") return;
      const why = fault instanceof ProtocolError
        ? say("room you said too much", { limit: fault.limit })
        : say("room you were idle");
      seat.dismiss(noticeOf(why));
    },
  });
  // Who takes nothing for the time of a farewell must not be waited for.
  let farewell: Alarm | undefined;
  const bidFarewell = (): void => {
    farewell ??= new Alarm(CLOSING_WAIT_MS, () => connection.close());
    farewell.run();
  };
  farewells.add(bidFarewell);
  memory.changed();
  const seat = room.join(undefined, { dropped: bidFarewell });
  try {
    if (typeof seat === "string") {
      bidFarewell();
      await turnAway(connection, seat, program);
    } else {
      // The end of the room is that of the seat, after all that it was told.
      await converse(seat, connection, { end });
    }
  } catch {
    // A connection that broke is a member that left, as the room tells.
    const { problem } = visitor;
    if (problem !== undefined) entrance.tellTurnedAway(visitor, problem);
  } finally {
    farewell?.stop();
    farewells.delete(bidFarewell);
    memory.changed();
    connection.close();
    if (typeof seat !== "string") seat.close();
  }
}

/**
 * Tells one for whom the room has no seat why, and waits until it has gone.
 *
 * @throws {ConnectionError} when the connection breaks.
 */
async function turnAway(
  connection: Connection,
  why: "full" | "closed",
  { options, say }: Program,
): Promise<void> {
  const lines = why === "full"
    ? [lineOf(FULL), noticeOf(say("room full"))]
    : [noticeOf(say("room closed")), new EndWord(options.end).line];
  for (const line of lines) if (line !== null) await connection.send(line);
  await connection.closeWrite();
  while (await connection.receive() !== null);
}
