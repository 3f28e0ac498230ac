// The panel that cannot start says why, in the agent's language, and never stays blank.
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const says = async (app, what, words) => {
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", what);
  await expect(app.getByTestId("problem")).toHaveText(words);
};

check("Zendesk's SDK is blocked", async (scene) => {
  await scene.page.route("**/zaf_sdk.js", (route) => route.abort());
  await scene.workspace("tickets/42");
  await says(scene.app(), "sdk", /Zendesk's app framework could not be loaded/);
}, { forgives: FAILED_CALLS });

check("the module is blocked, and the agent reads Japanese", async (scene) => {
  await scene.page.route("**/app/*.wasm", (route) => route.abort());
  await scene.workspace("tickets/42");
  await says(scene.app(), "start", /Deskside を起動できませんでした/);
}, { forgives: FAILED_CALLS, locale: "ja" });

check("the workspace never answers", async (scene) => {
  const { page } = scene;
  await page.clock.install();
  await page.addInitScript(() => {
    if (window === top) addEventListener("message", (event) => event.stopImmediatePropagation(), true);
  });
  await scene.workspace("tickets/42");
  await expect(scene.app().locator("#app")).toBeAttached();
  await scene.page.clock.runFor(12_000);
  await says(scene.app(), "silent", /Zendesk is not answering this panel/);
});

check("the page is opened outside its workspace", async (scene) => {
  const { house, page } = scene;
  await page.goto(`${house.appUrl}/zendesk/ticket_sidebar`);
  await expect(page.getByTestId("problem")).toHaveAttribute("data-code", "signed_token_missing");
  await expect(page.getByText("Open a ticket in Zendesk.")).toBeVisible();
}, { forgives: FAILED_CALLS });

check("no page but Flex's can frame the panel of Flex", async (scene) => {
  const { house, page } = scene;
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("card")).toBeVisible(); // the workspace is drawn: it takes nothing away any more
  const answered = page.waitForResponse(`${house.appUrl}/flex/panel`);
  await page.evaluate((src) => document.body.append(Object.assign(document.createElement("iframe"), { src, id: "thief" })),
    `${house.appUrl}/flex/panel`);
  const answer = await answered;
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-security-policy"]).toMatch(/frame-ancestors https?:/);
  // Chromium says so in a console whose frame is gone at once, and not every listener hears it; what it shows is its own page.
  const thief = await (await page.$("#thief")).contentFrame();
  await expect.poll(() => thief.url()).toBe("chrome-error://chromewebdata/");
  await expect(thief.locator("#app")).toHaveCount(0);
}, { forgives: /frame-ancestors/ });
