// A ticket on the screen: what is saved, what the agent changed and has not saved, and the events that apps hear of it.
// Knows no elements; panes hand in what is typed and are told by `onchange`.

export class TicketDraft {
  changes = {};
  comments = [];
  onchange = () => {};
  composer = undefined;
  saveAllowed = true;

  constructor(workspace, saved) {
    Object.assign(this, { workspace, saved });
  }

  get merged() {
    return { ...this.saved, ...this.changes };
  }

  text = () => this.composer?.text() ?? "";
  isPublic = () => this.composer?.isPublic() ?? true;
  uploads = () => this.composer?.uploads() ?? [];
  write = (text) => this.composer?.write(text);
  append = (text) => this.composer?.write(this.text() + text);

  /** Fresh facts from the account; what the agent changed stays. */
  refresh(saved, comments) {
    const before = this.merged;
    Object.assign(this, { saved, comments });
    this.#tell(before);
    this.onchange();
  }

  change(changes) {
    const before = this.merged;
    Object.assign(this.changes, changes);
    this.#tell(before);
    this.onchange();
  }

  async chooseRequester(id) {
    await this.workspace.people([id]);
    this.change({ requester_id: id });
  }

  tag(add, remove) {
    const kept = (this.merged.tags ?? []).filter((tag) => !remove.includes(tag));
    this.change({ tags: [...new Set([...kept, ...add])] });
  }

  allowSave(allowed) {
    this.saveAllowed = allowed;
    this.onchange();
  }

  /** Asks the apps, saves, tells the apps. Answers their objection, if any. */
  async save(status, send) {
    const [objection] = await this.workspace.zaf.ask("ticket.save", this.#beside);
    if (objection !== undefined) return String(objection);
    this.emit("ticket.submit.start");
    try {
      const before = this.merged;
      const comment = this.composer?.comment();
      this.saved = await send({ ...this.changes, status, ...(comment && { comment }) });
      this.changes = {};
      this.composer?.clear();
      this.#tell(before);
      this.emit("ticket.submit.done");
      this.emit("ticket.updated");
    } catch (error) {
      this.emit("ticket.submit.fail");
      throw error;
    } finally {
      this.emit("ticket.submit.always");
      this.onchange();
    }
    return undefined;
  }

  emit(event, message) {
    this.workspace.zaf.emit(event, message, this.#beside);
  }

  /** The apps in this ticket's tray. */
  #beside = ({ subject }) => subject?.ticket === this;

  #tell(before) {
    const now = this.merged;
    const changed = (property, newValue, oldValue) => {
      this.emit(`${property}.changed`, newValue);
      this.emit("*.changed", { propertyName: property, newValue, oldValue });
    };
    for (const name of ["subject", "status", "priority", "tags"]) {
      if (JSON.stringify(now[name]) !== JSON.stringify(before[name])) changed(`ticket.${name}`, now[name], before[name]);
    }
    if (now.requester_id !== before.requester_id) {
      const [person, old] = [now.requester_id, before.requester_id].map((id) => this.workspace.person(id));
      changed("ticket.requester.id", now.requester_id, before.requester_id);
      changed("ticket.requester.email", person?.email, old?.email);
      changed("ticket.requester.name", person?.name, old?.name);
    }
    if (now.assignee_id !== before.assignee_id) changed("ticket.assignee.user.id", now.assignee_id, before.assignee_id);
  }
}
