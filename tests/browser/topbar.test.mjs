// Flex in Zendesk's top bar: it lives before an agent looks, a call opens it, the ticket shows once; and what is in the way is said.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "./stage/house.mjs";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite({ thirdParty: true });

const CALL = { gathered: "42", caller: "+815012340042", channel: "voice" };
const BLOCKED = /frame-ancestors|frame it/;

/** An admin's wish, as the console sends it. */
async function decide({ house }, wish) {
  const { token } = await house.control("POST", "workspace/sign", { location: "nav_bar", agent_id: ADMIN });
  const page = await fetch(`${house.appUrl}/zendesk/nav_bar`, { method: "POST", body: new URLSearchParams({ token }) });
  const session = JSON.parse(/id="deskside-session">(.*?)<\/script>/.exec(await page.text())[1]);
  const headers = { authorization: `Bearer ${session.token}`, "content-type": "application/json" };
  const url = `${house.appUrl}/api/settings/flex`;
  const document = await (await fetch(url, { headers })).json();
  const body = JSON.stringify({ ...document, settings: { ...document.settings, ...wish } });
  const answer = await fetch(url, { method: "PUT", headers, body });
  assert.equal(answer.status, 200, await answer.text());
}

const embed = (scene) =>
  decide(scene, { flex_url: `${scene.house.twilioUrl}/flex?path=/agent-desktop`, flex_width: 480, flex_height: 640 });

const popover = (page) => page.getByTestId("popover");
/** Which symbol of the icon. */
const shows = (page, symbol) => expect(page.getByTestId("top-bar-app")).toHaveAttribute("data-symbol", symbol);
const topBar = (scene, page = scene.page) => scene.app("top_bar", page);
const state = (scene, page) => expect(topBar(scene, page).locator("#app"));
const says = (scene, value, page) => state(scene, page).toHaveAttribute("data-state", value);
const flex = (scene, page = scene.page) => topBar(scene, page).frameLocator('[data-testid="flex"]');

/** The frame of a page whose address begins so. */
const frameAt = (page, url) =>
  until(`a frame is at ${url}`, () => page.frames().find((frame) => frame.url().startsWith(url)));
const topBarFrame = (scene, page = scene.page) => frameAt(page, `${scene.house.appUrl}/zendesk/top_bar`);

/** Somebody calls, in whichever Flex the agent has. */
async function ring(scene, call = CALL, page = scene.page) {
  const frame = await frameAt(page, `${scene.house.twilioUrl}/flex`);
  await frame.evaluate((call) => void window.sandbox.ring(call), call);
}

/** Where the workspace went since. */
function turns(page) {
  const seen = [];
  page.on("framenavigated", (frame) => frame === page.mainFrame() && seen.push(new URL(frame.url()).pathname));
  return seen;
}

const notices = async ({ house }) =>
  (await house.control("GET", "state")).notified.filter(({ event }) => event === "deskside_pop").length;

for (const locale of ["en-US", "ja", "ko"]) {
  check(`before an admin has set it, the top bar says so, in ${locale}`, async (scene) => {
    const { page } = scene;
    await scene.workspace("tickets/38");
    await page.getByTestId("top-bar-app").click();
    await says(scene, "unset");
    await expect(topBar(scene).locator("iframe")).toHaveCount(0);
    await look(scene, `top-bar-unset-${locale}`, { frame: await topBarFrame(scene) });
    await page.keyboard.press("Escape");
  }, { locale });
}

check("a call opens the popover, and the accepted call's ticket shows once", async (scene) => {
  const { page } = scene;
  await embed(scene);
  await scene.workspace("tickets/38");
  await expect(scene.app().getByTestId("card-company")).toBeVisible();
  await says(scene, "ready"); // nobody has opened it
  await expect(popover(page)).toBeHidden();
  await expect(page.getByTestId("popover")).toHaveCSS("width", "480px");
  const seen = turns(page);
  await ring(scene);
  await expect(popover(page)).toBeVisible();
  await shows(page, "ringing");
  await page.screenshot({ path: scene.picture("top-bar-ringing") });
  await flex(scene).getByTestId("accept").click();
  await shows(page, "default");
  await page.waitForURL("**/agent/tickets/42");
  const panel = flex(scene).frameLocator('iframe[title="Deskside"]');
  await expect(panel.getByTestId("pop-ticket")).toHaveAttribute("data-value", "42");
  await expect(scene.app().getByTestId("card-company")).toHaveText("青葉商事株式会社");
  await page.screenshot({ path: scene.picture("top-bar-accepted") });
  // The server writes the note after all that it does for the pop.
  const notes = async () => {
    const { comments } = await scene.house.zendesk("GET", "tickets/42/comments.json");
    return comments.filter(({ plain_body: text }) => /^Call accepted/m.test(text)).length;
  };
  await expect.poll(notes).toBe(1);
  assert.deepEqual(seen, ["/agent/tickets/42"], "the page turned once");
  assert.equal(await notices(scene), 0, "the server sent no notice beside it");

  // The agent is elsewhere, and comes back to the call by hand.
  await page.getByTestId("top-bar-app").click();
  await expect(popover(page)).toBeHidden();
  await page.locator('.list-row[href="/agent/tickets/38"]').click();
  await page.waitForURL("**/agent/tickets/38");
  await page.getByTestId("top-bar-app").click();
  // Within three seconds the same wish is one: until then the agent presses again.
  await expect(async () => {
    await panel.getByTestId("pop-show").click();
    await page.waitForURL("**/agent/tickets/42", { timeout: 500 });
  }).toPass({ timeout: 10_000 });
  assert.deepEqual(seen, ["/agent/tickets/42", "/agent/tickets/38", "/agent/tickets/42"]);
  assert.equal(await notices(scene), 0);
});

