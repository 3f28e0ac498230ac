// The drawer with every message between host and apps; also kept in `window.sandbox.log` for scripts.
import { fill, html } from "../shared/dom.js";

const KEEP = 1000;

export class MessageLog {
  entries = [];
  #filter = "";
  #rows = html`<ol class="log-rows" tabindex="0" aria-label="Messages between host and app"></ol>`;
  #count = html`<span class="pill num">0</span>`;

  constructor(words) {
    const search = ({ target }) => this.#show(target.value);
    this.element = html`<section class="log" hidden aria-label=${words.log} data-testid="log">
      <header class="row">
        <h2 class="grow">${words.log}</h2>
        <div class="log-filter">
          <input class="field" type="search" placeholder=${words.filter} aria-label=${words.filter} oninput=${search} />
        </div>
        <button class="btn small" onclick=${() => this.#clear()}>${words.clear}</button>
        <button class="btn quiet small" aria-label=${words.close} onclick=${() => this.toggle(false)}>✕</button>
      </header>
      ${this.#rows}
    </section>`;
    this.button = html`<button class="btn quiet small row" aria-expanded="false" data-testid="log-toggle"
      onclick=${() => this.toggle()}>${words.log} ${this.#count}</button>`;
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

  #matches = ({ location, data }) =>
    !this.#filter || `${location} ${JSON.stringify(data)}`.toLowerCase().includes(this.#filter.toLowerCase());
}

function row({ at, to, location, data, problem }) {
  const time = `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return html`<li class=${problem ? "problem" : `to-${to}`}>
    <details>
      <summary>
        <span class="num subtle">${time}</span>
        <span class="way">${to === "app" ? "host → app" : "app → host"}</span>
        <span class="subtle">${location}</span>
        <b class="clip">${title(data)}</b>
        <span class="clip subtle grow">${brief(data)}</span>
      </summary>
      <pre>${JSON.stringify(data, null, 2)}</pre>
    </details>
  </li>`;
}

function title({ key, request, id, ignored } = {}) {
  if (key) return key;
  if (request) return `${request} #${id}`;
  return ignored ? "ignored" : `answer #${id}`;
}

function brief({ message, params, result, error, ignored } = {}) {
  return (JSON.stringify(message ?? params ?? result ?? error ?? ignored) ?? "").slice(0, 200);
}
