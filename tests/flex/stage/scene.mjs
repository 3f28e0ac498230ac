// One agent's Flex: the real UI in a browser for which twilio.com is the suite's stand-in, our real server, and the sandbox behind
// both. When the test ends, the scene checks that the page had no errors and that nothing was asked of anybody else.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { join } from "node:path";
import { expect as wait } from "@playwright/test";
import { chromium } from "playwright-core";
import { House, until } from "../../browser/stage/house.mjs";
import { places } from "../../browser/stage/places.mjs";
import { FLAGS } from "../../browser/stage/chromium.mjs";
import { ACCOUNT } from "./account.mjs";
import { Hosts } from "./hosts.mjs";

const PAGE_TIMEOUT = 30_000; // ms; Flex starts slowly, and on a busy machine more so
export const expect = wait.configure({ timeout: PAGE_TIMEOUT });
const LONGEST = 150_000; // ms, for one test
const FLEX = "https://flex.twilio.com";
/** Where Flex keeps who is signed in. */
const SIGNED_IN = "TWILIO_FLEX_SSO";

/** `check(sentence, play, options)`. `options.forgives` is a pattern of page errors that the test itself brings about. */
export async function suite() {
  process.env.DESKSIDE_TWILIO__FLEX_ORIGINS = FLEX;
  const house = await House.open();
  const hosts = await Hosts.open(house.twilioUrl, process.env.FLEX_UI);
  // Where Flex's live connection would be, nobody answers: it then does without, at once.
  const twilio = `MAP tsock.us1.twilio.com ~NOTFOUND, MAP *.twilio.com 127.0.0.1:${hosts.port}`;
  const nobody = "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1";
  const browser = await chromium.launch({
    executablePath: places().chromium,
    args: [...FLAGS, "--ignore-certificate-errors", `--host-resolver-rules=${twilio}, ${nobody}`],
  });
  after(async () => {
    await browser.close();
    hosts.close();
    house.close();
  });
  return function check(sentence, play, { forgives, settings, ...options } = {}) {
    test(sentence, { timeout: LONGEST }, async () => {
      await house.afresh(settings);
      Object.assign(hosts, { app: {}, uiAttributes: {}, pluginService: {} });
      const scene = await Scene.open(house, hosts, browser, { forgives, ...options });
      try {
        await play(scene);
        scene.holds();
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

  static async open(house, hosts, browser, { forgives, ...options }) {
    const scene = Object.assign(new Scene(), { house, hosts, forgives });
    // The seeded calls are over: this agent begins the day.
    for (const digit of [1, 2]) await scene.step(`WT${"0".repeat(31)}${digit}`, "complete");
    scene.context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    scene.context.setDefaultTimeout(PAGE_TIMEOUT);
    scene.context.on("weberror", (error) => scene.#errors.push(String(error.error().stack ?? error.error())));
    scene.page = await scene.context.newPage();
    return scene;
  }

  /** The agent signs in and opens Flex; when it has its plugins and knows the worker, its remarks on what it does without are put
   * away: here is no chat and no statistics. */
  async flex(about = {}) {
    const { token, identity, roles, expiration } = await this.hosts.token(about);
    this.session = { token, identity, roles, expiration, permissions: {}, accountSid: ACCOUNT, flexUserSid: `FU${"a".repeat(32)}` };
    await this.context.addInitScript(([session, key]) => {
      if (location.origin === "https://flex.twilio.com") localStorage.setItem(key, JSON.stringify(session));
    }, [this.session, SIGNED_IN]);
    await this.page.goto(`${FLEX}/agent-desktop`);
    await this.page.waitForFunction(() => window.started?.then(() => Twilio.Flex.Manager.getInstance()?.workerClient?.sid));
    await this.page.addLocatorHandler(this.page.getByRole("button", { name: "Close notification" }).first(), (button) => button.click());
  }

  /** What an agent does where no button is in sight, on the one task there is. */
  acts = (action) =>
    this.page.evaluate(async (action) => {
      const tasks = () => [...Twilio.Flex.Manager.getInstance().store.getState().flex.worker.tasks.values()];
      while (tasks().length === 0) await new Promise((later) => setTimeout(later, 50));
      const [task] = tasks();
      await Twilio.Flex.Actions.invokeAction(action, { task, sid: task.sid });
    }, action);

  /** The agent goes to another of Flex's views. */
  view = (viewName) => this.page.evaluate((viewName) => Twilio.Flex.Actions.invokeAction("NavigateToView", { viewName }), viewName);

  /** Twilio tells our server what becomes of tasks. */
  async streams() {
    const body = JSON.stringify({ destination: `${this.house.appUrl}/hooks/twilio/events` });
    const answer = await fetch(`${this.house.twilioUrl}/_sandbox/flex/sink`, { method: "PUT", body });
    assert.ok(answer.ok, `the sink was refused: ${answer.status}`);
  }

  /** Somebody calls; the task's sid. */
  async rings(attributes, channel = "voice") {
    const { sid } = await this.#sandbox("tasks", { channel, attributes: { direction: "inbound", ...attributes } });
    return sid;
  }

  /** What the caller, or Twilio itself, does. */
  step = (task, what, how = {}) => this.#sandbox(`tasks/${task}/${what}`, how);

  /** What Flex knows of its tasks. */
  tasks = () =>
    this.page.evaluate(() => {
      const { tasks } = Twilio.Flex.Manager.getInstance().store.getState().flex.worker;
      return [...tasks.values()].map(({ taskSid, status, attributes }) => ({ taskSid, status, attributes }));
    });

  /** The frame that the panel runs in. */
  frame = () => until("the panel is there", () => this.page.frames().find((frame) => frame.url().startsWith(`${this.house.appUrl}/flex/panel`)));
  panel = () => this.page.frameLocator('iframe[title="Deskside"]');

  look = (name) => this.page.screenshot({ path: this.picture(name) });
  /** A file in target/browser. */
  picture = (name) => join(places().pictures, `real-flex-${name}.png`);

  /** The internal notes of a ticket in Zendesk. */
  async notes(ticket) {
    const { comments } = await this.house.zendesk("GET", `tickets/${ticket}/comments.json`);
    return comments.filter(({ public: seen }) => !seen).map(({ plain_body: text }) => text);
  }

  async #sandbox(path, body) {
    const sent = { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(`${this.house.twilioUrl}/_sandbox/flex/${path}`, sent);
    assert.ok(answer.ok, `${path} answered ${answer.status}`);
    return answer.json();
  }

  holds() {
    assert.deepEqual(this.#errors.filter((error) => !this.forgives?.test(error)), [], "the page has no errors");
  }

  /** A failure with what a person wants to see of it. */
  async told(sentence, { message, stack = "" }) {
    const name = `failed-${sentence.replaceAll(/\W+/g, "-").slice(0, 60)}`;
    await this.page.screenshot({ path: this.picture(name) }).catch(() => undefined);
    const heard = this.#errors.map((error) => `  ${error.slice(0, 300)}`).join("\n");
    const problem = new Error(
      stripVTControlCharacters(`${message}\nA picture: real-flex-${name}.png. The page:\n${heard}\nThe server:\n${this.house.log()}`),
    );
    problem.stack = [problem.message, ...stack.split("\n").filter((line) => line.includes(".test.mjs"))].join("\n");
    return problem;
  }
}
