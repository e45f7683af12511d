/**
 * What attackers do to a server, each in one entry of a table. The rates are
 * what one machine with a small script does without an effort.
 *
 * @module
 */
import { Attackers, flood, GOOD, sendAndVanish } from "./attackers.ts";
import type { Tally, Target } from "./attackers.ts";

/** One way to attack a server. */
export interface Attack {
  readonly name: string;
  /** What is attacked: a room, one with a password, or a pair that shows it. */
  readonly at: "room" | "door" | "pair";
  /** Further arguments of the server. */
  readonly args?: readonly string[];
  /** How many files more may be open while it goes on, if not 500. */
  readonly files?: number;
  /** What it does, for the one who reads the figures. */
  readonly does: string;
  /** Does it until `signal` is aborted; never throws. */
  run(target: Target, signal: AbortSignal): Promise<Tally>;
}

/** The password of a server that has one. */
export const PASSWORD = "correct horse battery staple";

/** More than a server may have open under the usual limit. */
const SILENT = 1100;
const UNREADING = 99;
const FLOODING = 10;
const LONG_LINES = 300;
/** Over TLS each of those has three. */
const MEMBERS_FILES = 3 * LONG_LINES;
const KIB = 1024;
const MIB = KIB ** 2;
/** One guess in so many is the right one, to see how many are looked at. */
const GUESSES_PER_RIGHT = 20;
/** How long an answer to a guess is waited for, in milliseconds. */
const GUESS_MS = 200;

/** A kind of attack with connections that do the same thing. */
function attack(
  act: (attackers: Attackers, target: Target) => Promise<void>,
): Attack["run"] {
  return async (target, signal) => {
    const attackers = new Attackers(target, signal);
    await act(attackers, target);
    return attackers.tally;
  };
}

/** Connections that send nothing at all, not even what TLS begins with. */
const beSilent: Attack["run"] = (target, signal) =>
  attack((attackers) => attackers.stay(SILENT, 2000, () => {}))(
    { ...target, tls: false },
    signal,
  );

/** All attacks. */
export const ATTACKS: readonly Attack[] = [
  {
    name: "nobody",
    at: "room",
    does: "no attack: what the others are compared with",
    run: attack((attackers) => attackers.often(1, () => {})),
  },
  {
    name: "silent",
    at: "room",
    // They are guests: so many of one address that the room would be full.
    args: ["--per-address", "60"],
    does: "1,100 connections that send nothing",
    run: beSilent,
  },
  {
    name: "not-allowed",
    at: "room",
    args: ["--allow", GOOD],
    does: "the same, from an address that is not allowed",
    run: beSilent,
  },
  {
    name: "who",
    at: "room",
    files: MEMBERS_FILES,
    does: "1,000 connections a second that ask /who 250 times and vanish",
    run: attack((attackers) => {
      const questions = "/who\n".repeat(250);
      return attackers.often(
        1000,
        () => sendAndVanish(attackers.come(), questions),
      );
    }),
  },
  {
    name: "who-unread",
    at: "room",
    does: "99 members who send 100 KB of /who and read nothing",
    run: attack((attackers) => {
      const questions = "/who\n".repeat(100 * KIB / "/who\n".length);
      return attackers.stay(UNREADING, 100, (socket) => {
        socket.pause().write(questions);
      });
    }),
  },
  {
    name: "long-lines",
    at: "room",
    files: MEMBERS_FILES,
    does:
      "20 members a second, up to 300, who send a line of 700 KB and are idle",
    run: attack((attackers) => {
      // As a command it is not said to all, and costs only its own reading.
      const line = `/${"x".repeat(700 * KIB)}\n`;
      let number = 0;
      // Members of a class: each has a machine of its own.
      const address = (): string =>
        `127.7.${number >> 7 & 127}.${1 + (number++ & 127)}`;
      return attackers.stay(
        LONG_LINES,
        20,
        (socket) => socket.resume().write(line),
        address,
      );
    }),
  },
  {
    name: "reconnects",
    at: "room",
    files: MEMBERS_FILES,
    does: "1,000 connections a second that say 200 lines each",
    run: attack((attackers) => {
      const lines = "x\n".repeat(200);
      return attackers.often(
        1000,
        () => sendAndVanish(attackers.come(), lines),
      );
    }),
  },
  {
    name: "guesses",
    at: "door",
    does: "1,000 connections a second that guess a password",
    async run(target, signal): Promise<Tally> {
      const attackers = new Attackers(target, signal);
      let [guesses, right, accepted] = [0, 0, 0];
      await attackers.often(1000, () => {
        const isRight = ++guesses % GUESSES_PER_RIGHT === 0;
        if (isRight) right++;
        const socket = attackers.come();
        socket.write(isRight ? `${PASSWORD}\n` : `${guesses}\n`);
        let told = "";
        socket.on("data", (data) => {
          told += data.toString();
          if (!told.includes("* password accepted")) return;
          accepted++;
          socket.destroy();
        });
        setTimeout(() => socket.destroy(), GUESS_MS);
      });
      return { ...attackers.tally, right, accepted };
    },
  },
  {
    name: "crowding",
    at: "door",
    does: "65 connections a second that wait at the door",
    run: attack((attackers) => attackers.stay(Infinity, 65, () => {})),
  },
  {
    name: "empty-lines",
    at: "room",
    does: "10 members who send empty lines without end",
    run: attack((attackers) => {
      const lines = "\n".repeat(64 * KIB);
      return attackers.stay(FLOODING, 50, (socket) => flood(socket, lines));
    }),
  },
  {
    name: "pair-lines",
    at: "pair",
    args: ["--log-limit", "16M"],
    does: "10 MB of empty lines to a pair in chat style, with a log",
    run: attack((attackers) => {
      const lines = "\n".repeat(10 * MIB);
      return attackers.stay(1, 1, (socket) => socket.resume().write(lines));
    }),
  },
  {
    name: "controls",
    at: "room",
    does: "10 members who send lines of 1 MiB that all have to be escaped",
    run: attack((attackers) => {
      const line = `${"\x01".repeat(MIB - 2 * KIB)}\n`;
      return attackers.stay(FLOODING, 50, (socket) => flood(socket, line));
    }),
  },
  {
    name: "vanishing",
    at: "room",
    does: "2 members a second who send 800 KB of short lines and vanish",
    run: attack((attackers) => {
      // The long line makes place for the others, and costs one message.
      const text = `/${"x".repeat(350 * KIB)}\n${"x\n".repeat(400 * KIB)}`;
      return attackers.often(2, () => sendAndVanish(attackers.come(), text));
    }),
  },
];
