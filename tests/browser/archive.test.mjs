// Attachments on their way into the archive, as the agent sees it: asked, told what happens, followed, told of the end. What left Zendesk is in the folder, byte for byte.
import assert from "node:assert/strict";
import { look, violations } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const items = (app) => app.getByTestId("archive-item");
const states = (app) => app.getByTestId("archive-state").evaluateAll((all) => all.map(({ dataset }) => dataset.value));
const focused = async (scene) => (await scene.frame()).evaluate(() => document.activeElement?.id ?? "");
/** No file arrives before `calm`. */
const stalled = (house) => house.trouble({ host: "content" }, { held: true });
const one = (app, file) => items(app).filter({ hasText: file }).getByTestId("archive-one");

async function opened(scene, ticket, count) {
  await scene.workspace(`tickets/${ticket}`);
  await expect(items(scene.app())).toHaveCount(count);
  return scene.app();
}

async function confirmed(app, button) {
  await button.click();
  await app.getByTestId("archive-confirm").click();
}

const over = (app, expected) => expect.poll(() => states(app), { timeout: 40_000 }).toEqual(expected);

check("the agent is told what happens and that it is for good, and can leave it", async (scene) => {
  const app = await opened(scene, 42, 4);
  await app.getByTestId("archive-all").click();
  const dialog = app.getByRole("alertdialog");
  await expect(dialog).toHaveText(/Archive 4 files\?.*removed from this ticket\. This cannot be undone\./s);
  await expect.poll(() => focused(scene)).toBe("archive-confirmation");
  await look(scene, "archive-confirm");
  await scene.page.locator('[data-testid="frame-ticket_sidebar"]').focus();
  await app.getByTestId("archive-cancel").press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => focused(scene)).toBe("archive-all");
  await app.getByTestId("archive-all").click();
  await app.getByTestId("archive-cancel").click();
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => focused(scene)).toBe("archive-all");
  assert.equal((await scene.house.attachments(42)).length, 4);
});

check("all files move: progress, result, note, and the same bytes in the folder", async (scene) => {
  const { house, page } = scene;
  const before = await house.attachments(42);
  await stalled(house);
  const app = await opened(scene, 42, 4);
  await confirmed(app, app.getByTestId("archive-all"));
  const progress = app.getByTestId("archive-progress");
  await expect(progress).toBeVisible();
  await expect(app.locator("#archive-title")).toHaveText(/Archiving · 0 of 4/);
  await scene.page.screenshot({ path: scene.picture("archive-running-light") });
  assert.deepEqual(await violations(await scene.frame()), [], "axe finds nothing while files move");
  await house.calm();
  await over(app, Array(4).fill("redacted"));
  await expect(app.getByText("4 files archived.", { exact: true }).first()).toBeVisible();
  await expect(progress).toHaveCount(0);
  await look(scene, "archive-done");
  await expect(page.getByTestId("note").filter({ hasText: "4 of 4 files were archived" })).toHaveCount(1);
  await expect(page.locator('[data-testid="attachment"][data-redacted="true"]')).toHaveCount(4);
  await page.screenshot({ path: scene.picture("workspace-archived") });
  assert.deepEqual(house.archived(), before.map(({ sha256 }) => sha256).sort());
});

check("one file moves and the others stay", async (scene) => {
  const { house, page } = scene;
  const [first] = await house.attachments(42);
  const app = await opened(scene, 42, 4);
  await one(app, first.file_name).click();
  await expect(app.getByRole("alertdialog")).toHaveText(new RegExp(`${first.file_name}.*Archive 1 file`, "s"));
  await app.getByTestId("archive-confirm").click();
  await over(app, ["redacted", "in_zendesk", "in_zendesk", "in_zendesk"]);
  await expect(page.locator('[data-testid="attachment"][data-redacted="true"]')).toHaveCount(1);
  assert.deepEqual(house.archived(), [first.sha256]);
  await expect(app.getByTestId("archive-all")).toBeVisible();
});

check("with the keyboard alone", async (scene) => {
  const { page } = scene;
  const app = await opened(scene, 42, 4);
  const frame = await scene.frame();
  const at = () => frame.evaluate(() => document.activeElement?.dataset.testid ?? "");
  const tabTo = async (hook) => {
    for (let left = 30; left > 0 && (await at()) !== hook; left -= 1) await page.keyboard.press("Tab");
    assert.equal(await at(), hook, "the keyboard reaches it");
    const ring = await frame.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(ring, "solid", "the focus is seen");
  };
  await page.getByLabel("Reload the app").focus();
  await tabTo("archive-all");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(scene)).toBe("archive-confirmation");
  await page.keyboard.press("Escape");
  await expect(app.getByRole("alertdialog")).toHaveCount(0);
  await expect.poll(() => focused(scene)).toBe("archive-all");
  await page.keyboard.press("Space");
  await expect.poll(() => focused(scene)).toBe("archive-confirmation");
  await tabTo("archive-confirm");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(scene)).toBe("archive-title");
  await over(app, Array(4).fill("redacted"));
});

