// The editor of integrations, and the overview of one: made from nothing and from a template, with what is wrong said where it is; what is
// typed survives; what somebody else saved is shown; and the page that does not come.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

// Browsers keep nothing for a frame of another site where third-party storage is off; Zendesk's agents mostly have it on.
const check = await suite({ thirdParty: true });

const folder = mkdtempSync(join(tmpdir(), "deskside-reports-"));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Who belongs to which account, and what is known of the accounts. */
writeFileSync(join(folder, "members.csv"), "email,account_id\nhanako.sato@example.com,17\nnoah.johnson@example.com,18\n");
writeFileSync(join(folder, "accounts.csv"), "account_id,name,mrr,start\n17,Aoba,1200.5,2026-04-01\n18,Acme,300,2025-01-01\n");
const FILES = { agent: ADMIN, forgives: FAILED_CALLS, settings: `[sources]\nfolders = [${JSON.stringify(folder)}]\n` };

const CONTRACTS = `
[[integration]]
id = "contracts"
name = "Contracts"
enabled = true
sources = [{ as = "people", connection = "zendesk", read = { kind = "users" } }]
model = { sql = """
SELECT id AS user_id, concat('Company of ', name) AS company, 1200.5 AS mrr
  FROM people WHERE role = 'end-user'""" }
destination = { connection = "zendesk", object = "users", mode = "update" }
key = { column = "user_id", field = "id" }
mapping = [{ column = "company", field = "sfdc_company_name" }]
schedule = { kind = "daily", at = "09:00", time_zone = "Asia/Tokyo" }
`;

const field = (app, name) => app.locator(`[id="${name}"]`);
/** The name of a field of the row at this place. */
const named = async (app, testid, at, part) => {
  const first = app.getByTestId(testid).nth(at).locator(`[name$=".${part}"]`).last();
  return first.getAttribute("id");
};
const inRow = async (app, testid, at, part) => field(app, await named(app, testid, at, part));

/** The page of integrations, in the console. */
async function console_(scene, name = "Integrations") {
  await scene.workspace("apps/app");
  const app = scene.app("nav_bar");
  await app.getByRole("link", { name, exact: true }).click();
  await expect(app.getByTestId("console-integrations")).toBeVisible();
  return app;
}

/** An integration that is kept, in the editor. */
async function edited(scene, name) {
  scene.house.integrations(CONTRACTS);
  const app = await console_(scene, name);
  await app.getByTestId("integration-edit").click();
  await expect(field(app, "name")).toHaveValue("Contracts");
  return app;
}

/** A connection with the folder of files. */
async function reports(app) {
  await app.getByRole("link", { name: "Connections", exact: true }).click();
  await app.getByTestId("connection-add").click();
  await app.locator('[data-testid="connection-kind"][data-value="report"]').click();
  await app.getByLabel("Name", { exact: true }).fill("Reports");
  await app.getByLabel("Folder", { exact: false }).fill(folder);
  await app.getByTestId("connection-save").click();
  await expect(app.getByTestId("connection-tested")).toHaveAttribute("data-value", "ok");
  await app.getByRole("link", { name: "Integrations", exact: true }).click();
}

