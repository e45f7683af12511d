/**
 * Makes the README's picture of two terminals in conversation from a real run:
 * `deno task picture` writes `.github/conversation.svg`.
 *
 * @module
 */
import { textWidth } from "../../lib/text/wrap.ts";
import { commandFor } from "../kit/programs.ts";
import { Tmux } from "../kit/tmux.ts";

const PICTURE = new URL("../../.github/conversation.svg", import.meta.url);
const COLUMNS = 44;
const ROWS = 9;
/** Sizes in the picture's units, which are pixels at its natural size. */
const CELL_WIDTH = 8;
const ROW_HEIGHT = 20;
const FONT_SIZE = 15;
const MARGIN = 16;
const TITLE_HEIGHT = 30;
const CUBE_LEVELS = [0, 95, 135, 175, 215, 255];
const CUBE_START = 16;
const COLORS: Record<string, string> = {
  "0": "#e6edf3",
  "2": "#8b949e",
  "32": "#7ee787",
  "36": "#79c0ff",
  "39": "#e6edf3",
};

await using server = await Tmux.start(
  commandFor("server", ["--port", "0", "--lang", "zh", "--name", "小明"]),
  { columns: COLUMNS, rows: ROWS },
);
const listening = await server.until("等待客户端连接");
const [, port = ""] = /127\.0\.0\.1:(\d+)/.exec(listening) ?? [];
await using client = await Tmux.start(
  commandFor("client", ["127.0.0.1", port, "--lang", "zh", "--name", "小红"]),
  { columns: COLUMNS, rows: ROWS },
);
await client.until(/小红:$/);
await say(client, server, "你好啊");
await say(server, client, "你好! 今天过得怎么样?");
await say(client, server, "很好, 晚上一起吃饭吗?");
await server.type("好啊, 几点");
await server.until(/好啊, 几点$/);
await say(client, server, "六点, 老地方");
await server.until(/老地方\n小明: 好啊, 几点$/);

const screens = [
  { title: "server.ts", rows: await rowsOf(server) },
  { title: "client.ts", rows: await rowsOf(client) },
];
await Deno.writeTextFile(PICTURE, draw(screens));

async function say(from: Tmux, to: Tmux, text: string): Promise<void> {
  await from.type(text);
  await from.press("Enter");
  await to.until(text);
}

/** The rows of a screen with their colours; which port was free says nothing. */
async function rowsOf(terminal: Tmux): Promise<string[]> {
  const screen = await terminal.everything({ colors: true });
  return screen.replace(`127.0.0.1:${port}`, "127.0.0.1:8000").split("\n");
}

function draw(screens: { title: string; rows: string[] }[]): string {
  const width = COLUMNS * CELL_WIDTH + 2 * MARGIN;
  const height = TITLE_HEIGHT + ROWS * ROW_HEIGHT + MARGIN;
  const all = screens.length * (width + MARGIN) - MARGIN;
  const parts = screens.map(({ title, rows }, index) =>
    drawScreen(title, rows, index * (width + MARGIN), { width, height })
  );
  return `\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${
    round(all)
  } ${height}" width="${
    round(all)
  }" height="${height}" font-family="ui-monospace, Menlo, Consolas, 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', monospace" font-size="${FONT_SIZE}">
<title>Two terminals in conversation</title>
${parts.join("\n")}
</svg>
`;
}

function drawScreen(
  title: string,
  rows: readonly string[],
  left: number,
  { width, height }: { width: number; height: number },
): string {
  const lines = rows.flatMap((row, index) => {
    const y = TITLE_HEIGHT + (index + 1) * ROW_HEIGHT;
    return drawRow(row, left + MARGIN, y);
  });
  return `\
<rect x="${round(left)}" width="${
    round(width)
  }" height="${height}" rx="8" fill="#0d1117"/>
<text x="${
    round(left + width / 2)
  }" y="20" text-anchor="middle" fill="#8b949e">${escape(title)}</text>
${lines.join("\n")}`;
}

/** Each word at its column, so that no font can shift what follows. */
function drawRow(row: string, left: number, y: number): string[] {
  const texts: string[] = [];
  let fill = COLORS["0"] ?? "";
  let column = 0;
  for (const part of row.match(/\p{Cc}\[[\d;]*m|[^\p{Cc} ]+| +/gu) ?? []) {
    const codes = /^\p{Cc}\[([\d;]*)m$/u.exec(part)?.[1];
    if (codes !== undefined) {
      for (const code of codes.match(/38;5;\d+|\d+/g) ?? ["0"]) {
        fill = colorOf(code) ?? fill;
      }
      continue;
    }
    const columns = textWidth(part);
    if (part.trim() !== "") {
      const x = round(left + column * CELL_WIDTH);
      const length = round(columns * CELL_WIDTH);
      texts.push(
        `<text x="${x}" y="${y}" fill="${fill}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${
          escape(part)
        }</text>`,
      );
    }
    column += columns;
  }
  return texts;
}

/** That of a code, or of a number in the cube of colours that xterm has. */
function colorOf(code: string): string | undefined {
  const [, number] = /^38;5;(\d+)$/.exec(code) ?? [];
  if (number === undefined) return COLORS[code];
  const place = Number(number) - CUBE_START;
  const parts = [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6];
  return `rgb(${parts.map((part) => CUBE_LEVELS[part]).join(" ")})`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function round(length: number): string {
  return String(Math.round(length * 10) / 10);
}
