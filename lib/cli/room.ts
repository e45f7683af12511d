/**
 * A room for all clients of a server, with the operator at its terminal.
 *
 * @module
 */
import { Alarm } from "../chat/waiting.ts";
import type { Connection } from "../chat/connection.ts";
import { CLOSING_WAIT_MS } from "../chat/closing.ts";
import { converse } from "../chat/converse.ts";
import type { Ending } from "../chat/conversation.ts";
import {
  type Block,
  isBrokenPipe,
  type LocalEndpoint,
  OutputClosed,
} from "../chat/endpoint.ts";
import type { Listening } from "../net/listen.ts";
import { bareAddress, networkOf } from "../net/limits.ts";
import { serve } from "../net/serve.ts";
import { rateOf, SYSTEM_CLOCK } from "../room/allowance.ts";
import { noticeOf } from "../room/lines.ts";
import { Room } from "../room/room.ts";
import { BanList } from "./bans.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { reasonOf, type Say } from "../text/phrases.ts";
import { lastLine } from "../wire/fixed_lines.ts";
import { EndWord } from "../wire/message.ts";
import { describeFault, STATUS } from "./outcome.ts";
import type { Program } from "./program.ts";
import { tellEnding, tellNotAccepted } from "./talk.ts";

/** As many as this many members may say those of one address together. */
const ADDRESS_RATES = 10;
/** What one is told that the room does not take, and why in its last line. */
const TURNED_AWAY = {
  full: ["room full", "room full"],
  locked: ["room locked", "room locked"],
  banned: ["room banned here", "banned"],
  closed: ["room closed", undefined],
} as const;

/**
 * Holds a room for all who come in there until the operator ends it, or the program is interrupted.
 * Returns the exit status that it deserves, when all members are gone.
 *
 * @throws {OutputClosed} when standard output has gone away.
 */
export async function holdRoom(
  program: Program,
  doors: readonly Listening[],
): Promise<number> {
  const { options, say, terminal, signal } = program;
  const { end, maxMessage, name = say(program.role) } = options;
  const others = (): number =>
    [...room.here].filter(({ operator }) => !operator).length;
  const operator = operatorAt(terminal, say, {
    end: new EndWord(end),
    others,
    inputOver: () => member.hide(),
  });
  await operator.tell(
    end === "" ? say("room opened, no end") : say("room opened", { end }),
  );
  const bans = options.bans === undefined
    ? new BanList()
    : await BanList.open(options.bans, (about) => terminal.warn(about));
  const room = new Room({
    bans,
    networkOf,
    historyOnJoin: options.historyOnJoin,
    end,
    maxMessage,
    say,
    clock: SYSTEM_CLOCK,
    history: options.history,
    maxMembers: options.maxClients,
    queueBytes: options.queue,
    rate: rateOf(options.rate),
    addressRate: rateOf(options.addressRate ?? options.rate * ADDRESS_RATES),
  });
  /** Each lets one client go in good time when the room closes. */
  const farewells = new Set<Alarm>();
  const closed = new AbortController();
  const serving = doors.map((door) =>
    serve(door, async (connection): Promise<void> => {
      const problem = await serveMember(program, room, connection, farewells);
      if (problem !== undefined) door.tellRefused(connection, problem);
    }, {
      whom: "all",
      signal: AbortSignal.any([signal, closed.signal]),
      failed: (fault) => tellNotAccepted(fault, program),
    })
  );
  terminal.renderer.inRoom = true;
  terminal.begin();
  const member = room.joinOperator(name);
  const close = (): void => {
    room.close();
    for (const farewell of farewells) farewell.run();
  };
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  let ending: Ending;
  try {
    ending = await converse(operator, member, { end, signal });
  } finally {
    signal.removeEventListener("abort", close);
    close();
    closed.abort();
    await Promise.all(serving);
  }
  const status = await tellEnding(ending, program);
  return operator.hasFailed ? STATUS.failed : status;
}

/**
 * One member's part, from coming to going. Returns what was wrong with how it
 * came, if anything. Never throws.
 */
