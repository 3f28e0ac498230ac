// Runs public clients of the vendors against the sandbox: `node tests/clients/run.mjs`, usually from
// `cargo xtask test --only clients`, which installs them and builds the sandbox. Ends with Node's summary lines.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const options = ["--test", "--test-reporter=spec", ...process.argv.slice(2)];
const files = ["zendesk", "twilio", "salesforce"].map((name) => join(here, `${name}.test.mjs`));
const tests = spawn(process.execPath, [...options, ...files], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => tests.kill(signal));
process.exitCode = await new Promise((done) => tests.on("close", (code) => done(code ?? 1)));
