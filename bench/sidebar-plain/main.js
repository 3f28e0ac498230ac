// The sidebar's card written by hand, as fast as a page can be that has the same handshake and the same fetch. A peer to
// measure against, not a part of the product.
const session = JSON.parse(document.getElementById("deskside-session").textContent);
const locale = session.locale || "en";
const date = (day) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));
const money = (amount, currency) =>
  new Intl.NumberFormat(locale, { style: "currency", currency: currency ?? "USD", maximumFractionDigits: 0 }).format(amount);
const BADGES = { new_customer: "New customer", renewal_near: "Renewal near", high_mrr: "High MRR", vip: "VIP" };

function el(tag, hook, ...children) {
  const node = document.createElement(tag);
  if (hook) node.dataset.testid = hook;
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}
const fact = (label, hook, text) => el("div", null, el("dt", null, label), el("dd", hook, text ?? ""));

function show({ contract, customer, badges, open_tickets: tickets }) {
  const line = [customer?.name, customer?.phone].filter(Boolean).map((text) => ` · ${text}`);
  const marks = badges.map((badge) => el("span", `badge-${badge}`, BADGES[badge] ?? badge));
  const facts = el(
    "dl",
    null,
    fact("MRR", "card-mrr", contract.mrr != null && money(contract.mrr, contract.currency)),
    fact("Customer since", "card-start", contract.start && date(contract.start)),
    fact("Renewal", "card-renewal", contract.renewal && date(contract.renewal)),
    fact("Owner", null, contract.owner),
  );
  const card = el(
    "section",
    "card",
    el("h1", "card-company", contract.company ?? ""),
    el("span", "card-status", contract.subscription_status ?? ""),
    el("p", null, el("span", "card-account-type", contract.account_type ?? ""), ...line),
    el("p", null, ...marks),
    facts,
    el("small", "card-as-of", `as of ${contract.as_of}`),
    ...tickets.map((ticket) => el("p", null, `#${ticket.id} ${ticket.subject}`)),
  );
  document.getElementById("app").replaceChildren(card);
}

const client = window.ZAFClient.init();
client.on("app.registered", async ({ context }) => {
  const path = `/api/tickets/${context.ticketId}/card`;
  const answer = await fetch(path, { headers: { authorization: `Bearer ${session.token}` } });
  show(await answer.json());
  client.invoke("resize", { width: "100%", height: `${document.body.scrollHeight}px` });
});
