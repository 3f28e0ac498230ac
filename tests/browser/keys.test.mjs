// The admins' page of keys for machines: made and shown once, used by a machine, revoked after a question.
import assert from "node:assert/strict";
import { bringContracts } from "./stage/contracts.mjs";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

/** The page, in the console. */
async function keys(scene, name = "Machine keys") {
  await scene.workspace("apps/app");
  const app = scene.app("nav_bar");
  await app.getByRole("link", { name, exact: true }).click();
  await expect(app.getByTestId("page-keys")).toBeVisible();
  return app;
}

/** A key that an admin makes by the keyboard. */
async function make(scene, app, label, name) {
  await app.getByLabel(label).focus();
  await scene.page.keyboard.type(name);
  await scene.page.keyboard.press("Enter");
  await expect(app.getByTestId("key-made")).toBeVisible();
  return app.getByTestId("key-token").textContent();
}

check("an admin makes a key, a machine uses it, and it is refused once it is revoked", async (scene) => {
  bringContracts(scene.house);
  const app = await keys(scene);
  await expect(app.getByRole("heading", { name: "Machine keys" })).toBeFocused();
  await expect(app.getByTestId("keys-empty")).toBeVisible();
  await look(scene, "keys-empty");
  const token = await make(scene, app, "Name of the machine", "airflow");
  await expect(app.getByRole("heading", { name: "The key of airflow" })).toBeFocused();
  assert.match(token, /^deskside_mk_/);
  await expect(app.getByTestId("key-commands")).toContainText("?wait=60");
  await app.getByTestId("key-copy").click();
  await expect(app.getByTestId("key-made")).toContainText("Copied.");
  const copied = await app.locator("body").evaluate(() => getSelection().toString());
  assert.equal(copied, token);
  await look(scene, "keys-made");

  const address = /"(http\S+)\/integrations/.exec(await app.getByTestId("key-commands").textContent())[1];
  const asks = (path, method) => fetch(address + path, { method, headers: { authorization: `Bearer ${token}` } });
  const { run } = await (await asks("/integrations/contracts/runs", "POST")).json();
  const ended = await (await asks(`/runs/${run.id}?wait=60`)).json();
  assert.equal(ended.run.state, "completed");
  await app.getByTestId("key-hide").click();
  await expect(app.getByTestId("key-token")).toHaveCount(0);
  await app.getByRole("link", { name: "Archive", exact: true }).click();
  await app.getByRole("link", { name: "Machine keys", exact: true }).click();
  await expect(app.getByTestId("key")).toHaveCount(1);
  await expect(app.getByTestId("key")).not.toContainText("Never");
  await expect(app.getByText("deskside_mk_")).toHaveCount(0);
  await look(scene, "keys");

  await app.getByTestId("key-revoke").click();
  await expect(app.getByRole("heading", { name: "Revoke the key of airflow?" })).toBeFocused();
  await look(scene, "keys-question");
  await app.getByRole("heading", { name: "Revoke the key of airflow?" }).press("Escape");
  await expect(app.getByTestId("key-revoke")).toBeFocused();
  await app.getByTestId("key-revoke").click();
  await app.getByTestId("question-yes").click();
  await expect(app.getByTestId("keys-done")).toHaveText("The key of airflow is revoked.");
  await expect(app.getByTestId("key-state")).toHaveAttribute("data-value", "revoked");
  await look(scene, "keys-revoked");
  assert.equal((await asks(`/runs/${run.id}`)).status, 401);
}, { agent: ADMIN });

check("a name that is taken is said at the field, and what was typed stays", async (scene) => {
  const app = await keys(scene);
  await make(scene, app, "Name of the machine", "dbt");
  await app.getByLabel("Name of the machine").fill("dbt");
  await app.getByTestId("key-create").click();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "machine_key_name");
  await expect(app.getByLabel("Name of the machine")).toBeFocused();
  await expect(app.getByLabel("Name of the machine")).toHaveValue("dbt");
  await look(scene, "keys-name-taken");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("whoever may not edit hears it", async (scene) => {
  const app = await keys(scene);
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "connection_editors_only");
  await look(scene, "keys-denied");
}, { agent: ADMIN, forgives: FAILED_CALLS, settings: '[integrations]\neditors = "addresses:somebody@example.com"\n' });

check("the page is in the admin's language, and fits a narrow screen", async (scene) => {
  const app = await keys(scene, "マシンキー");
  await make(scene, app, "マシンの名前", "airflow");
  await look(scene, "keys-ja");
  const frame = await scene.frame();
  await (await frame.frameElement()).evaluate((place) => (place.style.width = "360px"));
  assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing goes beyond the page");
  await look(scene, "keys-narrow");
}, { agent: ADMIN, locale: "ja" });
