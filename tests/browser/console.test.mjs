// The admins' pages: in Zendesk's navigation bar, for admins only; the archive's page finds what was done to which file.
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const page = async (scene) => {
  await scene.workspace("apps/app");
  return scene.app("nav_bar");
};
const actions = (app) => app.getByTestId("ledger-action").evaluateAll((all) => all.map(({ dataset }) => dataset.value));

/** What an agent would have done: all files of the ticket are archived. */
async function archived(scene, ticket) {
  await scene.workspace(`tickets/${ticket}`);
  const app = scene.app();
  await app.getByTestId("archive-all").click();
  await app.getByTestId("archive-confirm").click();
  await expect(app.getByTestId("archive-all")).toHaveCount(0);
  await expect(app.getByTestId("archive-progress")).toHaveCount(0, { timeout: 40_000 });
}

check("before anything was archived the page says how to begin", async (scene) => {
  const app = await page(scene);
  await expect(app.getByRole("heading", { name: "Archive", exact: true })).toBeVisible();
  await expect(app.getByRole("heading", { name: "Nothing has been archived yet" })).toBeVisible();
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
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "query_invalid");
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
  await scene.house.lose();
  await app.getByTestId("ledger-search").click();
  await expect(app.getByTestId("problem")).toBeVisible();
  await scene.house.serve();
  await app.getByRole("button", { name: "Try again" }).click();
  await expect(app.getByTestId("ledger-row").first()).toBeVisible();
}, { agent: ADMIN, forgives: FAILED_CALLS });

for (const [locale, title, search] of [["ja", "アーカイブ", "検索"], ["ko", "보관", "검색"]]) {
  check(`an admin reads the page in ${locale}`, async (scene) => {
    await archived(scene, 42);
    const app = await page(scene);
    await expect(app.getByRole("heading", { name: title, exact: true })).toBeVisible();
    await expect(app.getByRole("button", { name: search })).toBeVisible();
    await expect(app.getByTestId("ledger-row").first()).toBeVisible();
    await look(scene, `console-${locale}`);
  }, { agent: ADMIN, locale, scheme: "dark" });
}

check("an admin decides what happens on a call, and the next call goes by it", async (scene) => {
  const app = await page(scene);
  await app.getByRole("link", { name: "Calls and chats" }).click();
  await expect(app.getByLabel("New ticket subject")).toHaveValue("{{ channel }}: {{ caller }}");
  await look(scene, "console-flex");
  await app.getByLabel("New ticket subject").fill("{{ nobody");
  await app.getByTestId("settings-save").click();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "setting_invalid");
  await expect(app.getByLabel("New ticket subject")).toHaveValue("{{ nobody"); // what was typed stays
  await app.getByLabel("New ticket subject").fill("A call about {{ topic }}");
  await app.getByLabel("Assign the ticket to the agent who accepts").check();
  await app.getByTestId("settings-save").click();
  await expect(app.getByText("Saved. Applies from the next call or chat.")).toBeVisible();
  await scene.workspace("apps/app");
  await app.getByRole("link", { name: "Calls and chats" }).click();
  await expect(app.getByLabel("New ticket subject")).toHaveValue("A call about {{ topic }}");
  await expect(app.getByLabel("Assign the ticket to the agent who accepts")).toBeChecked();
}, { agent: ADMIN, forgives: FAILED_CALLS });
