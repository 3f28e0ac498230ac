// The admins' page of integrations: rows that are looked at first, a run from dry to done, its rows as files, one row by its key, and those
// that were refused sent again.
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, suite } from "./stage/scene.mjs";

const check = await suite();

/** 佐藤 花子, whose number does not fit. */
const HANAKO = "26155588908160";
const TARO = "26155588909568";
const CONTRACTS = `
[[integration]]
id = "contracts"
name = "Contracts"
enabled = true
sources = [{ as = "people", connection = "zendesk", read = { kind = "users" } }]
model = { sql = """
SELECT id AS user_id, concat('Company of ', name) AS company, CASE WHEN id = ${HANAKO} THEN '1,000' ELSE '5' END AS mrr
  FROM people WHERE role = 'end-user'""" }
destination = { connection = "zendesk", object = "users", mode = "update" }
key = { column = "user_id", field = "id" }
mapping = [{ column = "company", field = "sfdc_company_name" }, { column = "mrr", field = "sfdc_mrr" }]
schedule = { kind = "daily", at = "09:00", time_zone = "Asia/Tokyo" }
`;

/** The page, in the console, with one integration. */
async function integrations(scene, name = "Integrations") {
  scene.house.integrations(CONTRACTS);
  await scene.workspace("apps/app");
  const app = scene.app("nav_bar");
  await app.getByRole("link", { name, exact: true }).click();
  await expect(app.getByTestId("integration")).toBeVisible();
  return app;
}

/** The shown run has ended so. */
const ended = (app, state) =>
  expect(app.getByTestId("run").first().getByTestId("run-state")).toHaveAttribute("data-value", state, { timeout: 30_000 });

/** A dry run, and the run that accepts it. */
async function firstRun(app) {
  await app.getByTestId("dry-run").click();
  await ended(app, "completed");
  await app.getByTestId("run-accept").click();
  await expect(app.getByTestId("run")).toHaveCount(2);
  await ended(app, "completed");
}

async function saved(scene, press) {
  const [download] = await Promise.all([scene.page.waitForEvent("download"), press()]);
  return { name: download.suggestedFilename(), text: await text(await download.createReadStream()) };
}

check("an editor looks at the first rows before anything runs", async (scene) => {
  const app = await integrations(scene);
  await app.getByTestId("integration-preview").click();
  await expect(app.getByTestId("preview-row")).toHaveCount(20);
  await expect(app.getByRole("columnheader", { name: "company" })).toBeVisible();
  await look(scene, "integrations-preview");
  await app.getByTestId("preview-close").click();
  await expect(app.getByTestId("preview")).toHaveCount(0);
  await expect(app.getByText("Never run")).toBeVisible();
}, { agent: ADMIN });

check("a run goes from dry to done, and what was refused is sent again", async (scene) => {
  const app = await integrations(scene);
  await firstRun(app);
  await app.locator('[data-testid="run-count"][data-value="rejected"]').click();
  await expect(app.getByTestId("row-outcome")).toHaveCount(1);
  await expect(app.getByTestId("row-outcome")).toContainText("1,000");
  await look(scene, "integrations-run");
  const csv = await saved(scene, () => app.getByTestId("run-csv").click());
  assert.equal(csv.name, "deskside-run.csv");
  assert.equal(csv.text.trim().split("\r\n").length, 2); // what is filtered
  const log = await saved(scene, () => app.getByTestId("run-log").click());
  assert.match(log.text, /info .*matched/);

  await app.getByTestId("run-retry").click();
  await expect(app.getByTestId("run")).toHaveCount(3);
  await ended(app, "failed"); // its one row was refused again
  await expect(app.getByTestId("run").first()).toContainText("Retry");
}, { agent: ADMIN });

