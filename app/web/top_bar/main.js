// Flex in Zendesk's top bar. The workspace loads this page hidden (the app in the background asks for it), so Flex lives before an
// agent looks; a call opens the popover, and what is popped is shown at once. No library, no bearer used, no call to the server.
import { alone } from "./alone.js";
import { openFlex } from "./flex.js";
import { memory, target } from "./notices.js";
import { words } from "./words.js";

const FLEX_TIMEOUT = 30_000; // ms; Flex is large, and signs in first
const UNKEPT_TIMEOUT = 5_000; // ms; where the browser keeps nothing for it, Flex will hardly come
const SMALL = { width: 360, height: 220 }; // px: a sentence or two

const page = JSON.parse(document.getElementById("deskside-page").textContent);
const app = document.getElementById("app");
const look = document.documentElement.dataset;
look.scheme ||= matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"; // until the workspace says

/** `h("p", { className }, …children)`. */
function h(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function say(state, title, why, ...more) {
  app.dataset.state = state;
  app.replaceChildren(h("div", { className: "says" }, h("h1", { className: "title" }, title), h("p", {}, why), ...more));
}

const button = (text, onclick, kind = "") => h("button", { type: "button", className: `btn ${kind}`, onclick }, text);

function zendesk() {
  const client = window.ZAFClient?.init();
  if (client) return client;
  const what = window.ZAFClient ? words.no_frame : words.no_sdk;
  app.replaceChildren(h("p", { className: "notice bad", role: "alert" }, what));
  return undefined;
}

function start(client) {
  const resize = ({ width, height }) => client.invoke("resize", { width: `${width}px`, height: `${height}px` });
  const paint = (scheme) => (look.scheme = scheme === "dark" ? "dark" : "light");
  client.get("colorScheme").then(({ colorScheme }) => colorScheme && paint(colorScheme), () => {});
  client.on("colorScheme.changed", paint);
  if (!page.flex) {
    resize(SMALL);
    return say("unset", words.unset, words.unset_why);
  }
  let close = () => {};
  return alone(
    (storage) => {
      resize(page.flex);
      close = run(client, page.flex, storage);
    },
    (take) => {
      close();
      resize(SMALL);
      const warning = h("p", { className: "subtle" }, words.here_why);
      say("elsewhere", words.elsewhere, words.elsewhere_why, h("div", {}, button(words.here, take, "primary")), warning);
    },
  );
}

/** Flex, and a word above it while it says nothing; answers what ends it. */
function run(client, facts, storage) {
  const status = h("div", { role: "status" });
  const place = h("div", { className: "flex-frame" });
  app.replaceChildren(status, place);
  const isNew = memory();
  const rings = new Set();
  let alarm;

  /** Symbols of the package's `icon_top_bar.svg`; an icon that stays as it is keeps nobody from a call. */
  const icon = () => client.set("iconSymbol", rings.size > 0 ? "ringing" : "default").catch(() => {});
  const still = () => (rings.clear(), icon());

  const wait = () => {
    app.dataset.state = "loading";
    status.replaceChildren(h("p", { className: "wait" }, words.loading));
    clearTimeout(alarm);
    alarm = setTimeout(() => {
      app.dataset.state = "quiet";
      status.replaceChildren(quiet(facts, storage, () => (wait(), flex.reload())));
    }, storage ? FLEX_TIMEOUT : UNKEPT_TIMEOUT);
  };
  const flex = openFlex(facts, place, {
    hello() {
      clearTimeout(alarm);
      app.dataset.state = "ready";
      status.replaceChildren();
      still(); // whatever rang before Flex was loaded again
    },
    ringing(task) {
      rings.add(task);
      icon();
      client.invoke("popover", "show");
    },
    silent: (task) => rings.delete(task) && icon(),
    async show(notice) {
      const where = target(notice);
      if (!where) throw new Error("nothing to show");
      if (isNew(notice, Date.now())) await client.invoke("routeTo", ...where);
    },
  });
  wait();
  client.on("pane.activated", flex.focus);
  return () => {
    clearTimeout(alarm);
    client.off("pane.activated", flex.focus);
    flex.close();
    still();
  };
}

/** Nobody tells why a frame stays empty; so what it can be, in the order in which it happens. */
function quiet({ origin }, storage, reload) {
  const [embed, cookies] = [words.quiet_embed([page.zendesk, location.origin]), words.quiet_cookies(origin)];
  const [first, ...reasons] = storage
    ? [words.quiet_sign_in, embed, cookies, words.quiet_plugin]
    : [cookies, embed, words.quiet_plugin];
  return h("div", { className: "notice warn" },
    h("p", {}, h("b", {}, words.quiet), ` ${first}`),
    h("details", {}, h("summary", {}, words.quiet_more), h("ul", {}, ...reasons.map((why) => h("li", {}, why)))),
    h("div", {}, button(words.reload, reload)),
  );
}

const client = zendesk();
if (client) client.on("app.registered", () => start(client));
