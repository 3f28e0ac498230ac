// The admins' pages: in Zendesk's navigation bar, for admins only; the archive's page finds what was done to which file.
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const page = async (scene, tab = scene.page) => {
  await scene.workspace("apps/app", tab);
  return scene.app("nav_bar", tab);
};
const actions = (app) => app.getByTestId("ledger-action").evaluateAll((all) => all.map(({ dataset }) => dataset.value));

/** What an agent would have done: all files of the ticket are archived. */
async function archived(scene, ticket, tab = scene.page) {
  await scene.workspace(`tickets/${ticket}`, tab);
  const app = scene.app("ticket_sidebar", tab);
  await app.getByTestId("archive-all").click();
  await app.getByTestId("archive-confirm").click();
  await expect(app.getByTestId("archive-all")).toHaveCount(0);
  await expect(app.getByTestId("archive-progress")).toHaveCount(0, { timeout: 40_000 });
}

/** A field is called wrong in every way in which an admin may notice it. */
async function isWrong(app, label, said) {
  const field = app.getByLabel(label, { exact: true });
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(field).toHaveAccessibleDescription(new RegExp(said.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  await expect(field).toBeFocused();
}

/** The page for calls and chats. */
async function settings(scene, tab = scene.page) {
  const app = await page(scene, tab);
  await app.getByRole("link", { name: "Calls and chats" }).click();
  await expect(app.getByLabel("New ticket subject")).toBeVisible();
  return app;
}

check("before anything was archived the page says how to begin", async (scene) => {
  const app = await page(scene);
  await expect(app.getByRole("heading", { name: "Archive", exact: true })).toBeVisible();
  await expect(app.getByRole("heading", { name: "Nothing has been archived yet" })).toBeVisible();
  await expect(app.getByRole("main")).toHaveCount(1);
  await expect(app.getByText("No files were archived in this period.")).toBeVisible();
  await look(scene, "console-empty");
}, { agent: ADMIN });

check("what was archived is counted, drawn, and found again", async (scene) => {
  await archived(scene, 42);
  const app = await page(scene);
  await expect(app.getByTestId("volume-files")).toHaveAttribute("data-value", "4");
  await expect(app.getByTestId("volume")).toHaveAttribute("data-value", "30");
  const all = await app.getByTestId("ledger-row").count();
  assert.ok(all >= 13, `${all} rows: the wish, and three steps of four files`);
  await look(scene, "console-archive");

  await app.getByLabel("Action").selectOption("redacted");
  await app.getByLabel("Ticket", { exact: true }).fill("#42");
  await app.getByRole("button", { name: "Search" }).click();
  await expect(app.getByTestId("ledger-row")).toHaveCount(4);
  assert.deepEqual(new Set(await actions(app)), new Set(["redacted"]));

  await app.getByLabel("Ticket", { exact: true }).fill("43");
  await app.getByLabel("Ticket", { exact: true }).press("Enter");
  await expect(app.getByRole("heading", { name: "No entries match" })).toBeVisible();

  await app.getByLabel("Ticket", { exact: true }).fill("forty-two");
  await app.getByTestId("ledger-search").click();
  await isWrong(app, "Ticket", "Enter a ticket number, like 42.");
  await look(scene, "console-archive-wrong");
  await app.getByLabel("Ticket", { exact: true }).fill("");
  await app.getByTestId("ledger-search").click();
  await app.getByTestId("ledger-row").first().getByRole("button", { name: "Show only ticket #42" }).click();
  await expect(app.getByLabel("Ticket", { exact: true })).toHaveValue("42");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("the whole ledger is saved as a file", async (scene) => {
  await archived(scene, 42);
  const app = await page(scene);
  await expect(app.getByTestId("ledger-row").first()).toBeVisible();
  const [download] = await Promise.all([scene.page.waitForEvent("download"), app.getByText("Export CSV").click()]);
  assert.equal(download.suggestedFilename(), "deskside-ledger.csv");
  const lines = (await text(await download.createReadStream())).trim().split("\n");
  assert.equal(lines.length, 1 + (await app.getByTestId("ledger-row").count()));
  assert.match(lines[0], /^seq,/);
}, { agent: ADMIN });

check("an agent who is no admin is told so", async (scene) => {
  const app = await page(scene);
  await expect(app.getByText("The console is for admins")).toBeVisible();
  await look(scene, "console-denied");
});

check("the server is lost: the page says so, and finds the rows when it is back", async (scene) => {
  await archived(scene, 42);
  const app = await page(scene);
  await expect(app.getByTestId("ledger-row").first()).toBeVisible();
  await expect(app.getByTestId("volume")).toBeVisible();
  await scene.house.lose();
  await app.getByTestId("ledger-search").click();
  await expect(app.getByTestId("problem")).toBeVisible();
  await scene.house.serve();
  await app.getByRole("button", { name: "Try again" }).click();
  await expect(app.getByTestId("ledger-row").first()).toBeVisible();
}, { agent: ADMIN, forgives: FAILED_CALLS });

for (const [locale, title, search, flex, save] of [
  ["ja", "アーカイブ", "検索", "通話とチャット", "保存"], ["ko", "보관", "검색", "통화 및 채팅", "저장"],
]) {
  check(`an admin reads the page in ${locale}`, async (scene) => {
    await archived(scene, 42);
    const app = await page(scene);
    await expect(app.getByRole("heading", { name: title, exact: true })).toBeVisible();
    await expect(app.getByRole("button", { name: search })).toBeVisible();
    await expect(app.getByTestId("ledger-row").first()).toBeVisible();
    await look(scene, `console-${locale}`);
    await app.locator("#ticket").fill("x");
    await app.getByRole("button", { name: search }).click();
    await expect(app.getByTestId("field-error")).toBeVisible();
    await look(scene, `console-archive-wrong-${locale}`);
    await app.getByRole("link", { name: flex }).click();
    await app.locator("#flex_width").fill("7");
    await app.getByRole("button", { name: save, exact: true }).click();
    await expect(app.locator("#flex_width")).toBeFocused();
    await expect(app.getByTestId("field-error")).toContainText("1600");
    await look(scene, `console-flex-wrong-${locale}`);
  }, { agent: ADMIN, locale, scheme: "dark" });
}

check("an admin decides what happens on a call, and the next call follows it", async (scene) => {
  const app = await settings(scene);
  await expect(app.getByLabel("New ticket subject")).toHaveValue("{{ channel }}: {{ caller }}");
  await look(scene, "console-flex");
  await app.getByLabel("New ticket subject").fill("{{ nobody");
  await app.getByTestId("settings-save").click();
  await isWrong(app, "New ticket subject", "New ticket subject is not a valid template");
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "setting_invalid");
  await expect(app.getByRole("alert")).toHaveText("Correct the marked field, then save again.");
  await expect(app.getByLabel("New ticket subject")).toHaveValue("{{ nobody"); // what was typed stays
  await look(scene, "console-flex-wrong");
  await app.getByLabel("New ticket subject").fill("  A call about {{ topic }}");
  await expect(app.getByTestId("field-error")).toHaveCount(0);
  await app.getByLabel("Assign the ticket to the agent who accepts").check();
  await expect(app.getByTestId("settings-status")).toHaveText("Unsaved changes");
  await app.getByTestId("settings-save").click();
  await expect(app.getByText("Saved. Applies from the next call or chat.")).toBeVisible();
  await expect(app.getByLabel("New ticket subject")).toHaveValue("A call about {{ topic }}"); // as it is kept
  await settings(scene);
  await expect(app.getByLabel("New ticket subject")).toHaveValue("A call about {{ topic }}");
  await expect(app.getByLabel("Assign the ticket to the agent who accepts")).toBeChecked();
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("several wrong values are counted, and the first gets the focus", async (scene) => {
  const app = await settings(scene);
  await app.getByLabel("Flex Widget height").fill("99999");
  await app.getByLabel("Flex Widget width").fill("wide");
  await app.getByLabel("Flex Widget width").press("Enter");
  await isWrong(app, "Flex Widget width", "Enter a whole number from 300 to 1600.");
  await expect(app.getByLabel("Flex Widget height")).toHaveAttribute("aria-invalid", "true");
  await expect(app.getByRole("alert")).toHaveText("Correct the 2 marked fields, then save again.");
}, { agent: ADMIN });

check("two admins change the settings: the later one is told, and loses nothing unasked", async (scene) => {
  const app = await settings(scene);
  const other = await settings(scene, await scene.context.newPage());
  const assign = "Assign the ticket to the agent who accepts";
  await other.getByLabel("New ticket subject").fill("Of the other");
  await other.getByLabel(assign).check();
  await other.getByTestId("settings-save").click();
  await expect(other.getByText("Saved.")).toBeVisible();
  const conflicts = async (text) => {
    await app.getByLabel("New ticket subject").fill(text);
    await app.getByTestId("settings-save").click();
    await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "settings_changed");
    await expect(app.getByTestId("problem")).toContainText("Different from yours: New ticket subject.");
    await expect(app.getByLabel("New ticket subject")).toHaveValue(text);
  };
  await conflicts("Of the first");
  await scene.page.bringToFront(); // a page behind another one is not painted
  await look(scene, "console-flex-conflict");
  await app.getByRole("button", { name: "Load the saved settings" }).click();
  await expect(app.getByLabel("New ticket subject")).toHaveValue("Of the other");
  await expect(app.getByLabel(assign)).toBeChecked();
  await other.getByLabel("New ticket subject").fill("Of the other again");
  await other.getByLabel(assign).uncheck();
  await other.getByTestId("settings-save").click();
  await expect(other.getByText("Saved.")).toBeVisible();
  await conflicts("Of the first");
  await app.getByRole("button", { name: "Save mine over them" }).click();
  await expect(app.getByText("Saved.")).toBeVisible();
  await expect(app.getByLabel(assign)).not.toBeChecked(); // what they did not touch is what is there
  await expect(app.getByLabel("New ticket subject")).toHaveValue("Of the first");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("a change whose answer is lost is saved when it is tried again", async (scene) => {
  const app = await settings(scene);
  let lost = false;
  await scene.page.route("**/api/settings/flex", async (route) => {
    if (lost || route.request().method() !== "PUT") return route.continue();
    lost = true;
    await route.fetch(); // the server keeps it
    return route.abort();
  });
  await app.getByLabel("New ticket subject").fill("Kept once");
  await app.getByTestId("settings-save").click();
  await app.getByRole("button", { name: "Try again" }).click();
  await expect(app.getByText("Saved.")).toBeVisible();
  await expect(app.getByLabel("New ticket subject")).toHaveValue("Kept once");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("a session that ran out is opened again above the page, and what was typed stays", async (scene) => {
  const { page } = scene;
  const app = await settings(scene);
  const refuse = (route) =>
    route.fulfill({ status: 401, json: { error: { code: "session_expired", message: "The session has ended.", request_id: "r" } } });
  const fails = (route) => route.fulfill({ status: 503, json: { error: { code: "store_busy", message: "busy", request_id: "r" } } });
  const subject = app.getByLabel("New ticket subject");
  await subject.fill("Typed before the end");
  for (const path of ["**/api/settings/flex", "**/api/session/renew"]) await page.route(path, refuse);
  await page.route("**/api/session/proof", fails);
  await app.getByTestId("settings-save").click();
  await expect(app.getByTestId("session-reload")).toHaveText("Sign in again");
  await look(scene, "console-session-over");
  for (const path of ["**/api/settings/flex", "**/api/session/renew"]) await page.unroute(path);
  await app.getByTestId("session-reload").click();
  const unproved = app.locator('[data-testid="problem"][data-value="agent_unproved"]');
  await expect(unproved).toBeVisible(); // above the page, which stays
  await expect(subject).toHaveValue("Typed before the end");
  await page.unroute("**/api/session/proof");
  await unproved.getByRole("button", { name: "Try again" }).click();
  await expect(unproved).toHaveCount(0);
  await app.getByTestId("settings-save").click();
  await expect(app.getByText("Saved.")).toBeVisible();
  await expect(subject).toHaveValue("Typed before the end");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("pages have addresses: links, back and forward go from one to the other", async (scene) => {
  const app = await page(scene);
  const frame = await scene.frame();
  const current = (name) => expect(app.getByRole("link", { name })).toHaveAttribute("aria-current", "page");
  const title = (name) => app.getByRole("heading", { name, exact: true, level: 1 });
  await current("Archive");
  await app.getByRole("link", { name: "Calls and chats" }).press("Enter");
  await expect(title("Calls and chats")).toBeFocused();
  await current("Calls and chats");
  assert.equal(await frame.evaluate(() => location.hash), "#flex");
  await frame.evaluate(() => history.back());
  await expect(title("Archive")).toBeFocused();
  await current("Archive");
  await frame.evaluate(() => history.forward());
  await current("Calls and chats");
  await frame.evaluate(() => (location.hash = "#archive"));
  await current("Archive");
}, { agent: ADMIN });

check("unsaved changes are not lost by going to another page", async (scene) => {
  const app = await settings(scene);
  const frame = await scene.frame();
  const subject = app.getByLabel("New ticket subject");
  await subject.fill("Not saved");
  await app.getByRole("link", { name: "Archive" }).click();
  const question = app.getByRole("alertdialog", { name: "Leave without saving?" });
  await expect(question.getByRole("button", { name: "Stay on this page" })).toBeFocused();
  await look(scene, "console-leave");
  await question.getByRole("button", { name: "Stay on this page" }).press("Escape");
  await expect(question).toHaveCount(0);
  await expect(subject).toHaveValue("Not saved");
  assert.equal(await frame.evaluate(() => location.hash), "#flex");
  const asked = frame.evaluate(() => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  });
  assert.equal(await asked, true, "the browser asks before the tab is closed");
  await app.getByRole("link", { name: "Archive" }).click();
  await question.getByRole("button", { name: "Discard changes" }).click();
  await expect(app.getByRole("heading", { name: "Archive", exact: true })).toBeVisible();
  await app.getByRole("link", { name: "Calls and chats" }).click();
  await expect(subject).toHaveValue("{{ channel }}: {{ caller }}");
  await app.getByRole("link", { name: "Archive" }).click();
  await expect(app.getByRole("heading", { name: "Archive", exact: true })).toBeVisible();
}, { agent: ADMIN });

check("a new row on top leaves the rows below and the focus alone", async (scene) => {
  await archived(scene, 42);
  const app = await page(scene);
  const frame = await scene.frame();
  const rows = app.getByTestId("ledger-row");
  await expect(rows.first()).toBeVisible();
  const count = await rows.count();
  const third = rows.nth(2);
  const seq = await third.getAttribute("data-value");
  await third.getByRole("button").focus();
  await frame.evaluate(() => {
    window.touched = [];
    const note = (all) => window.touched.push(...all.map(({ type, target }) => `${type} ${target.nodeName}`));
    const table = document.querySelector("tbody");
    new MutationObserver(note).observe(table, { attributes: true, characterData: true, childList: true, subtree: true });
  });
  await archived(scene, 38, await scene.context.newPage());
  await scene.page.bringToFront();
  await frame.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(rows).not.toHaveCount(count);
  const focused = await frame.evaluate(() => document.activeElement.closest("tr")?.dataset.value);
  assert.equal(focused, seq, "the focus stays in its row");
  const touched = new Set(await frame.evaluate(() => window.touched));
  assert.deepEqual(touched, new Set(["childList TBODY"]), "rows are added, and nothing else happens");
}, { agent: ADMIN });
