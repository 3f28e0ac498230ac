// Measures, in Chromium with its main thread slowed four times, how long each card takes from the start of the frame's
// navigation until the company's name is painted: Deskside from its real server, React with Garden, a hand-written page.
// Started by `cargo xtask bench sidebar`, which starts the servers; the last line on standard output is JSON.
//
// Cold: an empty HTTP cache. Warm: the third visit of the same profile. The rounds alternate, so that whatever else the
// machine does falls on all three alike. The frame shares the page's process (site isolation is off), so that one
// throttle slows both.
import { chromium } from "playwright-core";
import { peers, workspace } from "./servers.mjs";

const { BENCH_SERVER, BENCH_SANDBOX, BENCH_PORT, BENCH_PEERS_PORT, BENCH_ROUNDS = "9", DESKSIDE_CHROMIUM } = process.env;
const port = Number(BENCH_PORT);
const home = `http://127.0.0.1:${port}`;
const CARDS = `http://localhost:${BENCH_PEERS_PORT}`;

const json = async (url, options) => {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  return answer.json();
};
const sign = async () => {
  const wish = JSON.stringify({ location: "ticket_sidebar", agent_id: 9002 });
  const headers = { "content-type": "application/json" };
  return (await json(`${BENCH_SANDBOX}/_sandbox/workspace/sign`, { method: "POST", headers, body: wish })).token;
};

/** Runs in every frame: says when the company was first painted. Nobody asks the page meanwhile: a question brings a third
    of a megabyte of the asker's own script onto the thread that is measured. */
function watch() {
  if (!location.search.includes("app_guid=")) return;
  const observer = new MutationObserver(() => {
    if (!document.querySelector('[data-testid="card-company"]')?.textContent.trim()) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const painted = new MessageChannel(); // its message comes after the frame that is being painted
      painted.port1.onmessage = () => console.debug("card painted", performance.now());
      painted.port2.postMessage(null);
    });
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
}

async function visit(context, action) {
  const page = await context.newPage();
  try {
    await page.addInitScript(watch);
    const devtools = await context.newCDPSession(page);
    await page.goto(`${home}/bench`);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    const said = page.waitForEvent("console", { predicate: (said) => said.text().startsWith("card painted"), timeout: 20_000 });
    const opened = page.evaluate((wish) => window.openApp(wish), { action, token: await sign(), guid: crypto.randomUUID() });
    const [painted] = await Promise.all([said, opened]).catch((cause) => {
      throw new Error(`${action} painted no card: ${cause.message}`);
    });
    return Number(painted.text().split(" ").at(-1));
  } finally {
    await page.close();
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const servers = [await workspace(port, BENCH_SANDBOX)];
const browser = await chromium.launch({
  executablePath: DESKSIDE_CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"],
});
try {
  const { server, bytes } = await peers(Number(BENCH_PEERS_PORT), BENCH_SERVER);
  servers.push(server);
  const cards = { deskside: `${CARDS}/zendesk/ticket_sidebar`, react: `${CARDS}/react`, plain: `${CARDS}/plain` };
  const times = Object.fromEntries(Object.keys(cards).map((name) => [name, { cold: [], warm: [] }]));
  for (let round = 0; round < Number(BENCH_ROUNDS); round++) {
    for (const [name, action] of Object.entries(cards)) {
      const context = await browser.newContext();
      times[name].cold.push(await visit(context, action));
      await visit(context, action);
      times[name].warm.push(await visit(context, action));
      await context.close();
    }
    process.stderr.write(`round ${round + 1} of ${BENCH_ROUNDS}\n`);
  }
  const medians = Object.entries(times).map(([name, { cold, warm }]) => [name, { cold: median(cold), warm: median(warm) }]);
  console.log(JSON.stringify({ medians: Object.fromEntries(medians), bytes }));
} finally {
  await browser.close();
  for (const server of servers) server.close().closeAllConnections();
}
