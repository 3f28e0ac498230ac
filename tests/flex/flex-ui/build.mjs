// Bundles the npm package of Flex UI into one script for a page: 17 MB, some ten seconds, and only again when something changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** Where the script is, in `target`. */
export async function flexUi(target) {
  const sources = [...readdirSync(here).map((name) => join(here, name)), join(here, "../package-lock.json")];
  const hash = sources.sort().reduce((hash, file) => hash.update(readFileSync(file)), createHash("sha256"));
  const outfile = join(target, `flex/flex-ui-${hash.digest("hex").slice(0, 16)}.js`);
  if (existsSync(outfile)) return outfile;
  mkdirSync(dirname(outfile), { recursive: true });
  const half = `${outfile}.half`;
  await build({
    absWorkingDir: join(here, ".."),
    entryPoints: [join(here, "index.js")],
    outfile: half,
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    mainFields: ["browser", "module", "main"],
    define: { "process.env.NODE_ENV": '"production"', global: "window" },
    alias: { path: "path-browserify" },
    inject: [join(here, "node.js")],
    legalComments: "none",
    logLevel: "error",
  });
  renameSync(half, outfile); // a build that was broken off leaves nothing that looks whole
  return outfile;
}
