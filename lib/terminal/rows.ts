/**
 * An edited line as rows of a screen.
 *
 * The rows are broken here, whatever the terminal takes a character for: so it
 * is known how many there are. Widths only decide where a row is broken.
 *
 * @module
 */
import { escapeUnsafe } from "../text/safe_text.ts";
import {
  AUTOWRAP_OFF,
  AUTOWRAP_ON,
  indentOf,
  TAB_COLUMNS,
  widthOfGrapheme,
} from "../text/wrap.ts";
import { graphemeAt } from "./editor.ts";
import { type Drawn, type ScreenSize, up } from "./screen.ts";

/** A line as it is edited. */
export interface EditedLine {
  /** What is shown before it; it may hold colours. */
  readonly label: string;
  readonly text: string;
  /** The index in `text` of the character that the cursor is on. */
  readonly cursor: number;
}

/** Where a row begins. */
interface Start {
  /** The index of its first grapheme. */
  readonly index: number;
  /** How many characters of that are shown in the row before. */
  readonly skip: number;
  /** How many columns are taken by what is before that grapheme. */
  readonly column: number;
}

/** A character as it is shown; a colour has no width. */
interface Cell {
  readonly shown: string;
  readonly width: number;
}

/** A row: what is before the cursor, and the rest. */
interface Row {
  readonly before: Cell[];
  readonly after: Cell[];
  /** Where the next row begins; absent for the last. */
  next?: Start;
}

const SAVE_CURSOR = "\x1b7";
const RESTORE_CURSOR = "\x1b8";
/**
 * At least what a terminal takes for a joined emoji. After a resize this counts
 * too few rows rather than too many: those above are what matters.
 */
