// Our plugin in the real Flex UI, as an agent lives with it: calls come in and go out, views and tokens change, our server is lost.
import assert from "node:assert/strict";
import { expect, suite } from "./stage/scene.mjs";

const check = await suite();

const CALLER = { from: "+815012340042", name: "+815012340042", call_sid: `CA${"1".repeat(32)}` };
const LIST = "/flex/plugins.json";

/** The account's admin has given Flex our list; Flex's back end asks for it. */
const byTwilio = ({ hosts, house }, otherwise) =>
  Object.assign(hosts, { pluginService: { custom_plugins_url: `${house.appUrl}${LIST}`, custom_plugins: otherwise } });
/** The company hosts Flex UI itself, and its page names our list; the browser asks for it. */
const byPage = ({ hosts, house }) => Object.assign(hosts, { app: { pluginService: { enabled: true, url: `${house.appUrl}${LIST}` } } });

const shows = (scene, hook, value) => expect(scene.panel().getByTestId(hook)).toHaveAttribute("data-value", value);

/** The agent's hand. */
const accept = ({ page }) => page.getByTestId("accept-task").click();
const complete = ({ page }) => page.getByTestId("end-task-button").getByText("Complete").click();

/** The caller hangs up, the agent is done, and nothing is left. */
async function finish(scene, task) {
  await scene.step(task, "wrapup");
  await complete(scene);
  await expect.poll(scene.tasks).toEqual([]);
  await shows(scene, "pop", "idle");
}

/** How often each stage is written in the ticket. */
async function stages(scene, ticket) {
  const told = await scene.notes(ticket);
  const count = (words) => told.filter((text) => words.test(text)).length;
  return { accepted: count(/^Call accepted/m), completed: count(/^Call completed/m) };
}

/** Marks the panel's document; a reload would lose the mark. */
const mark = async (scene) => (await scene.frame()).evaluate(() => (window.marked = true));
const isMarked = async (scene) => (await scene.frame()).evaluate(() => window.marked === true);

check("a call, from ringing to done: ticket and contract are beside it, and the ticket has it once", async (scene) => {
  byTwilio(scene);
  await scene.streams(); // Twilio tells our server, too
  await scene.flex();
  await shows(scene, "pop", "idle");
  const task = await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await accept(scene);
  await shows(scene, "pop-ticket", "42");
  await shows(scene, "card-company", "青葉商事株式会社");
  await expect.poll(async () => (await scene.tasks())[0].attributes.zd_user_id, "Flex has what was merged into the task").toBeTruthy();
  await scene.look("call");
  await finish(scene, task);
  await expect.poll(() => stages(scene, 42)).toEqual({ accepted: 1, completed: 1 });
  // When a later call is written down, whoever reports the first one late has reported it.
  const later = await scene.rings({ from: "+815012340038", name: "+815012340038", zd_ticket_id: "38" });
  await accept(scene);
  await shows(scene, "pop-ticket", "38");
  await finish(scene, later);
  await expect.poll(() => stages(scene, 38)).toEqual({ accepted: 1, completed: 1 });
  assert.deepEqual(await stages(scene, 42), { accepted: 1, completed: 1 });
});

check("two calls: the panel follows the one that is selected, and reloads for neither", async (scene) => {
  byTwilio(scene);
  await scene.flex();
  await shows(scene, "pop", "idle");
  await mark(scene);
  await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await accept(scene);
  await shows(scene, "pop-ticket", "42");
  await scene.rings({ from: "+815012340038", name: "+815012340038", zd_ticket_id: "38" });
  await accept(scene);
  await shows(scene, "pop-ticket", "38");
  const select = (caller) => scene.page.getByTestId("task-item").filter({ hasText: caller }).click();
  await select("1234-0042");
  await shows(scene, "pop-ticket", "42");
  await select("1234-0038");
  await shows(scene, "pop-ticket", "38");
  assert.ok(await isMarked(scene));
});

check("while the agent looks at another view the panel waits and hears what goes on", async (scene) => {
  byTwilio(scene);
  await scene.flex({ roles: ["supervisor", "agent"] });
  await shows(scene, "pop", "idle");
  await mark(scene);
  await scene.view("teams");
  await expect(scene.page.locator('iframe[title="Deskside"]')).toBeHidden();
  await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await scene.acts("AcceptTask");
  await expect.poll(() => stages(scene, 42)).toEqual({ accepted: 1, completed: 0 });
  await scene.view("agent-desktop");
  await shows(scene, "pop-ticket", "42");
  await expect(scene.panel().getByTestId("pop-ticket")).toBeVisible();
  assert.ok(await isMarked(scene));
});

check("Flex is reloaded during a call: the panel shows its ticket again, and the ticket has nothing twice", async (scene) => {
  byTwilio(scene);
  await scene.flex();
  const task = await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await accept(scene);
  await shows(scene, "pop-ticket", "42");
  await expect.poll(() => stages(scene, 42)).toEqual({ accepted: 1, completed: 0 });
  await scene.page.reload();
  await shows(scene, "pop-ticket", "42");
  await finish(scene, task);
  await expect.poll(() => stages(scene, 42)).toEqual({ accepted: 1, completed: 1 });
});

