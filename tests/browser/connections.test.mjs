// The admins' page of connections: added by form and by consent in another tab, tried, changed, ended; and what stands in the way.
import assert from "node:assert/strict";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

/** The page, in the console. */
async function connections(scene, name = "Connections") {
  await scene.workspace("apps/app");
  const app = scene.app("nav_bar");
  await app.getByRole("link", { name, exact: true }).click();
  await expect(app.getByTestId("connections")).toBeVisible();
  return app;
}

const row = (app, kind) => app.getByTestId(`connection-${kind}`);
const state = (app, kind) => row(app, kind).getByTestId("connection-state");

/** An admin fills the form of a kind. */
async function fill(app, kind, fields) {
  await app.getByTestId("connection-add").click();
  await app.locator(`[data-testid="connection-kind"][data-value="${kind}"]`).click();
  for (const [label, value] of Object.entries(fields)) {
    const field = app.getByLabel(label, { exact: true });
    await ((await field.evaluate((one) => one.tagName)) === "SELECT" ? field.selectOption(value) : field.fill(value));
  }
}

const client = (scene, more = {}) => ({
  "Sign-in": "client_credentials", Name: "Acme EU", "Zendesk account": scene.house.zendeskUrl, "Client ID": "deskside",
  "Client secret": "sandbox-client-secret", ...more,
});

check("what the settings file sets is listed, and an admin begins from there", async (scene) => {
  const app = await connections(scene);
  await expect(state(app, "zendesk")).toHaveAttribute("data-value", "in_file");
  await expect(row(app, "zendesk").getByRole("button")).toHaveCount(0);
  await look(scene, "connections");
  await app.getByTestId("connection-add").click();
  await expect(app.getByRole("heading", { name: "Add a connection" })).toBeFocused();
  await look(scene, "connections-kinds");
  await app.getByRole("heading", { name: "Add a connection" }).press("Escape");
  await expect(app.getByTestId("connection-panel")).toHaveCount(0);
}, { agent: ADMIN });

