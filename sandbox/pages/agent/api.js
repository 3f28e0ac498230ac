// The workspace's calls: Zendesk's public API with the agent's own session, and the sandbox's few workspace routes.
// The session is a bearer in memory. A first-party cookie of the same session opens attachments, which are not called
// but followed; the framed apps are of another origin and see neither.

export class ApiError extends Error {
  constructor(status, body, call) {
    super(`${call} answered ${status}${body?.description ? `: ${body.description}` : ""}`);
    this.status = status;
    this.body = body;
  }
}

export class Api {
  #token;
  #agent;

  async signIn(agent_id) {
    this.#token = undefined;
    const login = { body: JSON.stringify({ agent_id }), type: "application/json", credentials: "same-origin" };
    const answer = await this.#fetch("POST", "/_sandbox/workspace/login", login);
    this.#token = (await answer.json()).token;
    this.#agent = agent_id;
  }

  config = () => this.#send("GET", "/_sandbox/workspace/config");
  sign = async (location, agent_id) => (await this.#send("POST", "/_sandbox/workspace/sign", { location, agent_id })).token;

  me = async () => (await this.#send("GET", "/api/v2/users/me.json")).user;
  user = async (id) => (await this.#send("GET", `/api/v2/users/${id}.json`)).user;
  setLocale = (id, locale) => this.#send("PUT", `/api/v2/users/${id}.json`, { user: { locale } });
  userFields = async () => (await this.#send("GET", "/api/v2/user_fields.json")).user_fields;
  requestedTickets = async (id) => (await this.#send("GET", `/api/v2/users/${id}/tickets/requested.json`)).tickets;

  ticket = async (id) => (await this.#send("GET", `/api/v2/tickets/${id}.json`)).ticket;
  updateTicket = async (id, ticket) => (await this.#send("PUT", `/api/v2/tickets/${id}.json`, { ticket })).ticket;
  createTicket = async (ticket) => (await this.#send("POST", "/api/v2/tickets.json", { ticket })).ticket;

  tickets = () => this.#all("/api/v2/tickets.json?page[size]=100", "tickets");
  comments = (id) => this.#all(`/api/v2/tickets/${id}/comments.json?page[size]=100`, "comments");
  customers = () => this.#all("/api/v2/users.json?role=end-user&page[size]=100", "users");

  async users(ids) {
    const missing = [...new Set(ids)].filter(Boolean).slice(0, 100);
    if (missing.length === 0) return [];
    return (await this.#send("GET", `/api/v2/users/show_many.json?ids=${missing.join()}`)).users;
  }

  async upload(file) {
    const path = `/api/v2/uploads.json?filename=${encodeURIComponent(file.name)}`;
    const answer = await this.#fetch("POST", path, { body: file, type: file.type || "application/binary" });
    return (await answer.json()).upload;
  }

  /** What the account tells one agent's open workspace, `apps/notify` above all; reconnects by itself. */
  notices(agent_id, deliver) {
    const source = new EventSource(`/_sandbox/workspace/events?agent_id=${agent_id}`);
    source.addEventListener("message", ({ data }) => deliver(JSON.parse(data)));
    return source;
  }

  /** What `client.request` asks of the host: any path of the account, answered as it is. */
  raw = (method, path, options) => this.#fetch(method, path, { ...options, any: true });

  async #all(path, name) {
    const rows = [];
    for (let next = path; next; ) {
      const page = await this.#send("GET", next);
      rows.push(...page[name]);
      const { pathname, search } = new URL(page.links?.next ?? "/", location.origin);
      next = page.meta?.has_more && rows.length < 1000 ? pathname + search : undefined;
    }
    return rows;
  }

  async #send(method, path, body) {
    const options = body === undefined ? {} : { body: JSON.stringify(body), type: "application/json" };
    const answer = await this.#fetch(method, path, options);
    return answer.status === 204 ? undefined : answer.json();
  }

  async #fetch(method, path, options) {
    const { body, type, headers = {}, any = false, credentials = "omit", again = true } = options;
    const sent = { Accept: "application/json", ...headers };
    if (type) sent["Content-Type"] = type;
    if (this.#token) sent.Authorization = `Bearer ${this.#token}`;
    const answer = await fetch(path, { method, body, credentials, headers: sent });
    if (answer.status === 401 && this.#token && again) {
      await this.signIn(this.#agent); // the sandbox was reset or restarted
      return this.#fetch(method, path, { ...options, again: false });
    }
    if (!answer.ok && !any) {
      const call = `${method} ${path.split("?")[0]}`;
      throw new ApiError(answer.status, await answer.json().catch(() => undefined), call);
    }
    return answer;
  }
}