check("a file with malware is marked before anything is pressed, and offered no button", async (scene) => {
  const { house } = scene;
  const app = await opened(scene, 7, 1);
  await expect(app.getByTestId("archive-state")).toHaveText("Malware");
  await expect(items(app)).toHaveText(/malware/i);
  await expect(app.getByTestId("archive-all")).toHaveCount(0);
  await expect(items(app).getByRole("button")).toHaveCount(0);
  await look(scene, "archive-malware");
  assert.deepEqual(house.archived(), []);
});

check("a file that fails says why, the others move, and a retry moves it", async (scene) => {
  const { house } = scene;
  const before = await house.attachments(42);
  const [first] = before;
  const token = /token\/(\w+)/.exec(first.content_url)[1];
  await house.trouble({ host: "zendesk", path_contains: token }, { status: 404 });
  const app = await opened(scene, 42, 4);
  await confirmed(app, app.getByTestId("archive-all"));
  await over(app, ["failed", "redacted", "redacted", "redacted"]);
  await expect(app.getByText(/^3 files archived\. 1 file is still in Zendesk\.$/).first()).toBeVisible();
  await expect(items(app).first().locator(".why")).toHaveText("Zendesk no longer has this file, or hides it from us.");
  await look(scene, "archive-failed");
  await house.calm();
  await confirmed(app, one(app, first.file_name));
  await over(app, Array(4).fill("redacted"));
  assert.deepEqual(house.archived(), before.map(({ sha256 }) => sha256).sort());
}, { forgives: FAILED_CALLS });

check("the server is lost under way: the list stays, the link comes back, the files arrive", async (scene) => {
  const { house } = scene;
  await house.apart();
  const before = await house.attachments(42);
  await stalled(house);
  const app = await opened(scene, 42, 4);
  await confirmed(app, app.getByTestId("archive-all"));
  await expect(app.locator("#archive-title")).toHaveText(/Archiving/);
  await house.lose();
  await expect(app.getByTestId("archive-lost")).toHaveText(/Reconnecting/);
  await expect(items(app)).toHaveCount(4);
  await look(scene, "archive-reconnecting");
  await house.serve();
  await house.calm();
  await over(app, Array(4).fill("redacted"));
  await expect(app.getByTestId("archive-lost")).toHaveCount(0);
  assert.deepEqual(house.archived(), before.map(({ sha256 }) => sha256).sort());
}, { forgives: FAILED_CALLS });

check("a run that another agent started is seen, too", async (scene) => {
  const { house, context } = scene;
  await stalled(house);
  const app = await opened(scene, 42, 4);
  const other = await context.newPage();
  await scene.workspace("tickets/42", other);
  await confirmed(scene.app("ticket_sidebar", other), scene.app("ticket_sidebar", other).getByTestId("archive-all"));
  await expect(scene.app("ticket_sidebar", other).getByTestId("archive-progress")).toBeVisible();
  await scene.page.bringToFront(); // the agent comes back, and the list is read again
  await expect(app.getByTestId("archive-progress")).toBeVisible();
  await house.calm();
  await over(app, Array(4).fill("redacted"));
  await over(scene.app("ticket_sidebar", other), Array(4).fill("redacted"));
  assert.equal(house.archived().length, 4);
});

check("files of any name and size keep inside the panel", async (scene) => {
  const { house } = scene;
  const before = await house.attachments(14);
  const app = await opened(scene, 14, 3);
  const frame = await scene.frame();
  const overhang = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overhang, 0);
  await confirmed(app, app.getByTestId("archive-all"));
  await over(app, Array(3).fill("redacted"));
  await look(scene, "archive-odd-names");
  assert.deepEqual(house.archived(), before.map(({ sha256 }) => sha256).sort());
});

check("a ticket without files says so", async (scene) => {
  const ticket = { subject: "Hello", comment: { body: "Hello" }, requester_id: 26_155_588_908_160 };
  const { id } = (await scene.house.zendesk("POST", "tickets.json", { ticket })).ticket;
  await scene.workspace(`tickets/${id}`);
  await expect(scene.app().getByText("No attachments on this ticket")).toBeVisible();
  await look(scene, "archive-nothing");
});
