// Runs the plugin's tests: `node flex-plugin/test.mjs`. Type-checks, makes the script that the server delivers and the project for
// Twilio's CLI, bundles each `test/*.test.ts`, hands them to `node --test`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const run = (command, args, env = {}) =>
  spawnSync(command, args, { stdio: "inherit", cwd: here, env: { ...process.env, ...env } }).status ?? 1;

if (run(process.execPath, [join(here, "../node_modules/typescript/bin/tsc"), "--project", "tsconfig.json"]) !== 0) {
  process.exit(1);
}
const out = mkdtempSync(join(tmpdir(), "deskside-flex-plugin-"));
try {
  const plugin = join(out, "plugin.js");
  if (run(process.execPath, ["build.mjs", "--outfile", plugin]) !== 0) process.exitCode = 1;
  const project = join(out, "project");
  const about = ["--url", "https://packaged.example/", "--version", "1.2.3"];
  if (run(process.execPath, ["build.mjs", "--package", project, ...about]) !== 0) process.exitCode = 1;
  const packaged = join(out, "packaged.js");
  await build({
    entryPoints: [join(project, "src/index.js")],
    bundle: true,
    format: "iife",
    alias: { "@twilio/flex-plugin": join(here, "test/flex-plugin.ts") },
    outfile: packaged,
    logLevel: "warning",
  });
  const tests = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: tests.map((name) => join(here, "test", name)),
    bundle: true,
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    outdir: out,
    logLevel: "warning",
  });
  const bundled = tests.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  if (run(process.execPath, ["--test", ...bundled], { FLEX_PLUGIN: plugin, FLEX_PACKAGED: packaged, FLEX_PROJECT: project }) !== 0) process.exitCode = 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
