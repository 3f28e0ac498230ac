// One test's browser context: the agent's workspace, the Flex page, the app in its frame. When the test ends, the scene
// checks what must hold in every one: no errors in the console, no breach of the page's policy, no cookies of ours, no
// credential on the way to a stranger.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { expect as wait } from "@playwright/test";
import { chromium } from "playwright-core";
import { lenient } from "./chromium.mjs";
import { House, until } from "./house.mjs";
import { places } from "./places.mjs";

export const PAGE_TIMEOUT = 20_000; // ms; a busy machine paints slowly
export const expect = wait.configure({ timeout: PAGE_TIMEOUT });
const LONGEST = 90_000; // ms, for one test
export const AGENT = 9002;
export const ADMIN = 9001;

/** Chromium's own words on a call that failed; tests that make calls fail expect them. */
export const FAILED_CALLS = /Failed to load resource|net::ERR_|ERR_CONNECTION|could not be loaded|The plugin failed/;

/**
 * One suite: its house, and `check(sentence, play, options)` for each of its tests. `options.forgives` is a pattern of
 * console errors that the test itself brings about; `locale` the agent's; `settings` more TOML for the server, `undo` the seconds in
 * which a run can be taken back, `strict` whether the browser keeps nothing for frames of another site, in a suite that is not.
 */
export async function suite({ thirdParty = false } = {}) {
  const house = await House.open();
  const browser = await chromium.connect(process.env.DESKSIDE_BROWSER);
  const usual = thirdParty ? await lenient() : browser;
  after(async () => {
    for (const one of new Set([browser, usual])) await one.close();
    house.close();
  });
  return function check(sentence, play, { locale = "en-US", agent = AGENT, settings, undo, strict, ...options } = {}) {
    test(sentence, { timeout: LONGEST }, async () => {
      await house.afresh(settings, undo);
      await house.zendesk("PUT", `users/${agent}.json`, { user: { locale } });
      const scene = await Scene.open(house, strict ? browser : usual, { agent, ...options });
      try {
        await play(scene);
        await scene.holds();
      } catch (problem) {
        throw await scene.told(sentence, problem);
      } finally {
        await scene.context.close();
      }
    });
  };
}

export class Scene {
  #errors = [];

  static async open(house, browser, { forgives, scheme = "light", agent, ...options }) {
    // The browser speaks another language than the agent, and lives elsewhere than the server: neither may matter.
    const view = { locale: "fr-FR", timezoneId: "Asia/Tokyo", viewport: { width: 1440, height: 1000 }, ...options };
    const context = await browser.newContext({ ...view, colorScheme: scheme });
    context.setDefaultTimeout(PAGE_TIMEOUT);
    const scene = Object.assign(new Scene(), { house, context, forgives });
    context.on("console", (message) => message.type() === "error" && scene.#hear(message.text(), message.location().url));
    context.on("weberror", (error) => scene.#hear(String(error.error())));
    await context.addInitScript(({ agent, scheme }) => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        console.error(`policy: ${violatedDirective} refuses ${blockedURI}`));
      if (!location.pathname.startsWith("/agent")) return;
      localStorage.setItem("workspace.agent", String(agent));
      if (!localStorage.getItem("workspace.scheme")) localStorage.setItem("workspace.scheme", scheme);
    }, { agent, scheme });
    scene.page = await context.newPage();
    return scene;
  }

  /** The agent's workspace at `tickets/42`, `users/77`, `tickets/new`. */
  async workspace(path, page = this.page) {
    await page.goto(`${this.house.zendeskUrl}/agent/${path}`);
    await page.bringToFront(); // pages behind others are painted once a second
    return page;
  }

  /** The light Flex page, of the first worker or of another. */
  async flex(page = this.page, worker = "aoi") {
    await page.goto(`${this.house.twilioUrl}/flex?worker=${worker}`);
    await page.bringToFront();
    return page;
  }

  /** The app, as the agent sees it in its frame. */
  app = (location = "ticket_sidebar", page = this.page) => page.frameLocator(`[data-testid="frame-${location}"]`);
  panel = (page = this.page) => page.frameLocator('iframe[title="Deskside"]');

  /** The frame that the app runs in. */
  frame(page = this.page) {
    const shown = ({ url }) => url.startsWith(`${this.house.appUrl}/`) && !url.includes("/background");
    return until("the app's frame is there", () => page.frames().findLast((frame) => shown({ url: frame.url() })));
  }

  /** A file in target/browser. */
  picture = (name) => join(places().pictures, `${name}.png`);

  /** Forgets errors so far; what comes is looked at again. */
  forgive = () => void this.#errors.splice(0);

  async holds() {
    const errors = this.#errors.filter((error) => !this.forgives?.test(error));
    assert.deepEqual(errors, [], "the console is quiet");
    assert.deepEqual(await this.context.cookies(this.house.appUrl), [], "the app sets no cookies");
    assert.deepEqual((await this.house.control("GET", "leaks")).leaks, [], "no credential reaches a stranger");
  }

  /** A failure with what a person wants to see of it, and without the page's whole tree. */
  async told(sentence, { message, stack = "" }) {
    const name = `failed-${sentence.replaceAll(/\W+/g, "-").slice(0, 60)}`;
    await this.page.screenshot({ path: this.picture(name) }).catch(() => undefined);
    const heard = this.#errors.map((error) => `  ${error}`).join("\n");
    const evidence = `A picture: ${name}.png. The console:\n${heard}\nThe server:\n${this.house.log()}`;
    const problem = new Error(stripVTControlCharacters(`${message}\n${evidence}`));
    const at = stack.split("\n").filter((line) => line.includes(".test.mjs"));
    problem.stack = [problem.message, ...at].join("\n");
    return problem;
  }

  #hear = (text, url = "") => void this.#errors.push(`${text} (${url.split("?")[0]})`);
}
