// Where the agent writes: public reply or internal note, files, and the state to submit as.
import { fileSize, fill, html, icon, segments, toast } from "../shared/dom.js";

const SUBMITS = ["open", "pending", "hold", "solved"];
const CLIP = "M13 7l-5.5 5.5a3 3 0 0 1-4.2-4.2L9 2.6a2 2 0 0 1 2.8 2.8L6.4 10.8a1 1 0 0 1-1.4-1.4L10 4.5";

export class Composer {
  #public = true;
  #uploads = [];
  #tabs = html`<div></div>`;
  #files = html`<ul class="uploads"></ul>`;
  #area;
  #button;
  #status;

  /** `submit(status)` is called with the state the agent chose. */
  constructor(workspace, { label, submit }) {
    this.workspace = workspace;
    const { words, statusName } = workspace;
    const chosen = ({ target }) => void this.#upload([...target.files]).finally(() => (target.value = ""));
    const picker = html`<input type="file" multiple hidden onchange=${chosen} />`;
    this.#area = html`<textarea class="composer-text" rows="3" placeholder=${words.write} aria-label=${words.write}
      data-testid="composer"></textarea>`;
    this.#status = html`<select class="field composer-as" aria-label=${words.submit} data-testid="submit-as">
      ${SUBMITS.map((status) => html`<option value=${status}>${statusName(status)}</option>`)}
    </select>`;
    this.#button = html`<button class="btn primary" type="button" data-testid="submit"
      onclick=${() => submit(this.#status.value)}>${label}</button>`;
    this.element = html`<section class="composer">
      ${this.#tabs}${this.#area}${this.#files}
      <footer class="row">
        <button class="btn quiet small row" type="button" onclick=${() => picker.click()}>${icon(CLIP)} ${words.attach}</button>
        ${picker}
        <span class="grow"></span>
        ${this.#status}${this.#button}
      </footer>
    </section>`;
    this.#drawTabs();
  }

  text = () => this.#area.value;
  isPublic = () => this.#public;
  uploads = () => this.#uploads;
  write = (text) => void (this.#area.value = text);
  enable = (enabled) => void (this.#button.disabled = !enabled);
  propose = (status) => void (this.#status.value = SUBMITS.includes(status) ? status : "open");

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
    const kinds = [["public", words.public_reply], ["note", words.internal_note]];
    const choose = (kind) => {
      this.#public = kind === "public";
      this.#drawTabs();
    };
    fill(this.#tabs, segments(words.write, kinds, this.#public ? "public" : "note", choose));
    this.#area.classList.toggle("is-note", !this.#public);
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
    const drop = (upload) => {
      this.#uploads = this.#uploads.filter((one) => one !== upload);
      this.#drawFiles();
    };
    const row = (upload) => html`<li class="pill">
      ${upload.attachment.file_name} · ${fileSize(upload.attachment.size, this.workspace.locale)}
      <button class="btn quiet small" type="button" aria-label="Remove" onclick=${() => drop(upload)}>✕</button>
    </li>`;
    fill(this.#files, this.#uploads.map(row));
  }
}
