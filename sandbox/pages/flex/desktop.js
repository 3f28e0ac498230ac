// What the agent sees: the task list, the selected task, the CRM container, and below them the simulator's knobs.
import { avatar, fill, h, icon, segments } from "../shared/dom.js";
import { CALLERS, GATHERED } from "./tasks.js";

export class Desktop {
  #list = h("ul", { class: "tasks" });
  #canvas = h("section", { class: "canvas", "aria-label": "Task" });
  #crm = h("aside", { class: "crm", "aria-label": "CRM container" });
  #log = h("ol", { class: "actions num", "aria-label": "Actions", "data-testid": "actions" }, h("li", { class: "subtle" }, "Flex's actions appear here, newest first."));
  #plugin = h("span", { class: "pill", "data-testid": "plugin" }, "Plugin: loading");
  #view = "agent-desktop";

  /** `does` holds what the buttons do; see main.js. */
  constructor(manager, crmContainer, does) {
    Object.assign(this, { manager, crmContainer, does });
    manager.store.subscribe(() => this.draw());
    setInterval(() => this.#tick(), 1000);
  }

  lay(settings) {
    const { full_name } = this.manager.store.getState().flex.worker.attributes;
    const views = [["agent-desktop", "Agent desktop", "M2 4h5v8H2zM9 4h5v8H9z"], ["teams", "Teams", "M5 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM1.5 13c0-2 1.5-3 3.5-3s3.5 1 3.5 3M11 8.5a1.8 1.8 0 1 0 0-3.5M14.5 13c0-1.8-1-2.8-2.5-3"]];
    this.rail = h("nav", { class: "rail", "aria-label": "Views" }, views.map(([name, title, path]) =>
      h("button", { type: "button", title, "aria-label": title, "data-view": name, onclick: () => this.show(name) }, icon(path, 20))));
    this.teams = h("p", { class: "teams subtle" }, "Another view: Flex has taken the agent desktop, and the CRM container with it, off the page.");
    this.desk = h("div", { class: "desk" }, h("section", { class: "task-list", "aria-label": "Tasks" }, h("h1", {}, "My tasks"), this.#list), this.#canvas, this.#crm);
    this.stage = h("main", { class: "stage" });
    const theme = (dark) => this.does.theme(dark === "dark");
    const themes = h("div");
    const drawTheme = () => fill(themes, segments("Theme", [["light", "Light"], ["dark", "Dark"]], this.#isLight() ? "light" : "dark", theme));
    this.manager.store.subscribe(drawTheme);
    drawTheme();
    fill(document.body,
      h("header", { class: "top row" }, h("b", {}, "Flex"), h("span", { class: "pill info" }, "Light stand-in"), this.#plugin, h("span", { class: "grow" }),
        h("a", { class: "btn quiet small", href: settings.workspace_url, target: "_blank", rel: "noreferrer" }, "Zendesk ↗"),
        segments("Language", [["en-US", "EN", "English"], ["ja", "JA", "日本語"], ["ko", "KO", "한국어"]], this.manager.localization.localeTag, this.does.locale),
        themes, h("span", { class: "row" }, avatar(full_name, 28), h("span", {}, full_name), h("span", { class: "pill ok" }, "● Available"))),
      this.rail, this.stage, this.#simulator());
    this.show("agent-desktop");
    this.draw();
  }

  pluginState({ name, state, error }) {
    this.#plugin.className = `pill ${state === "Initialized" ? "ok" : "bad"}`;
    this.#plugin.textContent = state === "Initialized" ? `Plugin: ${name}` : `Plugin failed: ${error.message}`;
    this.#drawCrm();
  }

  /** Views come and go as in Flex: what is not shown is not in the document. */
  show(view) {
    this.crmContainer.unmount();
    this.#view = view;
    fill(this.stage, view === "agent-desktop" ? this.desk : this.teams);
    for (const button of this.rail.children) button.setAttribute("aria-pressed", String(button.dataset.view === view));
    if (view === "agent-desktop") {
      this.#crm.replaceChildren();
      this.crmContainer.mountIn(this.#crm);
      this.#drawCrm();
    }
  }

  record(name, payload, outcome) {
    const time = new Date().toTimeString().slice(0, 8);
    const carried = payload ? `{ ${Object.keys(payload).join(", ")} }` : "nothing";
    this.#log.prepend(h("li", { "data-action": name }, h("span", { class: "subtle" }, time), ` ${name} `, h("span", { class: "subtle" }, `${carried} · ${outcome}`)));
  }

  draw() {
    const { worker, view } = this.manager.store.getState().flex;
    const tasks = [...worker.tasks.values()];
    fill(this.#list, tasks.map((task) => this.#card(task, task.sid === view.selectedTaskSid)), tasks.length === 0 && h("li", { class: "empty subtle" }, "No active tasks"));
    this.#drawCanvas(worker.tasks.get(view.selectedTaskSid));
    this.#tick();
  }

  #isLight = () => this.manager.configuration.theme.isLight;

  #drawCrm() {
    this.#crm.querySelector(".crm-empty")?.remove();
    if (this.crmContainer.empty) this.#crm.append(h("p", { class: "crm-empty subtle" }, "No plugin has put anything here yet."));
  }

  #card(task, selected) {
    const { accept, reject, select, cancel } = this.does;
    const pending = task.status === "pending";
    const act = (action) => (event) => (event.stopPropagation(), action(task));
    return h("li", {},
      h("div", { class: `task ${task.status}`, "aria-current": selected ? "true" : undefined, "data-testid": `task-${task.status}`, "data-task": task.taskSid },
        h("button", { class: "task-open row", type: "button", onclick: () => select(task) },
          h("span", { class: "task-mark" }, channelIcon(task.channelType)),
          h("span", { class: "grow column" }, h("span", { class: "clip strong" }, nameOf(task)), h("span", { class: "small subtle clip" }, `${phaseOf(task)} · ${typedIn(task)}`)),
          h("span", { class: "small num subtle", "data-since": task.dateUpdated.getTime() })),
        pending && h("div", { class: "row task-answer" },
          h("button", { class: "btn go small", type: "button", "data-testid": "accept", onclick: act(accept) }, "Accept"),
          h("button", { class: "btn small", type: "button", "data-testid": "reject", onclick: act(reject) }, "Reject"),
          h("button", { class: "btn quiet small", type: "button", title: "The caller hangs up", onclick: act(cancel) }, "Gives up"))));
  }

  #drawCanvas(task) {
    if (!task) return fill(this.#canvas, h("p", { class: "empty subtle" }, "No task selected"));
    const { hangUp, complete, select } = this.does;
    return fill(this.#canvas,
      h("header", { class: "row" }, h("h2", { class: "grow clip num" }, nameOf(task)), h("button", { class: "btn quiet small", type: "button", title: "Deselect", "aria-label": "Deselect", "data-testid": "deselect", onclick: () => select(undefined) }, "✕")),
      h("div", { class: `call ${task.status}` }, h("span", { class: "task-mark large" }, channelIcon(task.channelType, 28)), h("p", { class: "strong" }, phaseOf(task)),
        h("p", { class: "num subtle", "data-since": task.dateUpdated.getTime() }),
        task.status === "accepted" && h("button", { class: "btn danger", type: "button", "data-testid": "hang-up", onclick: () => hangUp(task) }, "Hang up"),
        task.status === "wrapping" && h("button", { class: "btn primary", type: "button", "data-testid": "complete", onclick: () => complete(task) }, "Complete")),
      h("details", { class: "attributes", open: true }, h("summary", { class: "small subtle" }, "Attributes"), h("pre", {}, JSON.stringify(task.attributes, null, 2))));
  }

  #simulator() {
    const { ring, renew, sidOnly } = this.does;
    const option = ([name], index) => h("option", { value: index }, name);
    const gathered = h("select", { class: "field", "data-testid": "gathered" }, GATHERED.map(option));
    const caller = h("select", { class: "field", "data-testid": "caller" }, CALLERS.map(option));
    const channel = h("select", { class: "field", "data-testid": "channel" }, ["voice", "chat", "sms"].map((name) => h("option", {}, name)));
    const labelled = (name, control) => h("label", { class: "small" }, h("span", { class: "subtle" }, name), control);
    return h("footer", { class: "simulator" },
      h("div", { class: "knobs row" }, h("b", {}, "Simulator"), labelled("zd_ticket_id", gathered), labelled("Caller", caller), labelled("Channel", channel),
        h("button", { class: "btn primary", type: "button", "data-testid": "ring", onclick: () => void ring({ gathered: GATHERED[gathered.value][1], caller: CALLERS[caller.value][1], channel: channel.value }) }, "Ring"),
        h("label", { class: "row small" }, h("input", { type: "checkbox", "data-testid": "sid-only", onchange: ({ target }) => sidOnly(target.checked) }), "Payloads with only a sid"),
        h("button", { class: "btn small", type: "button", "data-testid": "renew-token", onclick: () => void renew() }, "Renew token")),
      this.#log);
  }

  #tick() {
    for (const clock of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - Number(clock.dataset.since)) / 1000));
      clock.textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }
}

const nameOf = ({ defaultFrom }) => CALLERS.find(([, number]) => number === defaultFrom)?.[0] ?? defaultFrom;

const phaseOf = ({ status }) => ({ pending: "Ringing", accepted: "Live", wrapping: "Wrapping up" })[status] ?? status;

const typedIn = ({ attributes: { zd_ticket_id } }) => (zd_ticket_id === undefined ? "nothing typed" : `typed ${JSON.stringify(zd_ticket_id)}`);

const channelIcon = (channel, size) => icon(channel === "voice" ? "M5 2L3 3c0 6 4 10 10 10l1-2-3-2-1.5 1.5C8 10 6 8 5.5 6.5L7 5z" : "M2 3h12v8H6l-3 3v-3H2z", size);
