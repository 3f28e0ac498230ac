// One ticket: who asks, its comments and files, the reply; the app beside it. Follows the account while it is shown.
import { avatar, fill, html, moment, toast } from "../shared/dom.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { badge } from "./list.js";
import { chooseCustomer } from "./people.js";
import { TagsField } from "./tags.js";
import { TicketDraft } from "./ticket_draft.js";

const EVERY = 10_000; // in case a change was not announced

/** Shows ticket `id` in `pane`; answers the function that stops following it. */
export async function showTicket(workspace, pane, id) {
  const { api, words, tray } = workspace;
  const ticket = await api.ticket(id);
  const draft = new TicketDraft(workspace, ticket);
  await workspace.people([ticket.requester_id, ticket.assignee_id]);
  const conversation = new Conversation(workspace);
  const head = html`<header class="ticket-head"></header>`;
  const composer = new Composer(workspace, { label: words.submit, submit });
  draft.composer = composer;
  composer.propose(ticket.status);
  const closed = ticket.status === "closed";
  const hint = html`<p class="closed-hint subtle" role="note">${words.closed_ticket}</p>`;
  fill(pane, head, conversation.element, closed ? hint : composer.element);

  const tags = new TagsField(workspace, draft, closed); // outlives each drawing, and with it what is being typed
  draft.onchange = () => {
    fill(head, headOf(workspace, draft, closed, tags.draw()));
    composer.enable(draft.saveAllowed);
  };
  draft.refresh(ticket, []);
  tray.show("ticket_sidebar", { ticket: draft }, { ticketId: id });

  async function submit(status) {
    try {
      const objection = await draft.save(status, (changes) => api.updateTicket(id, changes));
      if (objection !== undefined) return toast(`${words.not_saved}: ${objection}`, "error");
      toast(words.saved);
      await follow();
    } catch (error) {
      toast(error.message, "error");
    }
  }

  let drawn = "";
  async function follow() {
    const [now, comments] = await Promise.all([api.ticket(id), api.comments(id)]);
    const picture = JSON.stringify([now, comments]);
    if (picture === drawn) return;
    drawn = picture;
    await workspace.people([now.requester_id, now.assignee_id]);
    draft.refresh(now, comments);
    await conversation.show(comments);
  }
  await follow();
  const quietly = () => follow().catch(() => undefined); // the next one may succeed; what is on screen stays
  const timer = setInterval(quietly, EVERY);
  const unwatch = workspace.watch((changed) => changed === id && void quietly());
  return () => {
    clearInterval(timer);
    unwatch();
  };
}

function headOf(workspace, draft, closed, tags) {
  const { words, locale, person, statusName } = workspace;
  const { id, subject, status, assignee_id, priority, created_at } = draft.merged;
  return [
    html`<div class="row">
      ${badge(status, statusName(status))}
      <h1 class="grow" data-testid="ticket-subject">${subject || "–"}</h1>
      <span class="subtle num">#${id}</span>
    </div>`,
    html`<dl class="facts">
      ${fact(words.requester, requester(workspace, draft, closed))}
      ${fact(words.assignee, person(assignee_id)?.name ?? words.none)}
      ${fact(words.priority, priority ?? words.none)}
      ${fact(words.created, html`<time class="num" datetime=${created_at}>${moment(created_at, locale)}</time>`)}
      ${fact(words.tags, tags)}
    </dl>`,
  ];
}

function requester(workspace, draft, closed) {
  const { words, person } = workspace;
  const { requester_id } = draft.merged;
  const name = person(requester_id)?.name ?? "–";
  const change = async () => {
    const chosen = await chooseCustomer(workspace);
    if (chosen) await draft.chooseRequester(chosen.id);
  };
  return html`<span class="row">
    ${avatar(name, 20)}
    <a class="clip" href="/agent/users/${requester_id}" data-testid="requester">${name}</a>
    ${"requester_id" in draft.changes && html`<span class="pill warn">${words.unsaved}</span>`}
    ${!closed &&
    html`<button class="btn quiet small link" type="button" data-testid="change-requester" onclick=${() => void change()}>
      ${words.change}
    </button>`}
  </span>`;
}

const fact = (name, value) => html`<div><dt class="small subtle">${name}</dt><dd class="clip">${value}</dd></div>`;
