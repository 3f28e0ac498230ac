// A call in Flex: the panel shows the ticket and the contract, the agent's Zendesk goes there, and Flex goes on whatever
// becomes of us.
import assert from "node:assert/strict";
import { paint, look } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const shows = (panel, hook, value) => expect(panel.getByTestId(hook)).toHaveAttribute("data-value", value);
const up = (page) => expect(page.getByTestId("plugin")).toHaveText("Plugin: DesksidePlugin");

/** A call comes in; `gathered` is one of the simulator's names for what the caller typed. */
async function ring(page, gathered, { bare = false } = {}) {
  await page.getByTestId("gathered").selectOption({ label: gathered });
  await page.getByTestId("sid-only").setChecked(bare);
  await page.getByTestId("ring").click();
}

async function call(page, gathered, how) {
  await ring(page, gathered, how);
  await page.getByTestId("accept").first().click();
}

check("an accepted call shows its ticket in the panel and in the agent's Zendesk", async (scene) => {
  const { context, page } = scene;
  const workspace = await context.newPage();
  await scene.workspace("tickets/38", workspace);
  await expect(scene.app("ticket_sidebar", workspace).getByTestId("card-company")).toBeVisible();
  await scene.flex();
  await up(page);
  const panel = scene.panel();
  await shows(panel, "pop", "idle");
  await look(scene, "flex-idle");
  await call(page, "Ticket 42");
  await shows(panel, "pop-ticket", "42");
  await shows(panel, "card-company", "青葉商事株式会社");
  await shows(panel, "card-mrr", "120000");
  await workspace.waitForURL("**/agent/tickets/42");
  await expect(scene.app("ticket_sidebar", workspace).getByTestId("card-company")).toHaveText("青葉商事株式会社");
  await look(scene, "flex-ticket");
  await page.screenshot({ path: scene.picture("flex-call") });
  await workspace.screenshot({ path: scene.picture("workspace-popped") });
});

check("a payload with only a reservation's sid pops as well", async (scene) => {
  await scene.flex();
  await up(scene.page);
  await call(scene.page, "Ticket 42", { bare: true });
  await shows(scene.panel(), "pop-ticket", "42");
});

/** What the caller typed → what the panel shows, and the words that say it. Where it is no ticket, the caller is known, and has
 * several. */
