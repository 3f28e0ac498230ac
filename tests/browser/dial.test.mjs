// An agent presses a number in Zendesk, and their Flex, which is another page, calls it; or they read why not.
import assert from "node:assert/strict";
import { look, paint } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const NUMBER = "+815012340042"; // of who asked ticket 42
const shows = (place, hook, value) => expect(place.getByTestId(hook)).toHaveAttribute("data-value", value);

/** Flex in a page of its own, signed in and listening; `takes` are the answers to the dials that it wanted to take, in their order. */
async function openFlex(scene, email = "agent@example.com") {
  const flex = Object.assign(await scene.context.newPage(), { takes: [] });
  flex.on("response", (answer) => answer.url().endsWith("/take") && flex.takes.push(answer.status()));
  await flex.route("**/_sandbox/flex/token", (route) => route.continue({ postData: JSON.stringify({ email }) }));
  const listening = flex.waitForResponse((answer) => answer.url().endsWith("/api/dial/events"));
  await scene.flex(flex);
  await expect(flex.getByTestId("plugin")).toHaveText("Plugin: DesksidePlugin");
  assert.equal((await listening).status(), 200);
  return flex;
}

/** The sidebar of ticket 42, in front. */
async function openTicket(scene) {
  await scene.workspace("tickets/42");
  const sidebar = scene.app();
  await expect(sidebar.getByTestId("card-company")).toBeVisible();
  return sidebar;
}

const calls = (flex) => flex.locator("[data-testid^='task-']");

check("a number pressed beside a ticket is called by Flex, pops that ticket and is written into it", async (scene) => {
  const { house, page } = scene;
  const flex = await openFlex(scene);
  const sidebar = await openTicket(scene);
  await sidebar.getByTestId("dial").click();
  await shows(sidebar, "dial-state", "calling");
  await expect(sidebar.getByTestId("dial-state")).toHaveText(`Flex is calling ${NUMBER}.`);
  await look(scene, "dial-calling");
  await expect(calls(flex)).toHaveCount(1);
  await expect(flex.locator(".attributes pre")).toContainText('"zd_ticket_id": "42"');
  await expect(flex.locator(".attributes pre")).toContainText(`"outbound_to": "${NUMBER}"`);
  await scene.workspace("tickets/38", page);
  await expect(sidebar.getByTestId("card-company")).toBeVisible();
  await flex.bringToFront();
  await flex.screenshot({ path: scene.picture("dial-flex-dialling") });
  await flex.getByTestId("answers").click();
  await shows(scene.panel(flex), "pop-ticket", "42");
  await page.waitForURL("**/agent/tickets/42");
  await flex.getByTestId("hang-up").click();
  await flex.getByTestId("complete").click();
  const notes = async () => {
    const { comments } = await house.zendesk("GET", "tickets/42/comments.json");
    return comments.filter(({ public: seen }) => !seen).map(({ plain_body: text }) => text);
  };
  await expect.poll(async () => (await notes()).filter((text) => /Call (accepted|completed)/.test(text)).length).toBe(2);
  assert.match((await notes()).join("\n"), /outbound/i);
});

check("in another view of Flex the call is made as well, and pops when it is answered", async (scene) => {
  const flex = await openFlex(scene);
  await flex.getByLabel("Teams").click();
  await expect(flex.locator('iframe[title="Deskside"]')).toBeHidden(); // it lives on out of sight
  const sidebar = await openTicket(scene);
  await sidebar.getByTestId("dial").click();
  await shows(sidebar, "dial-state", "calling");
  await flex.bringToFront();
  await flex.getByLabel("Agent desktop").click();
  await flex.getByTestId("answers").click();
  await shows(scene.panel(flex), "pop-ticket", "42");
});

