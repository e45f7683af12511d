import { assertEquals } from "@std/assert";
import { compare, readReport } from "./coverage.ts";
import { NOT_COVERED } from "./not_covered.ts";
import { librarySources } from "../kit/sources.ts";
import { PURE } from "../kit/pure.ts";

const TEXT = `
export function half(): void {
  if (odd) throw fault;
  run();
  stop();
}

stop();
`;

function comparing(
  lines: readonly number[],
  entries: readonly string[],
): { unknown: string[]; stale: string[] } {
  return compare(
    [{ file: "half.ts", lines }],
    [{ why: "a reason", lines: { "half.ts": entries } }],
    new Map([["half.ts", TEXT.trim()]]),
  );
}

Deno.test("readReport() counts what any process has run", PURE, () => {
  const lcov = `SF:/tree/lib/one.ts
DA:1,0
DA:2,3
DA:10,0
DA:9,0
end_of_record
SF:/tree/lib/two.ts
DA:1,1
end_of_record
SF:/tree/lib/one.ts
DA:1,1
DA:2,0
end_of_record
`;
  assertEquals([...readReport(lcov)], [
    ["one.ts", { count: 4, missed: [9, 10] }],
    ["two.ts", { count: 1, missed: [] }],
  ]);
});

Deno.test("compare() names lines that are neither run nor listed", PURE, () => {
  assertEquals(comparing([2, 3, 5], ["if (odd) throw fault;"]), {
    unknown: ["lib/half.ts:3: run();"],
    stale: [],
  });
  assertEquals(comparing([], ["run();"]), { unknown: [], stale: [] });
});

Deno.test("compare() takes lines that follow each other", PURE, () => {
  assertEquals(comparing([3, 4, 7], ["\n run();\n   stop();\n"]), {
    unknown: ["lib/half.ts:7: stop();"],
    stale: [],
  });
});

Deno.test("compare() names entries that are nowhere, or twice", PURE, () => {
  assertEquals(comparing([4, 7], ["stop();", "gone();"]), {
    unknown: ["lib/half.ts:4: stop();", "lib/half.ts:7: stop();"],
    stale: [
      "lib/half.ts: stop(); (2 places)",
      "lib/half.ts: gone(); (0 places)",
    ],
  });
});

Deno.test("NOT_COVERED lists lines that are in lib/, each in one place", () => {
  assertEquals(compare([], NOT_COVERED, librarySources()).stale, []);
});
