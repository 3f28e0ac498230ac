// The list of a ticket's files: how old it is, what is new in it, what will stay, and what the agent may do.
import assert from "node:assert/strict";
import { look } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const items = (app) => app.getByTestId("archive-item");
const title = (app) => app.locator("#archive-title");
const lists = (page) => page.waitForRequest((request) => /\/tickets\/42\/archive(\?|$)/.test(request.url()));
const fresh = (page) => page.waitForRequest((request) => request.url().endsWith("/tickets/42/archive?refresh=true"));

/** What the server says of the list, changed on its way. */
const told = (page, change) =>
  page.route(/\/tickets\/42\/archive(\?|$)/, async (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    const answer = await route.fetch();
    const view = await answer.json();
    change(view);
    await route.fulfill({ response: answer, json: view });
  });

check("the list is read again when the ticket is saved, when it is refreshed, and when the agent comes back", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(items(app)).toHaveCount(4);
  const saved = fresh(page);
  await page.getByTestId("submit").click();
  await saved;
  const refreshed = fresh(page);
  await app.getByTestId("card-refresh").click();
  await refreshed;
  const frame = await scene.frame();
  const looks = [];
  page.on("request", (request) => request.url().endsWith("/tickets/42/archive") && looks.push(request));
  for (const event of ["focus", "online"]) {
    const before = looks.length;
    // While the list is being read anyway, nothing more is asked for.
    const returns = () => frame.evaluate((event) => window.dispatchEvent(new Event(event)), event);
    await expect.poll(async () => (await returns(), looks.length)).toBeGreaterThan(before);
  }
});

check("the list is looked at every half minute", async (scene) => {
  const { page } = scene;
  await page.clock.install();
  await scene.workspace("tickets/42");
  await expect(items(scene.app())).toHaveCount(4);
  const looked = lists(page);
  await page.clock.runFor(31_000);
  await looked;
});

check("what was on the screen goes; a file that arrived meanwhile is said, and goes when it is asked for", async (scene) => {
  const { house, page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(items(app)).toHaveCount(4);
  const before = (await house.attachments(42)).map(({ id }) => id);
  await app.getByTestId("archive-all").click();
  await house.control("POST", "tickets/42/attachments", { file_name: "late.pdf", size: 2_000 });
  const started = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/tickets/42/archive"));
  await app.getByTestId("archive-confirm").click();
  assert.deepEqual((await started).postDataJSON(), { attachment_ids: before });
  const arrived = app.getByTestId("archive-arrived");
  await expect(arrived).toHaveText(/^1 new file arrived/, { timeout: 40_000 });
  await look(scene, "archive-arrived");
  await arrived.getByTestId("archive-new").click();
  await expect(app.getByRole("alertdialog")).toHaveText(/Archive 1 file\?/);
  await app.getByTestId("archive-confirm").click();
  await expect(arrived).toHaveCount(0);
  await expect(title(app)).toHaveText("5 archived", { timeout: 40_000 });
}, { undo: 8 });

check("while Zendesk is down a live run and its Undo stay on the screen", async (scene) => {
  const { house } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(items(app)).toHaveCount(4);
  await app.getByTestId("archive-all").click();
  await app.getByTestId("archive-confirm").click();
  await expect(app.getByTestId("archive-undo")).toBeVisible();
  await house.trouble({ host: "zendesk", path_contains: "api/v2" }, { status: 503 });
  await scene.page.getByLabel("Reload the app").click();
  await expect(app.getByTestId("archive-undo")).toBeVisible();
  await expect(app.getByText("No attachments on this ticket")).toHaveCount(0);
  await look(scene, "archive-zendesk-down");
}, { undo: 600, forgives: FAILED_CALLS });

check("a list that is not fresh says so, and never that there are no files", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(items(app)).toHaveCount(4);
  await told(page, (view) => (view.listing = "last"));
  await app.getByTestId("card-refresh").click();
  await expect(app.getByTestId("archive-stale")).toHaveText(/^Zendesk is not answering\. Showing the list from \d+:\d\d/);
  await look(scene, "archive-listing-last");
  await page.unroute(/\/tickets\/42\/archive(\?|$)/);
  await told(page, (view) => Object.assign(view, { listing: "missing", items: [] }));
  await scene.workspace("tickets/42");
  await expect(app.getByTestId("archive-stale")).toHaveText("The list cannot be read right now.");
  await expect(app.getByText("No attachments on this ticket")).toHaveCount(0);
  await look(scene, "archive-listing-missing");
});

check("files that will stay are marked before anything is pressed", async (scene) => {
  const codes = ["attachment_malware", "archive_legal_hold", "archive_sent_by_us"];
  await told(scene.page, (view) => {
    view.undo_seconds = 600;
    for (const [index, code] of codes.entries()) view.items[index].prevented = { code, message: `It stays: ${code}.` };
    for (const item of view.items) Object.assign(item, { sender: "customer", sent_at: new Date().toISOString() });
    view.items[0].file_name = "very long name that goes on and on and on until it ends in 2026-10.pdf";
  });
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(app.getByTestId("archive-state")).toHaveText(["Malware", "Legal hold", "Sent to customer: stays", "In Zendesk"]);
  await expect(app.getByTestId("archive-all")).toHaveText("Archive 1 of 4");
  await expect(app.getByTestId("archive-one")).toHaveCount(1);
  await expect(items(app).last()).toContainText("customer · today");
  await look(scene, "archive-prevented");
  await app.getByTestId("archive-all").click();
  await expect(app.getByRole("alertdialog")).toHaveText(/Archive 1 file\?.*You can undo for 10 minutes\./s);
});

check("an agent who may not archive or open is offered neither", async (scene) => {
  await told(scene.page, (view) => Object.assign(view, { may_start: false, may_open: false }));
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(app.getByTestId("archive-none")).toHaveText("Your role cannot archive files here. Ask an admin.");
  await expect(app.getByTestId("archive").getByRole("button")).toHaveCount(0);
  await look(scene, "archive-not-allowed");
});

check("a wish whose answer is lost is found again", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await page.route(/\/tickets\/42\/archive$/, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    await route.fetch();
    await route.abort();
  });
  await app.getByTestId("archive-all").click();
  await app.getByTestId("archive-confirm").click();
  await expect(title(app)).toHaveText("4 files copied and checked");
  await expect(app.getByTestId("archive-undo")).toBeVisible();
}, { undo: 600, forgives: FAILED_CALLS });
