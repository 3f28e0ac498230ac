// Server and sandbox of one suite, on ports of their own. They can be started afresh, lost, frozen and looked into, and are
// gone when the suite is. The credentials are the sandbox's own; they open nothing else.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { places } from "./places.mjs";

const WAIT_TIMEOUT = 30_000; // ms; a busy machine starts slowly
const ADMIN = `Basic ${Buffer.from("mika.owner@example.com/token:sandbox-api-token").toString("base64")}`;

export class House {
  #places = places();
  #folder = mkdtempSync(join(tmpdir(), "deskside-browser-"));
  #port;
  #starts = 0;
  #server;
  #worker;
  #sandbox;
  #mend = () => this.close(); // also when the suite is stopped halfway

  static async open() {
    const house = new House();
    process.once("exit", house.#mend);
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
    house.#port = await freePort();
    const zafSdk = house.#places.zafSdk;
    const ports = ["--zendesk-port=0", "--content-port=0", "--twilio-port=0", "--notify-port=0", "--salesforce-port=0"];
    const app = [`--app-url=${house.appUrl}`, `--zaf-sdk=${zafSdk}`];
    house.#sandbox = house.#start(house.#places.sandbox, [...ports, ...app, "--relaxed"], "sandbox.log");
    const said = await until("the sandbox says where it listens", () => {
      const log = house.#log("sandbox.log");
      return log.includes("Twilio ") && log;
    });
    house.zendeskUrl = /Zendesk\s+(\S+)/.exec(said)[1];
    house.twilioUrl = /Twilio\s+(\S+)/.exec(said)[1];
    return house;
  }

  get appUrl() {
    return `http://localhost:${this.#port}`;
  }

  /** The sandbox as it was seeded, and a server that remembers nothing. `settings` is TOML to add; a run can be taken back for
   * `undo` seconds. */
  async afresh(settings = "", undo = 0) {
    await this.lose();
    await end(this.#worker, "SIGKILL");
    this.#worker = undefined;
    await this.control("POST", "reset");
    this.#starts += 1;
    writeFileSync(this.#file("deskside.toml"), this.#settings(undo) + settings);
    await this.serve();
  }

  /** The server as two processes from now on: one answers and can be lost, one works. */
  async apart() {
    await this.lose();
    this.#worker = this.#serve("worker");
    await this.serve();
  }

  /** Starts the server with what it remembers. */
  async serve() {
    this.#server = this.#serve(this.#worker ? "http" : "all");
    await until("the server is ready", async () => {
      if (this.#server.exitCode !== null) throw new Error(`the server stopped:\n${this.log()}`);
      return (await fetch(`${this.appUrl}/readyz`).catch(() => undefined))?.ok;
    });
  }

  /** Ends the server at once, as a lost machine would. */
  lose = () => end(this.#server, "SIGKILL");
  freeze = () => this.#server.kill("SIGSTOP");
  thaw = () => this.#server.kill("SIGCONT");

  /** `/_sandbox/…`: trouble on demand, a look inside. */
  async control(method, path, body) {
    const answer = await fetch(`${this.zendeskUrl}/_sandbox/${path}`, request(method, body));
    if (!answer.ok) throw new Error(`${method} /_sandbox/${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.headers.get("content-type")?.includes("json") ? answer.json() : undefined;
  }

  /** Trouble for `times` calls that match, until `calm`. */
  trouble = (match, fault, times = 1000) => this.control("POST", "faults", { match, fault, times });
  calm = () => this.control("DELETE", "faults");

  /** Zendesk's own API, as its admin. */
  async zendesk(method, path, body) {
    const answer = await fetch(`${this.zendeskUrl}/api/v2/${path}`, request(method, body, { authorization: ADMIN }));
    if (!answer.ok) throw new Error(`${method} /api/v2/${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  /** A ticket's attachments with the SHA-256 of their bytes, as Zendesk hands them out. */
  async attachments(ticket) {
    const { comments } = await this.zendesk("GET", `tickets/${ticket}/comments.json`);
    const files = comments.flatMap(({ attachments }) => attachments);
    return Promise.all(files.map(async (file) => ({ ...file, sha256: await this.#hashOf(file.content_url) })));
  }

  /** The operator's command line, on what the server remembers. */
  deskside(...args) {
    return execFileSync(this.#places.server, [...args, "--config", this.#file("deskside.toml")], { cwd: this.#folder, encoding: "utf8" });
  }

  /** Keeps integrations that are written as TOML. */
  integrations(toml) {
    writeFileSync(this.#file("integrations.toml"), toml);
    return this.deskside("integrations", "import", this.#file("integrations.toml"));
  }

  /** The SHA-256 of every file in the archive's folder, sorted. */
  archived() {
    const entries = readdirSync(this.#data("archive"), { recursive: true, withFileTypes: true });
    const about = ({ name, parentPath, path }) => name.endsWith(".meta.json") || (parentPath ?? path).includes("manifests");
    const files = entries.filter((entry) => entry.isFile() && !about(entry));
    return files.map((entry) => sha256(readFileSync(join(entry.parentPath ?? entry.path, entry.name)))).sort();
  }

  /** The end of the server's log. */
  log = () => this.#log("server.log").split("\n").slice(-25).join("\n");

  close() {
    process.removeListener("exit", this.#mend);
    for (const child of [this.#server, this.#worker, this.#sandbox]) child?.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #file = (name) => join(this.#folder, name);
  #data = (name) => join(this.#folder, `${this.#starts}-${name}`);
  #log = (name) => readFileSync(this.#file(name), "utf8");

  #serve = (role) =>
    this.#start(this.#places.server, ["serve", "--role", role, "--config", this.#file("deskside.toml")], "server.log");

  #start(program, args, log) {
    const out = openSync(this.#file(log), "a");
    return spawn(program, args, { cwd: this.#folder, stdio: ["ignore", out, out] });
  }

  async #hashOf(url) {
    const answer = await fetch(url, { headers: { authorization: ADMIN } });
    return answer.ok ? sha256(Buffer.from(await answer.arrayBuffer())) : undefined;
  }

  #settings(undo) {
    const { zendeskUrl, twilioUrl } = this;
    const text = JSON.stringify; // TOML's strings are JSON's
    return `
[server]
listen = "127.0.0.1:${this.#port}"
public_url = ${text(this.appUrl)}
seal_keys = ["browser:${Buffer.alloc(32, 7).toString("base64")}"]
[store]
database_url = ${text(`sqlite://${this.#data("deskside.db")}`)}
[archive]
store = ${text(this.#data("archive"))}
undo_button_s = ${undo}
[zendesk]
subdomain = "acme"
base_url = ${text(zendeskUrl)}
client_id = "deskside"
client_secret = "sandbox-client-secret"
app_id = 375
sdk_url = ${text(`${zendeskUrl}/zaf_sdk/2.0/zaf_sdk.js`)}
attachment_hosts = ["localhost", "127.0.0.1"]
[twilio]
account_sid = "AC${"a".repeat(32)}"
auth_token = "sandbox-auth-token"
api_key_sid = "SK${"a".repeat(32)}"
api_key_secret = "sandbox-key-secret"
workspace_sid = "WS${"a".repeat(32)}"
api_url = ${text(twilioUrl)}
iam_url = ${text(twilioUrl)}
taskrouter_url = ${text(twilioUrl)}
conversations_url = ${text(twilioUrl)}
events_url = ${text(twilioUrl)}
flex_origins = [${text(twilioUrl)}]
[net]
allow_private = ["127.0.0.0/8", "::1/128"]
`;
  }
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

function request(method, body, headers = {}) {
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Asks until there is an answer. */
export async function until(what, ask) {
  for (const since = Date.now(); Date.now() - since < WAIT_TIMEOUT; await pause(15)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`waited ${WAIT_TIMEOUT / 1000} s in vain until ${what}`);
}

async function end(child, signal) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await gone;
}

/** Below those that the system hands out: nobody gets it while the server is down between two starts. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise((tried) => {
      server.once("error", () => tried(false));
      server.listen(port, "127.0.0.1", () => server.close(() => tried(true)));
    });
    if (isFree) return port;
  }
}
