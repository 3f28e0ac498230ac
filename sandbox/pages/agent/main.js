// Starts the workspace: signs the agent in, lays out the panes, follows the address bar.
import { avatar, fill, h, icon, segments, toast } from "../shared/dom.js";
import { Api, ApiError } from "./api.js";
import { TicketList } from "./list.js";
import { MessageLog } from "./log.js";
import { showNewTicket } from "./new_ticket.js";
import { showTicket } from "./ticket.js";
import { Tray } from "./tray.js";
import { showUser } from "./user.js";
import { Workspace } from "./workspace.js";
import { zafActions, zafRequest } from "./zaf_actions.js";
import { zafData } from "./zaf_data.js";
import { ZafHost } from "./zaf_host.js";

const LOCALES = [["en-US", "EN", "English"], ["ja", "JA", "日本語"], ["ko", "KO", "한국어"]];
const remembered = (name) => localStorage.getItem(`workspace.${name}`);
const remember = (name, value) => localStorage.setItem(`workspace.${name}`, value);

async function start() {
  const scheme = remembered("scheme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.scheme = scheme;
  const api = new Api();
  const config = await api.config();
  const agent = config.agents.find(({ id }) => String(id) === remembered("agent")) ?? config.agents[0];
  await api.signIn(agent.id);
  const workspace = new Workspace(api, config, await api.user(agent.id), scheme);
  document.documentElement.lang = workspace.locale;

  const log = new MessageLog(workspace.words);
  workspace.zaf = new ZafHost({ log: (entry) => log.add(entry), data: zafData(workspace), actions: zafActions(workspace), request: zafRequest(api) });
  workspace.tray = new Tray(workspace);
  const list = new TicketList(workspace);
  const pane = h("main", { class: "pane column" });
  fill(document.body, rail(workspace), header(workspace, log), list.element, pane, workspace.tray.element, log.element);
  window.sandbox = { log: log.entries, zaf: workspace.zaf }; // for scripts that drive this page

  workspace.tray.background();
  api.notices(agent.id, (notice) => heed(workspace, notice));
  route(workspace, pane, list);
  await list.start();
}

/** `apps/notify` reaches the app in all its frames; Talk's display endpoints turn the page; changed tickets are read again. */
function heed(workspace, { type, app_id, event, body, sender = null, what, id, ticket_id }) {
  if (type === "notify" && app_id === workspace.config.app_id) workspace.zaf.emit(`api_notification.${event}`, { body, sender });
  if (type === "display") workspace.go(`${what}s/${id}`);
  if (type === "ticket_changed") workspace.changed(ticket_id);
}

/** Shows what the address says; every link of the page goes through here. */
function route(workspace, pane, list) {
  let leave = () => {};
  let turn = 0;
  async function show() {
    const mine = ++turn;
    leave();
    leave = () => {};
    const [, , what, which] = location.pathname.split("/");
    list.select(what === "tickets" ? Number(which) : undefined);
    workspace.tray.clear();
    try {
      const left = await open(what, which);
      if (mine === turn) leave = left ?? leave;
      else left?.();
    } catch (error) {
      if (mine !== turn) return;
      const gone = error instanceof ApiError && error.status === 404;
      fill(pane, h("p", { class: "empty", role: "alert" }, gone ? workspace.words.missing : error.message));
    }
  }
  function open(what, which) {
    if (what === "tickets" && which === "new") return showNewTicket(workspace, pane);
    if (what === "tickets" && /^\d+$/.test(which ?? "")) return showTicket(workspace, pane, Number(which));
    if (what === "users" && /^\d+$/.test(which ?? "")) return showUser(workspace, pane, Number(which));
    return fill(pane, h("p", { class: "empty subtle" }, icon("M2 4h12v8H2zM2 5l6 4 6-4", 32), workspace.words.tickets)) && undefined;
  }
  workspace.go = (path) => {
    const address = `/agent/${path}`;
    if (address !== location.pathname) history.pushState(null, "", address);
    void show();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='/agent']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    workspace.go(link.getAttribute("href").slice("/agent/".length));
  });
  addEventListener("popstate", () => void show());
  void show();
}

function rail({ words }) {
  const link = (href, name, path) => h("a", { href, title: name, "aria-label": name }, icon(path, 20));
  return h("nav", { class: "rail", "aria-label": "Workspace" }, h("span", { class: "rail-mark", "aria-hidden": "true" }, "S"),
    link("/agent", words.tickets, "M2 4h12v8H2zM2 5l6 4 6-4"), link("/agent/tickets/new", words.new_ticket, "M8 3v10M3 8h10"));
}

function header(workspace, log) {
  const { words, agent, config, api, scheme } = workspace;
  const schemes = h("div");
  const setScheme = (next) => {
    workspace.scheme = next;
    remember("scheme", next);
    document.documentElement.dataset.scheme = next;
    workspace.zaf.emit("colorScheme.changed", next);
    drawScheme();
  };
  const drawScheme = () => fill(schemes, segments("Colours", [["light", words.light], ["dark", words.dark]], workspace.scheme, setScheme));
  drawScheme(scheme);
  const setLocale = (locale) => api.setLocale(agent.id, locale).then(() => location.reload(), (error) => toast(error.message, "error"));
  const locale = LOCALES.find(([value]) => value.slice(0, 2) === workspace.locale)[0];
  const switchAgent = ({ target }) => (remember("agent", target.value), location.reload());
  return h("header", { class: "top row" },
    h("b", {}, config.subdomain), h("span", { class: "pill info" }, "Sandbox"), h("span", { class: "grow" }),
    config.flex_page && h("a", { class: "btn quiet small", href: config.flex_page, target: "_blank", rel: "noreferrer" }, "Flex ↗"),
    log.button, segments("Language", LOCALES.map(([value, text, title]) => [value, text, title]), locale, setLocale), schemes,
    h("label", { class: "row" }, avatar(agent.name, 28), h("span", { class: "sr" }, words.agent),
      h("select", { class: "field agent-switch", "data-testid": "agent-switch", onchange: switchAgent }, config.agents.map(({ id, name }) => h("option", { value: String(id), selected: id === agent.id }, name)))));
}

start().catch((error) => {
  fill(document.body, h("p", { class: "empty", role: "alert" }, `The workspace could not start. ${error.message}. Is the sandbox still running?`));
});
