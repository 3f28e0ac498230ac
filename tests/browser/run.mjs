// Runs the browser suites: `node tests/browser/run.mjs [name…]`, usually from `cargo xtask test --only browser`, which
// builds everything and says where it is. One Chromium for all suites; each suite has a server and a sandbox of its own.
// Ends with Node's summary lines. Screenshots of every main state are left in target/browser.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { FLAGS } from "./stage/chromium.mjs";
import { places } from "./stage/places.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.some((part) => name.startsWith(part));
const suites = readdirSync(here).filter((name) => name.endsWith(".test.mjs") && isWanted(name));

const { chromium: executablePath, pictures } = places();
if (wanted.length === 0) rmSync(pictures, { recursive: true, force: true });
mkdirSync(pictures, { recursive: true });

const browser = await chromium.launchServer({ executablePath, args: FLAGS });
try {
  const options = ["--test", "--test-reporter=spec", "--test-concurrency=2"];
  const env = { ...process.env, DESKSIDE_BROWSER: browser.wsEndpoint() };
  const tests = spawn(process.execPath, [...options, ...suites.map((name) => join(here, name))], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => tests.kill(signal));
  process.exitCode = await new Promise((done) => tests.on("close", (code) => done(code ?? 1)));
} finally {
  await browser.close();
}
