// Where the agent writes: public reply or internal note, files, and the state to submit as.
import { fileSize, fill, h, icon, segments, toast } from "../shared/dom.js";

const SUBMITS = ["open", "pending", "hold", "solved"];

export class Composer {
  #public = true;
  #uploads = [];
  #tabs = h("div");
  #files = h("ul", { class: "uploads" });

  /** `submit(status)` is called with the state the agent chose. */
  constructor(workspace, { label, submit }) {
    this.workspace = workspace;
    const { words, statusName } = workspace;
    this.area = h("textarea", { class: "composer-text", rows: 3, placeholder: words.write, "aria-label": words.write, "data-testid": "composer" });
    const picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => void this.#upload([...picker.files]).finally(() => (picker.value = "")) });
    const as = h("select", { class: "field composer-as", "aria-label": words.submit_as }, SUBMITS.map((status) => h("option", { value: status }, statusName(status))));
    this.button = h("button", { class: "btn primary", type: "button", "data-testid": "submit", onclick: () => submit(as.value) }, label);
    this.status = as;
    this.element = h("section", { class: "composer" }, this.#tabs, this.area, this.#files,
      h("footer", { class: "row" },
        h("button", { class: "btn quiet small row", type: "button", onclick: () => picker.click() }, icon("M13 7l-5.5 5.5a3 3 0 0 1-4.2-4.2L9 2.6a2 2 0 0 1 2.8 2.8L6.4 10.8a1 1 0 0 1-1.4-1.4L10 4.5"), words.attach), picker,
        h("span", { class: "grow" }), as, this.button));
    this.#drawTabs();
  }

  text = () => this.area.value;
  isPublic = () => this.#public;
  uploads = () => this.#uploads;
  write = (text) => void (this.area.value = text);
  enable = (enabled) => void (this.button.disabled = !enabled);

  /** The comment to send, or nothing when nothing was written. */
  comment() {
    if (!this.text().trim() && this.#uploads.length === 0) return undefined;
    return { body: this.text() || " ", public: this.#public, uploads: this.#uploads.map(({ token }) => token) };
  }

  clear() {
    this.write("");
    this.#uploads = [];
    this.#drawFiles();
  }

  #drawTabs() {
    const { words } = this.workspace;
    const choose = (kind) => ((this.#public = kind === "public"), this.#drawTabs());
    fill(this.#tabs, segments(words.write, [["public", words.public_reply], ["note", words.internal_note]], this.#public ? "public" : "note", choose));
    this.area.classList.toggle("is-note", !this.#public);
  }

  async #upload(files) {
    for (const file of files) {
      try {
        this.#uploads.push(await this.workspace.api.upload(file));
      } catch (error) {
        toast(error.message, "error");
      }
      this.#drawFiles();
    }
  }

  #drawFiles() {
    const drop = (upload) => ((this.#uploads = this.#uploads.filter((one) => one !== upload)), this.#drawFiles());
    fill(this.#files, this.#uploads.map((upload) =>
      h("li", { class: "pill" }, upload.attachment.file_name, " · ", fileSize(upload.attachment.size, this.workspace.locale),
        h("button", { class: "btn quiet small", type: "button", "aria-label": "Remove", onclick: () => drop(upload) }, "✕"))));
  }
}
