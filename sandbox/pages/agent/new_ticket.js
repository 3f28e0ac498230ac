// A ticket that does not exist yet; the app sits beside it in `new_ticket_sidebar` and hears who is chosen.
import { avatar, fill, html, toast } from "../shared/dom.js";
import { Composer } from "./composer.js";
import { chooseCustomer } from "./people.js";
import { TicketDraft } from "./ticket_draft.js";

let drafts = 0;

export function showNewTicket(workspace, pane) {
  const { api, words, person, tray } = workspace;
  const newTicketId = ++drafts;
  const draft = new TicketDraft(workspace, { status: "new", tags: [], assignee_id: workspace.agent.id });
  const requester = html`<div class="row"></div>`;
  const subject = html`<input class="field" id="new-subject" data-testid="new-subject"
    oninput=${() => draft.change({ subject: subject.value })} />`;
  const composer = new Composer(workspace, { label: words.create, submit });
  draft.composer = composer;

  const choose = async () => {
    const chosen = await chooseCustomer(workspace);
    if (chosen) await draft.chooseRequester(chosen.id);
  };
  draft.onchange = () => {
    const { requester_id, subject: text = "" } = draft.merged;
    const chosen = person(requester_id);
    if (subject.value !== text) subject.value = text;
    fill(
      requester,
      chosen && [avatar(chosen.name), html`<span class="clip">${chosen.name}</span>`],
      chosen && html`<span class="small subtle clip">${chosen.email}</span>`,
      html`<button class="btn small" type="button" data-testid="change-requester" onclick=${() => void choose()}>
        ${chosen ? words.change : words.pick}
      </button>`,
    );
    composer.enable(draft.saveAllowed);
  };
  draft.onchange();
  fill(
    pane,
    html`<header class="ticket-head">
      <h1>${words.new_ticket}</h1>
      <div class="form">
        <span class="small subtle">${words.requester}</span>${requester}
        <label class="small subtle" for="new-subject">${words.subject}</label>${subject}
      </div>
    </header>`,
    html`<div class="grow"></div>`,
    composer.element,
  );
  tray.show("new_ticket_sidebar", { ticket: draft }, { newTicketId });

  async function submit(status) {
    const create = ({ comment = { body: draft.merged.subject || "–" }, ...ticket }) => api.createTicket({ ...ticket, comment });
    try {
      const objection = await draft.save(status, create);
      if (objection !== undefined) return toast(`${words.not_saved}: ${objection}`, "error");
      workspace.go(`tickets/${draft.saved.id}`);
    } catch (error) {
      toast(error.message, "error");
    }
  }
}
