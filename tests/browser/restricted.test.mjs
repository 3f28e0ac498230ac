// A call of an agent from whom Zendesk hides tickets: the panel shows nothing of what is hidden, says what happened and what to
// do, and what is made for them they see.
import assert from "node:assert/strict";
import { look } from "./stage/look.mjs";
import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";

const check = await suite();

const REN = 9003;
const HIDDEN = 42;
const shows = (panel, hook, value) => expect(panel.getByTestId(hook)).toHaveAttribute("data-value", value);

/** Ren's Flex, with a call that is accepted. */
async function call(scene, gathered, caller) {
  const { page } = scene;
  await scene.flex(page, "ren");
  await expect(page.getByTestId("plugin")).toHaveText("Plugin: DesksidePlugin");
  await expect(page.getByTestId("worker")).toHaveValue("ren");
  await page.getByTestId("gathered").selectOption({ label: gathered });
  await page.getByTestId("caller").selectOption({ label: caller });
  await page.getByTestId("ring").click();
  await page.getByTestId("accept").first().click();
  return scene.panel();
}

/** Nothing of the hidden ticket is in the panel, and nothing of its customer either, where the call does not name them. */
async function hides(scene, { customer = true } = {}) {
  const { ticket } = await scene.house.zendesk("GET", `tickets/${HIDDEN}.json`);
  const { user } = await scene.house.zendesk("GET", `users/${ticket.requester_id}.json`);
  const text = await (await scene.frame()).evaluate(() => document.body.textContent);
  const secret = [ticket.subject, `#${HIDDEN}`, ticket.description];
  if (customer) secret.push(user.name, user.email, user.user_fields.sfdc_company_name);
  for (const word of secret) assert.ok(word && !text.includes(word), `“${word}” is in the panel: ${text}`);
}

/** The ticket on the panel is one that Ren's Zendesk shows beside its card. */
async function isShownInZendesk(scene, panel) {
  const id = await panel.getByTestId("pop-ticket").getAttribute("data-value");
  const workspace = await scene.workspace(`tickets/${id}`, await scene.context.newPage());
  const app = scene.app("ticket_sidebar", workspace);
  await expect(app.getByTestId("card")).not.toHaveAttribute("data-value", /loading|failed/);
  await expect(app.getByTestId("problem")).toHaveCount(0);
}

check("a customer whose open ticket is hidden: that is said, and a new ticket is offered once", async (scene) => {
  const panel = await call(scene, "No attribute", "+81 50-1234-0042");
  await shows(panel, "problem", "open_ticket_hidden");
  await expect(panel.getByTestId("problem")).toHaveText(
    "The customer has an open ticket, which you may not see. Ask your team who answers it, or make a new ticket here.");
  await expect(panel.getByTestId("pop-choice")).toHaveCount(0);
  await expect(panel.getByTestId("pop-choice-new")).toHaveText("New ticket for 佐藤 花子");
  await hides(scene, { customer: false });
  await look(scene, "restricted-customer");
  await panel.getByTestId("pop-choice-new").click();
  await shows(panel, "pop", "ticket");
  await hides(scene, { customer: false });
  await look(scene, "restricted-made");
  await isShownInZendesk(scene, panel);
}, { agent: REN });

check("an unknown number: a ticket is made that the agent sees", async (scene) => {
  const panel = await call(scene, "No attribute", "+81 50-1234-9999");
  await shows(panel, "pop", "ticket");
  await expect(panel.getByText("New for this call")).toBeVisible();
  await expect(panel.getByTestId("problem")).toHaveCount(0);
  await shows(panel, "log-start", "written");
  await look(scene, "restricted-stranger");
  await isShownInZendesk(scene, panel);
}, { agent: REN });

for (const [who, caller, code] of [
  ["its own customer", "+81 50-1234-0042", "open_ticket_hidden"],
  ["somebody else", "+81 50-1234-9999", "ticket_not_found"],
  ["nobody who can be known", "Anonymous", "ticket_not_found"],
]) {
  check(`the number of a hidden ticket, from ${who}: nothing of the ticket is shown`, async (scene) => {
    const panel = await call(scene, "Ticket 42", caller);
    await shows(panel, "problem", code);
    await hides(scene, { customer: code === "ticket_not_found" });
    await look(scene, `restricted-number-${code}-${caller.replaceAll(/\W/g, "")}`);
  }, { agent: REN, forgives: FAILED_CALLS });
}
