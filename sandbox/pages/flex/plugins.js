// Flex's plugin loader: a classic script with a `uuid`, `Plugins.init` called while it runs, `init` awaited for ten
// seconds; what a plugin throws marks that plugin as failed and nothing else.
import { mount } from "./react.js";

const TIMEOUT = 10_000;

export class Plugins {
  #known = new Map();

  /** Called by the plugin's script itself. */
  init = (PluginClass) => {
    const uuid = document.currentScript?.getAttribute("uuid");
    if (!uuid) throw new Error("Plugins.init must be called while the plugin's script runs, and not from a module");
    const plugin = this.#known.get(uuid);
    if (!plugin) throw new Error(`No plugin is being loaded as ${uuid}`);
    plugin.PluginClass = PluginClass;
  };

  /** Loads one plugin; resolves with how it went: `{ name, state, error }`. */
  async load(src, flex, manager) {
    const uuid = crypto.randomUUID();
    const plugin = {};
    this.#known.set(uuid, plugin);
    try {
      await new Promise((loaded, failed) => {
        const script = Object.assign(document.createElement("script"), { src, async: true, onload: loaded });
        script.onerror = () => failed(new Error(`${src} could not be loaded`));
        script.setAttribute("uuid", uuid);
        document.body.append(script);
      });
      if (!plugin.PluginClass) throw new Error("The script did not call Plugins.init while it ran");
      const instance = new plugin.PluginClass();
      plugin.name = instance.name;
      await withTimeout(Promise.resolve(instance.init(flex, manager, [])), TIMEOUT);
      manager.events.emit("pluginsInitialized");
      return { name: plugin.name, state: "Initialized" };
    } catch (error) {
      console.error("The plugin failed; Flex goes on", error);
      return { name: plugin.name ?? src, state: "Failed", error };
    }
  }
}

function withTimeout(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`init took longer than ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A slot whose content plugins may replace or add to; mounted and unmounted with the view it is in. */
export class Slot {
  #elements = [];
  #unmount = [];
  #place;

  Content = {
    replace: (element) => ((this.#elements = [element]), this.#draw()),
    add: (element) => (this.#elements.push(element), this.#draw()),
    remove: (key) => ((this.#elements = this.#elements.filter((one) => one.key !== key)), this.#draw()),
  };

  get empty() {
    return this.#elements.length === 0;
  }

  mountIn(place) {
    this.#place = place;
    this.#draw();
  }

  unmount() {
    for (const undo of this.#unmount.splice(0)) undo();
    this.#place = undefined;
  }

  #draw() {
    if (!this.#place) return;
    for (const undo of this.#unmount.splice(0)) undo();
    this.#unmount = this.#elements.map((element) => mount(element, this.#place));
  }
}