check("the list says when an integration runs and how its last run went", async (scene) => {
  const app = await integrations(scene);
  await expect(app.getByTestId("integration-schedule")).toHaveText("Daily at 09:00 (Asia/Tokyo)");
  await firstRun(app);
  const last = app.getByTestId("last-run");
  await expect(last.getByTestId("run-state")).toHaveAttribute("data-value", "completed");
  await expect(last).toContainText(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  await expect(last).toContainText("1 rejected");

  const [shown, other] = [app.getByTestId("run").first(), app.getByTestId("run").last()].map((run) => run.getByRole("button"));
  await expect(shown).toHaveAttribute("aria-current", "true");
  await other.press("Enter");
  await expect(other).toHaveAttribute("aria-current", "true");
  await expect(shown).not.toHaveAttribute("aria-current");
}, { agent: ADMIN });

check("a live run says what it does and how far it is", async (scene) => {
  const app = await integrations(scene);
  await scene.house.trouble({ host: "zendesk", path_contains: "/users" }, { held: true });
  await app.getByTestId("dry-run").click();
  await expect(app.getByTestId("run-phase")).toHaveText("Reading the sources");
  await expect(app.getByRole("progressbar", { name: "Reading the sources" })).toHaveAttribute("aria-valuenow", "10");
  await expect(app.getByTestId("run-count")).toHaveCount(0);
  await look(scene, "integrations-live");
  await scene.house.calm();
  await ended(app, "completed");
  await expect(app.getByTestId("run-progress")).toHaveCount(0);
}, { agent: ADMIN });

check("a run that waits for a person says what to do, and goes on", async (scene) => {
  const app = await integrations(scene);
  await app.getByTestId("dry-run").click();
  await ended(app, "completed");
  await expect(app.getByTestId("run-waits")).toContainText("Accept and run starts a run that writes them.");
  await app.getByTestId("run-accept").click();
  await expect(app.getByTestId("run")).toHaveCount(2);
  await ended(app, "completed");
  await expect(app.getByTestId("run-waits")).toHaveCount(0);

  const { users } = await scene.house.zendesk("GET", "users.json?role=end-user");
  const elsewhere = { user: { user_fields: { sfdc_company_name: "Somebody else" } } };
  for (const { id } of users) await scene.house.zendesk("PUT", `users/${id}.json`, elsewhere);
  await app.getByTestId("run-now").click();
  await ended(app, "stopped");
  await expect(app.getByTestId("run-problem")).toHaveAttribute("data-value", "changes_too_much");
  await expect(app.getByTestId("run-waits")).toContainText("Confirm and go on writes them");
  await look(scene, "integrations-waits");
  await app.getByTestId("run-confirm").click();
  await ended(app, "completed");
}, { agent: ADMIN });

check("with little room each row is a card", async (scene) => {
  const app = await integrations(scene);
  await firstRun(app);
  const frame = await scene.frame();
  await (await frame.frameElement()).evaluate((place) => (place.style.width = "360px"));
  const tooWide = await frame.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth).length);
  assert.equal(tooWide, 0);
  await expect(app.getByRole("columnheader", { name: "Last run" })).toHaveCount(1); // heads are read, though not seen
  await look(scene, "integrations-narrow");
}, { agent: ADMIN });

check("one row is sent by its key, and what was said about it is shown", async (scene) => {
  const app = await integrations(scene);
  await firstRun(app);
  await app.getByLabel("Key of the row").fill(TARO);
  await app.getByTestId("row-send").click();
  await expect(app.getByTestId("run")).toHaveCount(3);
  await ended(app, "completed");
  await expect(app.getByTestId("row-exchange")).toContainText("Holds now: sfdc_company_name = Company of 山田 太郎");
  await look(scene, "integrations-exchange");
}, { agent: ADMIN });

for (const [locale, name, preview, scheme] of [["ja", "連携", "プレビュー", "dark"], ["ko", "연동", "미리 보기", "light"]]) {
  check(`an editor reads the page in ${locale}`, async (scene) => {
    const app = await integrations(scene, name);
    await app.getByRole("button", { name: `${preview}: Contracts` }).click();
    await expect(app.getByTestId("preview-row")).toHaveCount(20);
    await look(scene, `integrations-${locale}`);
  }, { agent: ADMIN, locale, scheme });
}
