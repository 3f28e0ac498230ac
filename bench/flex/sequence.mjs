// The peer of `cargo xtask bench flex`: what a straightforward integration does when a call is accepted, one call after the
// other, before it answers: the ticket, its requester, the tag, the task, the number written back into it, the agent's
// other tab. Its page paints what the answer holds, and asks for nothing else.
import { createServer } from "node:http";

const PAGE = `<!doctype html><meta charset="utf-8"><title>In sequence</title><main></main><script>
  async function accept(task, ticket) {
    const { subject, company } = await (await fetch("/pop?task=" + task + "&ticket=" + ticket, { method: "POST" })).json();
    const title = document.createElement("h2");
    title.dataset.testid = "pop-ticket";
    title.dataset.value = ticket;
    title.textContent = subject;
    const contract = document.createElement("p");
    contract.dataset.testid = "card-company";
    contract.textContent = company;
    document.querySelector("main").replaceChildren(title, contract);
  }
</script>`;

/** Serves the page, and asks Zendesk and Twilio for it. */
export async function inSequence(port, { zendesk, twilio }) {
  const grant = { grant_type: "client_credentials", client_id: "deskside", client_secret: "sandbox-client-secret", scope: "read write" };
  const { access_token: token } = await json(`${zendesk}/oauth/tokens`, "POST", grant);
  const bearer = { authorization: `Bearer ${token}` };
  const key = { authorization: `Basic ${Buffer.from(`SK${"a".repeat(32)}:sandbox-key-secret`).toString("base64")}` };
  const ask = (method, path, body) => json(`${zendesk}/api/v2/${path}`, method, body, bearer);

  async function pop(task, number) {
    const { ticket } = await ask("GET", `tickets/${number}.json`);
    const { user } = await ask("GET", `users/${ticket.requester_id}.json`);
    await ask("PUT", `tickets/${number}/tags.json`, { tags: ["generatedbyflex"] });
    const place = `${twilio}/v1/Workspaces/WS${"a".repeat(32)}/Tasks/${task}`;
    const known = await json(place, "GET", undefined, key);
    const attributes = { ...JSON.parse(known.attributes), zd_ticket_id: number, zd_user_id: user.id };
    await json(place, "POST", new URLSearchParams({ Attributes: JSON.stringify(attributes) }), key);
    const notice = { app_id: 375, agent_id: 9002, event: "pop", body: { ticket_id: Number(number) } };
    await ask("POST", "apps/notify.json", notice);
    return { subject: ticket.subject, company: user.user_fields.sfdc_company_name };
  }

  const server = createServer((asked, answer) => {
    const { pathname, searchParams } = new URL(asked.url, "http://localhost");
    if (pathname !== "/pop") return answer.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    pop(searchParams.get("task"), searchParams.get("ticket")).then(
      (shown) => answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(shown)),
      (cause) => answer.writeHead(502).end(String(cause)),
    );
  });
  return new Promise((ready) => server.listen(port, "127.0.0.1", () => ready(server)));
}

/** A call that must succeed. */
export async function json(url, method = "GET", body = undefined, headers = {}) {
  const isForm = body === undefined || body instanceof URLSearchParams;
  const answer = await fetch(url, {
    method,
    headers: isForm ? headers : { ...headers, "content-type": "application/json" },
    body: isForm ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname} answered ${answer.status}: ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : undefined;
}
