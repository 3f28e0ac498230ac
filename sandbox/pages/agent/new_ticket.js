// A ticket that does not exist yet; the app sits beside it in `new_ticket_sidebar` and hears who is chosen.
import { avatar, fill, h, toast } from "../shared/dom.js";
import { Composer } from "./composer.js";
import { chooseCustomer } from "./people.js";
import { TicketDraft } from "./ticket_draft.js";

let drafts = 0;

export function showNewTicket(workspace, pane) {
  const { api, words, person, tray } = workspace;
  const newTicketId = ++drafts;
  const draft = new TicketDraft(workspace, { status: "new", tags: [], assignee_id: workspace.agent.id });
  const requester = h("div", { class: "row" });
  const subject = h("input", { class: "field", id: "new-subject", "data-testid": "new-subject", oninput: () => draft.change({ subject: subject.value }) });
  const composer = new Composer(workspace, { label: words.create, submit });
  draft.composer = composer;

  const choose = async () => {
    const chosen = await chooseCustomer(workspace);
    if (chosen) await draft.chooseRequester(chosen.id);
  };
  draft.onchange = () => {
    const chosen = person(draft.merged.requester_id);
    if (subject.value !== (draft.merged.subject ?? "")) subject.value = draft.merged.subject ?? "";
    fill(requester, chosen ? [avatar(chosen.name), h("span", { class: "clip" }, chosen.name), h("span", { class: "small subtle clip" }, chosen.email ?? "")] : undefined,
      h("button", { class: "btn small", type: "button", "data-testid": "change-requester", onclick: () => void choose() }, chosen ? words.change : words.pick));
    composer.enable(draft.saveAllowed);
  };
  draft.onchange();
  fill(pane,
    h("header", { class: "ticket-head" }, h("h1", {}, words.new_ticket),
      h("div", { class: "form" },
        h("span", { class: "small subtle" }, words.requester), requester,
        h("label", { class: "small subtle", for: "new-subject" }, words.subject), subject)),
    h("div", { class: "grow" }), composer.element);
  tray.show("new_ticket_sidebar", { ticket: draft }, { newTicketId });

  async function submit(status) {
    let made;
    try {
      const objection = await draft.save(status, async (ticket) => (made = await api.createTicket({ ...ticket, comment: ticket.comment ?? { body: ticket.subject ?? "–" } })));
      if (objection !== undefined) return toast(`${words.not_saved}: ${objection}`, "error");
      workspace.go(`tickets/${made.id}`);
    } catch (error) {
      toast(error.message, "error");
    }
  }
}
