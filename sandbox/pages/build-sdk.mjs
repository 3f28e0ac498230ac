// Bundles the ZAF SDK for demo and tests: `node sandbox/pages/build-sdk.mjs --outfile <path>`.
// The npm package `zendesk_app_framework_sdk` is a fork kept at Stripe (github.com/brian-stripe), not Zendesk's own
// release; Zendesk serves the genuine SDK from its CDN only, and that is what the app loads in production.
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values } = parseArgs({ options: { outfile: { type: "string" } } });
if (!values.outfile) {
  console.error("usage: node sandbox/pages/build-sdk.mjs --outfile <path>");
  process.exit(2);
}
await build({
  entryPoints: [join(dirname(fileURLToPath(import.meta.url)), "sdk.mjs")],
  bundle: true,
  format: "iife",
  platform: "browser",
  minify: true,
  legalComments: "none",
  banner: { js: "/* zendesk_app_framework_sdk 2.0.11 (npm; Apache-2.0), bundled for tests */" },
  outfile: resolve(values.outfile),
  logLevel: "warning",
});
console.log(`zaf sdk → ${values.outfile}`);
