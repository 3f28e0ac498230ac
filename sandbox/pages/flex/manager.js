// Flex's manager as plugins see it: user, configuration, store, events, localization.
import { FLOWS, OFFLINE } from "./outbound.js";

/** The worker's activities: sid, name, available. */
export const ACTIVITIES = [
  [`WA${"2".repeat(32)}`, "Available", true],
  [`WA${"3".repeat(32)}`, "Break", false],
  [OFFLINE, "Offline", false],
];

export const activityOf = ([sid, name, available]) => ({ sid, name, available });

export class Emitter {
  #listeners = new Map();

  addListener(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return this;
  }

  removeListener(name, listener) {
    this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((one) => one !== listener));
    return this;
  }

  emit(name, ...payload) {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(...payload);
      } catch (error) {
        console.error(`A listener of ${name} failed`, error);
      }
    }
  }
}

export class Store {
  #state;
  #listeners = new Set();

  constructor(state) {
    this.#state = state;
  }

  getState = () => this.#state;
  subscribe = (listener) => (this.#listeners.add(listener), () => this.#listeners.delete(listener));

  /** New objects on the way to what changed, as reducers do. */
  update(part, changes) {
    this.#state = { ...this.#state, flex: { ...this.#state.flex, [part]: { ...this.#state.flex[part], ...changes } } };
    for (const listener of this.#listeners) listener();
  }
}

/** `session` is what the sandbox's token route answered; `custom_data` what an admin configured. */
export function createManager({ session, locale, isLight, custom_data = {} }) {
  const { identity, roles = ["agent"], token, expiration, email = "Flex agent", full_name = email } = session;
  const worker = { full_name, email };
  const user = { identity, roles, token, tokenExpirationDate: expiration };
  const pluginService = { enabled: true, initializationTimeout: 10_000 };
  const store = new Store({
    flex: {
      config: { theme: { isLight }, language: "en-US", custom_data, pluginService },
      session: { ssoTokenPayload: { token, identity, roles } },
      view: { activeView: "agent-desktop" },
      worker: { attributes: worker, activity: activityOf(ACTIVITIES[0]), tasks: new Map() },
      phone: {},
    },
  });
  const events = new Emitter();
  return {
    user,
    store,
    events,
    strings: {},
    workerSid: session.worker_sid,
    serviceConfiguration: {
      ui_attributes: { custom_data },
      outbound_call_flows: structuredClone(FLOWS),
      taskrouter_offline_activity_sid: OFFLINE,
    },
    localization: { localeTag: locale, availableLocales: [{ tag: "en-US" }, { tag: "ja" }, { tag: "ko" }] },
    get configuration() {
      return store.getState().flex.config;
    },
    updateConfig: (changes) => store.update("config", changes),
    renewToken(next) {
      Object.assign(user, { token: next.token, tokenExpirationDate: next.expiration });
      const ssoTokenPayload = { ...store.getState().flex.session.ssoTokenPayload, token: next.token };
      store.update("session", { ssoTokenPayload });
      events.emit("tokenUpdated", ssoTokenPayload);
    },
  };
}
