// The admins' page of tickets per week: pictures and the same as a table, by plan and by MRR, for more weeks, as a file.
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { bringContracts, writes } from "./stage/contracts.mjs";
import { look } from "./stage/look.mjs";
import { ADMIN, expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

/** The page, in the console. */
async function tickets(scene, name = "Tickets per week") {
  await scene.workspace("apps/app");
  const app = scene.app("nav_bar");
  await app.getByRole("link", { name, exact: true }).click();
  await expect(app.getByTestId("page-tickets")).toBeVisible();
  return app;
}

/** Three customers write. */
async function counted(scene) {
  for (const name of ["hanako.sato", "noah.johnson", "hanako.sato"]) await writes(scene.house, { email: `${name}@example.com` });
  bringContracts(scene.house);
}

check("an admin sees tickets by plan and by MRR, as pictures, as a table and as a file", async (scene) => {
  await counted(scene);
  const app = await tickets(scene);
  await expect(app.getByRole("heading", { name: "Tickets per week" })).toBeFocused();
  await expect(app.getByTestId("tickets-week")).toHaveCount(12);
  const sums = app.getByTestId("tickets-sums").getByRole("cell");
  const numbers = (await sums.allTextContents()).map(Number);
  assert.ok(numbers[0] >= 3, `the three that were written are counted: ${numbers}`);
  assert.equal(numbers[0], numbers.slice(1).reduce((sum, one) => sum + one, 0), "each ticket counts once");
  await look(scene, "tickets");

  await app.locator('[data-testid="tickets-by"][data-value="mrr"]').click();
  await expect(app.getByRole("columnheader", { name: "10,000 or more" })).toBeVisible();
  await expect(app.locator('[data-testid="tickets-by"][data-value="mrr"]')).toHaveAttribute("aria-pressed", "true");
  await app.locator('[data-testid="tickets-weeks"][data-value="52"]').click();
  await expect(app.getByTestId("tickets-week")).toHaveCount(52);
  await look(scene, "tickets-mrr-year");

  const [download] = await Promise.all([scene.page.waitForEvent("download"), app.getByTestId("tickets-save").click()]);
  assert.equal(download.suggestedFilename(), "deskside-tickets.csv");
  assert.match(await text(await download.createReadStream()), /^week,plan,mrr_band,tickets\r\n\d{4}-/);
}, { agent: ADMIN });

check("without tickets that were read, and without a server, the page says what to do", async (scene) => {
  const app = await tickets(scene);
  await expect(app.getByTestId("tickets-not-kept")).toBeVisible();
  await look(scene, "tickets-not-kept");
  await scene.context.route("**/api/reports/**", (route) => route.abort());
  await app.getByRole("link", { name: "Archive", exact: true }).click();
  await app.getByRole("link", { name: "Tickets per week", exact: true }).click();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "offline");
  await scene.context.unroute("**/api/reports/**");
  await app.getByTestId("page-again").click();
  await expect(app.getByTestId("tickets-not-kept")).toBeVisible();
}, { agent: ADMIN, forgives: FAILED_CALLS });

check("the page is in the admin's language, and fits a narrow screen", async (scene) => {
  await counted(scene);
  const app = await tickets(scene, "週ごとのチケット");
  await expect(app.getByTestId("tickets-week")).toHaveCount(12);
  await look(scene, "tickets-ja");
  const frame = await scene.frame();
  await (await frame.frameElement()).evaluate((place) => (place.style.width = "360px"));
  assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing goes beyond the page");
  await look(scene, "tickets-narrow");
}, { agent: ADMIN, locale: "ja" });
