// Flex's manager as plugins see it: user, configuration, store, events, localization.

export class Emitter {
  #listeners = new Map();

  addListener = (name, listener) => (this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]), this);
  on = this.addListener;
  removeListener = (name, listener) => (this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((one) => one !== listener)), this);

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
  const user = { identity: session.identity, roles: session.roles ?? ["agent"], token: session.token, tokenExpirationDate: session.expiration };
  const config = { theme: { isLight }, language: "en-US", custom_data, pluginService: { enabled: true, initializationTimeout: 10_000 } };
  const store = new Store({
    flex: {
      config,
      session: { ssoTokenPayload: { token: session.token, identity: session.identity, roles: user.roles } },
      view: { activeView: "agent-desktop" },
      worker: { attributes: session.worker ?? { full_name: "Flex agent" }, activity: { name: "Available", available: true }, tasks: new Map() },
    },
  });
  const manager = {
    user, store, events: new Emitter(), strings: {}, serviceConfiguration: { ui_attributes: { custom_data } },
    localization: { localeTag: locale, availableLocales: [{ tag: "en-US" }, { tag: "ja" }, { tag: "ko" }] },
    get configuration() {
      return store.getState().flex.config;
    },
    updateConfig: (changes) => store.update("config", changes),
    renewToken(next) {
      Object.assign(user, { token: next.token, tokenExpirationDate: next.expiration });
      store.update("session", { ssoTokenPayload: { ...store.getState().flex.session.ssoTokenPayload, token: next.token } });
      manager.events.emit("tokenUpdated", store.getState().flex.session.ssoTokenPayload);
    },
  };
  return manager;
}
