import { assertEquals } from "@std/assert";
import { breachesOf, faultsOf, type Result, rowOf } from "./soak/result.ts";
import { Process } from "../kit/process.ts";

const MEBIBYTE = 1024 ** 2;

/** A server that no attack can touch. */
const UNTOUCHED: Result = {
  attack: "silent",
  over: "TLS",
  mayOpen: 500,
  before: { memory: 60 * MEBIBYTE, files: 56 },
  during: new Array(60).fill({ memory: 70 * MEBIBYTE, files: 100 }),
  after: { memory: 65 * MEBIBYTE, files: 57 },
  peak: 80 * MEBIBYTE,
  p50: 1.25,
  p99: 20,
  lag: 3,
  others: 2,
  visits: 50,
  admitted: 50,
  tally: { connections: 1100, accepted: 9 },
  seconds: 60,
  logged: 2 * MEBIBYTE,
  fault: undefined,
  missing: 0,
  isBounded: true,
  isQuiet: true,
  status: 143,
  stderr: "",
};

Deno.test("soak refuses what would make it pass without a proof", async () => {
  for (
    const [args, right] of [
      [["--minutes", "ten"], 'Cannot take "ten" for --minutes: a number'],
      [["--minutes", "0"], 'Cannot take "0" for --minutes: a number'],
      [
        ["--minute", "1"],
        "Cannot take --minute: there are --minutes, --seed, --only",
      ],
    ] as const
  ) {
    await using process = new Process(
      Deno.execPath(),
      ["run", "--allow-all", "tests/tools/soak.ts", ...args],
      { input: "" },
    );
    const { status, stdout, stderr } = await process.finish();
    assertEquals([status, stdout, stderr], [2, "", `${right}\n`]);
  }
});

Deno.test("faultsOf() and breachesOf() name all that an attack did", () => {
  assertEquals([...faultsOf(UNTOUCHED), ...breachesOf(UNTOUCHED)], []);
  assertEquals(
    rowOf(UNTOUCHED).join(" | "),
    "silent | TLS | 60 80 70 65 | 56 100 100 57 | 1 20 3 | 2 | 50 of 50 | " +
      "2 | 1100 connections, 9 accepted",
  );
  const { before, during } = UNTOUCHED;
  const files = { ...before, files: 1024 };
  const memory = { ...before, memory: 900 * MEBIBYTE };
  for (
    const [change, faults, breaches] of [
      [{ status: 137 }, ["the server ended with 137"], []],
      [{ stderr: "Error\n    at f\n" }, [
        "a stack trace:\nError\n    at f\n",
      ], []],
      [{ fault: "member 1 was let go", missing: 9 }, [
        "member 1 was let go",
      ], []],
      [{ missing: 9 }, ["9 messages never came"], []],
      [{ after: files }, ["1024 files stay open, not 56"], []],
      [{ isBounded: false }, ["those who were turned away stay open"], []],
      [{ isQuiet: false }, ["attackers who have gone still speak"], []],
      [{ p99: 1001 }, [], ["messages are late"]],
      [{ admitted: 49 }, [], ["only 49 of 50 visitors got in"]],
      [{ during: [files] }, [], ["1024 files are open"]],
      [{ peak: memory.memory }, [], ["memory goes up to 900 MiB"]],
      [{ after: memory }, [], ["memory stays at 900 MiB"]],
      [{ during: [...during, ...new Array(70).fill(memory)] }, [], [
        "memory grows",
      ]],
      [{ others: 4479 }, [], ["attackers say 4479 lines a second"]],
      [{ tally: { accepted: 284 } }, [], ["284 right guesses are accepted"]],
      [{ logged: memory.memory }, [], ["the transcript has 900 MiB"]],
    ] as const
  ) {
    const result = { ...UNTOUCHED, ...change };
    assertEquals([faultsOf(result), breachesOf(result)], [faults, breaches]);
  }
});
