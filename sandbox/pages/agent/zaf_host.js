// The Zendesk side of the ZAF v2 protocol, for several framed apps at once: one guid per frame, messages taken only from
// the frame's own window and origin. What `get`, `set`, `invoke` and `request` mean is `data`'s and `actions`' affair.
//
// App → host messages are JSON strings, but for `iframe.reply:*`, which is an object. Host → app messages are objects.

const REPLY_TIMEOUT = 10_000; // a hook that is never answered must not keep the agent from saving

/** Errors as the SDK reads them; of a single call they are thrown in the app, of a bulk call they lie in `errors`. */
export const unavailable = (path, message = `No such Api: ${path}`) => ({ name: "APIUnavailableError", message, path });

class Instance {
  subscribers = new Map();
  registered = false;
  active = true;
  #replies = new Map();

  constructor(host, guid, frame, origin, { location, subject, context, metadata }) {
    Object.assign(this, { host, guid, frame, origin, location, subject, context, metadata });
  }

  get window() {
    return this.frame.contentWindow;
  }

  hears(event) {
    return (this.subscribers.get(event) ?? 0) > 0;
  }

  send(message) {
    this.host.log({ to: "app", instance: this, data: message });
    this.window?.postMessage(message, this.origin);
  }

  /** An event, as Zendesk does only for those that the app subscribed to. */
  emit(event, message) {
    if (this.hears(event)) this.send({ key: `zaf.${event}`, message });
  }

  /** A hook: resolves with nothing, or with the app's objection. */
  ask(event) {
    if (!this.hears(event)) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#replies.delete(event) && resolve(undefined), REPLY_TIMEOUT);
      this.#replies.set(event, (error) => (clearTimeout(timer), resolve(error)));
      this.send({ key: `zaf.${event}`, needsReply: true });
    });
  }

  reply(event, error) {
    this.#replies.get(event)?.(error);
    this.#replies.delete(event);
  }
}

export class ZafHost {
  #instances = new Map();

  /** `log` is told every message; `data` and `actions` answer the app; `request` does the app's HTTP. */
  constructor({ log, data, actions, request }) {
    Object.assign(this, { log, data, actions, request });
    window.addEventListener("message", (event) => this.#receive(event));
  }

  get instances() {
    return [...this.#instances.values()];
  }

  /** Registers a frame before it loads anything. */
  open(frame, guid, origin, facts) {
    const instance = new Instance(this, guid, frame, origin, facts);
    this.#instances.set(guid, instance);
    return instance;
  }

  close(instance) {
    instance.emit("app.willDestroy");
    this.#instances.delete(instance.guid);
  }

  emit(event, message, which = () => true) {
    for (const instance of this.instances) if (which(instance)) instance.emit(event, message);
  }

  /** What the apps object to, if anything: `ticket.save` and its like. */
  async ask(event, which = () => true) {
    const replies = await Promise.all(this.instances.filter(which).map((instance) => instance.ask(event)));
    return replies.filter((error) => error !== undefined);
  }

  #receive({ data, origin, source }) {
    const instance = this.instances.find((one) => source && one.window === source);
    if (!instance) return; // not a frame of ours: extensions talk to the page too
    const message = typeof data === "string" ? parse(data) : data;
    this.log({ to: "host", instance, data: message ?? data, kind: typeof data });
    const refused =
      origin !== instance.origin ? `comes from ${origin} instead of ${instance.origin}`
      : !message ? "is not JSON"
      : message.appGuid !== undefined && message.appGuid !== instance.guid ? "names another app_guid"
      : undefined;
    if (refused) return this.log({ to: "host", instance, data: { ignored: `The last message ${refused}.` }, problem: true });
    if (message.request) void this.#answer(instance, message);
    else if (typeof message.key === "string") this.#hear(instance, message.key, message);
  }

  #hear(instance, key, { message, error, instanceGuid }) {
    const event = key.slice(key.indexOf(":") + 1);
    if (key === "iframe.handshake") this.#register(instance);
    else if (key.startsWith("iframe.on:")) this.#subscribe(instance, event, message?.subscriberCount ?? 1);
    else if (key.startsWith("iframe.off:")) instance.subscribers.set(event, message?.subscriberCount ?? 0);
    else if (key.startsWith("iframe.reply:")) instance.reply(event, error && (error.msg || "The app said no."));
    else if (key.startsWith("iframe.trigger:")) (this.#instances.get(instanceGuid) ?? instance).emit(event, message);
    else if (key.startsWith("request:")) void this.#request(instance, key, message);
    // `session.live` and `__track__` of Zendesk's own SDK want no answer.
  }

  #register(instance) {
    instance.registered = true;
    instance.subscribers.clear(); // the page in the frame is new
    instance.send({ key: "zaf.app.registered", message: { context: instance.context, metadata: instance.metadata } });
  }

  #subscribe(instance, event, count) {
    const first = !instance.hears(event);
    instance.subscribers.set(event, count);
    if (first && event === "app.activated" && instance.active) instance.emit(event, { firstLoad: true });
  }

  /** One frame may act for another of the same app: `client.instance(guid).invoke(…)`. */
  async #answer(instance, { id, request, params, instanceGuid }) {
    const subject = this.#instances.get(instanceGuid) ?? instance;
    const results = { errors: {} };
    const handler = { get: this.data.get, set: this.data.set, invoke: this.actions.invoke }[request];
    try {
      if (!handler) throw new Error(`Unknown request: ${request}`);
      const each = request === "get" ? params.map((path) => [path]) : Object.entries(params);
      for (const [path, argument] of each) {
        try {
          results[path] = await handler(subject, path, argument);
        } catch (error) {
          results.errors[path] = error instanceof Error ? { name: error.name, message: error.message, path } : error;
        }
      }
      instance.send({ id, result: results });
    } catch ({ name, message, stack }) {
      instance.send({ id, error: { name, message, stack } });
    }
  }

  async #request(instance, key, options) {
    const { ok, responseArgs } = await this.request(typeof options === "string" ? { url: options } : options ?? {});
    instance.emit(`${key}.${ok ? "done" : "fail"}`, { responseArgs });
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
