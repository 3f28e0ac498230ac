// The plugin that Flex makes one of. It must never take Flex down, hold a credential, or talk to any origin but Deskside's.
import type { Flex, Manager } from "./flex";
import { start } from "./start";

/** `from` is Deskside's origin as far as the script itself knows it. */
export const pluginFrom = (from: string | undefined) =>
  class DesksidePlugin {
    readonly name = "DesksidePlugin";

    init(flex: Flex, manager: Manager): void {
      try {
        start(flex, manager, from);
      } catch (error) {
        console.error("Deskside did not start; Flex goes on without it", error);
      }
    }
  };
