// The plugin that Flex makes one of. It must never take Flex down, hold a credential, or talk to any origin but Deskside's.
import type { Flex, Listed, Manager } from "./flex";
import { start } from "./start";

/** `from` says Deskside's origin, as far as the script and Flex's list of plugins know it. */
export const pluginFrom = (from: (plugins: Listed[] | undefined) => string | undefined) =>
  class DesksidePlugin {
    readonly name = "DesksidePlugin";

    init(flex: Flex, manager: Manager, plugins?: Listed[]): void {
      try {
        start(flex, manager, from(plugins));
      } catch (error) {
        console.error("Deskside did not start; Flex goes on without it", error);
      }
    }
  };
