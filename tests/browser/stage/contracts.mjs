// An integration that brings contracts and reads tickets, with its first run done: what notices and reports are about.

/** A day, so many from today. */
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Three companies, new and near their renewal: one has a high MRR (佐藤 花子's), and one no plan. */
const toml = () => `
[[integration]]
id = "contracts"
name = "Contracts"
enabled = true
sources = [
  { as = "people", connection = "zendesk", read = { kind = "users" } },
  { as = "tickets", connection = "zendesk", read = { kind = "tickets" } },
]
model = { sql = """
SELECT id AS user_id, email, 'Aoba' AS company, concat('c', id % 3) AS company_id, CASE id % 3 WHEN 1 THEN 120000 WHEN 2 THEN 500 ELSE 50 END AS mrr, CAST('${day(-10)}' AS DATE) AS start, CAST('${day(20)}' AS DATE) AS renewal,
       CASE id % 3 WHEN 1 THEN 'pro' WHEN 2 THEN 'team' END AS plan,
       'Kim' AS sales_name, 'agent@example.com' AS sales_email, 'Ren' AS success_name, 'ren.restricted@example.com' AS success_email
  FROM people WHERE role = 'end-user'""" }
destination = { connection = "zendesk", object = "users", mode = "update" }
key = { column = "user_id", field = "id" }
mapping = [
  { column = "company", field = "sfdc_company_name" },
  { column = "mrr", field = "sfdc_mrr" },
  { column = "start", field = "sfdc_contract_start" },
  { column = "renewal", field = "sfdc_renewal_date" },
]
schedule = { kind = "manual" }

[integration.contract]
people = { user = "user_id", email = "email" }
company_id = "company_id"
company = "company"
mrr = "mrr"
start = "start"
renewal = "renewal"
extra = { plan = "plan" }
owners = [
  { role = "sales", name = "sales_name", email = "sales_email" },
  { role = "success", name = "success_name", email = "success_email" },
]
`;

/** Keeps it and lets it run, as an operator would. */
export function bringContracts(house) {
  house.integrations(toml());
  const dry = house.deskside("integrations", "run", "contracts", "--dry-run");
  const id = /run ([^:\s]+):/.exec(dry)?.[1];
  if (!id) throw new Error(`a dry run said nothing of itself: ${dry}`);
  return house.deskside("integrations", "run", "contracts", "--accept", id);
}

/** A customer writes; the ticket's number. */
export async function writes(house, more = {}) {
  const said = { channel: "email", name: "佐藤 花子", email: "hanako.sato@example.com", subject: "It does not start", body: "Nothing works." };
  return house.control("POST", "tickets/arrive", { ...said, ...more });
}
