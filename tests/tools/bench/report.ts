/**
 * The figures of a run as a table, or as JSON.
 *
 * @module
 */
import type { Cell, Row } from "./measure.ts";

/** Where and when it was run. */
export interface Machine {
  cores: number;
  system: string;
  deno: string;
  date: string;
}

/** This machine, now. */
export function thisMachine(): Machine {
  return {
    cores: navigator.hardwareConcurrency,
    system: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** A Markdown table of all rows, with what was to be reached under it. */
export function asTable(rows: readonly Row[], machine: Machine): string {
  const { cores, system, deno, date } = machine;
  const lines = [
    `${cores} cores, ${system}, Deno ${deno}, ${date}. Medians of all rounds.`,
    "",
    "| what | who | figures | ratio | to bare Deno |",
    "| --- | --- | --- | ---: | ---: |",
    ...rows.flatMap(tableLines),
    "",
    ...rows.flatMap(({ name, goals }) =>
      goals.map(({ text, met }) =>
        `- ${met ? "reached" : "not reached"}: ${name}: ${text}`
      )
    ),
    ...rows.flatMap(({ name, skipped }) =>
      skipped.map((reason) => `- left out: ${name}: ${reason}`)
    ),
  ];
  return lines.join("\n");
}

/** Everything, for programs. */
export function asJson(rows: readonly Row[], machine: Machine): string {
  return JSON.stringify({ machine, rows }, null, 2);
}

/** A row's lines of the table. */
export function tableLines(row: Row): string[] {
  return row.cells.map((cell, index) => {
    const what = index === 0 ? `**${row.name}**: ${row.what}` : "";
    const figures = cell.wrong === undefined
      ? figuresText(cell, row.units)
      : `wrong: ${cell.wrong.replaceAll(/[|\n]/g, " ")}`;
    const note = cell.note === undefined ? "" : ` (${cell.note})`;
    const ratios = [cell.ratio, cell.toBare].map((ratio) =>
      ratio?.toFixed(2) ?? ""
    );
    const all = [what, cell.contender, `${figures}${note}`, ...ratios];
    return `| ${all.join(" | ")} |`;
  });
}

function figuresText(cell: Cell, units: Row["units"]): string {
  return Object.entries(cell.figures)
    .map(([name, figure]) => `${name} ${rounded(figure)} ${units[name] ?? ""}`)
    .join(", ");
}

/** Three digits are more than the noise leaves. */
function rounded(figure: number): string {
  return Number.isNaN(figure)
    ? "unknown"
    : figure >= 100
    ? figure.toFixed(0)
    : String(Number(figure.toPrecision(3)));
}
