// Deskside inside Twilio Flex, as the server delivers it: a script that tells Flex of its plugin while it runs.
import { scriptOrigin } from "./home";
import { pluginFrom } from "./plugin";

// Both only exist while this script runs: the address it came from, and the loader's mark on its element.
window.Twilio.Flex.Plugins.init(pluginFrom(scriptOrigin(document.currentScript)));
