// Runs the suite in the real Flex UI: `node tests/flex/run.mjs`, usually from `cargo xtask test --flex`, which installs and builds
// everything and says where it is. Ends with Node's summary lines; pictures are left in target/browser.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { places } from "../browser/stage/places.mjs";
import { flexUi } from "./flex-ui/build.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { pictures } = places();
mkdirSync(pictures, { recursive: true });
const env = { ...process.env, FLEX_UI: await flexUi(dirname(pictures)) };
const options = ["--test", "--test-reporter=spec", ...process.argv.slice(2)];
const tests = spawn(process.execPath, [...options, join(here, "flex.test.mjs")], { stdio: "inherit", env });
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => tests.kill(signal));
process.exitCode = await new Promise((done) => tests.on("close", (code) => done(code ?? 1)));
