// The app's frames: one in the tray beside what the agent looks at, one in the background for as long as the page lives.
// Each is loaded as Zendesk does with signed URLs: a form POST of a fresh token to the app's address.
import { fill, h } from "../shared/dom.js";
import { modalBox } from "./zaf_actions.js";

const SANDBOX = "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts";

export class Tray {
  #shown;
  #modals = new Map();

  constructor(workspace) {
    this.workspace = workspace;
    this.element = h("aside", { class: "tray", "aria-label": "Apps" });
  }

  /** Shows the app beside a subject; the one before is gone, as its frame is. */
  show(location, subject, context) {
    this.clear();
    const { app_name } = this.workspace.config;
    const body = h("div", { class: "app-body" });
    const reload = () => this.show(location, subject, context);
    fill(this.element,
      h("section", { class: "app" },
        h("header", { class: "app-head row" },
          h("span", { class: "app-mark", "aria-hidden": "true" }, app_name.slice(0, 1)),
          h("h2", { class: "grow clip" }, app_name),
          h("span", { class: "pill small" }, location),
          h("button", { class: "btn quiet small", onclick: reload, title: "Reload the app", "aria-label": "Reload the app" }, "↻")),
        body));
    this.#shown = this.#open(location, subject, context, body);
  }

  clear() {
    if (this.#shown) this.workspace.zaf.close(this.#shown);
    this.#shown = undefined;
    this.element.replaceChildren();
  }

  background() {
    const hidden = h("div", { hidden: true });
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
    const box = modalBox(frame, () => this.destroy(instance));
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
    const guid = crypto.randomUUID();
    const frame = this.#frame(location, guid);
    place.append(frame);
    const { app_url } = this.workspace.config;
    const instance = this.workspace.zaf.open(frame, guid, new URL(app_url).origin, this.#facts(location, guid, subject, context));
    void this.#load(instance, place);
    return instance;
  }

  #frame(location, guid) {
    return h("iframe", { name: `app-${guid}`, title: `${this.workspace.config.app_name}: ${location}`, sandbox: SANDBOX, "data-location": location, "data-testid": `frame-${location}` });
  }

  #facts(location, instanceGuid, subject, extra) {
    const { subdomain, app_id, app_name, installation_id } = this.workspace.config;
    return {
      location,
      subject,
      context: { instanceGuid, product: "support", account: { subdomain }, location, ...extra },
      metadata: { appId: app_id, name: app_name, installationId: installation_id, version: "1.0.0", settings: { title: app_name }, plan: { name: null } },
    };
  }

  async #load({ frame, guid, location }, place) {
    const { api, config, agent, scheme } = this.workspace;
    try {
      const token = await api.sign(location, agent.id);
      if (!frame.isConnected) return; // the agent is elsewhere by now
      const query = new URLSearchParams({ origin: window.location.origin, app_guid: guid, colorScheme: scheme });
      const form = h("form", { method: "post", action: `${config.app_url}/zendesk/${location}?${query}`, target: frame.name, hidden: true },
        h("input", { type: "hidden", name: "token", value: token }));
      document.body.append(form);
      form.submit();
      form.remove();
    } catch (error) {
      fill(place, h("p", { class: "app-problem", role: "alert" }, `The app's page could not be signed: ${error.message}`));
    }
  }
}
