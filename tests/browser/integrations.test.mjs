// The admins' page of integrations: rows that are looked at first, a run from dry to done, its rows as files, one row by its key, those
// that were refused sent again, what somebody changed in Zendesk, and what admins do with an integration itself.
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

/** The same into a field that is made where Zendesk lacks it. */
const MAKES = CONTRACTS.replace('field = "sfdc_company_name"', 'field = "made", create = { type = "text", title = "Company" }');

/** The page, in the console, with one integration. */
async function integrations(scene, name = "Integrations", toml = CONTRACTS) {
  scene.house.integrations(toml);
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
  await app.getByTestId("run-log-show").click();
  await expect(app.getByTestId("run-log-text")).toContainText("matched");
  await expect(app.getByTestId("run-facts")).toContainText("Calls that wrote: 1");
  await look(scene, "integrations-log");

  await app.getByTestId("run-retry").click();
  await expect(app.getByTestId("run")).toHaveCount(3);
  await ended(app, "failed"); // its one row was refused again
  await expect(app.getByTestId("run").first()).toContainText("Retry");
}, { agent: ADMIN });

check("the list says when an integration runs and how its last run went", async (scene) => {
  const app = await integrations(scene);
  await expect(app.getByTestId("integration-schedule")).toHaveText("Daily at 09:00 (Asia/Tokyo)");
  await expect(app.getByTestId("integration-next")).toHaveCount(0); // nobody has accepted what it would do
  await firstRun(app);
  await expect(app.getByTestId("integration-next")).toContainText(/^Next: .*\b9:00 AM \(your time\)$/); // the browser is in Tokyo
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

check("the rows of a run stay on the page while it works", async (scene) => {
  const app = await integrations(scene);
  await app.getByTestId("dry-run").click();
  await ended(app, "completed");
  await scene.house.trouble({ host: "zendesk", path_contains: "/job_statuses" }, { held: true });
  await app.getByTestId("run-accept").click();
  await expect(app.getByTestId("run-phase")).toHaveText("Writing to the destination");
  await expect(app.getByTestId("run-written")).toContainText(/^\d+ of \d+ rows/);
  await expect(app.locator('[data-testid="row-outcome"][data-value="pending"]').first()).toBeVisible();
  const frame = await scene.frame();
  await frame.evaluate(() => {
    window.emptied = 0;
    const look = () => (window.emptied += document.querySelector('[data-testid="row-outcome"]') ? 0 : 1);
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
  for (let looks = 0; looks < 2; looks += 1) {
    await scene.page.waitForResponse((answer) => answer.url().includes("/rows?"));
  }
  await look(scene, "integrations-writing");
  await scene.house.calm();
  await ended(app, "completed");
  await expect(app.locator('[data-testid="row-outcome"][data-value="pending"]')).toHaveCount(0);
  await expect(app.locator('[data-testid="row-outcome"][data-value="updated"]').first()).toBeVisible();
  assert.equal(await frame.evaluate(() => window.emptied), 0, "the table was never empty");
}, { agent: ADMIN });

check("the keyboard's focus stays on the button that started a run", async (scene) => {
  const app = await integrations(scene);
  await app.getByTestId("dry-run").focus();
  await scene.page.keyboard.press("Enter");
  await ended(app, "completed");
  await expect(app.getByTestId("dry-run")).toBeFocused();
}, { agent: ADMIN });

check("what somebody changed in Zendesk is listed", async (scene) => {
  const app = await integrations(scene);
  await firstRun(app);
  await scene.house.zendesk("PUT", `users/${TARO}.json`, { user: { user_fields: { sfdc_company_name: "By hand" } } });
  await app.getByTestId("run-now").click();
  await expect(app.getByTestId("run")).toHaveCount(3);
  await ended(app, "completed");
  await app.locator('[data-testid="run-count"][data-value="drifted"]').click();
  await expect(app.getByTestId("row-outcome")).toHaveCount(1);
  await expect(app.getByTestId("row-outcome")).toContainText("By hand → Company of 山田 太郎");
  await look(scene, "integrations-drifted");
  await expect(app.getByTestId("run-csv")).toContainText(/CSV: ./);
  const csv = await saved(scene, () => app.getByTestId("run-csv").click());
  assert.equal(csv.text.trim().split("\r\n").length, 2);
}, { agent: ADMIN });

check("an integration is paused, enabled again and deleted", async (scene) => {
  const app = await integrations(scene);
  await app.getByTestId("integration-pause").click();
  await expect(app.getByTestId("integration-question")).toContainText("cards no longer show the contracts");
  await app.getByTestId("question-no").click();
  await expect(app.getByTestId("integration-question")).toHaveCount(0);
  await app.getByTestId("integration-pause").click();
  await look(scene, "integrations-pause");
  await app.getByTestId("question-yes").click();
  await expect(app.getByTestId("integration-disabled")).toHaveText("Paused");
  await app.getByTestId("integration-enable").click();
  await expect(app.getByTestId("integration-disabled")).toHaveCount(0);
  await expect(app.getByTestId("integration-pause")).toBeVisible();

  await app.getByTestId("integration-delete").click();
  await expect(app.getByTestId("integration-question")).toContainText("What it wrote stays in Zendesk");
  await app.getByTestId("question-yes").click();
  await expect(app.getByText("No integrations yet")).toBeVisible();
}, { agent: ADMIN });

check("everything is sent again when an admin confirms it", async (scene) => {
  const app = await integrations(scene);
  await app.getByTestId("run-now").click();
  await expect(app.getByTestId("refused-of")).toHaveText("Contracts"); // nobody has accepted a dry run
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "dry_run_needed");
  await firstRun(app);
  await app.getByTestId("integration-resend").click();
  await app.getByTestId("question-yes").click();
  await expect(app.getByTestId("integration-question")).toHaveCount(0);
  await expect(app.getByTestId("run")).toHaveCount(3);
  await ended(app, "completed");
  await expect(app.getByTestId("run").first()).toContainText("Resend all");
  await app.locator('[data-testid="runs-in"][data-value="failed"]').click();
  await expect(app.getByText("No entries match")).toBeVisible();
  await app.locator('[data-testid="runs-in"][data-value="completed"]').click();
  await expect(app.getByTestId("run")).toHaveCount(3);
}, { agent: ADMIN, forgives: /409/ });

check("an admin who is no editor sees runs, and no row", async (scene) => {
  const app = await integrations(scene);
  await expect(app.getByText("integrations.editors says who may")).toBeVisible();
  for (const hidden of ["integration-preview", "integration-pause", "integration-delete"]) {
    await expect(app.getByTestId(hidden)).toHaveCount(0);
  }
  await app.getByTestId("dry-run").click();
  await ended(app, "completed");
  await expect(app.getByTestId("run-waits")).toContainText("An admin who may change integrations");
  await app.getByTestId("run-log-show").click();
  await expect(app.getByTestId("run-log-text")).toContainText("matched");
  await look(scene, "integrations-reader");
  for (const hidden of ["run-accept", "row-outcome", "run-csv", "row-send", "problem"]) {
    await expect(app.getByTestId(hidden)).toHaveCount(0);
  }
}, { agent: ADMIN, settings: '[integrations]\neditors = "addresses:somebody@example.com"\n' });

check("a run that waits for a person says what to do, and goes on", async (scene) => {
  const app = await integrations(scene, "Integrations", MAKES);
  await app.getByTestId("dry-run").click();
  await ended(app, "completed");
  await expect(app.getByTestId("run-waits")).toContainText("Accept and run starts a run that writes them.");
  await app.getByTestId("run-accept").click();
  await expect(app.getByTestId("run")).toHaveCount(2);
  await ended(app, "completed");
  await expect(app.getByTestId("run-waits")).toHaveCount(0);

  const { user_fields } = await scene.house.zendesk("GET", "user_fields.json");
  await scene.house.zendesk("DELETE", `user_fields/${user_fields.find(({ key }) => key === "made").id}.json`);
  await app.getByTestId("run-now").click();
  await ended(app, "stopped");
  await expect(app.getByTestId("run-problem")).toHaveAttribute("data-value", "field_missing");
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

const LANGUAGES = [
  ["ja", "連携", "プレビュー", "dark", "sfdc_mrr には 1200.5 のような数値が必要ですが、値は 1,000 です。"],
  ["ko", "연동", "미리 보기", "light", "sfdc_mrr 필드에는 1200.5와 같은 숫자가 필요하지만 값이 1,000입니다."],
];
for (const [locale, name, preview, scheme, reason] of LANGUAGES) {
  check(`an editor reads the page in ${locale}`, async (scene) => {
    const app = await integrations(scene, name);
    await app.getByRole("button", { name: `${preview}: Contracts` }).click();
    await expect(app.getByTestId("preview-row")).toHaveCount(20);
    await look(scene, `integrations-${locale}`);
    await app.getByTestId("preview-close").click();
    await firstRun(app);
    await app.locator('[data-testid="run-count"][data-value="rejected"]').click();
    await expect(app.getByTestId("row-outcome")).toHaveCount(1);
    await expect(app.getByTestId("row-outcome")).toContainText(reason);
    await look(scene, `integrations-run-${locale}`);
  }, { agent: ADMIN, locale, scheme });
}
