// Deskside inside Twilio Flex: shows the app's panel in the CRM container and tells it what the agent works on.
// It must never take Flex down, hold a credential, or talk to any origin but Deskside's.
import type { Flex, Manager } from "./flex";
import { scriptOrigin } from "./home";
import { start } from "./start";

// Both only exist while this script runs: the address it came from, and the loader's mark on its element.
const loadedFrom = scriptOrigin(document.currentScript);

window.Twilio.Flex.Plugins.init(
  class DesksidePlugin {
    readonly name = "DesksidePlugin";

    init(flex: Flex, manager: Manager): void {
      try {
        start(flex, manager, loadedFrom);
      } catch (error) {
        console.error("Deskside did not start; Flex goes on without it", error);
      }
    }
  },
);
