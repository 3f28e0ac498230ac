// What all panes share: who is signed in, what is known of people, where to go. Panes read it and never each other.
import { languageOf, words } from "./words.js";

export class Workspace {
  #people = new Map();
  #watchers = new Set();

  constructor(api, config, agent, scheme) {
    Object.assign(this, { api, config: { app_name: `App ${config.app_id}`, ...config }, agent, scheme });
    this.locale = languageOf(agent.locale);
    this.words = words(this.locale);
    this.know([agent]);
  }

  /** Set by main.js: shows `tickets/42`, `users/77`, `tickets/new`. */
  go = () => {};

  /** `onchange(ticket_id)` hears which ticket changed in the account; answers the function that stops it. */
  watch(onchange) {
    this.#watchers.add(onchange);
    return () => this.#watchers.delete(onchange);
  }

  changed(ticket_id) {
    for (const onchange of this.#watchers) onchange(ticket_id);
  }

  know(users) {
    for (const user of users) this.#people.set(user.id, user);
  }

  /** Who is known already; names appear as soon as `people` has fetched them. */
  person = (id) => this.#people.get(id);

  /** Users by id, in order; those that are gone or hidden are missing. */
  async people(ids) {
    this.know(await this.api.users(ids.filter((id) => id && !this.#people.has(id))));
    return ids.map((id) => this.#people.get(id));
  }

  /** A user as the account has it now. */
  async fresh(id) {
    const user = await this.api.user(id);
    this.know([user]);
    return user;
  }

  statusName = (status) => this.words.status[status] ?? status;
}