check("a double click calls once", async (scene) => {
  const flex = await openFlex(scene);
  const sidebar = await openTicket(scene);
  await sidebar.getByTestId("dial").dblclick();
  await sidebar.getByTestId("dial").click({ force: true });
  await shows(sidebar, "dial-state", "calling");
  await expect(calls(flex)).toHaveCount(1);
  await flex.bringToFront();
  await flex.getByTestId("no-answer").click();
  await expect(calls(flex)).toHaveCount(0);
  // Dials reach Flex in their order: a second one of the first number would have come before this one.
  await scene.page.bringToFront();
  await scene.workspace("tickets/66");
  await scene.app().getByTestId("dial").click();
  await shows(scene.app(), "dial-state", "calling");
  await expect(calls(flex)).toHaveCount(1);
  await expect(flex.locator(".attributes pre")).toContainText('"zd_ticket_id": "66"');
  assert.deepEqual(flex.takes, [200, 200]);
});

check("of two Flex pages one calls", async (scene) => {
  const pages = [await openFlex(scene), await openFlex(scene)];
  const sidebar = await openTicket(scene);
  // Both ask for the dial before either is answered.
  let count = 0;
  let ask;
  const bothAsk = new Promise((resolve) => (ask = resolve));
  for (const page of pages) {
    await page.route("**/api/dial/*/take", async (route) => {
      count += 1;
      if (count === pages.length) ask();
      await bothAsk;
      await route.continue();
    });
  }
  const answers = pages.map((page) => page.waitForResponse("**/api/dial/*/take"));
  await sidebar.getByTestId("dial").click();
  const statuses = (await Promise.all(answers)).map((answer) => answer.status());
  assert.deepEqual(statuses.sort(), [200, 404]);
  await shows(sidebar, "dial-state", "calling");
  const counts = await Promise.all(pages.map((page) => calls(page).count()));
  assert.deepEqual(counts.sort(), [0, 1]);
}, { forgives: FAILED_CALLS }); // the other one asked for it, too

/** What is the matter in Flex → the code, and the words of what to do. */
const REFUSED = [
  ["on_call", "dial_on_call", /You have a call in Flex.*End it/s],
  ["ringing", "dial_on_call", /or one is coming in/],
  ["offline", "dial_offline", /offline in Flex.*another activity/s],
  ["no_dialpad", "dial_not_enabled", /no outbound calls.*dialpad/s],
  ["blocked", "dial_failed", /did not make the call/],
];
const bring = {
  on_call: async (flex) => {
    await flex.getByTestId("ring").click();
    await flex.getByTestId("accept").click();
  },
  ringing: async (flex) => {
    await flex.getByTestId("ring").click();
    await expect(calls(flex)).toHaveCount(1);
  },
  offline: (flex) => flex.getByTestId("activity").selectOption({ label: "Offline" }),
  no_dialpad: (flex) => flex.getByTestId("dialpad").setChecked(false),
  blocked: (flex) => flex.evaluate(() => window.sandbox.actions.addListener("beforeStartOutboundCall", (_, abort) => abort())),
};
for (const [what, code, words] of REFUSED) {
  check(`Flex does not call (${what}): the agent reads why, and what to do`, async (scene) => {
    const flex = await openFlex(scene);
    await bring[what](flex);
    const before = await calls(flex).count();
    const sidebar = await openTicket(scene);
    await sidebar.getByTestId("dial").click();
    await shows(sidebar, "problem", code);
    await expect(sidebar.getByTestId("problem")).toHaveText(words);
    if (what === "on_call") await look(scene, "dial-on-call");
    assert.equal(await calls(flex).count(), before);
  });
}

check("Flex is not open: the agent reads it, opens Flex, and nobody is called by surprise", async (scene) => {
  const sidebar = await openTicket(scene);
  await sidebar.getByTestId("dial").focus();
  await scene.page.keyboard.press("Enter");
  await shows(sidebar, "dial-state", "asking");
  await look(scene, "dial-asking");
  await shows(sidebar, "problem", "dial_flex_absent");
  await expect(sidebar.getByTestId("problem")).toHaveText(/Flex is not open.*with the same e-mail address/s);
  await look(scene, "dial-absent");
  const flex = await openFlex(scene);
  await expect(calls(flex)).toHaveCount(0);
  await scene.page.bringToFront();
  await sidebar.getByTestId("dial").click();
  await shows(sidebar, "dial-state", "calling");
  await expect(calls(flex)).toHaveCount(1);
  assert.deepEqual(flex.takes, [200], "Flex heard of this dial alone: the one before would have come first");
});

