// The sidebar's card written by hand, as fast as a page can be that has the same handshake and the same fetch. A peer to
// measure against, not a part of the product.
const session = JSON.parse(document.getElementById("deskside-session").textContent);
const locale = session.locale || "en";
const date = (day) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));
const money = (amount, currency) =>
  new Intl.NumberFormat(locale, { style: "currency", currency: currency ?? "USD", maximumFractionDigits: 0 }).format(amount);
const size = (bytes) =>
  new Intl.NumberFormat(locale, { style: "unit", unit: "kilobyte", unitDisplay: "short", maximumFractionDigits: 1 }).format(bytes / 1000);
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
  document.getElementById("app").prepend(card);
}

function list({ items }) {
  const file = ({ file_name: name, size: bytes }) => el("li", "archive-item", name, " ", el("small", null, size(bytes)), el("button", null, "Archive"));
  document.getElementById("app").append(el("h2", null, `${items.length} attachments`), el("ul", null, ...items.map(file)));
}

const get = async (path) => (await fetch(path, { headers: { authorization: `Bearer ${session.token}` } })).json();
const client = window.ZAFClient.init();
client.on("app.registered", async ({ context }) => {
  const [card, files] = ["card", "archive"].map((what) => get(`/api/tickets/${context.ticketId}/${what}`));
  show(await card);
  client.invoke("resize", { width: "100%", height: `${document.body.scrollHeight}px` });
  list(await files);
});
