// A sandbox of its own for one file of tests, on free ports; it ends with them.
import { spawn } from "node:child_process";
import { after } from "node:test";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const BINARY = process.env.SANDBOX_BIN ?? "target/debug/deskside-sandbox";
const PORTS = ["--zendesk-port", "--content-port", "--twilio-port", "--notify-port", "--salesforce-port"].flatMap((name) => [name, "0"]);

/** Where it listens, and the seeded credentials, as it prints them. */
export async function sandbox() {
  const running = spawn(BINARY, [...PORTS, "--relaxed"], { stdio: ["ignore", "pipe", "inherit"] });
  after(() => running.kill());
  const said = await new Promise((done, fail) => {
    let text = "";
    running.on("error", fail).on("close", (code) => fail(new Error(`the sandbox ended (${code}): ${text}`)));
    running.stdout.setEncoding("utf8").on("data", (part) => {
      text += part;
      if (text.includes("what arrived")) done(text);
    });
  });
  const find = (line) => said.match(line)?.slice(1) ?? [];
  const [[zendesk], [twilio], [clientId, clientSecret]] = [/^Zendesk +(\S+)/m, /^Twilio +(\S+)/m, /OAuth client (\S+) \/ (\S+)/].map(find);
  const [[account, authToken], [key, keySecret], [workspace]] = [/account +(\S+) \/ (\S+)/, /API key +(\S+) \/ (\S+)/, /workspace +(WS\S+)/].map(find);
  const [[salesforce, salesforceLogin], [salesforceId, salesforceSecret], salesforceUsers] =
    [/^Salesforce +(\S+) +login (\S+)/m, /  client +(3MVG\S+) \/ (\S+)/, /  users +(\S+), (\S+)/].map(find);
  const salesforceKey = join(here, "../../sandbox/src/keys/salesforce.pem");
  return { salesforce, salesforceLogin, salesforceId, salesforceSecret, salesforceUsers, salesforceKey, zendesk, twilio, clientId, clientSecret, account, authToken, key, keySecret, workspace };
}