check("an admin adds a connection, tries it, renames it, ends it and deletes it", async (scene) => {
  const app = await connections(scene);
  await fill(app, "zendesk", client(scene, { "Client secret": "wrong" }));
  await look(scene, "connections-form");
  await app.getByTestId("connection-save").click();
  await expect(app.getByTestId("connection-tested")).toHaveAttribute("data-value", "failed");
  await expect(app.getByTestId("connection-step").last()).toContainText("Zendesk rejected");
  await look(scene, "connections-test-failed");
  await app.getByTestId("panel-cancel").click();
  const added = app.locator('[data-testid="connection-zendesk"]:not([data-value="zendesk"])');
  await expect(added.getByTestId("connection-state")).toHaveAttribute("data-value", "needs_attention");
  await look(scene, "connections-attention");

  await added.getByTestId("connection-change").click();
  await expect(app.getByLabel("Client secret")).toHaveValue("");
  await app.getByLabel("Client secret").fill("wrong again");
  await app.getByTestId("connection-save").click();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "connection_test_failed");
  await expect(app.getByLabel("Client secret")).toHaveValue("wrong again"); // what was typed stays
  await look(scene, "connections-form-refused");
  await app.getByLabel("Client secret").fill("sandbox-client-secret");
  await app.getByLabel("Name", { exact: true }).fill("Acme Europe");
  await app.getByTestId("connection-save").click();
  await expect(app.getByTestId("connection-tested")).toHaveAttribute("data-value", "ok");
  await app.getByTestId("panel-cancel").click();
  await expect(added.getByTestId("connection-state")).toHaveAttribute("data-value", "connected");
  await expect(added).toContainText("Acme Europe");

  await added.getByTestId("connection-test").click();
  await expect(app.getByTestId("connection-step")).toHaveCount(3);
  await look(scene, "connections-tested");
  await app.getByTestId("panel-cancel").click();

  await added.getByTestId("connection-disconnect").click();
  await expect(app.getByRole("heading", { name: "Disconnect Acme Europe?" })).toBeFocused();
  await look(scene, "connections-question");
  await app.getByTestId("question-yes").click();
  await expect(app.getByTestId("connections-done")).toContainText("Disconnected");
  await expect(added.getByTestId("connection-state")).toHaveAttribute("data-value", "disconnected");
  await added.getByTestId("connection-delete").click();
  await app.getByTestId("question-yes").click();
  await expect(added).toHaveCount(0);
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("an admin gives consent in another tab and confirms it with its number", async (scene) => {
  const app = await connections(scene);
  await fill(app, "zendesk", { ...client(scene), "Sign-in": "web", Name: "Acme by consent" });
  await expect(app.getByTestId("callback-url")).toHaveText(`${scene.house.appUrl}/oauth/callback`);
  await app.getByTestId("connection-save").click();
  await expect(app.getByTestId("consent-state")).toHaveAttribute("data-value", "waiting");
  await look(scene, "connections-consent");
  const [tab] = await Promise.all([scene.context.waitForEvent("page"), app.getByTestId("consent-open").click()]);
  await tab.getByRole("button", { name: /Allow as Mika/ }).click();
  const number = await tab.getByTestId("consent-number").textContent();
  await tab.screenshot({ path: scene.picture("connections-callback") });
  await scene.page.bringToFront();
  await expect(app.getByText(/Consent was given by mika/)).toBeVisible();
  await expect(app.getByLabel("Number from the other tab")).toBeFocused();
  await app.getByLabel("Number from the other tab").fill("0");
  await app.getByTestId("consent-confirm").click();
  await expect(app.getByTestId("field-error")).toBeVisible();
  await look(scene, "connections-number-wrong");
  await app.getByLabel("Number from the other tab").fill(number);
  await app.getByTestId("consent-confirm").click();
  await expect(app.getByTestId("connections-done")).toHaveText("Connected.");
  await expect(row(app, "zendesk").last()).toContainText("mika.owner@example.com");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("consent that is refused, and a server that is away, are said", async (scene) => {
  const app = await connections(scene);
  await fill(app, "zendesk", { ...client(scene), "Sign-in": "web" });
  await app.getByTestId("connection-save").click();
  const url = await app.getByTestId("consent-open").getAttribute("href");
  const state = new URL(url).searchParams.get("state");
  await fetch(`${scene.house.appUrl}/oauth/callback?state=${state}&error=access_denied`);
  await expect(app.getByTestId("problem")).toContainText("Access was not allowed in Zendesk");
  await look(scene, "connections-denied");
  await app.getByTestId("panel-cancel").click();
  await scene.house.lose();
  await fill(app, "postgres", { Host: "127.0.0.1", Database: "service", User: "deskside", Password: "hush" });
  await app.getByTestId("connection-save").click();
  await expect(app.getByTestId("problem")).toBeVisible();
  await look(scene, "connections-offline");
  await scene.house.serve();
  await app.getByTestId("connection-save").click();
  await expect(app.getByTestId("connection-tested")).toBeVisible();
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("what was typed is not lost by accident", async (scene) => {
  const app = await connections(scene);
  await fill(app, "mysql", { Host: "db.acme.example" });
  await app.getByRole("link", { name: "Archive", exact: true }).click();
  await expect(app.getByTestId("leave")).toBeVisible();
  await app.getByRole("button", { name: "Stay" }).click();
  await expect(app.getByLabel("Host", { exact: true })).toHaveValue("db.acme.example");
  await app.getByTestId("connection-save").click();
  await expect(app.getByLabel("Database", { exact: true })).toBeFocused(); // the first that is missing
  await look(scene, "connections-field-wrong");
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("an admin who may not change connections sees them", async (scene) => {
  const app = await connections(scene);
  await expect(app.getByText(/You can see the connections/)).toBeVisible();
  await expect(app.getByTestId("connection-add")).toHaveCount(0);
  await look(scene, "connections-read-only");
}, { agent: ADMIN, settings: '[integrations]\neditors = "addresses:somebody@example.com"\n' });

for (const [locale, name, add, range] of [
  ["ja", "接続", "接続を追加", "1～65535 の整数を入力してください。"], ["ko", "연결", "연결 추가", "1에서 65535 사이의 정수를 입력하세요."],
]) {
  check(`an admin reads the page in ${locale}`, async (scene) => {
    const app = await connections(scene, name);
    await expect(app.getByRole("button", { name: add })).toBeVisible();
    await app.getByTestId("connection-add").click();
    await look(scene, `connections-kinds-${locale}`);
    await app.locator('[data-testid="connection-kind"][data-value="salesforce"]').click();
    await look(scene, `connections-form-${locale}`);
    const words = await app.getByTestId("connection-panel").innerText();
    assert.ok(!/Client secret|Environment/.test(words), words);

    await app.getByTestId("panel-cancel").click();
    await app.getByTestId("connection-add").click();
    await app.locator('[data-testid="connection-kind"][data-value="mysql"]').click();
    await app.locator("#port").fill("99999");
    await app.getByTestId("connection-save").click();
    await expect(app.getByTestId("field-error")).toHaveText(range);
    await expect(app.locator("#port")).toBeFocused();
    await look(scene, `connections-wrong-${locale}`);
  }, { agent: ADMIN, locale, scheme: "dark" });
}

check("the page can be used on a narrow screen", async (scene) => {
  const app = await connections(scene);
  await app.getByTestId("connection-add").click();
  await look(scene, "connections-narrow");
}, { agent: ADMIN, viewport: { width: 480, height: 900 } });
