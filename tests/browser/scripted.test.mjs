// The app with a workspace that the test plays (`scripted`): what it asks of a workspace, and how it bears one that says
// odd things.
import assert from "node:assert/strict";
import { expect, suite } from "./stage/scene.mjs";

const check = await suite();

/** Opens the real page as a document of its own, its host replaced by a script. */
async function played(scene, location, { context = {}, values = {} }) {
  const { house, page } = scene;
  const { token } = await house.control("POST", "workspace/sign", { location, agent_id: 9002 });
  const body = new URLSearchParams({ token });
  const answer = await fetch(`${house.appUrl}/zendesk/${location}`, { method: "POST", body });
  const text = (await answer.text()).replace('"host":"zendesk"', '"host":"scripted"').replace(/<script src="[^"]*"><\/script>/, "");
  const headers = Object.fromEntries(answer.headers);
  await page.route("**/scripted", (route) => route.fulfill({ status: 200, headers, body: text }));
  await page.addInitScript((script) => (window.desksideScript = script), { context, values });
  await page.goto(`${house.appUrl}/scripted`);
  return page;
}

const emit = (page, name, payload) =>
  page.evaluate(([name, payload]) => window.desksideScript.emit(name, payload), [name, payload]);
const calls = (page, name) => page.evaluate((name) => window.desksideScript.calls.filter(([call]) => call === name), name);
const state = (page) => expect(page.getByTestId("card"));
const notice = { task_sid: "WT1", notice: "n1", ticket_id: 38, user_id: null };

check("a sidebar asks its workspace for nothing before the card, and tells its height", async (scene) => {
  const page = await played(scene, "ticket_sidebar", { context: { ticketId: 42 }, values: { colorScheme: "dark" } });
  await state(page).toHaveAttribute("data-value", "known");
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.scheme)).toBe("dark");
  const [, height] = (await expect.poll(async () => (await calls(page, "resize")).length).toBeGreaterThan(0), await calls(page, "resize")).at(-1);
  assert.ok(Number(height) > 200, height);
  assert.deepEqual((await calls(page, "get")).map(([, path]) => path).sort(), ["colorScheme", "currentUser.locale"]);
});

check("events that mean nothing change nothing", async (scene) => {
  const page = await played(scene, "ticket_sidebar", { context: { ticketId: "42" } });
  await state(page).toHaveAttribute("data-value", "known");
  const before = await page.getByTestId("card").innerHTML();
  for (const payload of [undefined, null, "", "x", -1, 1.5, [], {}, { body: "{" }, { body: {} }]) {
    await emit(page, "api_notification.deskside_pop", payload);
    await emit(page, "api_notification.deskside_proof", payload);
    await emit(page, "colorScheme.changed", payload);
    await emit(page, "nonsense", payload);
  }
  assert.equal(await page.getByTestId("card").innerHTML(), before);
});

check("requesters that come and go fast: the last one's card stays", async (scene) => {
  const first = 26_155_588_908_160;
  const page = await played(scene, "new_ticket_sidebar", { values: { "ticket.requester.id": null } });
  await state(page).toHaveAttribute("data-value", "no_requester");
  for (const place of [1, 2, 5, 0]) await emit(page, "ticket.requester.id.changed", first + place * 128);
  await expect(page.getByTestId("card-company")).toHaveText("青葉商事株式会社");
  await emit(page, "ticket.requester.id.changed", null);
  await state(page).toHaveAttribute("data-value", "no_requester");
});

check("in the background a notice shows its ticket once, however often it is delivered", async (scene) => {
  const page = await played(scene, "background", {});
  await page.waitForFunction(() => window.desksideScript.emit);
  const body = JSON.stringify(notice);
  for (const sent of [{ body }, { body }, { body: JSON.stringify({ ...notice, notice: "n2", ticket_id: null, user_id: 77 }) }]) {
    await emit(page, "api_notification.deskside_pop", sent);
  }
  assert.deepEqual(await calls(page, "show_ticket"), [["show_ticket", "38"]]);
  assert.deepEqual(await calls(page, "show_user"), [["show_user", "77"]]);
});
