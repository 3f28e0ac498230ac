// The drawer with every message between host and apps; also kept in `window.sandbox.log` for scripts.
import { fill, h } from "../shared/dom.js";

const KEEP = 1000;

export class MessageLog {
  entries = [];
  #filter = "";
  #rows = h("ol", { class: "log-rows", tabindex: "0", "aria-label": "Messages between host and app" });
  #count = h("span", { class: "num" }, "0");

  constructor(words) {
    const search = h("input", { class: "field", type: "search", placeholder: words.filter, "aria-label": words.filter, oninput: () => this.#show(search.value) });
    this.element = h("section", { class: "log", hidden: true, "aria-label": words.log, "data-testid": "log" },
      h("header", { class: "row" }, h("h2", { class: "grow" }, words.log), h("div", { class: "log-filter" }, search),
        h("button", { class: "btn small", onclick: () => this.#clear() }, words.clear),
        h("button", { class: "btn quiet small", "aria-label": words.close, onclick: () => this.toggle(false) }, "✕")),
      this.#rows);
    this.button = h("button", { class: "btn quiet small row", "aria-expanded": "false", "data-testid": "log-toggle", onclick: () => this.toggle() }, words.log, h("span", { class: "pill" }, this.#count));
  }

  toggle(open = this.element.hidden) {
    this.element.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.#show(this.#filter);
  }

  add({ to, instance, data, kind, problem = false }) {
    const entry = { at: new Date(), to, location: instance.location, guid: instance.guid, data, kind, problem };
    this.entries.push(entry);
    if (this.entries.length > KEEP) this.entries.shift();
    this.#count.textContent = String(this.entries.length);
    if (!this.element.hidden && this.#matches(entry)) this.#append(entry);
  }

  #clear() {
    this.entries.length = 0;
    this.#count.textContent = "0";
    this.#show(this.#filter);
  }

  #show(filter) {
    this.#filter = filter;
    fill(this.#rows, this.entries.filter((entry) => this.#matches(entry)).map(row));
    this.#rows.scrollTop = this.#rows.scrollHeight;
  }

  #append(entry) {
    const { scrollTop, scrollHeight, clientHeight } = this.#rows;
    this.#rows.append(row(entry));
    if (scrollHeight - scrollTop - clientHeight < 40) this.#rows.scrollTop = this.#rows.scrollHeight;
  }

  #matches = ({ location, data }) => !this.#filter || `${location} ${JSON.stringify(data)}`.toLowerCase().includes(this.#filter.toLowerCase());
}

function row({ at, to, location, data, problem }) {
  const time = at.toTimeString().slice(0, 8) + "." + String(at.getMilliseconds()).padStart(3, "0");
  return h("li", { class: problem ? "problem" : to === "app" ? "to-app" : "to-host" },
    h("details", {},
      h("summary", {}, h("span", { class: "num subtle" }, time), h("span", { class: "way" }, to === "app" ? "host → app" : "app → host"),
        h("span", { class: "subtle" }, location), h("b", { class: "clip" }, title(data)), h("span", { class: "clip subtle grow" }, brief(data))),
      h("pre", {}, JSON.stringify(data, null, 2))));
}

const title = (data) => data?.key ?? (data?.request ? `${data.request} #${data.id}` : data?.result || data?.error ? `answer #${data.id}` : data?.ignored ? "ignored" : "message");

const brief = (data) => (JSON.stringify(data?.message ?? data?.params ?? data?.result ?? data?.error ?? data?.ignored) ?? "").slice(0, 200);
