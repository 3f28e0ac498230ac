// The ticket list: by state, by words; follows the account every few seconds.
import { ago, fill, h, icon } from "../shared/dom.js";

const EVERY = 20_000; // in case a change was not announced
const SETTLE = 400; // changes come in bursts
const STATES = ["new", "open", "pending", "hold", "solved", "closed"];

export class TicketList {
  #tickets = [];
  #state = "unsolved";
  #query = "";
  #current;
  #drawn = "";
  #rows = h("ul", { class: "list-rows", "aria-label": "Tickets" });
  #filters = h("div", { class: "list-filters" });

  constructor(workspace) {
    this.workspace = workspace;
    const { words } = workspace;
    const search = h("input", { class: "field", type: "search", placeholder: words.search, "aria-label": words.search,
      oninput: () => ((this.#query = search.value.toLowerCase()), this.#draw()) });
    this.element = h("nav", { class: "list column", "aria-label": words.tickets },
      h("header", { class: "list-head" },
        h("div", { class: "row" }, h("h1", { class: "grow" }, words.tickets),
          h("a", { class: "btn small row", href: "/agent/tickets/new", "data-testid": "new-ticket" }, icon("M8 3v10M3 8h10", 14), words.new_ticket)),
        search, this.#filters),
      this.#rows);
  }

  async start() {
    await this.refresh();
    const quietly = () => this.refresh().catch(() => undefined); // the next one may succeed
    setInterval(quietly, EVERY);
    let soon;
    this.workspace.watch(() => (clearTimeout(soon), (soon = setTimeout(quietly, SETTLE))));
  }

  async refresh() {
    this.#tickets = (await this.workspace.api.tickets()).sort((a, b) => b.updated_at.localeCompare(a.updated_at) || b.id - a.id);
    await this.workspace.people(this.#tickets.map(({ requester_id }) => requester_id).slice(0, 100));
    this.#draw();
  }

  select(id) {
    this.#current = id;
    this.#draw();
  }

  #matches = ({ id, subject, status, requester_id }) => {
    const name = this.workspace.person(requester_id)?.name ?? "";
    return inState(status, this.#state) && (!this.#query || `#${id} ${subject} ${name}`.toLowerCase().includes(this.#query));
  };

  #draw() {
    const { words, locale, person, statusName } = this.workspace;
    const shown = this.#tickets.filter(this.#matches);
    const picture = JSON.stringify([this.#current, this.#state, shown.map(({ id, subject, status, updated_at, requester_id }) => [id, subject, status, updated_at, person(requester_id)?.name])]);
    if (picture === this.#drawn) return; // keeps the focus where it is
    this.#drawn = picture;
    const count = (state) => this.#tickets.filter(({ status }) => inState(status, state)).length;
    const choose = (state) => ((this.#state = state), this.#draw());
    const states = [["unsolved", words.unsolved], ["all", words.all], ...STATES.map((state) => [state, statusName(state)])]
      .map(([state, name]) => h("option", { value: state, selected: state === this.#state }, `${name} (${count(state)})`));
    fill(this.#filters, h("select", { class: "field", "aria-label": words.filter, "data-testid": "state-filter", onchange: ({ target }) => choose(target.value) }, states));
    fill(this.#rows, shown.map((ticket) => this.#row(ticket, locale)), shown.length === 0 && h("li", { class: "empty subtle" }, words.nothing));
  }

  #row({ id, subject, status, updated_at, requester_id }, locale) {
    const { person, statusName } = this.workspace;
    return h("li", {},
      h("a", { href: `/agent/tickets/${id}`, class: "list-row", "aria-current": id === this.#current ? "true" : undefined, "data-testid": `ticket-${id}` },
        badge(status, statusName(status)),
        h("span", { class: "grow" },
          h("span", { class: "list-subject clip" }, subject || "–"),
          h("span", { class: "row small subtle" }, h("span", { class: "num" }, `#${id}`), h("span", { class: "clip grow" }, person(requester_id)?.name ?? ""), h("time", { class: "list-time", datetime: updated_at }, ago(updated_at, locale))))));
  }
}

const inState = (status, state) => state === "all" || (state === "unsolved" ? !["solved", "closed"].includes(status) : status === state);

/** Zendesk's square with the state's initial. */
export const badge = (status, name) =>
  h("span", { class: `badge ${status}`, title: name }, h("span", { "aria-hidden": "true" }, status.slice(0, 1).toUpperCase()), h("span", { class: "sr" }, name));
