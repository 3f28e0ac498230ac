// Flex's actions: `before…` listeners may abort, `replaceAction` may stand in, `after…` listeners hear only of success.

export class Actions {
  #handlers = new Map();
  #replacements = new Map();
  #listeners = new Map();
  #blocked = new Set();

  /** `log` is told of every action, what it carried and how it went. */
  constructor(log) {
    this.log = log;
  }

  registerAction = (name, handler) => void this.#handlers.set(name, handler);

  replaceAction = (name, replacement) => void this.#replacements.set(name, replacement);

  addListener = (event, listener) => void this.#listeners.set(event, [...this.#heard(event), listener]);

  removeListener = (event, listener) => void this.#listeners.set(event, this.#heard(event).filter((one) => one !== listener));

  blockAction = (name) => void this.#blocked.add(name);

  unblockAction = (name) => void this.#blocked.delete(name);

  findBlockedActions = () => [...this.#blocked];

  invokeAction = async (name, payload) => {
    const handler = this.#handlers.get(name);
    if (!handler) throw new Error(`Action ${name} is not registered`);
    if (this.#blocked.has(name)) return this.log(name, payload, "blocked");
    let aborted = false;
    const abort = () => (aborted = true);
    for (const listener of this.#heard(`before${name}`)) await this.#run(listener, name, payload, abort);
    if (aborted) return this.log(name, payload, "aborted");
    try {
      const replacement = this.#replacements.get(name);
      await (replacement ? replacement(payload, handler) : handler(payload));
    } catch (error) {
      this.log(name, payload, `failed: ${error.message}`);
      throw error;
    }
    this.log(name, payload, "done");
    for (const listener of this.#heard(`after${name}`)) await this.#run(listener, name, payload);
  };

  #heard = (event) => this.#listeners.get(event) ?? [];

  async #run(listener, name, payload, abort) {
    try {
      await listener(payload, abort);
    } catch (error) {
      this.log(name, payload, `a listener failed: ${error.message}`);
      console.error(`A listener of ${name} failed`, error);
    }
  }
}
