// A run that an agent started is copied at once and removed later; until then the agent takes it back, or single files of
// it. An undo that does not arrive is sent again, and one that came too late says so.
import assert from "node:assert/strict";
import { look } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const LOST = { forgives: FAILED_CALLS };
const states = (app) => app.getByTestId("archive-state").evaluateAll((all) => all.map(({ dataset }) => dataset.value));
const over = (app, expected) => expect.poll(() => states(app), { timeout: 40_000 }).toEqual(expected);
const problem = (app, code) => app.locator(`[data-testid="problem"][data-value="${code}"]`);
const refusal = (code) => ({ error: { code, message: `message of ${code}`, request_id: "r" } });

/** Nothing that the agent takes back reaches the server, until the returned function is called. */
async function unreachable(page, what = "**/cancel") {
  await page.route(what, (route) => route.abort());
  return () => page.unroute(what);
}

async function waiting(scene) {
  await scene.workspace("tickets/42");
  const app = scene.app();
  await app.getByTestId("archive-all").click();
  await app.getByTestId("archive-confirm").click();
  await over(app, Array(4).fill("verified"));
  await expect(app.locator("#archive-title")).toHaveText("4 files copied and checked");
  return app;
}

const inZendesk = async ({ house }) =>
  (await house.attachments(42)).filter(({ file_name: name }) => name !== "redacted.txt").map(({ id }) => id);

check("the time to undo is counted down, and nothing seems to move meanwhile", async (scene) => {
  const app = await waiting(scene);
  const until = app.getByTestId("archive-until");
  await expect(until).toHaveText(/They leave Zendesk in 9:\d\d\./);
  const left = Number(await until.getAttribute("data-value"));
  await expect.poll(async () => Number(await until.getAttribute("data-value"))).toBeLessThan(left);
  await expect(app.getByRole("progressbar", { name: /copied/ })).toHaveCount(0);
  await expect(app.getByTestId("archive-state").first()).toHaveText("Ready");
  await look(scene, "archive-countdown");
}, { undo: 600 });

check("the countdown is the server's, however wrong the agent's clock is", async (scene) => {
  await scene.page.clock.install({ time: Date.now() + 3_600_000 });
  const app = await waiting(scene);
  await expect(app.getByTestId("archive-until")).toHaveText(/They leave Zendesk in 9:\d\d\./);
  await expect(app.getByTestId("archive-undo")).toBeVisible();
}, { undo: 600 });

check("a reloaded panel still shows the countdown and Undo", async (scene) => {
  await waiting(scene);
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-until")).toHaveText(/They leave Zendesk in \d:\d\d\./);
  await expect(scene.app().getByTestId("archive-undo")).toHaveText("Undo all");
}, { undo: 600 });

check("one file is taken back, and the others go when the time is over", async (scene) => {
  const before = await scene.house.attachments(42);
  const app = await waiting(scene);
  const keep = app.getByTestId("archive-keep");
  await expect(keep).toHaveCount(4);
  await keep.first().click();
  await over(app, ["skipped", "verified", "verified", "verified"]);
  await over(app, ["skipped", "redacted", "redacted", "redacted"]);
  assert.deepEqual(await inZendesk(scene), [before[0].id]);
  await expect(app.locator("#archive-title")).toHaveText("1 in Zendesk · 3 archived");
  await look(scene, "archive-one-kept");
}, { undo: 8 });

check("all of it is taken back, and nothing has left Zendesk", async (scene) => {
  const app = await waiting(scene);
  await app.getByTestId("archive-undo").click();
  await expect(app.getByTestId("archive-all")).toBeVisible();
  await over(app, Array(4).fill("skipped"));
  await expect(app.getByText("Undone. Nothing was removed.").first()).toBeVisible();
  await look(scene, "archive-undone");
  assert.equal((await inZendesk(scene)).length, 4);
}, { undo: 600 });

check("an undo that is lost says so, is sent again, and arrives", async (scene) => {
  const app = await waiting(scene);
  const mend = await unreachable(scene.page);
  const undo = app.getByTestId("archive-undo");
  await undo.click();
  await expect(undo).toHaveText("Undoing…");
  await expect(undo).toBeDisabled();
  await expect(problem(app, "undo_lost")).toHaveText("Undo did not reach the server. Trying again…");
  await look(scene, "archive-undo-lost");
  await mend();
  await over(app, Array(4).fill("skipped"));
  await expect(problem(app, "undo_lost")).toHaveCount(0);
  assert.equal((await inZendesk(scene)).length, 4);
}, { ...LOST, undo: 600 });

check("a file that is kept is asked for again, too, also when the session ran out meanwhile", async (scene) => {
  const app = await waiting(scene);
  const expired = (route) => route.fulfill({ status: 401, json: refusal("session_expired") });
  await scene.page.route("**/cancel", expired, { times: 2 });
  const keep = app.getByTestId("archive-keep").first();
  await keep.click();
  await over(app, ["skipped", "verified", "verified", "verified"]);
}, { ...LOST, undo: 600 });

check("an undo whose answer is lost is not called too late", async (scene) => {
  const app = await waiting(scene);
  await scene.page.route("**/cancel", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await app.getByTestId("archive-undo").click();
  await over(app, Array(4).fill("skipped"));
  await expect(app.getByText("Undone. Nothing was removed.").first()).toBeVisible();
  await expect(app.getByTestId("problem")).toHaveCount(0);
}, { ...LOST, undo: 600 });

check("an undo that never arrives is said when the time is over, and what has left Zendesk", async (scene) => {
  const app = await waiting(scene);
  await unreachable(scene.page);
  await app.getByTestId("archive-undo").click();
  await over(app, Array(4).fill("redacted"));
  await expect(problem(app, "undo_not_reached")).toHaveText("Undo did not reach the server in time.");
  await expect(app.locator(".notice", { hasText: "4 files archived." })).toHaveCount(1);
  await expect(app.getByTestId("archive-open")).toHaveCount(4);
  await look(scene, "archive-undo-not-reached");
}, { ...LOST, undo: 8 });

check("an undo that came too late says so, with the way to the copy", async (scene) => {
  const app = await waiting(scene);
  await scene.page.route("**/cancel", (route) => route.fulfill({ status: 409, json: refusal("archive_undo_over") }));
  await app.getByTestId("archive-keep").first().click();
  await over(app, Array(4).fill("redacted"));
  await expect(problem(app, "archive_undo_over")).toHaveText(/Too late: already removed from Zendesk\..*Open the copy/);
  await look(scene, "archive-too-late");
  const tab = scene.context.waitForEvent("page");
  await app.getByTestId("archive-copy").click();
  await (await tab).close();
}, { ...LOST, undo: 8 });
