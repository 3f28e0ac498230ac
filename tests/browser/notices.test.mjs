// The admins' page of notices: the triggers that ask for them, made after a question; who was told and why not; a trigger that somebody
// changed or deleted.
import assert from "node:assert/strict";
import { bringContracts, writes } from "./stage/contracts.mjs";
import { until } from "./stage/house.mjs";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

/** The page, in the console. */
async function notices(scene, name = "Notices") {
  await scene.workspace("apps/app");
  const app = scene.app("nav_bar");
  await app.getByRole("link", { name, exact: true }).click();
  await expect(app.getByTestId("page-notices")).toBeVisible();
  return app;
}

/** The triggers, as Zendesk lists them. */
const inZendesk = async (scene) => (await scene.house.zendesk("GET", "triggers.json")).triggers.filter(({ description }) => /deskside/.test(description));
const states = (app) => app.getByTestId("trigger-state").evaluateAll((all) => all.map((one) => one.dataset.value));

/** Whether three notices have an outcome; asks again. */
async function decided(app) {
  await app.getByTestId("notices-again").click();
  const settled = app.locator('[data-testid="notice-outcome"]:is([data-value="told"], [data-value="not_told"])');
  return (await settled.count()) === 3;
}

async function made(app) {
  await app.getByTestId("triggers-make").click();
  await app.getByTestId("question-yes").click();
  await expect(app.getByTestId("triggers-done")).toContainText("Done.");
}

check("an admin creates the triggers after they have seen which, and reads who was told and why not", async (scene) => {
  bringContracts(scene.house);
  const app = await notices(scene);
  await expect(app.getByRole("heading", { name: "Notices", exact: true })).toBeFocused();
  await expect(app.getByRole("link", { name: "Notices", exact: true })).toHaveAttribute("aria-current", "page");
  await expect(app.getByTestId("notices-empty")).toBeVisible();
  await expect(app.getByTestId("trigger")).toHaveCount(4);
  assert.deepEqual(await states(app), Array(4).fill("created"));
  await expect(app.getByTestId("triggers-warning").first()).toContainText("pagerduty.routing_key");
  await app.getByTestId("trigger").first().getByText("Details").click();
  await expect(app.getByTestId("trigger").first()).toContainText("within the last 90 days");
  await look(scene, "notices-empty");

  await app.getByTestId("triggers-make").click();
  await expect(app.getByRole("heading", { name: "Create triggers in Zendesk" })).toBeFocused();
  await expect(app.getByTestId("triggers-question")).toContainText("creates 6 and updates 0");
  await look(scene, "notices-question");
  await app.getByRole("heading", { name: "Create triggers in Zendesk" }).press("Escape");
  await expect(app.getByTestId("triggers-question")).toHaveCount(0);
  assert.deepEqual(await inZendesk(scene), [], "nothing was made");
  await app.getByTestId("triggers-make").click();
  await app.getByTestId("question-yes").click();
  await expect(app.getByTestId("triggers-done")).toHaveText("Done. Created: 6. Updated: 0.");
  await expect(app.getByRole("heading", { name: "Triggers in Zendesk" })).toBeFocused();
  await expect(app.getByTestId("triggers-fine")).toBeVisible();
  assert.equal((await inZendesk(scene)).length, 4);

  await writes(scene.house, { priority: "urgent" });
  const told = (kind) => app.locator(`[data-testid="notice"][data-value="${kind}"]`);
  await until("all three were decided", () => decided(app));
  await expect(told("new_customer")).toContainText("Kim");
  await expect(told("new_customer").getByTestId("notice-outcome")).toHaveText("Told");
  await expect(told("page").getByTestId("notice-outcome")).toHaveText("Not told");
  await expect(told("page").getByTestId("notice-reason")).toHaveText("because the settings of the channel are not complete");
  const link = told("renewal_near").getByTestId("notice-ticket");
  assert.match(await link.getAttribute("href"), /\/agent\/tickets\/\d+$/);
  await look(scene, "notices");

  await app.getByLabel("Outcome").selectOption("not_told");
  await expect(app.getByTestId("notice")).toHaveCount(1);
  await app.getByLabel("About").selectOption("renewal_near");
  await expect(app.getByTestId("notices-none")).toBeVisible();
  await look(scene, "notices-none-found");
  await app.getByLabel("Outcome").selectOption("");
  await expect(app.getByTestId("notice")).toHaveCount(1);
}, { agent: ADMIN });