check("who calls from beside a ticket sees the Flex that does it", async (scene) => {
  const { page } = scene;
  await embed(scene);
  await scene.workspace("tickets/42");
  await says(scene, "ready");
  await expect(popover(page)).toBeHidden();
  await scene.app().getByTestId("dial").first().click();
  await expect(popover(page)).toBeVisible();
  await shows(page, "ringing");
  const inner = await frameAt(page, `${scene.house.twilioUrl}/flex`);
  await inner.evaluate(() => {
    const { manager, actions } = window.sandbox;
    const [task] = manager.store.getState().flex.worker.tasks.values();
    return actions.invokeAction("AcceptTask", { sid: task.sid, task }); // they answer
  });
  await shows(page, "default");
});

check("what Zendesk does not show at once, the server has shown", async (scene) => {
  const { page } = scene;
  await embed(scene);
  await scene.workspace("tickets/38");
  await says(scene, "ready");
  await page.evaluate(() => {
    const { zaf } = window.sandbox;
    const { invoke } = zaf.actions;
    const busy = (instance, name) => name === "routeTo" && instance.location === "top_bar";
    zaf.actions = { invoke: (instance, name, given) => {
      if (busy(instance, name)) throw new Error("busy");
      return invoke(instance, name, given);
    } };
  });
  const seen = turns(page);
  await ring(scene);
  await flex(scene).getByTestId("accept").click();
  await page.waitForURL("**/agent/tickets/42");
  assert.deepEqual(seen, ["/agent/tickets/42"]);
  assert.equal(await notices(scene), 1);
}, { forgives: /busy/ });

check("messages of anybody but Flex in our frame change nothing", async (scene) => {
  const { context, house, page } = scene;
  await embed(scene);
  await scene.workspace("tickets/38");
  await says(scene, "ready");
  const evil = "http://127.0.0.2:9/";
  const html = "<!doctype html><title>Another app</title>";
  await context.route(`${evil}**`, (route) => route.fulfill({ contentType: "text/html", body: html }));
  const seen = turns(page);
  const wishes = [
    { type: "hello" },
    { type: "ringing", task_sid: "WT1" },
    { type: "show", notice: { task_sid: "WT1", notice: "forged", ticket_id: 40, user_id: null } },
  ];
  // A frame of another origin; a frame of Flex's own origin that is not ours; the workspace itself.
  const strangers = [evil, `${house.twilioUrl}/_sandbox/flex/page`];
  for (const src of strangers) {
    await page.evaluate((src) => document.body.append(Object.assign(document.createElement("iframe"), { src })), src);
  }
  // The top bar's own frame counts what reached it; each sender's messages arrive in their order.
  const bar = await topBarFrame(scene);
  await bar.evaluate(() => {
    window.arrived = [];
    addEventListener("message", ({ data }) => window.arrived.push(data?.notice?.notice));
  });
  const arrived = (notice) => expect.poll(() => bar.evaluate((notice) => window.arrived.filter((one) => one === notice).length, notice));
  const frames = [];
  for (const src of strangers) {
    const frame = await until("the stranger is there", () => page.frames().find((one) => one.url() === src));
    frames.push(frame);
    await frame.evaluate((wishes) => {
      window.heard = [];
      addEventListener("message", ({ data }) => window.heard.push(data));
      for (let at = 0; at < parent.frames.length; at += 1) {
        if (parent.frames[at] !== window) for (const wish of wishes) parent.frames[at].postMessage(wish, "*");
      }
    }, wishes);
  }
  await page.evaluate((wishes) => {
    const { contentWindow } = document.querySelector('[data-testid="frame-top_bar"]');
    for (const wish of wishes) contentWindow.postMessage(wish, "*");
  }, wishes);
  await arrived("forged").toBe(strangers.length + 1);

  // Flex itself may ask for tickets and users by their numbers, and for nothing else.
  const inner = await frameAt(page, `${house.twilioUrl}/flex`);
  for (const ticket_id of ["40", -1, 1.5, "../users/1", null, {}]) {
    const notice = { task_sid: "WT1", notice: "odd", ticket_id, user_id: null };
    await inner.evaluate(([notice, origin]) => parent.postMessage({ type: "show", notice }, origin), [notice, house.appUrl]);
  }
  await arrived("odd").toBe(6);
  const foreign = (heard) => heard.filter((data) => !wishes.some(({ type }) => type === data?.type));
  for (const frame of frames) assert.deepEqual(foreign(await frame.evaluate(() => window.heard)), [], "nobody is answered");
  await expect(popover(page)).toBeHidden();
  const notice = { task_sid: "WT1", notice: "good", ticket_id: 42, user_id: null };
  await inner.evaluate(([notice, origin]) => parent.postMessage({ type: "show", notice }, origin), [notice, house.appUrl]);
  await page.waitForURL("**/agent/tickets/42");
  assert.deepEqual(seen, ["/agent/tickets/42"], "only what came last was shown");
});

