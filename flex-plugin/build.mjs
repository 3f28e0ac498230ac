// Bundles the plugin: `node flex-plugin/build.mjs --outfile <path>`. Fails when it outgrows its budget.
// Flex's loader wants one classic script that calls `Plugins.init` while it runs, hence an IIFE without chunks.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const BUDGET = 10_000; // bytes, uncompressed

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { outfile: { type: "string" } } });
if (!values.outfile) {
  console.error("usage: node flex-plugin/build.mjs --outfile <path>");
  process.exit(2);
}

const { outputFiles } = await build({
  entryPoints: [join(here, "src/index.ts")],
  bundle: true,
  format: "iife",
  platform: "browser",
  target: "es2022", // what the browsers of Flex UI 2 run; for older ones private members cost a fifth more
  minify: true,
  charset: "utf8",
  legalComments: "none",
  tsconfig: join(here, "tsconfig.json"),
  write: false,
});
const [script] = outputFiles;
if (script.contents.length > BUDGET) {
  console.error(`The Flex plugin is ${script.contents.length} bytes; its budget is ${BUDGET}. Move work into the app.`);
  process.exit(1);
}
const outfile = resolve(values.outfile);
mkdirSync(dirname(outfile), { recursive: true });
writeFileSync(outfile, script.contents);
console.log(`flex plugin: ${script.contents.length} bytes → ${values.outfile}`);