check("a call goes out, for a ticket, by Flex's own action", async (scene) => {
  byPage(scene);
  await scene.flex();
  await shows(scene, "pop", "idle");
  const call = { destination: "+815012340042", taskAttributes: { zd_ticket_id: "42" } };
  await scene.page.evaluate((call) => Twilio.Flex.Actions.invokeAction("StartOutboundCall", call), call);
  await shows(scene, "pop-ticket", "42");
  await shows(scene, "card-company", "青葉商事株式会社");
  const [{ taskSid, attributes }] = await scene.tasks();
  assert.equal(attributes.outbound_to, "+815012340042");
  await finish(scene, taskSid);
  await expect.poll(() => stages(scene, 42)).toEqual({ accepted: 1, completed: 1 });
  assert.match((await scene.notes(42)).join("\n"), /Direction: outbound/i);
});

check("Flex renews the agent's token, and the panel goes on with the new one", async (scene) => {
  byTwilio(scene);
  const isNew = (answer) =>
    answer.url().endsWith("/api/session/flex") && answer.request().postDataJSON().token !== scene.session.token;
  const exchanged = scene.page.waitForResponse(isNew, { timeout: 60_000 });
  await scene.flex({ ttl: 170 }); // Flex looks every 15 seconds whether 3 minutes are left
  await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await accept(scene);
  await shows(scene, "pop-ticket", "42");
  assert.equal((await exchanged).status(), 200);
  await expect(scene.panel().getByTestId("problem")).toHaveCount(0);
  await scene.panel().getByTestId("pop-show").click();
  await expect(scene.panel().getByTestId("problem")).toHaveCount(0);
});

for (const [who, plugins] of [
  ["Twilio asks for the list", (scene) => byTwilio(scene, [{ name: "plugin-deskside", version: "0", src: `${scene.house.appUrl}/flex/plugin.js` }])],
  ["the page asks for the list", byPage],
]) {
  check(`our server is lost before Flex starts, and ${who}: calls are taken and completed all the same`, async (scene) => {
    plugins(scene);
    await scene.house.lose();
    await scene.flex();
    const task = await scene.rings({ ...CALLER, zd_ticket_id: "42" });
    await accept(scene);
    await scene.step(task, "wrapup");
    await complete(scene);
    await expect.poll(scene.tasks).toEqual([]);
    await expect(scene.page.locator('iframe[title="Deskside"]')).toHaveCount(0);
  });
}

check("an account that writes plugins into its page, so that the script has no address: the panel is Deskside's all the same", async (scene) => {
  byTwilio(scene);
  const inlined = { id: "plugin-render-inject-src", enabled: true };
  Object.assign(scene.hosts, { app: { featureOverrides: { [inlined.id]: inlined } } });
  await scene.flex();
  assert.equal(await scene.page.locator('script[src*="/app/plugin-"]').count(), 0, "the script has no address");
  await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await accept(scene);
  await shows(scene, "pop-ticket", "42");
});

check("the panel as a tab of the task: it is opened, left and opened again without a reload", async (scene) => {
  byTwilio(scene);
  Object.assign(scene.hosts, { uiAttributes: { custom_data: { deskside_panel: "tab" } } });
  await scene.flex();
  const task = await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await accept(scene);
  const tab = (name) => scene.page.getByTestId("customer-tab-header").getByText(name, { exact: true }).click();
  await mark(scene);
  await expect.poll(() => stages(scene, 42), "although nobody opened the tab").toEqual({ accepted: 1, completed: 0 });
  await tab("Deskside");
  await shows(scene, "pop-ticket", "42");
  await expect(scene.panel().getByTestId("card-company")).toBeVisible();
  await scene.look("tab");
  await tab("Info");
  await expect(scene.page.locator('iframe[title="Deskside"]')).toBeHidden();
  await tab("Deskside");
  await expect(scene.panel().getByTestId("card-company")).toBeVisible();
  await scene.rings({ from: "+815012340038", name: "+815012340038", zd_ticket_id: "38" });
  await accept(scene);
  await tab("Deskside");
  await shows(scene, "pop-ticket", "38");
  assert.ok(await isMarked(scene));
  await scene.step(task, "wrapup");
});

check("the panel in all of Panel 2, dark as Flex is", async (scene) => {
  byTwilio(scene);
  Object.assign(scene.hosts, { uiAttributes: { custom_data: { deskside_panel: "panel2" }, theme: { isLight: false } } });
  await scene.flex();
  await scene.rings({ ...CALLER, zd_ticket_id: "42" });
  await accept(scene);
  await shows(scene, "pop-ticket", "42");
  assert.equal(await (await scene.frame()).evaluate(() => document.documentElement.dataset.scheme), "dark");
  await scene.look("panel2");
});