check("an admin makes an integration from nothing, and its dry run is offered", async (scene) => {
  const app = await console_(scene);
  await reports(app);
  await app.getByTestId("integration-new").click();
  await expect(app.getByRole("heading", { name: "New integration" })).toBeFocused();
  await expect(app.getByRole("link", { name: "Integrations", exact: true })).toHaveAttribute("aria-current", "page");
  await look(scene, "editor-new");
  await field(app, "name").fill("Contracts to Zendesk users");
  await expect(field(app, "id")).toHaveValue("contracts-to-zendesk-users");

  for (const at of [0, 1, 2]) {
    if (at > 0) await app.getByTestId("source-add").click();
    const [table, connection] = [["zendesk_users", "Zendesk"], ["members", "Reports"], ["accounts", "Reports"]][at];
    await (await inRow(app, "source", at, "as")).fill(table);
    await (await inRow(app, "source", at, "connection")).selectOption({ label: connection });
    if (at === 0) continue;
    await (await inRow(app, "source", at, "path")).fill(`${table}.csv`);
    if (table === "members") await (await inRow(app, "source", at, "emails")).fill("email");
    await app.getByTestId("source").nth(at).getByTestId("source-sample").click();
    await expect(app.getByTestId("source").nth(at).getByTestId("sample-row")).toHaveCount(2);
  }
  await expect(app.getByTestId("source").nth(2).getByRole("columnheader", { name: /^mrr/ })).toContainText("decimal");

  const sql = field(app, "model");
  await sql.fill("SELECT z.user_id AS zendesk_user_id, a.name AS company,\n       a.mrr, a.start\n  FROM members m\n  JOIN zendesk_users_addresses z ON z.email_key = m.email_ky\n  JOIN accounts a ON a.account_id = m.account_id");
  await app.getByTestId("model-preview").click();
  await expect(app.getByTestId("wizard-step-2").getByTestId("problem")).toHaveAttribute("data-value", "model_invalid");
  await expect(app.getByTestId("sql-place")).toHaveAttribute("data-value", /^4:/);
  await expect(sql).toBeFocused();
  const before = await sql.evaluate((area) => area.value.slice(0, area.selectionStart).split("\n").length);
  assert.equal(before, 4, "the cursor is in the line that is wrong");
  await look(scene, "editor-sql-wrong");
  await sql.fill((await sql.inputValue()).replace("email_ky", "email_key"));
  await app.getByTestId("model-preview").click();
  await expect(app.getByTestId("preview-row")).toHaveCount(2);
  await expect(app.getByTestId("wizard-step-2")).toContainText("Aoba");

  await field(app, "to").selectOption({ label: "Zendesk" });
  await field(app, "key.column").fill("zendesk_user_id");
  await (await inRow(app, "mapping-row", 0, "column")).fill("company");
  await (await inRow(app, "mapping-row", 0, "field")).selectOption("sfdc_company_name");
  await app.getByTestId("mapping-add").click();
  await (await inRow(app, "mapping-row", 1, "column")).fill("mrr");
  await (await inRow(app, "mapping-row", 1, "field")).selectOption("sfdc_renewal_date");
  const wrong = app.getByTestId("mapping-row").nth(1).getByTestId("field-error");
  await expect(wrong).toHaveText("The column's type is decimal, and the field's is date: these values never fit. Choose another field, or change the column in the model.");
  await look(scene, "editor-type-refused");
  await app.getByTestId("editor-save").click();
  await expect(app.getByTestId("editor-saved")).toHaveCount(0); // it is not sent
  await (await inRow(app, "mapping-row", 1, "field")).selectOption("sfdc_mrr");
  await expect(wrong).toHaveCount(0);
  await app.getByTestId("mapping-add").click();
  await (await inRow(app, "mapping-row", 2, "column")).fill("start");
  await (await inRow(app, "mapping-row", 2, "field")).selectOption("+");
  await (await inRow(app, "mapping-row", 2, "key")).fill("contract_since");
  await (await inRow(app, "mapping-row", 2, "title")).fill("Customer since");
  await (await inRow(app, "mapping-row", 2, "type")).selectOption("date");
  await look(scene, "editor-mapping");

  await expect(app.getByTestId("schedule-words")).toHaveText(/^Every day at 09:00, Asia\/Tokyo; that is 12:00\sAM UTC$/);
  await expect(app.getByTestId("next-run")).toHaveCount(3);
  await app.getByTestId("editor-save").click();
  await expect(app.getByTestId("editor-saved")).toContainText("Nothing is written before you have seen what would change");
  await expect(app.getByRole("heading", { name: "Edit Contracts to Zendesk users" })).toBeVisible();
  await look(scene, "editor-saved");
  await app.getByTestId("editor-dry-run").click();
  await expect(app.getByTestId("run").first().getByTestId("run-state")).toHaveAttribute("data-value", "completed", { timeout: 30_000 });
  await expect(app.locator('[data-testid="run-count"][data-value="pending"]')).toHaveText("2 to be written");
  await app.getByTestId("run-accept").click();
  await expect(app.getByTestId("run")).toHaveCount(2);
  await expect(app.getByTestId("run").first().getByTestId("run-state")).toHaveAttribute("data-value", "completed", { timeout: 30_000 });

  await app.getByTestId("integration-overview").click();
  await expect(app.getByTestId("overview-matched")).toHaveAttribute("data-value", "2");
  await expect(app.getByTestId("overview-day")).toHaveCount(1);
  await look(scene, "overview");
}, FILES);

