/**
 * How an edited line stands on a screen: which part of it, in which rows, and
 * where its cursor is.
 *
 * The rows are wrapped by the terminal, not by line endings, so that a
 * terminal which wraps anew on a resize keeps them together.
 *
 * @module
 */
import { escapeUnsafe } from "../text/safe_text.ts";
import { widthOf } from "../text/width.ts";
import type { ScreenSize } from "./screen.ts";

/** A line as it is edited. */
export interface EditedLine {
  /** What stands before it; it may hold colours. */
  readonly label: string;
  readonly text: string;
  /** The index in `text` of the character that the cursor is on. */
  readonly cursor: number;
}

/** A character, or a change of colour. */
interface Cell {
  readonly text: string;
  /** How many columns it takes. */
  readonly width: number;
}

/** Where a cell begins, counted from 0. */
interface Place {
  readonly row: number;
  readonly column: number;
  /** How many columns it leaves free in the row before, where it is too wide. */
  readonly free: number;
}

/** What takes away all that stood from the cursor to the right margin. */
const CLEAR_TO_MARGIN = "\x1b[K";
const TAB_COLUMNS = 8;
const COLOR_OR_CHARACTER = /\p{Cc}\[[\d;]*m|./gsu;

/** The part of an edited line that is shown. */
export class LineView {
  /** The last one is empty, so that the cursor always has one to be on. */
  readonly #cells: readonly Cell[];
  /** The index of the cell that the cursor is on. */
  readonly #cursor: number;

  private constructor(cells: readonly Cell[], cursor: number) {
    this.#cells = cells;
    this.#cursor = cursor;
  }

  /** All of the line, or as many rows of it as the screen has. */
  static of(line: EditedLine, { columns, rows }: ScreenSize): LineView {
    const { label, text, cursor } = line;
    const cells = labelCells(label);
    addTextCells(cells, text.slice(0, cursor));
    const under = cells.length;
    addTextCells(cells, text.slice(cursor));
    const places = placesOf([...cells, EMPTY], columns);
    // The empty cell may need a row of its own.
    const lastRow = Math.max(0, rows - 2);
    const cursorRow = places[under]?.row ?? 0;
    const first = Math.max(0, cursorRow - lastRow);
    const shown = cells.filter((_, index) => {
      const row = places[index]?.row ?? 0;
      return row >= first && row <= first + lastRow;
    });
    const before = places.findIndex(({ row }) => row >= first);
    return new LineView([...shown, EMPTY], under - before);
  }

  /** How many rows the cursor is below the first, on a screen of that width. */
  cursorRow(columns: number): number {
    return placesOf(this.#cells, columns)[this.#cursor]?.row ?? 0;
  }

  /**
   * What draws it from the start of a row on: the text, with all that stood
   * there and below taken away, and the cursor put in its place.
   */
  draw(columns: number): string {
    const places = placesOf(this.#cells, columns);
    const cursor = places[this.#cursor] ?? START;
    const end = places.at(-1) ?? START;
    const right = Math.min(cursor.column, columns - 1);
    const texts = this.#cells.map(({ text }, index) =>
      places[index]?.free ? CLEAR_TO_MARGIN + text : text
    );
    return texts.join("") + "\x1b[J" +
      up(end.row - cursor.row) + "\r" + (right > 0 ? `\x1b[${right}C` : "");
  }
}

/** What moves the cursor up by some rows. */
export function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}

const EMPTY: Cell = { text: " ", width: 1 };
const START: Place = { row: 0, column: 0, free: 0 };

function labelCells(label: string): Cell[] {
  return (label.match(COLOR_OR_CHARACTER) ?? []).map((text) => ({
    text,
    width: text.startsWith("\x1b") ? 0 : widthOf(text),
  }));
}

function addTextCells(cells: Cell[], text: string): void {
  let column = cells.reduce((sum, { width }) => sum + width, 0);
  const add = (character: string): void => {
    const width = widthOf(character);
    cells.push({ text: character, width });
    column += width;
  };
  for (const character of text) {
    if (character === "\t") {
      do add(" "); while (column % TAB_COLUMNS !== 0);
    } else {
      for (const shown of escapeUnsafe(character)) add(shown);
    }
  }
}

function placesOf(cells: readonly Cell[], columns: number): Place[] {
  let row = 0;
  let column = 0;
  return cells.map(({ width }) => {
    let free = 0;
    if (column + width > columns) {
      free = columns - column;
      row++;
      column = 0;
    }
    const place = { row, column, free };
    column += width;
    return place;
  });
}