const WIDE = 2;
const COLOR = /\p{Cc}\[[\d;]*m/uy;
/** Stands for a line ending, of a paste that was kept. */
const LINE_END_SIGN = "⏎";
const FIRST: Start = { index: 0, skip: 0, column: 0 };
const NO_ROW: Row = { before: [], after: [] };

/**
 * Draws a line that is edited. Where it has more rows than the screen, those
 * around the cursor are shown. Drawing the next version of a line costs what
 * changed and what is shown, however long the line is.
 */
export class Rows {
  #label = "";
  /** The label and the text. */
  #line = "";
  #columns = 0;
  /** Of the rows that are known, in order. */
  #starts: Start[] = [FIRST];

  /** What draws the line. */
  draw(edited: EditedLine, { columns, rows }: ScreenSize): Drawn {
    const { label, text } = edited;
    this.#keepStarts(label, text, columns);
    const cursor = label.length + edited.cursor;
    let last = this.#starts.at(-1);
    while (last && !isAfter(last, cursor)) {
      last = this.#row(this.#starts.length - 1, cursor).next;
    }
    const cursorRow = this.#starts.findLastIndex((it) => !isAfter(it, cursor));
    const first = Math.max(0, cursorRow - rows + 1);
    const shown: Row[] = [];
    for (let row = first; row < first + rows; row++) {
      shown.push(this.#row(row, cursor));
      if (shown.at(-1)?.next === undefined) break;
    }
    const above = shown.slice(0, cursorRow - first);
    const [under = NO_ROW, ...below] = shown.slice(cursorRow - first);
    return {
      text: AUTOWRAP_OFF + drawing(above, under, below) + AUTOWRAP_ON,
      cursorRow: (columns) => heightOf(above, under, columns),
    };
  }

  /** Forgets where rows begin that may begin elsewhere in the new line. */
  #keepStarts(label: string, text: string, columns: number): void {
    const line = label + text;
    const starts = this.#starts;
    if (label !== this.#label || columns !== this.#columns) {
      starts.splice(1);
    } else if (line !== this.#line) {
      const isKept = ({ index }: Start): boolean =>
        line.startsWith(this.#line.slice(0, index));
      while (!isKept(starts.at(-1) ?? FIRST)) starts.pop();
      // The first grapheme of the last may fit in the row before it now.
      const { index } = starts.at(-1) ?? FIRST;
      while (starts.length > 1 && starts.at(-1)?.index === index) starts.pop();
    }
    this.#label = label;
    this.#line = line;
    this.#columns = columns;
  }

  /** A row whose start is known, after which that of the next is. */
  #row(number: number, cursor: number): Row {
    const indent = number > 0 ? indentOf(this.#columns) : "";
    const row: Row = {
      before: [{ shown: indent, width: indent.length }],
      after: [],
    };
    let { index, skip, column } = this.#starts[number] ?? FIRST;
    const width = this.#columns - indent.length;
    let free = width;
    for (; index < this.#line.length; skip = 0) {
      const { cells, end } = this.#cellsAt(index, column);
      for (const cell of cells.slice(skip)) {
        if (cell.width > free && free < width) {
          row.next = { index, skip, column };
          break;
        }
        row[index < cursor ? "before" : "after"].push(cell);
        free -= cell.width;
        skip++;
      }
      if (row.next) break;
      column += cells.reduce((sum, { width }) => sum + width, 0);
      index = end;
    }
    // The cursor needs a place after the end.
    if (!row.next && free <= 0) row.next = { index, skip: 0, column };
    if (row.next && this.#starts.length === number + 1) {
      this.#starts.push(row.next);
    }
    return row;
  }

  /** What is shown of the grapheme at an index, and where that ends. */
  #cellsAt(index: number, column: number): { cells: Cell[]; end: number } {
    COLOR.lastIndex = index;
    const color = index < this.#label.length && COLOR.exec(this.#line)?.[0];
    if (color) {
      return { cells: [{ shown: color, width: 0 }], end: index + color.length };
    }
    const { end } = graphemeAt(this.#line, index);
    const grapheme = this.#line.slice(index, end);
    const shown = grapheme === "\t"
      ? " ".repeat(TAB_COLUMNS - column % TAB_COLUMNS)
      : grapheme === "\n"
      ? LINE_END_SIGN
      : escapeUnsafe(grapheme);
    const cells = shown === grapheme
      ? [{ shown, width: widthOfGrapheme(shown) }]
      : Array.from(shown, (shown) => ({ shown, width: 1 }));
    return { cells, end };
  }
}

function isAfter({ index, skip }: Start, cursor: number): boolean {
  return index > cursor || (index === cursor && skip > 0);
}

/** What draws the rows above the cursor's, that one, and those below. */
function drawing(above: Row[], under: Row, below: Row[]): string {
  const [head = [], tail = []] = [above, below].map((rows) =>
    rows.map(({ before, after }) => textOf([...before, ...after]))
  );
  const start = [...head, textOf(under.before)].join("\r\n");
  const rest = [textOf(under.after), ...tail].join("\r\n");
  if (rest === "") return start;
  // The place that is saved is one of the screen: so first all scrolls.
  const rows = above.length + below.length;
  const room = "\r\n".repeat(rows) + up(rows);
  return room + start + SAVE_CURSOR + rest + RESTORE_CURSOR;
}

function textOf(cells: readonly Cell[]): string {
  return cells.map(({ shown }) => shown).join("");
}

/**
 * How many rows the cursor is below the first, on a screen of that width. One
 * that is narrower than it was when the rows were drawn breaks them anew.
 */
function heightOf(above: Row[], under: Row, columns: number): number {
  const lines = [
    ...above.map(({ before, after }) => [...before, ...after]),
    [...under.before, under.after[0] ?? { width: 1 }],
  ];
  return lines.reduce((sum, it) => sum + breaksOf(it, columns), above.length);
}

/** How often a row is broken on a screen of that width. */
function breaksOf(cells: { width: number }[], columns: number): number {
  let breaks = 0;
  let column = 0;
  for (const cell of cells) {
    const width = Math.min(cell.width, WIDE);
    if (column + width > columns) {
      breaks++;
      column = 0;
    }
    column += width;
  }
  return breaks;
}
