// The card beside a ticket: what it shows, whom it follows, and each state in which there is less to show.
import assert from "node:assert/strict";
import { look } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();
const FIRST = 26_155_588_908_160; // the seeded customers, 128 apart
const customer = (place) => FIRST + place * 128;

const card = (app) => app.getByTestId("card");
const shows = (app, hook, value) => expect(app.getByTestId(hook)).toHaveAttribute("data-value", value);
const refresh = (app) => app.getByTestId("card-refresh").click();

/** Every fact on the card, against the fields in which Zendesk has it. */
async function showsContractOf({ house }, app, user) {
  const { user_fields: fields } = (await house.zendesk("GET", `users/${user}.json`)).user;
  await shows(app, "card-company", fields.sfdc_company_name);
  await shows(app, "card-account-type", fields.sfdc_account_type);
  await shows(app, "card-status", fields.sfdc_subscription_status);
  await shows(app, "card-mrr", String(Number(fields.sfdc_mrr)));
  await shows(app, "card-start", fields.sfdc_contract_start.slice(0, 10));
  await shows(app, "card-renewal", fields.sfdc_renewal_date.slice(0, 10));
  await shows(app, "card-owner", fields.sfdc_owner);
}

check("an opened ticket shows its requester's contract", async (scene) => {
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(card(app)).toHaveAttribute("data-value", "known");
  await showsContractOf(scene, app, customer(0));
  const asOf = await app.getByTestId("card-as-of").getAttribute("data-value");
  assert.ok(Math.abs(Date.now() - Date.parse(asOf)) < 60_000, `as of ${asOf}`);
  const badges = await app.locator('[data-testid^="badge-"]').evaluateAll((all) => all.map(({ dataset }) => dataset.value));
  assert.deepEqual(badges.toSorted(), ["high_mrr", "new_customer"]);
  await expect(app.getByTestId("dial")).toHaveAttribute("data-value", "+815012340042");
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
  await look(scene, "card-known");
  await scene.page.screenshot({ path: scene.picture("workspace-ticket-42") });
});