const TYPED = [
  ["Ticket 42, as a number", "ticket", undefined, /#42/],
  ["Closed ticket: 59", "ticket", "ticket_closed", /closed.*follow-up/s],
  ["Deleted ticket: 13", "choose", "ticket_not_found", /13 does not exist, was deleted/],
  ["No such ticket: 999999", "choose", "ticket_not_found", /999999 does not exist/],
  ["No attribute", "choose", undefined, /Which ticket is it\?/],
  ["Empty", "choose", undefined, /Which ticket is it\?/],
  ["“undefined”", "choose", undefined, /Which ticket is it\?/],
  ["Ticket 42 with blanks and #", "choose", "ticket_number_invalid", /not a valid ticket number/],
  ["“42; drop”", "choose", "ticket_number_invalid", /not a valid ticket number/],
  ["A list", "choose", "ticket_number_invalid", /not a valid ticket number/],
  ["40 digits", "choose", "ticket_number_invalid", /not a valid ticket number/],
  ["Full-width digits", "choose", "ticket_number_invalid", /not a valid ticket number/],
];
check("whatever the caller typed, the panel says what came of it", async (scene) => {
  const { page } = scene;
  await scene.flex();
  await up(page);
  const panel = scene.panel();
  for (const [typed, outcome, problem, words] of TYPED) {
    await call(page, typed);
    await shows(panel, "pop", outcome);
    await expect(panel.getByTestId("pop"), typed).toHaveText(words);
    if (problem) await shows(panel, "problem", problem);
    else await expect(panel.getByTestId("problem")).toHaveCount(0);
    if (["Closed ticket: 59", "“42; drop”"].includes(typed)) await look(scene, `flex-${problem}`);
    if (outcome === "choose") { // or it could not be completed
      await panel.getByTestId("pop-choice").first().click();
      await shows(panel, "pop", "ticket");
    }
    await page.getByTestId("hang-up").click();
    await page.getByTestId("complete").click();
    await shows(panel, "pop", "idle");
  }
});

check("two calls: the panel follows the one that is selected, and reloads for neither", async (scene) => {
  const { page } = scene;
  await scene.flex();
  await up(page);
  const panel = scene.panel();
  await call(page, "Ticket 42");
  await shows(panel, "pop-ticket", "42");
  await (await scene.frame()).evaluate(() => (window.sameDocument = true));
  await call(page, "Another ticket: 38");
  await shows(panel, "pop-ticket", "38");
  const open = (number) => page.locator(".task-open").filter({ hasText: `typed "${number}"` }).click();
  await open(42);
  await shows(panel, "pop-ticket", "42");
  await open(38);
  await shows(panel, "pop-ticket", "38");
  await page.getByTestId("deselect").click();
  await shows(panel, "pop", "idle");
  assert.equal(await (await scene.frame()).evaluate(() => window.sameDocument), true);
});

check("after Flex rebuilt its view the panel shows the call again, without a reload", async (scene) => {
  const { page } = scene;
  await scene.flex();
  await up(page);
  await call(page, "Ticket 42");
  await shows(scene.panel(), "pop-ticket", "42");
  await (await scene.frame()).evaluate(() => (window.sameDocument = true));
  await page.getByLabel("Teams").click();
  await expect(page.locator('iframe[title="Deskside"]')).toBeHidden();
  await page.getByLabel("Agent desktop").click();
  await expect(scene.panel().getByTestId("pop-ticket")).toBeVisible();
  await shows(scene.panel(), "pop-ticket", "42");
  assert.equal(await (await scene.frame()).evaluate(() => window.sameDocument), true);
});

check("a renewed Flex token goes on without a word to the agent", async (scene) => {
  const { page } = scene;
  await scene.flex();
  await up(page);
  await call(page, "Ticket 42");
  await shows(scene.panel(), "pop-ticket", "42");
  const exchanged = page.waitForResponse((answer) => answer.url().endsWith("/api/session/flex"));
  await page.getByTestId("renew-token").click();
  assert.equal((await exchanged).status(), 200);
  await scene.panel().getByTestId("pop-show").click();
  await expect(scene.panel().getByTestId("pop-show")).toHaveText("Show in Zendesk");
  await expect(scene.panel().getByTestId("problem")).toHaveCount(0);
  await shows(scene.panel(), "pop-ticket", "42");
});

check("Zendesk is down: the panel says so, and a retry shows the ticket", async (scene) => {
  const { house, page } = scene;
  await scene.flex();
  await up(page);
  await house.trouble({ host: "zendesk", path_prefix: "/api/v2/tickets/42" }, { status: 503 });
  await call(page, "Ticket 42");
  await shows(scene.panel(), "pop", "failed");
  await shows(scene.panel(), "problem", "zendesk_unavailable");
  await look(scene, "flex-zendesk-down");
  await house.calm();
  await scene.panel().getByRole("button", { name: "Try again" }).click();
  await shows(scene.panel(), "pop-ticket", "42");
}, { forgives: FAILED_CALLS });

check("the server is lost during a call: what was on the screen stays, Flex goes on", async (scene) => {
  const { house, page } = scene;
  await scene.flex();
  await up(page);
  await call(page, "Ticket 42");
  await shows(scene.panel(), "pop-ticket", "42");
  await house.lose();
  await scene.panel().getByTestId("pop-show").click();
  await shows(scene.panel(), "problem", "offline");
  await shows(scene.panel(), "pop-ticket", "42");
  await call(page, "Another ticket: 38");
  await expect(page.getByTestId("hang-up")).toBeVisible();
  await shows(scene.panel(), "pop", "failed");
  await house.serve();
  await scene.panel().getByRole("button", { name: "Try again" }).click();
  await shows(scene.panel(), "pop-ticket", "38");
}, { forgives: FAILED_CALLS });

check("without our server Flex starts and takes calls", async (scene) => {
  const { house, page } = scene;
  await house.lose();
  await scene.flex();
  await expect(page.getByTestId("plugin")).toHaveText(/Plugin failed/);
  await call(page, "Ticket 42");
  await page.getByTestId("hang-up").click();
  await page.getByTestId("complete").click();
  await expect(page.getByText("No active tasks")).toBeVisible();
}, { forgives: FAILED_CALLS });

check("Twilio is down: the panel says that the agent cannot be signed in, and signs in once it is back", async (scene) => {
  const { house, page } = scene;
  await page.clock.install();
  await house.trouble({ host: "twilio", path_contains: "/Tokens/validate" }, { status: 503 });
  await scene.flex();
  await up(page);
  await shows(scene.panel(), "problem", "twilio_unavailable");
  await look(scene, "flex-twilio-down");
  await house.calm();
  await page.clock.runFor(20_000);
  await expect(scene.panel().getByTestId("problem")).toHaveCount(0);
  await call(page, "Ticket 42");
  await shows(scene.panel(), "pop-ticket", "42");
}, { forgives: FAILED_CALLS });

check("Flex turns dark, and the panel with it", async (scene) => {
  const { page } = scene;
  await scene.flex();
  await up(page);
  await call(page, "Ticket 42");
  await shows(scene.panel(), "pop-ticket", "42");
  const frame = await scene.frame();
  const ground = () => frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await paint(page, frame, "dark");
  assert.notEqual(await ground(), light);
});

check("several tickets could be meant: the agent chooses, and the panel shows that one", async (scene) => {
  const { page } = scene;
  await scene.flex();
  await up(page);
  await call(page, "No attribute");
  await shows(scene.panel(), "pop", "choose");
  await look(scene, "flex-choose");
  await expect(scene.panel().getByTestId("pop-choice")).toHaveCount(2);
  await scene.panel().getByRole("button", { name: /#42/ }).click();
  await shows(scene.panel(), "pop-ticket", "42");
  await shows(scene.panel(), "card-company", "青葉商事株式会社");
});

check("a stranger's call makes a ticket, in which its beginning and its end are written", async (scene) => {
  const { house, page } = scene;
  await scene.flex();
  await up(page);
  await page.getByTestId("caller").selectOption({ label: "+81 50-1234-9999" });
  await call(page, "No attribute");
  const panel = scene.panel();
  await shows(panel, "pop", "ticket");
  await expect(panel.getByText("New for this call")).toBeVisible();
  await look(scene, "flex-created");
  const ticket = await panel.getByTestId("pop-ticket").getAttribute("data-value");
  await page.getByTestId("hang-up").click();
  await page.getByTestId("complete").click();
  const notes = async () => {
    const { comments } = await house.zendesk("GET", `tickets/${ticket}/comments.json`);
    return comments.filter(({ public: seen }) => !seen).map(({ plain_body: text }) => text);
  };
  await expect.poll(async () => (await notes()).filter((text) => /Call (accepted|completed)/.test(text)).length).toBe(2);
  const told = (await notes()).join("\n");
  assert.match(told, /From: \+815012349999/);
});