check("an admin begins with a template, and chooses the connections that are here", async (scene) => {
  const app = await console_(scene);
  await app.getByTestId("integration-new").click();
  await app.locator('[data-testid="template"][data-value="contracts"]').click();
  await expect(field(app, "name")).toHaveValue("Contracts to Zendesk users");
  await expect(app.getByTestId("source")).toHaveCount(3);
  await expect((await inRow(app, "source", 1, "connection")).locator("option:checked")).toHaveText("service (no such connection)");
  await expect(app.getByTestId("mapping-row")).toHaveCount(7);
  await look(scene, "editor-template");
  await app.getByTestId("editor-save").click();
  await expect(app.getByTestId("problem").last()).toContainText("Correct the 2 marked fields");
  await expect(await inRow(app, "source", 1, "connection")).toBeFocused();
  await expect(app.getByTestId("source").nth(1).getByTestId("field-error")).toContainText("there is no `service`".replaceAll("`", ""));
  await look(scene, "editor-refused");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("what was typed survives a reload, and is given up on purpose", async (scene) => {
  const app = await edited(scene);
  await field(app, "name").fill("Contracts, by Mika");
  await expect(app.getByTestId("editor-status")).toHaveText("Not saved yet");
  await app.getByRole("link", { name: "Archive", exact: true }).click();
  await app.getByRole("link", { name: "Integrations", exact: true }).click();
  await app.getByTestId("integration-edit").click();
  await expect(field(app, "name")).toHaveValue("Contracts, by Mika"); // another page was open meanwhile
  await scene.page.reload();
  await app.getByRole("link", { name: "Integrations", exact: true }).click();
  await app.getByTestId("integration-edit").click();
  await expect(app.getByTestId("draft-recalled")).toBeVisible();
  await expect(field(app, "name")).toHaveValue("Contracts, by Mika");
  await look(scene, "editor-recalled");
  await app.getByTestId("draft-discard").click();
  await expect(field(app, "name")).toHaveValue("Contracts");
  await expect(app.getByTestId("draft-recalled")).toHaveCount(0);
}, { agent: ADMIN });

check("what somebody else saved meanwhile is shown before anything is written over it", async (scene) => {
  const app = await edited(scene);
  await field(app, "name").fill("Mine");
  scene.house.integrations(CONTRACTS.replace('at = "09:00"', 'at = "07:30"'));
  await app.getByTestId("editor-save").click();
  await expect(app.getByTestId("conflict-change")).toHaveText("definition.schedule.at: 09:00 → 07:30");
  await look(scene, "editor-conflict");
  await app.getByTestId("conflict-theirs").click();
  await expect(field(app, "name")).toHaveValue("Contracts");
  await expect(field(app, "at")).toHaveValue("07:30");
  await field(app, "name").fill("Mine");
  await app.getByTestId("editor-save").click();
  await expect(app.getByTestId("editor-saved")).toBeVisible();
  await app.getByRole("link", { name: "Back to integrations" }).click();
  await expect(app.getByTestId("integration-open")).toHaveText("Mine");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("an integration is changed by the keyboard alone", async (scene) => {
  const app = await edited(scene);
  await field(app, "name").focus();
  const tab = () => scene.page.keyboard.press("Tab");
  await field(app, "model").focus();
  await tab();
  await expect(app.getByTestId("model-preview")).toBeFocused(); // the SQL does not keep the Tab key
  await scene.page.keyboard.press("Enter");
  await expect(app.getByTestId("preview-row")).toHaveCount(20);
  await app.getByTestId("mapping-add").focus();
  await scene.page.keyboard.press("Enter");
  await expect(await inRow(app, "mapping-row", 1, "column")).toBeFocused();
  await scene.page.keyboard.type("mrr");
  await tab();
  await scene.page.keyboard.type("MRR"); // a list goes to what is typed
  await expect(await inRow(app, "mapping-row", 1, "field")).toHaveValue("sfdc_mrr");
  await field(app, "name").focus();
  await scene.page.keyboard.press("Enter");
  await expect(app.getByTestId("editor-saved")).toBeVisible();
  const kept = scene.house.deskside("integrations", "export", "contracts");
  assert.match(kept, /field = "sfdc_mrr"/);
}, { agent: ADMIN });

check("what the editor needs and does not come is said, and asked for again", async (scene) => {
  scene.house.integrations(CONTRACTS);
  const app = await console_(scene);
  const broken = (route) => route.abort();
  await scene.context.route("**/app/editor-*", broken);
  await app.getByTestId("integration-edit").click();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "offline");
  await look(scene, "editor-not-loaded");
  await scene.context.unroute("**/app/editor-*", broken);
  await app.getByTestId("page-again").click();
  await expect(field(app, "name")).toHaveValue("Contracts");

  await scene.context.route("**/fields", (route) => route.abort());
  await scene.context.route("**/api/previews", (route) => route.abort());
  await field(app, "object").selectOption("organizations");
  await expect(app.getByTestId("wizard-step-4").getByTestId("problem")).toHaveAttribute("data-value", "offline");
  await app.getByTestId("model-preview").click();
  await expect(app.getByTestId("wizard-step-2").getByTestId("problem")).toBeVisible();
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("somebody who may not edit hears it", async (scene) => {
  const app = await console_(scene);
  await expect(app.getByTestId("integration-new")).toHaveCount(0);
  await app.locator("body").evaluate(() => (location.hash = "#integration-new"));
  await expect(app.getByTestId("editor").getByTestId("problem")).toHaveAttribute("data-value", "connection_editors_only");
  await look(scene, "editor-denied");
}, { agent: ADMIN, settings: '[integrations]\neditors = "addresses:somebody@example.com"\n' });

for (const [locale, page, title] of [["ja", "連携", "新しい連携"], ["ko", "연동", "새 연동"]]) {
  check(`the editor is in the admin's language: ${locale}`, async (scene) => {
    const app = await console_(scene, page);
    await app.getByTestId("integration-new").click();
    await expect(app.getByRole("heading", { name: title })).toBeFocused();
    await app.locator('[data-testid="template"][data-value="contracts"]').click();
    await expect(field(app, "model")).not.toHaveValue("");
    await look(scene, `editor-${locale}`);
  }, { agent: ADMIN, locale });
}

check("there is room for all of it on a narrow screen", async (scene) => {
  const app = await edited(scene);
  await app.getByTestId("model-preview").click();
  await expect(app.getByTestId("preview-row")).toHaveCount(20);
  const frame = await scene.frame();
  await (await frame.frameElement()).evaluate((place) => (place.style.width = "360px"));
  assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing goes beyond the page");
  await look(scene, "editor-narrow");
  await app.getByTestId("mapping-add").scrollIntoViewIfNeeded();
  await look(scene, "editor-narrow-fields");
}, { agent: ADMIN });
