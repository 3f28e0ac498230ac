// Whom Zendesk would have mailed: agents first, then customers; the newest first.
import { html, moment } from "../shared/dom.js";
import { section, watch } from "./watch.js";

const entry = (mail) => html`<article class="entry" data-testid="mail">
  <div class="row"><span class="strong">${mail.subject ?? "Please confirm your address"}</span><span class="grow"></span>
    <span class="subtle small">${moment(mail.at, "en")}</span></div>
  <div class="row small subtle">
    <span>to ${mail.to}</span>${mail.ticket_id && html`<a href=${`/agent/tickets/${mail.ticket_id}`}>ticket ${String(mail.ticket_id)}</a>`}
  </div>
  ${mail.body && html`<pre>${mail.body}</pre>`}
</article>`;

watch("Mails", "/_sandbox/mails", ({ mails }) => {
  const newest = mails.toReversed();
  const to = (audience) => newest.filter((mail) => (mail.audience ?? "customer") === audience).map(entry);
  return [
    section("To agents", to("agent"), "No agent was mailed."),
    section("To customers", to("customer"), "No customer was mailed."),
  ];
});
