// Flex's panel beside a call: what is known of the call, what was said last, what the agent notes, how far the notes in the
// ticket are, and that nothing is completed before its ticket was chosen.
import assert from "node:assert/strict";
import { look, violations } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const shows = (panel, hook, value) => expect(panel.getByTestId(hook)).toHaveAttribute("data-value", value);
const up = (page) => expect(page.getByTestId("plugin")).toHaveText("Plugin: DesksidePlugin");

async function call(page, gathered, { caller, channel } = {}) {
  await page.getByTestId("gathered").selectOption({ label: gathered });
  if (caller) await page.getByTestId("caller").selectOption({ label: caller });
  if (channel) await page.getByTestId("channel").selectOption({ label: channel });
  await page.getByTestId("ring").click();
  await page.getByTestId("accept").first().click();
}

async function begin(scene, gathered, how) {
  await scene.flex();
  await up(scene.page);
  await call(scene.page, gathered, how);
  return scene.panel();
}

/** The internal notes of a ticket, oldest first. */
async function notes(house, ticket) {
  const { comments } = await house.zendesk("GET", `tickets/${ticket}/comments.json`);
  return comments.filter(({ public: seen }) => !seen).map(({ plain_body: text }) => text);
}

const written = async (house, ticket, words) => (await notes(house, ticket)).filter((text) => words.test(text));

