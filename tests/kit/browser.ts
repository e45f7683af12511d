/**
 * A real browser for tests: Debian's Chromium, without a window.
 *
 * @module
 */
import puppeteer, {
  type Browser,
  type BrowserContext,
  type Page,
} from "puppeteer-core";
import { isInstalled } from "./programs.ts";

/** The name of the program. */
export const CHROMIUM = "chromium";

/** How the page is to look. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** As in `navigator.language`. */
  readonly language?: string;
}

/** One person's browser: a page, with what it has complained of. */
export class Tab {
  readonly page: Page;
  /** What the console and the page have told as errors. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  /** Comes into the room by the form. */
  async enter(name: string, password?: string): Promise<void> {
    await this.page.waitForSelector("#door:not([hidden])");
    await this.fill("#name", name);
    if (password !== undefined) await this.fill("#password", password);
    await this.page.keyboard.press("Enter");
  }

  /** Puts text into a field in place of what is there. */
  async fill(field: string, text: string): Promise<void> {
    await this.page.focus(field);
    await this.page.evaluate(`document.querySelector("${field}").value = ""`);
    await this.page.keyboard.sendCharacter(text);
  }

  /** Types a message and sends it. */
  async say(text: string): Promise<void> {
    await this.fill("#draft", text);
    await this.page.keyboard.press("Enter");
  }

  /** What an expression comes to in the page, as text. */
  async text(expression: string): Promise<string> {
    return String(await this.page.evaluate(expression));
  }

  /** Waits until an expression holds in the page. */
  async until(expression: string): Promise<void> {
    await this.page.waitForFunction(expression, { polling: "mutation" });
  }

  /** Waits until the log has a text. */
  async hears(text: string): Promise<void> {
    await this.until(
      `document.querySelector("#log").textContent.includes(${
        JSON.stringify(text)
      })`,
    );
  }
}

/** A browser with tabs that know nothing of each other. */
export class Chromium {
  readonly #browser: Browser;
  #contexts: BrowserContext[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts it; it accepts any certificate. */
  static async start(): Promise<Chromium> {
    return new Chromium(
      await puppeteer.launch({
        executablePath: pathOf(CHROMIUM),
        acceptInsecureCerts: true,
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      }),
    );
  }

  /** Opens a page as someone who was never there. */
  async open(
    url: string,
    { width = 1280, height = 800, dark = false, language = "en-GB" }: Look = {},
  ): Promise<Tab> {
    const context = await this.#browser.createBrowserContext();
    this.#contexts.push(context);
    const page = await context.newPage();
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
    ]);
    await page.evaluateOnNewDocument(
      `Object.defineProperty(navigator, "language", { value: "${language}" })`,
    );
    const tab = new Tab(page);
    await page.goto(url);
    return tab;
  }

  /** Closes all tabs. */
  async closeTabs(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    this.#contexts = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

function pathOf(program: string): string {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const folder = folders.find((folder) => {
    try {
      return isInstalled(program) &&
        Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
  return `${folder}/${program}`;
}
