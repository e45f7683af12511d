/**
 * Makes the README's picture of the page from a real run in Chromium:
 * `deno task picture:page` writes `.github/page.png`.
 *
 * @module
 */
import { Chromium } from "../kit/browser.ts";
import { startClient } from "../kit/programs.ts";
import { WebRoom } from "../kit/web_room.ts";

const PICTURE = new URL("../../.github/page.png", import.meta.url);
const WIDTH = 960;
const HEIGHT = 560;

await using server = await WebRoom.open(["--name", "Teacher"]);
await using chromium = await Chromium.start();
const tab = await chromium.open(server.url, { width: WIDTH, height: HEIGHT });
await tab.enter("小红");
await tab.until(`!document.querySelector("#room").hidden`);
await using ming = startClient(server, ["--name", "小明"]);
await tab.hears("小明 has joined");
await tab.until(`document.querySelectorAll("#people li").length === 3`);
await server.write(
  "Good morning! Today: how one socket serves a whole class.\n",
);
await tab.hears("Good morning");
await ming.write("早上好，老师！我用终端，小红用手机。\n");
await tab.hears("我用终端");
await tab.say("早！There is the RFC: https://www.rfc-editor.org/rfc/rfc6455");
await ming.stdout.until("rfc6455");
await ming.write("第五节讲的是帧。\n");
await tab.hears("第五节");
await tab.fill("#draft", "I have read it, ");
await Deno.writeFile(PICTURE, await tab.page.screenshot());