check("Flex does not let itself be framed: the top bar says what to check, and loads it again", async (scene) => {
  const { house, page } = scene;
  await embed(scene);
  const allow = (urls) =>
    fetch(`${house.twilioUrl}/_sandbox/flex/embedding`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ urls }),
    });
  await allow([house.zendeskUrl]); // and not our page between them
  await page.clock.install();
  await scene.workspace("tickets/38");
  await page.getByTestId("top-bar-app").click();
  await says(scene, "loading");
  await page.clock.runFor(31_000);
  await says(scene, "quiet");
  const app = topBar(scene);
  await app.getByText("If Flex does not appear").click();
  for (const origin of [house.zendeskUrl, house.appUrl, house.twilioUrl]) {
    await expect(app.getByRole("listitem").filter({ hasText: origin })).not.toHaveCount(0);
  }
  await look(scene, "top-bar-quiet", { frame: await topBarFrame(scene) });
  await allow([house.zendeskUrl, house.appUrl]);
  await app.getByRole("button", { name: "Load Flex again" }).click();
  await says(scene, "ready");
  await expect(app.getByText("Flex has not answered yet")).toHaveCount(0);
}, { forgives: BLOCKED });

check("a browser that keeps nothing for Flex: the top bar says what it takes", async (scene) => {
  const { page } = scene;
  await embed(scene);
  await page.clock.install();
  await scene.workspace("tickets/38");
  await page.getByTestId("top-bar-app").click();
  await says(scene, "loading");
  await page.clock.runFor(6_000);
  await says(scene, "quiet");
  await expect(topBar(scene).getByText("Your browser must allow third-party cookies")).toBeVisible();
  await look(scene, "top-bar-no-cookies", { frame: await topBarFrame(scene) });
}, { strict: true, forgives: /localStorage|SecurityError/ });

check("of two Zendesk tabs one has Flex, until the agent takes it to the other", async (scene) => {
  const { context, page } = scene;
  await embed(scene);
  await scene.workspace("tickets/38");
  await says(scene, "ready");
  const other = await context.newPage();
  await scene.workspace("tickets/40", other);
  await says(scene, "elsewhere", other);
  await other.getByTestId("top-bar-app").click();
  await look(scene, "top-bar-elsewhere", { page: other, frame: await topBarFrame(scene, other) });
  const here = [turns(page), turns(other)];
  await topBar(scene, other).getByRole("button", { name: "Use Flex here" }).click();
  await says(scene, "ready", other);
  await says(scene, "elsewhere");
  await ring(scene, CALL, other);
  await flex(scene, other).getByTestId("accept").click();
  await other.waitForURL("**/agent/tickets/42");
  assert.deepEqual(here, [[], ["/agent/tickets/42"]], "the other tab stays where it is");
  await other.close();
  await says(scene, "ready"); // the first has it again
});

check("Flex in a tab of its own pops as before, beside a top bar that has another", async (scene) => {
  const { context, page } = scene;
  await embed(scene);
  await scene.workspace("tickets/38");
  await says(scene, "ready");
  const seen = turns(page);
  const own = await context.newPage();
  await scene.flex(own);
  await expect(own.getByTestId("plugin")).toHaveText("Plugin: DesksidePlugin");
  await own.evaluate((call) => void window.sandbox.ring(call), CALL);
  await own.getByTestId("accept").click();
  await page.waitForURL("**/agent/tickets/42");
  assert.deepEqual(seen, ["/agent/tickets/42"]);
  assert.equal(await notices(scene), 1);
  await expect(popover(page)).toBeHidden();
});

check("an admin sets Flex in the top bar, and a wrong address is refused", async (scene) => {
  await scene.workspace("apps/app");
  const app = scene.app("nav_bar");
  await app.getByRole("link", { name: "Calls and chats" }).click();
  await app.getByLabel("Flex URL").fill("https://evil.example/?path=/agent-desktop");
  await app.getByTestId("settings-save").click();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "setting_invalid");
  await app.getByLabel("Flex URL").fill(`${scene.house.twilioUrl}/flex?path=/agent-desktop`);
  await app.getByLabel("Flex Widget width").fill("520");
  await app.getByTestId("settings-save").click();
  await expect(app.getByText("Saved. Applies from the next call or chat.")).toBeVisible();
  await look(scene, "console-top-bar", { frame: await scene.frame() });
  await scene.workspace("tickets/38");
  await says(scene, "ready");
  await expect(scene.page.getByTestId("popover")).toHaveCSS("width", "520px");
}, { agent: ADMIN, forgives: FAILED_CALLS });
