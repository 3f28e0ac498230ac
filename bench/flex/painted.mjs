// Measures, in Chromium, how long an agent waits from accepting a call until the contract is painted in the panel: Deskside
// in the light Flex page, its panel open as it is all day, and a page whose server makes the same calls one after the other.
// Every call to a vendor takes 100 ms. Started by `cargo xtask bench flex`; the last line on standard output is JSON.
//
// Each ticket is asked for once by each side, so that neither finds it in a cache; the sides alternate.
import { chromium } from "playwright-core";
import { inSequence, json } from "./sequence.mjs";

const { BENCH_ZENDESK, BENCH_TWILIO, BENCH_PORT, BENCH_ROUNDS, DESKSIDE_CHROMIUM } = process.env;

/** Runs in every frame: says when a ticket's company was first painted. */
function watch() {
  let last = "";
  const look = () => {
    const ticket = document.querySelector('[data-testid="pop-ticket"]')?.dataset.value;
    if (!ticket || ticket === last || !document.querySelector('[data-testid="card-company"]')?.textContent.trim()) return;
    last = ticket;
    requestAnimationFrame(() => {
      const painted = new MessageChannel(); // its message comes after the frame that is being painted
      painted.port1.onmessage = () => console.debug("contract painted", ticket, performance.timeOrigin + performance.now());
      painted.port2.postMessage(null);
    });
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
}

/** Tickets whose requester has a contract; the sandbox's state is no call to a vendor. */
async function tickets(count) {
  const login = await json(`${BENCH_ZENDESK}/_sandbox/workspace/login`, "POST", { agent_id: 9002 });
  const headers = { authorization: `Bearer ${login.token}` };
  const { tickets, users } = await json(`${BENCH_ZENDESK}/api/v2/tickets.json?include=users&per_page=100`, "GET", undefined, headers);
  const known = new Map(users.map(({ id, user_fields }) => [id, user_fields?.sfdc_company_name]));
  const open = tickets.filter(({ status, requester_id }) => status !== "closed" && known.get(requester_id));
  if (open.length < count) throw new Error(`the sandbox has ${open.length} tickets with a contract: choose fewer --rounds`);
  return open.slice(0, count).map(({ id }) => String(id));
}

/** Milliseconds from `begin`, which answers when it began, until the page says that this ticket's contract is painted. */
async function wait(page, ticket, begin) {
  const predicate = (said) => said.text().startsWith(`contract painted ${ticket} `);
  const said = page.waitForEvent("console", { predicate, timeout: 20_000 });
  const [painted, began] = await Promise.all([said, begin()]).catch((cause) => {
    throw new Error(`ticket ${ticket}: ${cause.message}`);
  });
  return Number(painted.text().split(" ").at(-1)) - began;
}

const ring = (page, ticket) =>
  page.evaluate(async (gathered) => {
    const task = await window.sandbox.ring({ gathered, caller: "+815012349999", channel: "voice" });
    return { sid: task.sid, taskSid: task.taskSid };
  }, ticket);

/** As Flex does when the agent presses its button; when the call became the agent's, which Twilio says, and no integration can know before. */
const accept = (page, sid) =>
  page.evaluate(async (sid) => {
    let began;
    const { actions, manager } = window.sandbox;
    manager.events.addListener("taskAccepted", () => (began ??= performance.timeOrigin + performance.now()));
    await actions.invokeAction("AcceptTask", { sid, conferenceOptions: {} });
    await actions.invokeAction("SelectTask", { sid });
    return began;
  }, sid);

const complete = (page, sid) => page.evaluate((sid) => window.sandbox.actions.invokeAction("CompleteTask", { sid }), sid);

const all = await tickets(Number(BENCH_ROUNDS));
const server = await inSequence(Number(BENCH_PORT), { zendesk: BENCH_ZENDESK, twilio: BENCH_TWILIO });
const browser = await chromium.launch({ executablePath: DESKSIDE_CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
try {
  const [flex, peer] = await Promise.all([browser.newPage(), browser.newPage()]);
  for (const page of [flex, peer]) await page.addInitScript(watch);
  await flex.goto(`${BENCH_TWILIO}/flex`);
  await flex.frameLocator('iframe[title="Deskside"]').locator('[data-testid="pop"]').waitFor({ timeout: 30_000 });
  await peer.goto(`http://127.0.0.1:${BENCH_PORT}/`);
  // The first call of a shift: connections are made, code is compiled. Both have one that does not count.
  const warm = await ring(flex, "59");
  await accept(flex, warm.sid);
  await flex.frameLocator('iframe[title="Deskside"]').locator('[data-testid="pop-ticket"]').waitFor({ timeout: 30_000 });
  await complete(flex, warm.sid);
  const times = { deskside: [], sequence: [] };
  for (const ticket of all) {
    const ours = await ring(flex, ticket);
    times.deskside.push(await wait(flex, ticket, () => accept(flex, ours.sid)));
    await complete(flex, ours.sid);
    const { sid } = await json(`${BENCH_TWILIO}/_sandbox/flex/tasks`, "POST", { attributes: { zd_ticket_id: ticket } });
    const begin = ([sid, ticket]) => {
      const began = performance.timeOrigin + performance.now();
      window.accept(sid, ticket);
      return began;
    };
    times.sequence.push(await wait(peer, ticket, () => peer.evaluate(begin, [sid, ticket])));
  }
  console.log(JSON.stringify(times));
} finally {
  await browser.close();
  server.close().closeAllConnections();
}
