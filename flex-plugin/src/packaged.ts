// Deskside inside Twilio Flex, as Twilio's CLI builds and hosts it: then the script comes from Twilio's origin and does not say where
// Deskside is, so the package does.
import { originOf } from "./home";
import { pluginFrom } from "./plugin";

/** Written in when the package is made. */
declare const DESKSIDE_URL: string;

export default pluginFrom(() => originOf(DESKSIDE_URL));
