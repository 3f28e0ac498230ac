// One ticket: who asks, its comments and files, the reply; the app beside it. Follows the account while it is shown.
import { avatar, fill, h, moment, toast } from "../shared/dom.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { badge } from "./list.js";
import { chooseCustomer } from "./people.js";
import { TicketDraft } from "./ticket_draft.js";

const EVERY = 10_000; // in case a change was not announced

/** Shows ticket `id` in `pane`; answers the function that stops following it. */
export async function showTicket(workspace, pane, id) {
  const { api, words, tray } = workspace;
  const ticket = await api.ticket(id);
  const draft = new TicketDraft(workspace, ticket);
  await workspace.people([ticket.requester_id, ticket.assignee_id]);
  const conversation = new Conversation(workspace);
  const head = h("header", { class: "ticket-head" });
  const composer = new Composer(workspace, { label: words.submit_as.replace("：", "").replace(":", ""), submit });
  draft.composer = composer;
  composer.status.value = ["pending", "hold", "solved"].includes(ticket.status) ? ticket.status : "open";
  const closed = ticket.status === "closed";
  fill(pane, head, conversation.element, closed ? h("p", { class: "closed-hint subtle", role: "note" }, words.closed_ticket) : composer.element);

  draft.onchange = () => {
    drawHead(workspace, head, draft, closed);
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
  return () => (clearInterval(timer), unwatch());
}

function drawHead(workspace, head, draft, closed) {
  const { words, locale, person, statusName } = workspace;
  const { id, subject, status, requester_id, assignee_id, priority, tags = [], created_at } = draft.merged;
  const requester = person(requester_id);
  const change = async () => {
    const chosen = await chooseCustomer(workspace);
    if (chosen) await draft.chooseRequester(chosen.id);
  };
  fill(head,
    h("div", { class: "row" }, badge(status, statusName(status)), h("h1", { class: "grow", "data-testid": "ticket-subject" }, subject || "–"), h("span", { class: "subtle num" }, `#${id}`)),
    h("dl", { class: "facts" },
      fact(words.requester, h("span", { class: "row" }, avatar(requester?.name, 20), h("a", { class: "clip", href: `/agent/users/${requester_id}`, "data-testid": "requester" }, requester?.name ?? "–"),
        "requester_id" in draft.changes && h("span", { class: "pill warn" }, words.unsaved),
        !closed && h("button", { class: "btn quiet small link", type: "button", "data-testid": "change-requester", onclick: () => void change() }, words.change))),
      fact(words.assignee, person(assignee_id)?.name ?? words.none),
      fact(words.priority, priority ?? words.none),
      fact(words.created, h("time", { datetime: created_at, class: "num" }, moment(created_at, locale))),
      tags.length > 0 && fact(words.tags, h("span", { class: "tags" }, tags.map((tag) => h("span", { class: "pill" }, tag))))));
}

const fact = (name, value) => h("div", {}, h("dt", { class: "small subtle" }, name), h("dd", { class: "clip" }, value));
