// TaskRouter as Flex UI speaks to it, through Twilio's event bridge: calls that stand in a body, and events over a socket. What a
// task is, and what may become of it, is the sandbox's; here it is only spelled as the bridge spells it.
import { ACCOUNT, AVAILABLE, KEY, OFFLINE, WORKER, WORKSPACE } from "./account.mjs";

const LIVE = ["pending", "accepted", "wrapping"];
const TOLD = /^reservation\.|^task\.(updated|canceled|completed|wrapup)$/;
const EVERY = 50; // ms

const seconds = (time) => Math.floor(Date.parse(time) / 1000);
const own = { account_sid: ACCOUNT, workspace_sid: WORKSPACE };

export class TaskRouter {
  #sandbox;
  #activity = AVAILABLE;
  #seen = 0;
  /** Tasks that an agent made for themselves, by their sid: calls that go out. The sandbox offers every task to this worker anyway. */
  #targets = new Map();
  #timer;

  /** `tell(event_type, payload)` is called with what the worker shall know. */
  constructor(sandbox, tell) {
    this.#sandbox = sandbox;
    const look = async () => {
      await this.#news(tell).catch(() => undefined); // the sandbox is being reset
      this.#timer = setTimeout(look, EVERY);
    };
    this.#timer = setTimeout(look, EVERY);
  }

  close() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One call of the bridge: status and payload. */
  async call({ url, method, params = {} }, version) {
    const path = url.replace(`Workspaces/${WORKSPACE}/`, "");
    if (path.startsWith("v1/Interactions/")) return { status: 200, payload: [] };
    if (path === "Activities") return all([OFFLINE, AVAILABLE].map((activity) => ({ ...own, ...dates(), ...activity })));
    if (path === `Workers/${WORKER}/WorkerChannels`) return all(["default", "voice", "chat", "sms"].map(channel));
    if (path === `Workers/${WORKER}/Reservations`) return all(await this.#reservations(path));
    if (path === `Workers/${WORKER}`) {
      const chosen = [OFFLINE, AVAILABLE].find(({ sid }) => sid === params.ActivitySid);
      if (chosen) this.#activity = chosen;
      return { status: 200, payload: this.#worker(await this.#ask("GET", path)) };
    }
    const answer = await this.#ask(method, path, params, version);
    if (answer.status >= 400) return { status: answer.status, payload: answer.body };
    if (/\/Reservations\/WR\w+$/.test(path)) return { status: 200, payload: await this.#reservation(answer) };
    if (path === "Tasks" && params.RoutingTarget) this.#targets.set(answer.body.sid, params.RoutingTarget);
    if (/^Tasks(\/WT\w+)?$/.test(path)) return { status: 200, payload: this.#task(answer) };
    throw new Error(`Flex UI asked TaskRouter for ${method} ${url}, which this stand-in does not know`);
  }

  /** The sandbox's TaskRouter. */
  async #ask(method, path, { TaskChannelUniqueName: channel, ...params } = {}, version) {
    const headers = { authorization: KEY, ...(version && { "if-match": version }) };
    const body = method === "POST" ? form({ TaskChannel: channel, ...params }) : undefined;
    const answer = await fetch(`${this.#sandbox}/v1/Workspaces/${WORKSPACE}/${path}`, { method, headers, body });
    return { status: answer.status, version: answer.headers.get("etag")?.replaceAll('"', ""), body: await answer.json() };
  }

  async #reservations(path) {
    const { body } = await this.#ask("GET", path);
    const live = body.reservations.filter(({ reservation_status: status }) => LIVE.includes(status));
    return Promise.all(live.map(async ({ sid }) => this.#reservation(await this.#ask("GET", `${path}/${sid}`))));
  }

  async #reservation({ body, version }) {
    return {
      ...own, ...dates(body), sid: body.sid, reservation_status: body.reservation_status, reservation_timeout: 120,
      worker_sid: body.worker_sid, worker_name: body.worker_name, version: Number(version), task_sid: body.task_sid,
      task: this.#task(await this.#ask("GET", `Tasks/${body.task_sid}`)),
    };
  }

  #task(answer) {
    return { ...task(answer), routing_target: this.#targets.get(answer.body.sid) ?? null };
  }

  /** Without a voice address of the browser: for one, Flex would want Twilio's voice service. */
  #worker({ body }) {
    const attributes = { ...JSON.parse(body.attributes), contact_uri: "sip:agent@pbx.example.com" };
    const { sid, friendly_name: activity_name, available } = this.#activity;
    return {
      ...own, ...dates(body), sid: body.sid, friendly_name: body.friendly_name, activity_sid: sid, activity_name, available,
      attributes: JSON.stringify(attributes), date_status_changed: seconds(body.date_status_changed), version: 1,
    };
  }

  /** What happened since the last look, in its order. */
  async #news(tell) {
    const { events } = await (await fetch(`${this.#sandbox}/_sandbox/flex/events`)).json();
    if (events.length < this.#seen) this.#seen = 0; // it began afresh
    const news = events.slice(this.#seen);
    this.#seen = events.length;
    for (const { type, task_sid: sid } of news.filter(({ type }) => TOLD.test(type))) {
      if (type.startsWith("task.")) tell(type, this.#task(await this.#ask("GET", `Tasks/${sid}`)));
      else await this.#tellReservation(tell, type, sid);
    }
  }

  async #tellReservation(tell, type, taskSid) {
    const below = `Tasks/${taskSid}/Reservations`;
    const { reservations } = (await this.#ask("GET", below)).body;
    const ours = reservations.filter(({ worker_sid: worker }) => worker === WORKER).pop();
    if (ours) tell(type, await this.#reservation(await this.#ask("GET", `${below}/${ours.sid}`)));
  }
}

const all = (contents) => ({ status: 200, payload: { contents, after_sid: null } });

function dates({ date_created: created, date_updated: updated } = {}) {
  const now = new Date().toISOString();
  return { date_created: seconds(created ?? now), date_updated: seconds(updated ?? now) };
}

function task({ body, version }) {
  const { sid, addons, age, attributes, priority, reason, assignment_status, timeout, workflow_sid } = body;
  return {
    ...own, ...dates(body), sid, addons, age, attributes, priority, reason, assignment_status, timeout, workflow_sid,
    workflow_name: body.workflow_friendly_name, queue_sid: body.task_queue_sid, queue_name: body.task_queue_friendly_name,
    task_channel_sid: body.task_channel_sid, task_channel_unique_name: body.task_channel_unique_name,
    virtual_start_time: seconds(body.virtual_start_time), version: Number(version),
  };
}

function channel(name, index) {
  return {
    ...own, ...dates(), sid: `WC${String(index).repeat(32)}`, task_channel_sid: `TC${String(index).repeat(32)}`,
    task_channel_unique_name: name, worker_sid: WORKER, assigned_tasks: 0, available: true, available_capacity_percentage: 100,
    configured_capacity: 5, last_reserved_time: 0,
  };
}

function form(params) {
  const text = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
  return new URLSearchParams(Object.entries(params).filter(([, value]) => value != null).map(([name, value]) => [name, text(value)]));
}