/** The panel as wide as a place in Flex can be; a picture of it. */
async function at(scene, width, name) {
  const frame = await scene.frame();
  const element = await frame.frameElement();
  await scene.page.setViewportSize({ width: 2 * width + 400, height: 1000 });
  await element.evaluate((frame, width) => (frame.style.width = `${width}px`), width);
  await expect.poll(() => frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await element.screenshot({ path: scene.picture(name) });
  assert.deepEqual(await violations(frame), [], name);
  await element.evaluate((frame) => (frame.style.width = "100%"));
  await scene.page.setViewportSize({ width: 1440, height: 1000 });
}

check("beside its ticket a call says where it came from, what was said last, and how far its notes are", async (scene) => {
  const { house, page } = scene;
  const panel = await begin(scene, "Ticket 42");
  await shows(panel, "pop-ticket", "42");
  await shows(panel, "call-state", "accepted");
  await shows(panel, "call-direction", "inbound");
  await shows(panel, "call-queue", "Support");
  await shows(panel, "call-from", "+815012340042");
  await expect(panel.getByTestId("call-duration")).toHaveText(/^0:0[1-9]$/);
  await shows(panel, "said", "shown");
  await expect(panel.getByTestId("said-text")).not.toBeEmpty();
  await expect(panel.getByTestId("said-author")).not.toBeEmpty();
  await shows(panel, "log-start", "written");
  await shows(panel, "log-complete", "ahead");
  await look(scene, "panel-ticket");
  await at(scene, 320, "panel-ticket-320");
  await at(scene, 900, "panel-ticket-900");
  await page.getByTestId("hang-up").click();
  await shows(panel, "call-state", "wrapping");
  const stopped = await panel.getByTestId("call-duration").getAttribute("data-value");
  await look(scene, "panel-wrapping");
  await shows(panel, "call-duration", stopped);
  await page.getByTestId("complete").click();
  await shows(panel, "pop", "idle");
  await shows(panel, "log-complete", "written");
  await look(scene, "panel-last");
  assert.equal((await written(house, 42, /Call completed/)).length, 1);
  const [end] = await written(house, 42, /Call completed/);
  assert.match(end, /Queue: Support/);
  assert.match(end, /Talked: \d+ s/);
});

check("what the agent notes is saved as it is typed, and is in the ticket's last note", async (scene) => {
  const { house, page } = scene;
  const panel = await begin(scene, "Ticket 42");
  await shows(panel, "notes", "empty");
  await panel.getByTestId("notes-outcome").selectOption("Follow-up");
  await panel.getByTestId("notes-text").fill("Invoice again\nby Friday");
  await shows(panel, "notes", "saved");
  // The clock ticks and notes arrive meanwhile: the field keeps its words and its cursor.
  await panel.getByTestId("notes-text").press("Control+End");
  await page.keyboard.type(", please", { delay: 300 });
  await expect(panel.getByTestId("notes-text")).toHaveValue("Invoice again\nby Friday, please");
  await shows(panel, "notes", "saved");
  await look(scene, "panel-notes");
  // The browser is closed and opened again.
  await page.getByLabel("Teams").click();
  await page.getByLabel("Agent desktop").click();
  await expect(panel.getByTestId("notes-text")).toHaveValue("Invoice again\nby Friday, please");
  await expect(panel.getByTestId("notes-outcome")).toHaveValue("Follow-up");
  await panel.getByTestId("notes-text").press("Control+End");
  await page.keyboard.type("!");
  await page.getByTestId("hang-up").click();
  await page.getByTestId("complete").click(); // sooner than a second after the last key
  await expect.poll(async () => (await written(house, 42, /Call completed/)).length).toBe(1);
  const [end] = await written(house, 42, /Call completed/);
  assert.match(end, /Outcome: Follow-up/);
  assert.match(end, /Notes: Invoice again\s*by Friday, please!/);
});

check("each call has notes of its own, and going to another one saves them", async (scene) => {
  const { page } = scene;
  const panel = await begin(scene, "Ticket 42");
  await shows(panel, "notes", "empty");
  await panel.getByTestId("notes-text").fill("Of the first");
  await call(page, "Another ticket: 38");
  await shows(panel, "pop-ticket", "38");
  await expect(panel.getByTestId("notes-text")).toHaveValue("");
  await panel.getByTestId("notes-text").fill("Of the second");
  await page.locator(".task-open").filter({ hasText: 'typed "42"' }).click();
  await expect(panel.getByTestId("notes-text")).toHaveValue("Of the first");
  await shows(panel, "notes", "saved");
});

check("notes typed before a call's first pop is written down are kept, and saved then", async (scene) => {
  const { house, page } = scene;
  await scene.flex();
  await up(page);
  await house.trouble({ host: "zendesk", path_prefix: "/api/v2/tickets/42" }, { held: true });
  await call(page, "Ticket 42");
  const panel = scene.panel();
  const refused = page.waitForResponse((answer) => answer.url().endsWith("/notes") && answer.status() === 404);
  await panel.getByTestId("notes-text").fill("Of the first");
  await refused;
  await shows(panel, "notes", "waiting");
  await call(page, "Another ticket: 38");
  await shows(panel, "pop-ticket", "38");
  await expect(panel.getByTestId("notes-text")).toHaveValue("");
  await page.locator(".task-open").filter({ hasText: 'typed "42"' }).click();
  await expect(panel.getByTestId("notes-text")).toHaveValue("Of the first");
  await house.calm();
  await shows(panel, "notes", "saved");
  await expect(panel.getByTestId("notes-text")).toHaveValue("Of the first");
}, { forgives: FAILED_CALLS });

check("the server dies during a call: the panel says so, loses nothing, and each note is written once", async (scene) => {
  const { house, page } = scene;
  const panel = await begin(scene, "Ticket 42");
  await shows(panel, "pop-ticket", "42");
  await panel.getByTestId("notes-text").fill("Said before");
  await shows(panel, "notes", "saved");
  await house.lose();
  await panel.getByTestId("notes-text").fill("Said before, and while nobody listened");
  await shows(panel, "notes", "waiting");
  await expect(panel.getByTestId("connection")).toBeVisible();
  await look(scene, "panel-offline");
  await shows(panel, "pop-ticket", "42");
  await house.serve();
  await shows(panel, "notes", "saved");
  await expect(panel.getByTestId("connection")).toHaveCount(0);
  await house.lose();
  await panel.getByTestId("notes-text").fill("And at the very end");
  await page.getByTestId("hang-up").click();
  await page.getByTestId("complete").click();
  await shows(panel, "pop", "idle");
  await expect(panel.getByTestId("owed")).toBeVisible();
  await house.serve();
  await expect(panel.getByTestId("owed")).toHaveCount(0);
  await expect.poll(async () => (await written(house, 42, /And at the very end/)).length).toBe(1);
  assert.equal((await written(house, 42, /Call accepted/)).length, 1);
  assert.equal((await written(house, 42, /Call completed/)).length, 1);
}, { forgives: FAILED_CALLS });

check("nothing is completed before its ticket was chosen, and Flex says why", async (scene) => {
  const { house, page } = scene;
  const panel = await begin(scene, "No attribute");
  await shows(panel, "pop", "choose");
  await shows(panel, "log-start", "waiting");
  await look(scene, "panel-choose");
  await at(scene, 320, "panel-choose-320");
  await panel.getByTestId("notes-text").fill("Taken before the choice");
  await page.getByTestId("hang-up").click();
  await page.getByTestId("complete").click();
  await expect(page.getByTestId("notification")).toHaveText(/Choose a ticket before/);
  await shows(panel, "pop-nudge", "on");
  await expect(panel.getByText("Choose a ticket before")).toBeVisible();
  await expect(page.locator('[data-action="CompleteTask"]').first()).toHaveText(/aborted/);
  await expect(page.getByTestId("complete")).toBeVisible();
  // By the keyboard: the focus is at the choice, the arrows go along it.
  const first = panel.getByTestId("pop-choice").first();
  await expect(panel.locator("#choice")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(first).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(panel.getByTestId("pop-choice").nth(1)).toBeFocused();
  await page.keyboard.press("End");
  await expect(panel.getByTestId("pop-choice-new")).toBeFocused();
  await page.keyboard.press("Home");
  await expect(first).toBeFocused();
  await page.screenshot({ path: scene.picture("panel-held-back") });
  await look(scene, "panel-choose-first");
  await first.focus();
  const chosen = await first.getAttribute("data-value");
  await page.keyboard.press("Enter");
  await shows(panel, "pop-ticket", chosen);
  await expect(panel.getByTestId("notes-text")).toHaveValue("Taken before the choice");
  await page.getByTestId("complete").click();
  await expect(page.getByText("No active tasks")).toBeVisible();
  await expect.poll(async () => (await written(house, chosen, /Taken before the choice/)).length, { timeout: 30_000 }).toBe(1);
});

check("of several tickets none may be meant: a new one is made", async (scene) => {
  const { page } = scene;
  const panel = await begin(scene, "No attribute");
  await shows(panel, "pop", "choose");
  await panel.getByTestId("pop-choice-new").click();
  await shows(panel, "pop", "ticket");
  await expect(panel.getByText("New for this call")).toBeVisible();
  await page.getByTestId("hang-up").click();
  await page.getByTestId("complete").click();
  await expect(page.getByText("No active tasks")).toBeVisible();
});

check("a choice that cannot be carried out, and a panel that is gone, hold nobody back", async (scene) => {
  const { house, page } = scene;
  const panel = await begin(scene, "No attribute");
  await shows(panel, "pop", "choose");
  await house.lose();
  await panel.getByTestId("pop-choice").first().click();
  await shows(panel, "problem", "offline");
  await page.getByTestId("hang-up").click();
  await page.getByTestId("complete").click();
  await expect(page.getByText("No active tasks")).toBeVisible();
  await house.serve();
  await call(page, "No attribute");
  await shows(panel, "pop", "choose");
  await page.getByTestId("hang-up").click();
  await page.locator('iframe[title="Deskside"]').evaluate((frame) => frame.remove());
  await page.getByTestId("complete").click();
  await expect(page.getByText("No active tasks")).toBeVisible();
}, { forgives: FAILED_CALLS });

check("another open ticket is shown in Zendesk, and the call keeps its own", async (scene) => {
  const { context, page } = scene;
  const workspace = await context.newPage();
  await scene.workspace("tickets/38", workspace);
  await expect(scene.app("ticket_sidebar", workspace).getByTestId("card-company")).toBeVisible();
  const panel = await begin(scene, "Ticket 42");
  await workspace.waitForURL("**/agent/tickets/42");
  const other = panel.getByTestId("open-ticket").first();
  const id = await other.getAttribute("data-value");
  await other.click();
  await workspace.waitForURL(`**/agent/tickets/${id}`);
  await shows(panel, "pop-ticket", "42");
  await page.bringToFront();
});

check("the last comment is late: the contract does not wait, and what failed can be asked for again", async (scene) => {
  const { house } = scene;
  await house.trouble({ host: "zendesk", path_contains: "/tickets/42/comments" }, { status: 503 });
  const panel = await begin(scene, "Ticket 42");
  await shows(panel, "card-company", "青葉商事株式会社");
  await shows(panel, "said", "failed");
  await look(scene, "panel-comment-failed");
  await house.calm();
  await panel.getByTestId("said").getByRole("button", { name: "Try again" }).click();
  await shows(panel, "said", "shown");
}, { forgives: FAILED_CALLS });

check("a closed ticket takes no note: the panel says so, and what to do", async (scene) => {
  const panel = await begin(scene, "Closed ticket: 59");
  await shows(panel, "log-start", "given_up");
  await shows(panel, "log-reason", "ticket_closed");
  await look(scene, "panel-given-up");
});

check("a stranger's chat", async (scene) => {
  const panel = await begin(scene, "No attribute", { caller: "+81 50-1234-9999", channel: "chat" });
  await shows(panel, "call-channel", "chat");
  await shows(panel, "pop", "ticket");
  await shows(panel, "log-start", "written");
  await look(scene, "panel-stranger-chat");
});

for (const [locale, outcome, words] of [["ja", "後処理", "JA"], ["ko", "후처리", "KO"]]) {
  check(`the panel speaks the agent's language: ${locale}`, async (scene) => {
    const { page } = scene;
    await scene.flex();
    await up(page);
    await page.locator(".top .seg").getByText(words, { exact: true }).click();
    await up(page);
    await call(page, "Ticket 42");
    const panel = scene.panel();
    await shows(panel, "pop-ticket", "42");
    await expect(panel.getByText(outcome, { exact: true })).toBeVisible();
    await shows(panel, "log-start", "written");
    await look(scene, `panel-${locale}`);
    await page.getByTestId("hang-up").click();
    await page.getByTestId("complete").click();
    await call(page, "No attribute");
    await shows(panel, "pop", "choose");
    await at(scene, 320, `panel-choose-${locale}-320`);
  }, { locale });
}
