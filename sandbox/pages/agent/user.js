// One customer: who they are, what the account keeps of them, what they asked; the app sits beside it in `user_sidebar`.
import { avatar, fill, h } from "../shared/dom.js";
import { badge } from "./list.js";

export async function showUser(workspace, pane, id) {
  const { api, words, statusName, tray } = workspace;
  const user = await workspace.fresh(id);
  const [fields, tickets] = await Promise.all([api.userFields().catch(() => []), api.requestedTickets(id).catch(() => [])]);
  const kept = fields.filter(({ key }) => user.user_fields?.[key] !== undefined && user.user_fields[key] !== null);
  fill(pane,
    h("header", { class: "ticket-head" },
      h("div", { class: "row" }, avatar(user.name, 44),
        h("div", { class: "grow" }, h("h1", { class: "clip", "data-testid": "user-name" }, user.name), h("span", { class: "subtle num" }, `#${user.id} · ${user.role}`)),
        user.suspended && h("span", { class: "pill bad" }, words.suspended))),
    h("div", { class: "user-body" },
      h("dl", { class: "facts wide" },
        fact(words.email, user.email), fact(words.phone, user.phone), fact(words.language, user.locale), fact(words.tags, user.tags?.join(", ")), fact(words.notes, user.notes)),
      kept.length > 0 && h("section", {}, h("h2", {}, words.user_fields), h("dl", { class: "facts wide" }, kept.map(({ key, title }) => fact(title, String(user.user_fields[key]))))),
      h("section", {}, h("h2", {}, words.user_tickets),
        h("ul", {}, tickets.map((ticket) => h("li", {}, h("a", { class: "list-row", href: `/agent/tickets/${ticket.id}` }, badge(ticket.status, statusName(ticket.status)), h("span", { class: "clip grow" }, ticket.subject), h("span", { class: "subtle num small" }, `#${ticket.id}`)))),
          tickets.length === 0 && h("li", { class: "subtle" }, words.nothing)))));
  tray.show("user_sidebar", { user }, { userId: user.id });
}

const fact = (name, value) => value && h("div", {}, h("dt", { class: "small subtle" }, name), h("dd", {}, value));
