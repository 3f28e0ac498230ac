// Starts everything at once: the module compiles while the workspace answers the handshake and the card is on its way.
// It must not need a library, and what goes wrong before the app runs is said on the page, not in the console.

const HANDSHAKE_TIMEOUT = 10_000; // ms; a workspace that is busy starting answers late, but answers
const WORDS_TIMEOUT = 4_000; // ms; then it is English
const REQUEST_TIMEOUT = 20_000; // ms; as in the app, which then asks again

const texts = {
  sdk: "Zendesk's app framework could not be loaded. Check whether your network blocks static.zdassets.com, then reload this panel.",
  frame: "Deskside works inside Zendesk only. Open it from a ticket.",
  silent: "Zendesk is not answering this panel. Reload the page.",
  start: "Deskside could not start. Reload this panel.",
};

/** Says it above everything; where the app can still come, its place stays. */
function fail(what) {
  if (page.location === "background") return;
  const problem = document.createElement("div");
  problem.className = "notice bad";
  problem.setAttribute("role", "alert");
  problem.dataset.testid = "problem";
  problem.dataset.value = what;
  problem.textContent = texts[what];
  document.body.prepend(problem);
  if (what !== "silent") document.getElementById("app").remove();
  // The other languages stand at the end of their words.
  deskside.words(document.documentElement.lang).then((words) => {
    if (words) problem.textContent = words.at(Object.keys(texts).indexOf(what) - 4);
  });
  return problem;
}

const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
const page = read("deskside-page");
const session = read("deskside-session");
const look = document.documentElement.dataset;
look.host = page.host;
look.scheme ||= matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"; // until the workspace says

const deskside = (window.__deskside = { page, session, client: null, early: {} });

/** What the panel will ask for first; an answer that does not come is asked for again by the app, which says what is wrong. */
function fetchEarly({ ticketId, userId }) {
  if (!session) return;
  const paths =
    page.location === "user_sidebar" && userId ? [`/api/customers/${userId}/card`]
    : page.location !== "ticket_sidebar" || !ticketId ? []
    : session.proved ? [`/api/tickets/${ticketId}/card`, `/api/tickets/${ticketId}/archive`]
    : [`/api/tickets/${ticketId}/card`];
  for (const path of paths) {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT);
    deskside.early[path] = fetch(path, { signal, headers: { authorization: `Bearer ${session.token}` } });
    deskside.early[path].catch(() => {});
  }
}

/** What is in the top bar is loaded when an agent first opens it, unless somebody asks; it may not be there yet. */
async function wakeTopBar(client, tries = 10) {
  const { instances = {} } = await client.get("instances").catch(() => ({}));
  const [guid] = Object.entries(instances).find(([, { location }]) => location === "top_bar") ?? [];
  if (guid) client.instance(guid).invoke("preloadPane").catch(() => {});
  else if (tries > 1) setTimeout(wakeTopBar, 1000, client, tries - 1);
}

const hosts = {
  zendesk() {
    if (!window.ZAFClient) throw "sdk";
    const client = (deskside.client = window.ZAFClient.init());
    if (!client) throw "frame";
    return new Promise((registered) =>
      client.on("app.registered", (answer) => {
        fetchEarly(answer.context); // before anything that the app has to say to the workspace
        if (page.wakes_top_bar) void wakeTopBar(client);
        registered(answer);
      }),
    );
  },
  flex() {
    const origins = page.parent_origins;
    const inbox = [];
    let origin;
    let listener = (message) => inbox.push(message);
    addEventListener("message", ({ source, origin: from, data }) => {
      if (source !== parent || !origins.includes(from)) return;
      origin = from;
      listener(data);
    });
    deskside.receive = (next) => {
      listener = next;
      inbox.splice(0).forEach(next);
    };
    deskside.post = (message) => (origin ? [origin] : origins).forEach((to) => parent.postMessage(message, to));
    deskside.post({ type: "ready" });
    return { context: {} };
  },
  scripted() {
    fetchEarly(window.desksideScript.context);
    return window.desksideScript;
  },
};

const packs = {};

/** The words of a language other than English, which the app has with it; nothing where there are none, or they do not come. */
deskside.words = (tag, { words } = page) => {
  const path = words[tag.slice(0, 2)];
  if (!path) return Promise.resolve();
  return (packs[path] ??= fetch(path, { signal: AbortSignal.timeout(WORDS_TIMEOUT) })
    .then((answer) => (answer.ok ? answer.json() : undefined))
    .catch(() => delete packs[path] && undefined));
};
if (page.location !== "background") deskside.words(session?.locale || navigator.language);

let more;

/** Another bundle of the console's, when it is first wanted; by another address where it did not come before. */
deskside.more = (tries) =>
  (more ??= (async ({ js, wasm, css }) => {
    const look = Object.assign(document.createElement("link"), { rel: "stylesheet", href: css });
    document.head.append(look);
    const [{ default: start }] = await Promise.all([
      import(tries ? `${js}?${tries}` : js),
      new Promise((come, fail) => Object.assign(look, { onload: come, onerror: fail })),
    ]);
    await start({ module_or_path: wasm });
  })(page.more).catch((why) => {
    more = undefined;
    throw why;
  }));

const wasm = fetch(page.wasm);
wasm.catch(() => {}); // the start below fails with it, and says so
const app = import(page.js);

try {
  const registered = hosts[page.host]();
  let silence;
  const alarm = setTimeout(() => (silence = fail("silent")), HANDSHAKE_TIMEOUT);
  deskside.registered = Promise.resolve(registered).then((registered) => {
    clearTimeout(alarm);
    silence?.remove();
    return registered;
  });
  app.then(({ default: start }) => start({ module_or_path: wasm })).catch(() => {
    clearTimeout(alarm);
    fail("start");
  });
} catch (what) {
  fail(texts[what] ? what : "start");
}