check("the words are the agent's language's", async (scene) => {
  const sidebar = await openTicket(scene);
  await sidebar.getByTestId("dial").click();
  await expect(sidebar.getByTestId("dial-state")).toHaveText(/への発信を開始しています/);
  await shows(sidebar, "problem", "dial_flex_absent");
  await look(scene, "dial-absent-ja");
  await paint(scene.page, await scene.frame(), "light");
}, { locale: "ja" });

check("a customer's own page: the number that the workspace itself shows is called, and a toast says so", async (scene) => {
  const flex = await openFlex(scene);
  const [{ ticket }, { ticket: other }] = await Promise.all([42, 66].map((id) => scene.house.zendesk("GET", `tickets/${id}.json`)));
  await scene.workspace(`users/${ticket.requester_id}`);
  await expect(scene.app("user_sidebar").getByTestId("dial")).toBeVisible();
  await scene.page.getByTestId("dialout").click();
  await expect(scene.page.getByTestId("toast")).toHaveText(/Flex is calling/);
  await expect(calls(flex)).toHaveCount(1);
  await flex.getByTestId("no-answer").click();
  await expect(calls(flex)).toHaveCount(0);
  await scene.page.bringToFront();
  // Another customer: the same number within seconds would be a double click.
  await scene.workspace(`users/${other.requester_id}`);
  await scene.app("user_sidebar").getByTestId("dial").click();
  await shows(scene.app("user_sidebar"), "dial-state", "calling");
  await expect(flex.locator(".attributes pre")).toContainText(`"zd_user_id": "${other.requester_id}"`);
});

check("the panel in Flex calls back from where the agent is", async (scene) => {
  const flex = await openFlex(scene);
  await flex.getByTestId("gathered").selectOption({ label: "Ticket 42" });
  await flex.getByTestId("ring").click();
  await flex.getByTestId("accept").click();
  const panel = scene.panel(flex);
  await shows(panel, "pop-ticket", "42");
  await panel.getByTestId("dial").click();
  await shows(panel, "problem", "dial_on_call");
  await look(scene, "dial-panel", { page: flex });
  await flex.getByTestId("hang-up").click();
  await panel.getByTestId("dial").click();
  await shows(panel, "dial-state", "calling");
  await expect(calls(flex)).toHaveCount(2);
});

check("an admin sets as whom and where calls are made", async (scene) => {
  await scene.workspace("apps/app");
  const frame = scene.app("nav_bar");
  await frame.getByRole("link", { name: "Calls and chats" }).click();
  await frame.getByLabel("Outbound caller ID").fill("050-1111-2222");
  await frame.getByTestId("settings-save").click();
  await shows(frame, "problem", "setting_invalid");
  await frame.getByLabel("Outbound caller ID").fill("+815011112222");
  await frame.getByLabel("Workflow SID").fill(`WW${"c".repeat(32)}`);
  await frame.getByTestId("settings-save").click();
  await expect(frame.getByText("Saved.")).toBeVisible();
  await frame.getByLabel("Workflow SID").scrollIntoViewIfNeeded();
  await look(scene, "dial-settings");
  const flex = await openFlex(scene, "mika.owner@example.com");
  const sidebar = await openTicket(scene);
  await sidebar.getByTestId("dial").click();
  await shows(sidebar, "dial-state", "calling");
  await expect(flex.locator(".attributes pre")).toContainText('"from": "+815011112222"');
  await expect(flex.locator(".actions")).not.toContainText("StartOutboundCall");
}, { agent: ADMIN, forgives: FAILED_CALLS });
