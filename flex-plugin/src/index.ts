// Deskside inside Twilio Flex, as the server delivers it: a script that tells Flex of its plugin while it runs.
import { listedOrigin, scriptOrigin } from "./home";
import { pluginFrom } from "./plugin";

// Both only exist while this script runs: the address it came from, and the loader's mark on its element.
const script = document.currentScript;
const [loadedFrom, mark] = [scriptOrigin(script), script?.getAttribute("uuid")];

window.Twilio.Flex.Plugins.init(pluginFrom((plugins) => loadedFrom ?? listedOrigin(plugins, mark)));
