// Starts the workspace: signs the agent in, lays out the panes, follows the address bar.
import { avatar, fill, html, icon, segments, toast } from "../shared/dom.js";
import { Api, ApiError } from "./api.js";
import { TicketList } from "./list.js";
import { MessageLog } from "./log.js";
import { showNewTicket } from "./new_ticket.js";
import { showTicket } from "./ticket.js";
import { TopBar } from "./top_bar.js";
import { Tray } from "./tray.js";
import { showUser } from "./user.js";
import { Workspace } from "./workspace.js";
import { zafActions, zafRequest } from "./zaf_actions.js";
import { zafData } from "./zaf_data.js";
import { ZafHost } from "./zaf_host.js";

const LOCALES = [["en-US", "EN", "English"], ["ja", "JA", "日本語"], ["ko", "KO", "한국어"]];
const APP = "app"; // Zendesk's address has the app's name here
const BOX = "M2 3h12v4H2zM3 7h10v6H3zM6 10h4";
const INBOX = "M2 4h12v8H2zM2 5l6 4 6-4";
const remembered = (name) => localStorage.getItem(`workspace.${name}`);
const remember = (name, value) => localStorage.setItem(`workspace.${name}`, value);

async function start() {
  const scheme = remembered("scheme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.scheme = scheme;
  const api = new Api();
  const config = await api.config();
  const [first] = [...config.agents].sort((a, b) => Number(b.role === "agent") - Number(a.role === "agent"));
  const agent = config.agents.find(({ id }) => String(id) === remembered("agent")) ?? first;
  await api.signIn(agent.id);
  const workspace = new Workspace(api, config, await api.user(agent.id), scheme);
  document.documentElement.lang = workspace.locale;

  const log = new MessageLog(workspace.words);
  workspace.zaf = new ZafHost({
    log: (entry) => log.add(entry),
    data: zafData(workspace),
    actions: zafActions(workspace),
    request: zafRequest(api),
  });
  workspace.tray = new Tray(workspace);
  workspace.topBar = new TopBar(workspace);
  const list = new TicketList(workspace);
  const pane = html`<main class="pane column"></main>`;
  fill(document.body, rail(workspace), header(workspace, log), list.element, pane, workspace.tray.element, workspace.topBar.element, log.element);
  window.sandbox = { log: log.entries, zaf: workspace.zaf }; // for scripts that drive this page

  workspace.tray.background();
  api.notices(agent.id, (notice) => heed(workspace, notice));
  route(workspace, pane, list);
  await list.start();
}

/** `apps/notify` reaches the app in all its frames; Talk's displays turn the page; changed tickets are read again. */
function heed(workspace, { type, app_id, event, body, sender = null, what, id, ticket_id }) {
  const ours = app_id === workspace.config.app_id;
  if (type === "notify" && ours) workspace.zaf.emit(`api_notification.${event}`, { body, sender });
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
    document.body.classList.toggle("whole", what === "apps"); // an app of the navigation bar has all the room
    workspace.tray.clear();
    try {
      const left = await open(what, which);
      if (mine === turn) leave = left ?? leave;
      else left?.();
    } catch (error) {
      if (mine !== turn) return;
      const gone = error instanceof ApiError && error.status === 404;
      fill(pane, html`<p class="empty" role="alert">${gone ? workspace.words.missing : error.message}</p>`);
    }
  }
  function open(what, which) {
    if (what === "tickets" && which === "new") return showNewTicket(workspace, pane);
    if (what === "tickets" && /^\d+$/.test(which ?? "")) return showTicket(workspace, pane, Number(which));
    if (what === "users" && /^\d+$/.test(which ?? "")) return showUser(workspace, pane, Number(which));
    if (what === "apps" && which === APP) return showNavBar(workspace, pane);
    fill(pane, html`<p class="empty subtle">${icon(INBOX, 32)} ${workspace.words.tickets}</p>`);
    return undefined;
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

/** The app has a page of its own, which it fills. */
function showNavBar(workspace, pane) {
  fill(pane, html`<div class="nav-app"></div>`);
  return workspace.tray.page(pane.firstElementChild);
}

function rail({ words, config }) {
  const link = (href, name, path) => html`<a href=${href} title=${name} aria-label=${name}>${icon(path, 20)}</a>`;
  return html`<nav class="rail" aria-label="Workspace">
    <span class="rail-mark" aria-hidden="true">S</span>
    ${link("/agent", words.tickets, INBOX)} ${link("/agent/tickets/new", words.new_ticket, "M8 3v10M3 8h10")}
    ${link(`/agent/apps/${APP}`, config.app_name, BOX)}
  </nav>`;
}

function header(workspace, log) {
  const { words, agent, config } = workspace;
  const switchAgent = ({ target }) => {
    remember("agent", target.value);
    location.reload();
  };
  const option = ({ id, name }) => html`<option value=${id} selected=${id === agent.id}>${name}</option>`;
  return html`<header class="top row">
    <b>${config.subdomain}</b><span class="pill info">Sandbox</span><span class="grow"></span>
    <a class="btn quiet small" href=${config.flex_page} target="_blank" rel="noreferrer">Flex ↗</a>
    ${workspace.topBar.button} ${log.button} ${languages(workspace)} ${colours(workspace)}
    <label class="row">
      ${avatar(agent.name)}<span class="sr">${words.agent}</span>
      <select class="field agent-switch" data-testid="agent-switch" onchange=${switchAgent}>${config.agents.map(option)}</select>
    </label>
  </header>`;
}

/** The agent's locale is the account's to keep; the workspace and its apps start again in it. */
function languages({ api, agent, locale }) {
  const set = (next) => api.setLocale(agent.id, next).then(() => location.reload(), (error) => toast(error.message, "error"));
  return segments("Language", LOCALES, LOCALES.find(([value]) => value.startsWith(locale))[0], set);
}

function colours(workspace) {
  const { words, zaf } = workspace;
  const place = html`<div></div>`;
  const draw = () => fill(place, segments("Colours", [["light", words.light], ["dark", words.dark]], workspace.scheme, set));
  const set = (scheme) => {
    workspace.scheme = scheme;
    remember("scheme", scheme);
    document.documentElement.dataset.scheme = scheme;
    zaf.emit("colorScheme.changed", scheme);
    draw();
  };
  draw();
  return place;
}

start().catch((error) => {
  const sentence = `The workspace could not start. ${error.message}. Is the sandbox still running?`;
  fill(document.body, html`<p class="empty" role="alert">${sentence}</p>`);
});