check("the app is framed from another site, and asks for nothing that this site must not have", async (scene) => {
  const page = await scene.workspace("tickets/42");
  await expect(card(scene.app())).toHaveAttribute("data-value", "known");
  const frame = await scene.frame();
  const [outer, inner] = [new URL(page.url()), new URL(frame.url())];
  assert.notEqual(outer.hostname, inner.hostname);
  const seen = await frame.evaluate(() => {
    try {
      return window.top.document.title;
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(seen, "SecurityError");
  // As agents' browsers do, this one refuses cookies and storage to a frame of another site; the app works without.
  assert.equal(await frame.evaluate(() => document.cookie), "");
});

check("the panel is as high as its content", async (scene) => {
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-item")).toHaveCount(4);
  const frame = await scene.frame();
  const slack = async () => {
    const content = await frame.evaluate(() => document.getElementById("app").scrollHeight);
    return (await (await frame.frameElement()).boundingBox()).height - content;
  };
  await expect.poll(slack).toBe(0);
  await scene.app().getByTestId("archive-all").click();
  await expect(scene.app().getByRole("alertdialog")).toBeVisible();
  await expect.poll(slack).toBe(0);
});

check("the requester changes, and the card follows before anything is saved", async (scene) => {
  const page = await scene.workspace("tickets/42");
  await showsContractOf(scene, scene.app(), customer(0));
  await page.getByTestId("change-requester").click();
  await page.getByTestId(`person-${customer(1)}`).click();
  await showsContractOf(scene, scene.app(), customer(1));
  await shows(scene.app(), "badge-renewal_near", "renewal_near");
  await look(scene, "card-renewal-near");
});

check("beside a user the card is that user's", async (scene) => {
  await scene.workspace(`users/${customer(5)}`);
  const app = scene.app("user_sidebar");
  await showsContractOf(scene, app, customer(5));
  await shows(app, "badge-vip", "vip");
  await look(scene, "card-user");
});

check("a new ticket has no card until a requester is chosen", async (scene) => {
  const page = await scene.workspace("tickets/new");
  const app = scene.app("new_ticket_sidebar");
  await expect(card(app)).toHaveAttribute("data-value", "no_requester");
  await look(scene, "card-no-requester");
  await page.getByTestId("change-requester").click();
  await page.getByTestId(`person-${customer(2)}`).click();
  await showsContractOf(scene, app, customer(2));
});

check("a link to another open ticket leads there", async (scene) => {
  const { house, page } = scene;
  const ticket = { subject: "Another question", comment: { body: "?" }, requester_id: customer(0), status: "open" };
  const { id } = (await house.zendesk("POST", "tickets.json", { ticket })).ticket;
  await scene.workspace("tickets/42");
  await scene.app().locator(`[data-testid="open-ticket"][data-value="${id}"]`).click();
  await page.waitForURL(`**/agent/tickets/${id}`);
  await showsContractOf(scene, scene.app(), customer(0));
});

check("a company with a long name stays inside the panel", async (scene) => {
  await scene.workspace(`users/${customer(36)}`);
  const app = scene.app("user_sidebar");
  await expect(card(app)).toHaveAttribute("data-value", "known");
  const frame = await scene.frame();
  const overhang = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overhang, 0);
  await look(scene, "card-long-name");
});

/** Ticket or user → the state that the card names, and words that must be read there. */
const LESS = [
  ["a customer without company", "tickets/33", "ticket_sidebar", "none", /No contract/],
  ["a suspended customer", "tickets/4", "ticket_sidebar", "none", /is suspended: Zendesk holds their messages/],
  ["a deleted customer", "tickets/2", "ticket_sidebar", "none", /deleted in Zendesk|No contract/],
  ["a customer whose contract has ended", `users/${customer(6)}`, "user_sidebar", "known", /Canceled/],
  ["a customer who pays late", `users/${customer(7)}`, "user_sidebar", "known", /Past due/],
];
for (const [who, path, location, state, words] of LESS) {
  check(`${who} is shown as such`, async (scene) => {
    await scene.workspace(path);
    await expect(card(scene.app(location))).toHaveAttribute("data-value", state);
    await expect(card(scene.app(location))).toHaveText(words);
    await look(scene, `card-${who.replaceAll(" ", "-")}`);
  });
}

check("a ticket that was deleted meanwhile says so and keeps what was on the screen", async (scene) => {
  const { house, page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(card(app)).toHaveAttribute("data-value", "known");
  await house.zendesk("DELETE", "tickets/42.json");
  await refresh(app);
  // The list of attachments may say the same, further down.
  await expect(app.getByTestId("problem").first()).toHaveAttribute("data-value", "ticket_not_found");
  await showsContractOf(scene, app, customer(0));
  await page.getByLabel("Reload the app").click();
  await expect(card(app)).toHaveAttribute("data-value", "failed");
  await expect(card(app)).toHaveText(/does not exist or you may not see it/);
  await look(scene, "card-ticket-gone");
}, { forgives: FAILED_CALLS });

check("while Zendesk is down the card shows what was last known, and recovers", async (scene) => {
  const { house, page } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(card(app)).toHaveAttribute("data-value", "known");
  await house.trouble({ host: "zendesk", method: "GET", path_prefix: "/api/v2/tickets/42" }, { status: 503 });
  await refresh(app);
  await expect(card(app)).toHaveAttribute("data-value", "stale");
  await expect(card(app)).toHaveText(/Zendesk is not answering\. Showing data from/);
  await showsContractOf(scene, app, customer(0));
  await look(scene, "card-stale");
  await house.calm();
  await refresh(app);
  await expect(card(app)).toHaveAttribute("data-value", "known");
  await expect(page.getByTestId("ticket-subject")).toBeVisible();
}, { forgives: FAILED_CALLS });

check("Zendesk is down at the first look: the card says so, and a retry shows it", async (scene) => {
  const { house } = scene;
  await house.trouble({ host: "zendesk", method: "GET", path_contains: "tickets/requested" }, { status: 503 });
  await house.trouble({ host: "zendesk", method: "GET", path_prefix: `/api/v2/users/${customer(0)}` }, { status: 503 });
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(card(app)).toHaveAttribute("data-value", "failed");
  await shows(app, "problem", "zendesk_unavailable"); // once, not for the files as well
  await look(scene, "card-zendesk-down");
  await house.calm();
  await card(app).getByRole("button", { name: "Try again" }).click();
  await expect(card(app)).toHaveAttribute("data-value", "known");
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
}, { forgives: FAILED_CALLS });

check("the server is lost: what was on the screen stays, and a retry works when it is back", async (scene) => {
  const { house } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
  await house.lose();
  await refresh(app);
  await shows(app, "problem", "offline");
  await showsContractOf(scene, app, customer(0));
  await expect(app.getByTestId("archive-item")).toHaveCount(4);
  await look(scene, "card-server-lost");
  await house.serve();
  await refresh(app);
  await expect(app.getByTestId("problem")).toHaveCount(0);
  await showsContractOf(scene, app, customer(0));
}, { forgives: FAILED_CALLS });

check("a server that hangs is waited for, and the card says that it is being refreshed", async (scene) => {
  const { house } = scene;
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(card(app)).toHaveAttribute("data-value", "known");
  house.freeze();
  await refresh(app);
  await expect(app.getByTestId("card-refresh")).toHaveText("Refreshing…");
  await showsContractOf(scene, app, customer(0));
  house.thaw();
  await expect(app.getByTestId("card-refresh")).toHaveText("Refresh");
  await expect(app.getByTestId("problem")).toHaveCount(0);
});

check("by itself the card comes back once the server does", async (scene) => {
  const { house, page } = scene;
  await page.clock.install();
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(card(app)).toHaveAttribute("data-value", "known");
  await house.lose();
  await refresh(app);
  await expect(card(app)).toHaveText(/Trying again in \d+ s/);
  await house.serve();
  await page.clock.runFor(25_000);
  await expect(app.getByTestId("problem")).toHaveCount(0);
}, { forgives: FAILED_CALLS });

check("several companies match: none is shown until the agent chooses, and the choice outlives a refresh", async (scene) => {
  const { page } = scene;
  const contract = (company, mrr) => ({ state: "known", company, account_type: "Partner", subscription_status: "Paying", mrr,
    currency: "USD", start: "2026-09-01", renewal: "2027-08-31", owner: "Dana Keller", as_of: new Date().toISOString() });
  const choices = [contract("Northwind Traders", 5000), contract("Contoso Robotics", 7000)];
  await page.route("**/api/tickets/42/card*", async (route) => {
    const answer = await route.fetch();
    const json = { ...(await answer.json()), contract: { state: "ambiguous", choices }, badges: [] };
    await route.fulfill({ response: answer, json });
  });
  await scene.workspace("tickets/42");
  const app = scene.app();
  await expect(card(app)).toHaveAttribute("data-value", "ambiguous");
  await expect(app.getByTestId("card-company")).toHaveCount(0);
  await look(scene, "card-ambiguous");
  await app.locator('[data-testid="card-choice"][data-value="Contoso Robotics"]').click();
  await shows(app, "card-company", "Contoso Robotics");
  await refresh(app);
  await expect(app.getByTestId("card-refresh")).toHaveText("Refresh");
  await shows(app, "card-company", "Contoso Robotics");
  await app.getByRole("button", { name: "Another company" }).click();
  await expect(card(app)).toHaveAttribute("data-value", "ambiguous");
});

/** The card's answer with another contract; it comes with an integration, and the browser does not mind from where. */
const answers = (page, contract, badges = []) => page.route("**/api/tickets/42/card*", async (route) => {
  const answer = await route.fetch();
  const { contract: own, ...card } = await answer.json();
  await route.fulfill({ response: answer, json: { ...card, contract: { ...own, ...contract }, badges } });
});

const DIFFERENCES = [
  { part: "company", value: "Aoba Trading" }, { part: "subscription_status", value: "past_due" },
  { part: "account_type", value: null }, { part: "mrr", value: "1000000.50" }, { part: "start", value: "2026-09-01" },
  { part: "renewal", value: "2027-08-31" }, { part: "owner", value: "Dana Keller" },
];
for (const [locale, words] of [["en-US", /In Zendesk: Aoba Trading/], ["ja", /Zendesk の値: Aoba Trading/], ["ko", /Zendesk 값: Aoba Trading/]]) {
  check(`what Zendesk has instead stands beside each value, ${locale}`, async (scene) => {
    await answers(scene.page, { source: "Contracts daily", differences: DIFFERENCES });
    await scene.workspace("tickets/42");
    const app = scene.app();
    await expect(card(app)).toHaveText(words);
    await expect(app.getByTestId("card-differs")).toHaveCount(DIFFERENCES.length);
    const told = await app.getByTestId("card-differs").evaluateAll((all) => all.map(({ dataset }) => dataset.value));
    assert.deepEqual(told.toSorted(), DIFFERENCES.map(({ value }) => value ?? "").toSorted());
    await look(scene, `card-differs-${locale}`);
  }, { locale });
}

check("an import that did not run is told, and an amount keeps every digit", async (scene) => {
  const last_run = new Date(Date.now() - 3 * 86_400_000).toISOString();
  const mrr = { mrr: 12345678901234567000, mrr_exact: "12345678901234567890.12", currency: "KRW" };
  await answers(scene.page, { state: "stale", last_run, ...mrr });
  await scene.workspace("tickets/42");
  await expect(card(scene.app())).toHaveAttribute("data-value", "stale");
  await expect(card(scene.app())).toHaveText(/Last contract import: .*These values may be out of date/);
  await expect(card(scene.app())).not.toHaveText(/Trying again/);
  await expect(scene.app().getByTestId("card-mrr")).toHaveText(/12,345,678,901,234,567,890\.12/);
  await look(scene, "card-import-old");
});

check("a requester who is gone leaves the ticket its files", async (scene) => {
  const { page } = scene;
  await page.route("**/api/tickets/42/card*", async (route) => {
    const answer = await route.fetch();
    const json = { ...(await answer.json()), customer: null, contract: { state: "none" }, badges: [] };
    await route.fulfill({ response: answer, json });
  });
  await scene.workspace("tickets/42");
  await expect(card(scene.app())).toHaveAttribute("data-value", "unknown_customer");
  await expect(scene.app().getByTestId("archive-item")).toHaveCount(4);
  await look(scene, "card-unknown-customer");
});