check("what somebody changed in Zendesk is shown, and overwritten only on purpose", async (scene) => {
  bringContracts(scene.house);
  const app = await notices(scene);
  await made(app);
  const page = (await inZendesk(scene)).find(({ title }) => title.includes("page on"));
  const { actions, conditions } = page;
  conditions.all.find(({ field, operator }) => /sfdc_mrr/.test(field) && operator !== "present").value = "7000";
  await scene.house.zendesk("PUT", `triggers/${page.id}.json`, { trigger: { title: "Our page", actions, conditions } });
  await app.getByTestId("triggers-again").click();
  const ours = app.locator('[data-testid="trigger"][data-value="page"]');
  await expect(ours.getByTestId("trigger-state")).toHaveAttribute("data-value", "changed_by_hand");
  await expect(ours.getByTestId("trigger-difference")).toContainText("7000 or more");
  await expect(app.getByTestId("triggers-make")).toHaveCount(0);
  await look(scene, "notices-changed-by-hand");
  await app.getByTestId("triggers-overwrite").click();
  await expect(app.getByRole("heading", { name: "Overwrite what somebody changed in Zendesk?" })).toBeFocused();
  await look(scene, "notices-overwrite");
  await app.getByTestId("question-yes").click();
  await expect(app.getByTestId("triggers-done")).toHaveText("Done. Created: 0. Updated: 1.");
  await expect(ours.getByTestId("trigger-state")).toHaveAttribute("data-value", "found");
  await expect(ours).toContainText("Our page"); // the title stays
}, { agent: ADMIN });

check("triggers that cannot be made are explained, and so is a server that is away", async (scene) => {
  const app = await notices(scene);
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "contract_not_integrated");
  await look(scene, "notices-no-contract");
  await scene.context.route("**/api/notices", (route) => route.abort());
  await app.getByRole("link", { name: "Archive", exact: true }).click();
  await app.getByRole("link", { name: "Notices", exact: true }).click();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "offline");
  await look(scene, "notices-offline");
  await scene.context.unroute("**/api/notices");
  await app.getByTestId("page-again").click();
  await expect(app.getByTestId("notices-empty")).toBeVisible();
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("a trigger that is gone is told here, and at the connection with Zendesk", async (scene) => {
  bringContracts(scene.house);
  const app = await notices(scene);
  await made(app);
  await expect(app.getByTestId("triggers-fine")).toBeVisible();
  const problem = "the trigger of `page` notices is gone from Zendesk";
  await scene.context.route("**/api/notices", async (route) => {
    const answer = await (await route.fetch()).json();
    answer.triggers.find(({ kind }) => kind === "page").problem = problem;
    await route.fulfill({ json: answer });
  });
  await app.getByTestId("notices-again").click();
  await expect(app.getByTestId("trigger-problem")).toHaveAttribute("data-value", "page");
  await expect(app.getByTestId("trigger-problem")).toContainText("is gone from Zendesk");
  await look(scene, "notices-trigger-gone");
  await scene.context.route("**/api/connections", async (route) => {
    const answer = await (await route.fetch()).json();
    answer.connections.find(({ kind }) => kind === "zendesk").problem = { code: "notice_trigger", message: problem, hint: "update the triggers" };
    await route.fulfill({ json: answer });
  });
  await app.getByRole("link", { name: "Connections", exact: true }).click();
  await expect(app.getByTestId("connection-zendesk").getByTestId("connection-problem")).toContainText("is gone from Zendesk");
  await look(scene, "connections-trigger-gone");
}, { agent: ADMIN });

check("whoever may not edit reads notices and changes no trigger", async (scene) => {
  const app = await notices(scene);
  await expect(app.getByTestId("triggers-read-only")).toBeVisible();
  await expect(app.getByTestId("triggers-again")).toHaveCount(0);
  await look(scene, "notices-read-only");
}, { agent: ADMIN, settings: '[integrations]\neditors = "addresses:somebody@example.com"\n' });

for (const [locale, name] of [["ja", "担当者への通知"], ["ko", "담당자 알림"]]) {
  check(`the page is in the admin's language, and fits a narrow screen: ${locale}`, async (scene) => {
    bringContracts(scene.house);
    const app = await notices(scene, name);
    await app.getByTestId("triggers-make").click();
    await app.getByTestId("question-yes").click();
    await expect(app.getByTestId("triggers-fine")).toBeVisible();
    await writes(scene.house, { priority: "urgent" });
    await until("all three were decided", () => decided(app));
    await look(scene, `notices-${locale}`);
    const frame = await scene.frame();
    await (await frame.frameElement()).evaluate((place) => (place.style.width = "360px"));
    assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing goes beyond the page");
    await look(scene, `notices-narrow-${locale}`);
  }, { agent: ADMIN, locale });
}
