// Bundles the plugin, and fails when it outgrows its budget:
//
//   node flex-plugin/build.mjs --outfile <path>                            as the server delivers it
//   node flex-plugin/build.mjs --package <folder> --url <u> --version <v>  as a project that Twilio's CLI builds and deploys
//
// Flex's loader wants one classic script that calls `Plugins.init` while it runs, hence an IIFE without chunks. Twilio's CLI makes
// that script itself, from a module that it finds in `src`.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const BUDGET = 10_000; // bytes of the script that the server delivers, uncompressed

const here = dirname(fileURLToPath(import.meta.url));
const text = { type: "string" };
const { values } = parseArgs({ options: { outfile: text, package: text, url: text, version: text } });
if (values.outfile) {
  // What the browsers of Flex UI 2 run; for older ones private members cost a fifth more.
  const script = await bundle("index.ts", { format: "iife", minify: true, target: "es2022" });
  if (script.length > BUDGET) {
    console.error(`The Flex plugin is ${script.length} bytes; its budget is ${BUDGET}. Move work into the app.`);
    process.exit(1);
  }
  write(values.outfile, script);
} else if (values.package && values.url && values.version) {
  const define = { DESKSIDE_URL: JSON.stringify(values.url) };
  const plugin = await bundle("packaged.ts", { format: "esm", define });
  cpSync(join(here, "cli"), values.package, { recursive: true });
  write(join(values.package, "src/DesksidePlugin.js"), plugin);
  const about = JSON.parse(readFileSync(join(here, "cli/package.json"), "utf8"));
  write(join(values.package, "package.json"), `${JSON.stringify({ ...about, version: values.version }, null, 2)}\n`);
} else {
  console.error("usage: node flex-plugin/build.mjs --outfile <path> | --package <folder> --url <url> --version <version>");
  process.exit(2);
}

async function bundle(entry, how) {
  const { outputFiles } = await build({
    entryPoints: [join(here, "src", entry)],
    bundle: true,
    platform: "browser",
    target: "es2019",
    charset: "utf8",
    legalComments: "none",
    tsconfig: join(here, "tsconfig.json"),
    write: false,
    ...how,
  });
  const [script] = outputFiles;
  return script.contents;
}

function write(path, contents) {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, contents);
  console.log(`flex plugin: ${contents.length} bytes → ${path}`);
}
