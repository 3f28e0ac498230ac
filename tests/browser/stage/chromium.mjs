// How Chromium is started: nothing of its own goes over the network, and pictures look the same everywhere. By default it keeps
// nothing for frames of another site, as an agent's may not; Flex in Zendesk needs a browser that does.
import { chromium } from "playwright-core";
import { places } from "./places.mjs";

export const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
];
const LENIENT = "--disable-features=TrackingProtection3pcd,BlockThirdPartyCookiesInIncognito";

/** A Chromium of one suite's own, with third-party cookies and storage. */
export const lenient = () => chromium.launch({ executablePath: places().chromium, args: [...FLAGS, LENIENT] });
