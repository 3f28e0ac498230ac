// Runs the plugin's tests: `node flex-plugin/test.mjs`. Type-checks, bundles each `test/*.test.ts`, hands them to `node --test`.
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
  if (run(process.execPath, ["--test", ...bundled], { FLEX_PLUGIN: plugin }) !== 0) process.exitCode = 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
