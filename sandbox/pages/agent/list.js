// The ticket list: by state, by words; follows the account.
import { ago, fill, html, icon } from "../shared/dom.js";

const EVERY = 20_000; // in case a change was not announced
const SETTLE = 400; // changes come in bursts
const STATES = ["new", "open", "pending", "hold", "solved", "closed"];

export class TicketList {
  #tickets = [];
  #state = "unsolved";
  #query = "";
  #current;
  #drawn = "";
  #rows = html`<ul class="list-rows" aria-label="Tickets"></ul>`;
  #filters = html`<div></div>`;

  constructor(workspace) {
    this.workspace = workspace;
    const { words } = workspace;
    const search = ({ target }) => {
      this.#query = target.value.toLowerCase();
      this.#draw();
    };
    this.element = html`<nav class="list column" aria-label=${words.tickets}>
      <header class="list-head">
        <div class="row">
          <h1 class="grow">${words.tickets}</h1>
          <a class="btn small row" href="/agent/tickets/new" data-testid="new-ticket"
            >${icon("M8 3v10M3 8h10", 14)} ${words.new_ticket}</a>
        </div>
        <input class="field" type="search" placeholder=${words.search} aria-label=${words.search} oninput=${search} />
        ${this.#filters}
      </header>
      ${this.#rows}
    </nav>`;
  }

  async start() {
    await this.refresh();
    const quietly = () => this.refresh().catch(() => undefined); // the next one may succeed
    setInterval(quietly, EVERY);
    let soon;
    this.workspace.watch(() => {
      clearTimeout(soon);
      soon = setTimeout(quietly, SETTLE);
    });
  }

  async refresh() {
    const tickets = await this.workspace.api.tickets();
    this.#tickets = tickets.sort((a, b) => b.updated_at.localeCompare(a.updated_at) || b.id - a.id);
    await this.workspace.people(this.#tickets.map(({ requester_id }) => requester_id));
    this.#draw();
  }

  select(id) {
    this.#current = id;
    this.#draw();
  }

  #matches = ({ id, subject, status, requester_id }) => {
    const name = this.workspace.person(requester_id)?.name ?? "";
    const text = `#${id} ${subject} ${name}`.toLowerCase();
    return isIn(status, this.#state) && text.includes(this.#query);
  };

  #draw() {
    const { words, statusName, person } = this.workspace;
    const shown = this.#tickets.filter(this.#matches);
    const counts = this.#tickets.map(({ status }) => status);
    const people = shown.map(({ requester_id }) => person(requester_id)?.name);
    const picture = JSON.stringify([this.#current, this.#state, counts, shown, people]);
    if (picture === this.#drawn) return; // keeps the focus where it is
    this.#drawn = picture;

    const choose = ({ target }) => {
      this.#state = target.value;
      this.#draw();
    };
    const states = [["unsolved", words.unsolved], ["all", words.all], ...STATES.map((state) => [state, statusName(state)])];
    const option = ([state, name]) => {
      const count = counts.filter((status) => isIn(status, state)).length;
      return html`<option value=${state} selected=${state === this.#state}>${name} (${count})</option>`;
    };
    fill(
      this.#filters,
      html`<select class="field" aria-label=${words.filter} data-testid="state-filter" onchange=${choose}>
        ${states.map(option)}
      </select>`,
    );
    fill(
      this.#rows,
      shown.map((ticket) => this.#row(ticket)),
      shown.length === 0 && html`<li class="empty subtle">${words.nothing}</li>`,
    );
  }

  #row({ id, subject, status, updated_at, requester_id }) {
    const { person, statusName, locale } = this.workspace;
    return html`<li>
      <a class="list-row" href="/agent/tickets/${id}" aria-current=${id === this.#current && "true"} data-testid="ticket-${id}">
        ${badge(status, statusName(status))}
        <span class="grow">
          <span class="list-subject clip">${subject || "–"}</span>
          <span class="row small subtle">
            <span class="num">#${id}</span>
            <span class="clip grow">${person(requester_id)?.name}</span>
            <time class="list-time" datetime=${updated_at}>${ago(updated_at, locale)}</time>
          </span>
        </span>
      </a>
    </li>`;
  }
}

function isIn(status, state) {
  if (state === "all") return true;
  return state === "unsolved" ? !["solved", "closed"].includes(status) : status === state;
}

/** Zendesk's square with the state's initial. */
export const badge = (status, name) =>
  html`<span class="badge ${status}" title=${name}>
    <span aria-hidden="true">${status.slice(0, 1).toUpperCase()}</span><span class="sr">${name}</span>
  </span>`;
