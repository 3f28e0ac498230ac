// One customer: who they are, what the account keeps of them, what they asked; the app sits beside it in `user_sidebar`.
import { avatar, fill, html } from "../shared/dom.js";
import { badge } from "./list.js";

export async function showUser(workspace, pane, id) {
  const { api, words, tray } = workspace;
  const user = await workspace.fresh(id);
  const [fields, tickets] = await Promise.all([api.userFields(), api.requestedTickets(id)]);
  const kept = fields.filter(({ key }) => (user.user_fields?.[key] ?? null) !== null);
  fill(
    pane,
    html`<header class="ticket-head row">
      ${avatar(user.name, 44)}
      <div class="grow">
        <h1 class="clip" data-testid="user-name">${user.name}</h1>
        <span class="subtle num">#${user.id} · ${user.role}</span>
      </div>
      ${user.suspended && html`<span class="pill bad">${words.suspended}</span>`}
    </header>`,
    html`<div class="user-body">
      <dl class="facts wide">
        ${fact(words.email, user.email)} ${fact(words.phone, user.phone && dialout(workspace, user.phone))} ${fact(words.language, user.locale)}
        ${fact(words.tags, user.tags?.join(", "))} ${fact(words.notes, user.notes)}
      </dl>
      ${kept.length > 0 &&
      html`<section>
        <h2>${words.user_fields}</h2>
        <dl class="facts wide">${kept.map(({ key, title }) => fact(title, String(user.user_fields[key])))}</dl>
      </section>`}
      <section>
        <h2>${words.user_tickets}</h2>
        <ul>
          ${tickets.map((ticket) => row(workspace, ticket))}
          ${tickets.length === 0 && html`<li class="subtle">${words.nothing}</li>`}
        </ul>
      </section>
    </div>`,
  );
  tray.show("user_sidebar", { user }, { userId: user.id });
}

const row = ({ statusName }, { id, status, subject }) =>
  html`<li>
    <a class="list-row" href="/agent/tickets/${id}">
      ${badge(status, statusName(status))}
      <span class="clip grow">${subject || "–"}</span><span class="subtle num small">#${id}</span>
    </a>
  </li>`;

/** Zendesk's own click-to-call (Talk Partner Edition): the apps hear which number was pressed. */
const dialout = ({ zaf }, number) =>
  html`<button class="btn quiet small num" type="button" data-testid="dialout"
    onclick=${() => zaf.emit("voice.dialout", { number })}>${number}</button>`;

const fact = (name, value) => value && html`<div><dt class="small subtle">${name}</dt><dd>${value}</dd></div>`;
