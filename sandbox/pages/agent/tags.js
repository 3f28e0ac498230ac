// The tags of a ticket: one more, one less. They are saved with the ticket, as in Zendesk.
import { fill, html } from "../shared/dom.js";

export class TagsField {
  #pills = html`<span class="tags"></span>`;
  #input;

  constructor(workspace, draft, closed) {
    Object.assign(this, { workspace, draft, closed });
    const { words } = workspace;
    const typed = ({ key }) => key === "Enter" && this.#add();
    this.#input = html`<input class="field small tag-input" placeholder=${words.add_tag} aria-label=${words.add_tag}
      data-testid="add-tag" autocomplete="off" onkeydown=${typed} onchange=${() => this.#add()} />`;
    this.element = html`<span class="tags">${this.#pills}${!closed && this.#input}</span>`;
  }

  draw() {
    const { tags = [] } = this.draft.merged;
    const { words } = this.workspace;
    fill(
      this.#pills,
      tags.map((tag) => this.#pill(tag)),
      "tags" in this.draft.changes && html`<span class="pill warn">${words.unsaved}</span>`,
    );
    return this.element;
  }

  #pill(tag) {
    const label = `${this.workspace.words.remove_tag}: ${tag}`;
    const remove = () => this.draft.tag([], [tag]);
    const button = html`<button class="tag-remove" type="button" aria-label=${label} onclick=${remove}>×</button>`;
    return html`<span class="pill" data-testid="tag">${tag}${!this.closed && button}</span>`;
  }

  #add() {
    const tags = this.#input.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    this.#input.value = "";
    if (tags.length > 0) this.draft.tag(tags, []);
  }
}
