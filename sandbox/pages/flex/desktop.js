// What the agent sees: the task list, the selected task, the CRM container. Views come and go as in Flex: what is not
// shown is not in the document.
import { avatar, fill, html, icon, segments } from "../shared/dom.js";
import { card, canvas } from "./task_views.js";
import { ACTIVITIES } from "./manager.js";
import { simulator } from "./simulator.js";

const VIEWS = [
  ["agent-desktop", "Agent desktop", "M2 4h5v8H2zM9 4h5v8H9z"],
  ["teams", "Teams", "M6 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM2 13c0-2 2-3 4-3s4 1 4 3M11 8.5a1.8 1.8 0 1 0 0-3.5M14 13c0-2-1-3-2-3"],
];
const LOCALES = [["en-US", "EN", "English"], ["ja", "JA", "日本語"], ["ko", "KO", "한국어"]];

export class Desktop {
  #list = html`<ul class="tasks"></ul>`;
  #canvas = html`<section class="canvas" aria-label="Task"></section>`;
  #crm = html`<aside class="crm" aria-label="CRM container"></aside>`;
  #stage = html`<main class="stage"></main>`;
  #plugin = html`<span class="pill" data-testid="plugin">Plugin: loading</span>`;
  #log = html`<ol class="actions num" aria-label="Actions" data-testid="actions">
    <li class="subtle">Flex's actions appear here, newest first.</li>
  </ol>`;
  #themes = html`<div></div>`;
  #rail;
  #plugged = false; // Flex draws what plugins put into it once they have started

  /** `does` holds what the buttons do; see main.js. */
  constructor(manager, crmContainer, agentDesktop, does) {
    Object.assign(this, { manager, crmContainer, agentDesktop, does });
    manager.store.subscribe(() => this.#draw());
    setInterval(tick, 1000);
  }

  lay({ workspace_url, workers }) {
    const { full_name } = this.manager.store.getState().flex.worker.attributes;
    const view = ([name, title, path]) =>
      html`<button type="button" title=${title} aria-label=${title} data-view=${name} onclick=${() => this.#show(name)}>
        ${icon(path, 20)}
      </button>`;
    this.#rail = html`<nav class="rail" aria-label="Views">${VIEWS.map(view)}</nav>`;
    fill(
      document.body,
      html`<header class="top row">
        <b>Flex</b><span class="pill info">Light stand-in</span>${this.#plugin}<span class="grow"></span>
        <a class="btn quiet small" href=${workspace_url} target="_blank" rel="noreferrer">Zendesk ↗</a>
        ${segments("Language", LOCALES, this.manager.localization.localeTag, this.does.locale)} ${this.#themes}
        <span class="row">${avatar(full_name)}<span>${full_name}</span>${this.#activity()}</span>
      </header>`,
      this.#rail,
      this.#stage,
      html`<footer class="simulator">${simulator(this.does, workers, this.manager.workerSid)} ${this.#log}</footer>`,
    );
    this.#show("agent-desktop");
    this.#draw();
  }

  pluginState({ name, state, error }) {
    const up = state === "Initialized";
    this.#plugin.className = `pill ${up ? "ok" : "bad"}`;
    this.#plugin.textContent = up ? `Plugin: ${name}` : `Plugin failed: ${error.message}`;
    this.#plugged = true;
    this.#show("agent-desktop");
  }

  record(name, payload, outcome) {
    const carried = payload ? `{ ${Object.keys(payload).join(", ")} }` : "nothing";
    this.#log.prepend(html`<li data-action=${name}>
      <span class="subtle">${new Date().toTimeString().slice(0, 8)}</span> ${name}
      <span class="subtle">${carried} · ${outcome}</span>
    </li>`);
  }

  #show(view) {
    this.crmContainer.unmount();
    for (const button of this.#rail.children) button.setAttribute("aria-pressed", String(button.dataset.view === view));
    if (view !== "agent-desktop") {
      const sentence = "Another view: Flex has taken the agent desktop off the page, and the CRM container with it.";
      return fill(this.#stage, html`<p class="teams subtle">${sentence}</p>`);
    }
    this.#crm.replaceChildren();
    const tasks = html`<section class="task-list" aria-label="Tasks"><h1>My tasks</h1>${this.#list}</section>`;
    const two = this.agentDesktop.defaultProps.showPanel2 !== false; // a plugin may want the second panel gone
    fill(this.#stage, html`<div class=${two ? "desk" : "desk one"}>${tasks} ${this.#canvas} ${two && this.#crm}</div>`);
    if (two && this.#plugged) this.crmContainer.mountIn(this.#crm);
    return this.#hint();
  }

  #draw() {
    const { worker, view, config } = this.manager.store.getState().flex;
    const tasks = [...worker.tasks.values()];
    fill(
      this.#list,
      tasks.map((task) => card(task, task.sid === view.selectedTaskSid, this.does)),
      tasks.length === 0 && html`<li class="empty subtle">No active tasks</li>`,
    );
    fill(this.#canvas, canvas(worker.tasks.get(view.selectedTaskSid), this.does));
    const theme = config.theme.isLight ? "light" : "dark";
    fill(this.#themes, segments("Theme", [["light", "Light"], ["dark", "Dark"]], theme, this.does.theme));
    tick();
  }

  #activity() {
    const option = ([sid, name]) => html`<option value=${sid}>${name}</option>`;
    return html`<select class="field" aria-label="Activity" data-testid="activity"
      onchange=${({ target }) => this.does.activity(target.value)}>${ACTIVITIES.map(option)}</select>`;
  }

  #hint() {
    this.#crm.querySelector(".crm-empty")?.remove();
    const nothing = html`<p class="crm-empty subtle">No plugin has put anything here yet.</p>`;
    if (this.crmContainer.empty) this.#crm.append(nothing);
  }
}

/** Every `data-since` on the page counts up. */
function tick() {
  for (const clock of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Number(clock.dataset.since)) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    clock.textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  }
}
