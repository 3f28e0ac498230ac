// The app in the top bar: an icon, and a popover below it that holds the app's frame. As in Zendesk the frame is loaded when the agent
// first opens it, or when another frame of the app asks (`preloadPane`), and lives hidden from then on.
import { html, icon } from "../shared/dom.js";

const HANDSET = "M5 2L3 3c0 6 4 10 10 10l1-2-3-2-1.5 1.5C8 10 6 8 5.5 6.5L7 5z";
const SIZE = { width: 320, height: 400 }; // px; until the app says another

export class TopBar {
  #instance;
  #load;
  #loaded = false;

  constructor(workspace) {
    const { app_name } = workspace.config;
    this.button = html`<button type="button" class="btn quiet top-bar-app" title=${app_name} aria-label=${app_name}
      aria-expanded="false" data-testid="top-bar-app" onclick=${() => this.popover("toggle")}>${icon(HANDSET, 18)}</button>`;
    this.element = html`<section class="popover" aria-label=${app_name} data-testid="popover" hidden></section>`;
    this.element.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close());
    ({ instance: this.#instance, load: this.#load } = workspace.tray.prepare("top_bar", this.element));
    this.resize(SIZE);
    this.symbol("default");
  }

  /** Whether this is the frame in the top bar. */
  has = (instance) => instance === this.#instance;

  /** Puts the frame into the document, out of sight. */
  preload() {
    if (this.#loaded) return;
    this.#loaded = true;
    this.#load();
  }

  popover(wish = "toggle") {
    if (typeof wish === "object") return this.resize(wish);
    const show = wish === "show" || (wish === "toggle" && this.element.hidden);
    return show ? this.#open() : this.#close();
  }

  /** The package's `icon_top_bar.svg` may hold several symbols, `default` the first of them. The stand-in has no package: it marks any other. */
  symbol(name) {
    this.button.dataset.symbol = name;
  }

  /** `auto` is the app's own height, which only the app knows: it stays as it is. */
  resize({ width, height }) {
    if (width !== undefined) this.element.style.width = css(width);
    if (height !== undefined && height !== "auto") this.element.style.height = css(height);
  }

  #open() {
    if (!this.element.hidden) return;
    const again = this.#loaded;
    this.element.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.preload();
    if (again) this.#instance.emit("pane.activated");
  }

  #close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.#instance.emit("pane.deactivated");
    this.button.focus();
  }
}

const css = (length) => (typeof length === "number" || /^\d+$/.test(length) ? `${length}px` : String(length));
