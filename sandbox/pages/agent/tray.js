// The app's frames: one in the tray beside what the agent looks at, one in the background for as long as the page lives.
// Each is loaded as Zendesk does with signed URLs: a form POST of a fresh token to the app's address.
import { fill, html } from "../shared/dom.js";

const SANDBOX =
  "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts";

export class Tray {
  #shown;
  #modals = new Map();

  constructor(workspace) {
    this.workspace = workspace;
    this.element = html`<aside class="tray" aria-label=${workspace.words.apps}></aside>`;
  }

  /** Shows the app beside a subject; the one before is gone, as its frame is. */
  show(location, subject, context) {
    this.clear();
    const { app_name } = this.workspace.config;
    const body = html`<div class="app-body"></div>`;
    const reload = () => this.show(location, subject, context);
    fill(
      this.element,
      html`<section class="app">
        <header class="app-head row">
          <span class="app-mark" aria-hidden="true">${app_name.slice(0, 1)}</span>
          <h2 class="grow clip">${app_name}</h2>
          <span class="pill small">${location}</span>
          <button class="btn quiet small" title="Reload the app" aria-label="Reload the app" onclick=${reload}>↻</button>
        </header>
        ${body}
      </section>`,
    );
    this.#shown = this.#open(location, subject, context, body);
  }

  clear() {
    if (this.#shown) this.workspace.zaf.close(this.#shown);
    this.#shown = undefined;
    this.element.replaceChildren();
  }

  /** The app in the navigation bar's place; answers what closes it. */
  page(place) {
    const instance = this.#open("nav_bar", {}, {}, place);
    return () => this.workspace.zaf.close(instance);
  }

  background() {
    const hidden = html`<div hidden></div>`;
    document.body.append(hidden);
    return this.#open("background", {}, {}, hidden);
  }

  openModal(opener, { url, size = {} }) {
    const guid = crypto.randomUUID();
    const address = new URL(url, this.workspace.config.app_url);
    address.search = new URLSearchParams([...address.searchParams, ["origin", window.location.origin], ["app_guid", guid]]);
    const frame = this.#frame("modal", guid);
    Object.assign(frame.style, { width: size.width ?? "540px", height: size.height ?? "320px" });
    const instance = this.workspace.zaf.open(frame, guid, address.origin, this.#facts("modal", guid, opener.subject, {}));
    const close = () => this.destroy(instance);
    const box = html`<div class="modal" onclick=${(event) => event.target === event.currentTarget && close()}>
      <div class="modal-box" role="dialog" aria-modal="true" aria-label=${frame.title}>
        <button class="btn quiet small" aria-label=${this.workspace.words.close} onclick=${close}>✕</button>
        ${frame}
      </div>
    </div>`;
    this.#modals.set(instance, { box, opener });
    document.body.append(box);
    frame.src = address.href;
    return { ...instance.context, instanceGuid: guid };
  }

  destroy(instance) {
    const modal = this.#modals.get(instance);
    if (!modal) return;
    this.workspace.zaf.close(instance);
    this.#modals.delete(instance);
    modal.box.remove();
    modal.opener.send({ key: "zaf.modal.close", instanceGuid: instance.guid });
  }

  #open(location, subject, context, place) {
    const { instance, load } = this.#known(location, subject, context, place);
    load();
    return instance;
  }

  /** The app knows of this frame from now on; it is loaded into `place` later, by `load`. */
  prepare = (location, place) => this.#known(location, {}, {}, place);

  #known(location, subject, context, place) {
    const guid = crypto.randomUUID();
    const frame = this.#frame(location, guid);
    const { app_url } = this.workspace.config;
    const facts = this.#facts(location, guid, subject, context);
    const instance = this.workspace.zaf.open(frame, guid, new URL(app_url).origin, facts);
    const load = () => {
      place.append(frame);
      void this.#load(instance, place);
    };
    return { instance, load };
  }

  #frame(location, guid) {
    const title = `${this.workspace.config.app_name}: ${location}`;
    return html`<iframe name="app-${guid}" title=${title} sandbox=${SANDBOX} data-location=${location}
      data-testid="frame-${location}"></iframe>`;
  }

  #facts(location, instanceGuid, subject, extra) {
    const { subdomain, app_id, app_name, installation_id } = this.workspace.config;
    return {
      location,
      subject,
      context: { instanceGuid, product: "support", account: { subdomain }, location, ...extra },
      metadata: {
        appId: app_id, name: app_name, installationId: installation_id, version: "1.0.0",
        settings: { title: app_name }, plan: { name: null },
      },
    };
  }

  async #load({ frame, guid, location }, place) {
    const { api, config, agent, scheme } = this.workspace;
    try {
      const token = await api.sign(location, agent.id);
      if (!frame.isConnected) return; // the agent is elsewhere by now
      const query = new URLSearchParams({ origin: window.location.origin, app_guid: guid, colorScheme: scheme });
      const action = `${config.app_url}/zendesk/${location}?${query}`;
      const form = html`<form method="post" action=${action} target=${frame.name} hidden>
        <input type="hidden" name="token" value=${token} />
      </form>`;
      document.body.append(form);
      form.submit();
      form.remove();
    } catch (error) {
      fill(place, html`<p class="app-problem" role="alert">The app's page could not be signed: ${error.message}</p>`);
    }
  }
}
