// Sessions: where Zendesk does not name the agent, they prove who they are, a session is renewed before it runs out, and one that
// has run out says so and loses nothing.
import assert from "node:assert/strict";
import { look } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const known = (app) => expect(app.getByTestId("card")).toHaveAttribute("data-value", "known");
const refused = { code: "session_expired", message: "the session has ended", request_id: "r" };
const refuse = (route) => route.fulfill({ status: 401, json: { error: refused } });

/** The sidebar's own frame: the one in the background has a session of its own, which is renewed as well. */
const sidebar = async (page) => (await page.getByTestId("frame-ticket_sidebar").elementHandle()).contentFrame();

/** The next renewed session of a frame. */
const renewal = (page, frame) =>
  page.waitForResponse((answer) => answer.url().endsWith("/api/session/renew") && answer.frame() === frame);

/** Zendesk's tokens name nobody. */
async function nameless(page) {
  await page.route("**/_sandbox/workspace/sign", (route) =>
    route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), options: { omit_sub: true } }) }));
}

check("an agent whom Zendesk does not name proves who they are, and the panel unlocks", async (scene) => {
  const { page } = scene;
  await nameless(page);
  const proved = page.waitForResponse((answer) => answer.url().endsWith("/api/session/proof/confirm"));
  await scene.workspace("tickets/42");
  await known(scene.app());
  assert.equal((await proved).status(), 200);
  await expect(scene.app().getByTestId("archive-item")).toHaveCount(4);
  await scene.app().getByTestId("archive-all").click();
  await scene.app().getByTestId("archive-confirm").click();
  await expect(scene.app().locator('[data-testid="archive-state"][data-value="redacted"]')).toHaveCount(4);
}, { forgives: FAILED_CALLS });

check("where the proof does not arrive nothing of the customer is shown, and another try helps", async (scene) => {
  const { house, page } = scene;
  await nameless(page);
  await house.trouble({ host: "zendesk", path_contains: "apps/notify" }, { status: 403 });
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(app.getByTestId("problem")).toHaveAttribute("data-value", "agent_unproved");
  await expect(app.getByTestId("card")).toHaveCount(0); // a skeleton would say that something is still to come
  await expect(app.getByTestId("archive-item")).toHaveCount(0);
  await look(scene, "session-unproved");
  await house.calm();
  await app.getByTestId("problem").getByRole("button", { name: "Try again" }).click();
  await known(app);
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
}, { forgives: FAILED_CALLS });

check("a session is renewed before it runs out", async (scene) => {
  const { page } = scene;
  await page.clock.install();
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-item")).toHaveCount(4);
  const renewed = renewal(page, await sidebar(page));
  await page.clock.fastForward("14:00");
  const { token } = await (await renewed).json();
  const asked = page.waitForRequest((request) => request.url().includes("/card?refresh"));
  await scene.app().getByTestId("card-refresh").click();
  assert.equal((await asked).headers().authorization, `Bearer ${token}`);
  await known(scene.app());
});

check("a renewal that finds no server is tried again, and the agent sees nothing of it", async (scene) => {
  const { house, page } = scene;
  await page.clock.install();
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-item")).toHaveCount(4);
  await house.lose();
  const frame = await sidebar(page);
  const missed = page.waitForEvent("requestfailed", (request) =>
    request.url().endsWith("/api/session/renew") && request.frame() === frame);
  await page.clock.fastForward("14:00");
  await missed;
  await house.serve();
  const renewed = renewal(page, frame);
  await page.clock.runFor(20_000);
  assert.equal((await renewed).status(), 200);
  await expect(scene.app().getByTestId("problem")).toHaveCount(0);
}, { forgives: FAILED_CALLS });

check("a session that ran out under way is renewed once, and the agent sees nothing of it", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  await known(scene.app());
  await page.route("**/card?refresh=true", refuse, { times: 1 });
  const renewed = renewal(page, await sidebar(page));
  await scene.app().getByTestId("card-refresh").click();
  assert.equal((await renewed).status(), 200);
  await expect(scene.app().getByTestId("card-refresh")).toHaveText("Refresh");
  await expect(scene.app().getByTestId("problem")).toHaveCount(0);
}, { forgives: FAILED_CALLS });

check("a session that cannot be renewed says so, what is on the screen stays, and [Reload] begins anew", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
  await page.route("**/card?refresh=true", refuse);
  await page.route("**/api/session/renew", refuse);
  await app.getByTestId("card-refresh").click();
  await expect(app.getByTestId("problem").locator("p")).toHaveText("Your session has ended. Reload to continue.");
  await expect(app.getByTestId("card-company")).toHaveText("青葉商事株式会社");
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
  await look(scene, "session-over");
  await page.unroute("**/card?refresh=true");
  await page.unroute("**/api/session/renew");
  const proved = page.waitForResponse((answer) => answer.url().endsWith("/api/session/proof/confirm"));
  await app.getByTestId("session-reload").click();
  assert.equal((await proved).status(), 200);
  await expect(app.getByTestId("problem")).toHaveCount(0);
  await known(app);
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
}, { forgives: FAILED_CALLS });

check("a session that is over for good says what helps, and offers nothing that does not", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
  for (const path of ["**/card?refresh=true", "**/api/session/renew", "**/api/session/reopen"]) await page.route(path, refuse);
  await app.getByTestId("card-refresh").click();
  await app.getByTestId("session-reload").click();
  await expect(app.getByTestId("session-reload")).toHaveCount(0);
  await expect(app.getByTestId("problem")).toHaveText("The session has ended.");
  await look(scene, "session-over-for-good");
}, { forgives: FAILED_CALLS });

check("a call's panel that waits in vain for a token can be loaded again", async (scene) => {
  const { page } = scene;
  await page.route("**/api/session/flex", (route) =>
    route.fulfill({ status: 401, json: { error: { code: "flex_token_invalid", message: "it is refused", request_id: "r" } } }));
  await scene.flex();
  const panel = scene.panel();
  await expect(panel.getByTestId("session-reload")).toBeVisible();
  await look(scene, "session-over-flex");
  await page.unroute("**/api/session/flex");
  const signedIn = page.waitForResponse((answer) => answer.url().endsWith("/api/session/flex"));
  await panel.getByTestId("session-reload").click();
  assert.equal((await signedIn).status(), 200);
  await expect(panel.getByTestId("problem")).toHaveCount(0);
}, { forgives: FAILED_CALLS });

/** How a token differs from an honest one → the code on the page that is shown instead. */
const FORGED = [
  ["signed by a stranger", { stranger: true }, "signed_token_invalid"],
  ["expired", { exp_in: -300 }, "signed_token_expired"],
  ["for another place", { aud: "https://other.zendesk.com/api/v2/apps/installations/456.json" }, "signed_token_wrong_audience"],
  ["of another account", { iss: "other.zendesk.com" }, "signed_token_wrong_account"],
];
for (const [how, options, code] of FORGED) {
  check(`a token ${how} opens nothing, and the page says why`, async (scene) => {
    const { page } = scene;
    await page.route("**/_sandbox/workspace/sign", (route) =>
      route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), options }) }));
    await scene.workspace("tickets/42");
    await expect(scene.app().getByTestId("problem")).toHaveAttribute("data-code", code);
    await expect(scene.app().getByText("Deskside cannot open here")).toBeVisible();
  }, { forgives: FAILED_CALLS });
}