async function serveMember(
  program: Program,
  room: Room,
  connection: Connection,
  farewells: Set<Alarm>,
): Promise<unknown> {
  const { options, say, signal } = program;
  connection.begin({
    framing: "lines",
    maxMessage: options.maxMessage,
    end: options.end,
    idleTimeout: options.idleTimeout,
    isText: true,
    observe: () => {},
    sent(): void {
      if (!signal.aborted) farewell.reset();
    },
    lost(): void {
      if (typeof member !== "string") member.lose();
    },
  });
  // One that takes nothing for the time of a farewell must not be waited for.
  const farewell = new Alarm(CLOSING_WAIT_MS, () => connection.close());
  farewells.add(farewell);
  const drop = (): void => farewell.run();
  const { host } = connection;
  const address = host === undefined ? undefined : bareAddress(host);
  const member = room.join(undefined, drop, address);
  try {
    if (typeof member === "string") {
      farewell.run();
      const [phrase, reason] = TURNED_AWAY[member];
      const last = reason ? lastLine(reason) : new EndWord(options.end).line;
      const lines = [noticeOf(say(phrase)), last];
      for (const line of lines) if (line !== null) await connection.send(line);
      await connection.closeWrite();
      while (await connection.receive() !== null);
    } else {
      // The end of the room is the member's, after all that it was told.
      const { end } = options;
      await converse(member, connection, { end, endBy: "remote" });
    }
    return undefined;
  } catch {
    // A connection that broke is a member that left, as the room tells.
    return connection.problem;
  } finally {
    farewell.stop();
    farewells.delete(farewell);
    connection.close();
    if (typeof member !== "string") member.close();
  }
}

/** What an operator needs of a room. */
interface OperatorRoom {
  readonly end: EndWord;
  /** How many others are here. */
  others(): number;
  /** The input has ended, and nobody is at the terminal. */
  inputOver(): void;
}

const NO_ROOM: OperatorRoom = {
  end: new EndWord(""),
  others: () => 0,
  inputOver: () => {},
};

/** What an operator needs of a terminal. */
export type OperatorTerminal =
  & LocalEndpoint
  & Pick<Terminal, "echo" | "tell" | "warn" | "resume">;

/**
 * The terminal as an end that the room does not depend on: input that can't be
 * sent is its end, output that can't be written is done without, and each is
 * told in one line: then it `hasFailed`. But an output that has gone away, as in
 * `| head -1`, is thrown as the terminal does. While members are here a person
 * has to say the end twice.
 */
export function operatorAt(
  terminal: OperatorTerminal,
  say: Say,
  { end, others, inputOver }: OperatorRoom = NO_ROOM,
): LocalEndpoint & Pick<Terminal, "tell"> & { readonly hasFailed: boolean } {
  let isInputLost = false;
  let isOutputLost = false;
  const show = async (showing: Promise<void>): Promise<void> => {
    try {
      await showing;
    } catch (fault) {
      if (!(fault instanceof OutputClosed) || isBrokenPipe(fault.cause)) {
        throw fault;
      }
      if (isOutputLost) return;
      isOutputLost = true;
      const cause = reasonOf(fault.cause);
      terminal.warn(say("room output failed", { cause }));
    }
  };
  return {
    framing: "lines",
    get attended(): boolean {
      return terminal.attended;
    },
    get hasFailed(): boolean {
      return isInputLost || isOutputLost;
    },
    async receive(): Promise<Block | null> {
      try {
        for (let isAsked = false;; isAsked = true) {
          const block = await terminal.receive();
          if (block === null && !terminal.attended) inputOver();
          const isEnd = block === null || end.find(block, "lines")?.start === 0;
          const count = terminal.attended && isEnd && !isAsked ? others() : 0;
          if (count === 0) return block;
          // A key that comes before would be read as a terminal's end.
          terminal.resume();
          if (block !== null) await this.echo?.(block);
          await this.tell(say("room close asked", { count }));
        }
      } catch (fault) {
        isInputLost = true;
        const message = describeFault(fault, "", say);
        terminal.warn(say("error", { message }));
        return null;
      }
    },
    send: (block) => show(terminal.send(block)),
    echo: (block) => show(terminal.echo(block)),
    tell: (text) => show(terminal.tell(text)),
    closeWrite: () => terminal.closeWrite(),
    close: () => terminal.close(),
  };
}
