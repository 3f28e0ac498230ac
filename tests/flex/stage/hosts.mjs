// Every host of twilio.com that an agent's browser speaks to, as one server: Flex's page, its configuration and its plugins, the
// agent's tokens, and the event bridge. What it does not know is refused and remembered. **Invariant:** it asks the sandbox and,
// for the list of plugins, the server under test; nobody else.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { WebSocketServer } from "ws";
import { ACCOUNT, KEY, WORKER, WORKSPACE, configuration, tokenInfo } from "./account.mjs";
import { certificate } from "./certificate.mjs";
import { TaskRouter } from "./taskrouter.mjs";

const HOUR = 3_600_000;

export class Hosts {
  #sandbox;
  #flexUi;
  #server;
  #sockets = new Set();
  #taskRouter;
  /** What Flex's page says when it starts. */
  app = {};
  /** What the account's admin has set. */
  uiAttributes = {};
  pluginService = {};

  static async open(sandbox, flexUi) {
    const hosts = new Hosts();
    hosts.#sandbox = sandbox;
    hosts.#flexUi = readFileSync(flexUi);
    hosts.#server = createServer(await certificate(), (request, response) => hosts.#answer(request, response));
    new WebSocketServer({ server: hosts.#server }).on("connection", (socket, request) => hosts.#greet(socket, request));
    await new Promise((listening) => hosts.#server.listen(0, "127.0.0.1", listening));
    hosts.#taskRouter = new TaskRouter(sandbox, (event_type, payload) => hosts.#tell({ event_type, payload }));
    return hosts;
  }

  get port() {
    return this.#server.address().port;
  }

  close() {
    this.#taskRouter.close();
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** A token for the agent, as signing in to Flex gives one. */
  async token(about = {}) {
    const answer = await fetch(`${this.#sandbox}/_sandbox/flex/token`, { method: "POST", body: JSON.stringify(about) });
    return answer.json();
  }

  async #answer(request, response) {
    const cors = {
      "access-control-allow-origin": request.headers.origin ?? "*",
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "*",
      "access-control-allow-methods": "*",
    };
    try {
      const body = await text(request);
      const { status = 200, type = "application/json", payload } =
        request.method === "OPTIONS" ? { status: 204, payload: "" } : await this.#of(request, body);
      response.writeHead(status, { ...cors, "content-type": type });
      response.end(typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload));
    } catch (problem) {
      console.error(`the stand-in for ${request.headers.host}${request.url} failed:`, problem);
      response.writeHead(500, cors).end("{}");
    }
  }

  async #of(request, body) {
    const host = request.headers.host.split(":")[0];
    const path = request.url.split("?")[0].replace(ACCOUNT, "{AC}");
    switch (`${request.method} ${host}${path}`) {
      case "GET flex.twilio.com/flex-ui.js":
        return { type: "text/javascript", payload: this.#flexUi };
      case "GET flex.twilio.com/plugins":
        return { payload: await this.#plugins(request) };
      case "GET flex-api.twilio.com/v1/Configuration":
      case "GET flex-api.twilio.com/v1/Configuration/Public":
        return { payload: configuration(this.uiAttributes, this.pluginService) };
      case "POST flex-api.twilio.com/v1/Accounts/{AC}/Tokens/Info":
        return this.#info(new URLSearchParams(body).get("Token"));
      case "POST iam.twilio.com/v1/Accounts/{AC}/Tokens/refresh": {
        const known = await this.#info(JSON.parse(body).token);
        if (known.status) return known;
        const fresh = await this.token();
        return { payload: { ...tokenInfo(fresh), token: fresh.token } };
      }
      case "POST event-bridge.twilio.com/v1/wschannels": {
        const call = JSON.parse(body);
        const known = await this.#info(call.token);
        if (known.status) return known;
        const { status, payload } = await this.#taskRouter.call(call, request.headers["if-match"]);
        return { status, payload: { payload } };
      }
    }
    if (request.method === "GET" && host === "flex.twilio.com" && /^(\/[\w-]*)*$/.test(path)) {
      return { type: "text/html; charset=utf-8", payload: this.#page() };
    }
    return { status: 404, payload: /countries|flagPositions/.test(path) ? [] : {} };
  }

  /** Whose token it is, or that it is nobody's. */
  async #info(token) {
    const asked = { method: "POST", headers: { authorization: KEY }, body: JSON.stringify({ token: token ?? "" }) };
    const known = await (await fetch(`${this.#sandbox}/v1/Accounts/${ACCOUNT}/Tokens/validate`, asked)).json();
    if (!known.valid) return { status: 401, payload: { code: 20104, message: "20104: Access Token expired", status: 401 } };
    return { payload: tokenInfo({ ...known, email: known.realm_user_id }) };
  }

  /** As Flex's back end does for the pages that Twilio hosts: the admin's address, and the admin's own list where it fails. */
  async #plugins(request) {
    const { custom_plugins_url: url, custom_plugins: otherwise = [] } = this.pluginService;
    if (!url) return otherwise;
    const { "x-flex-jwe": token = "", "x-flex-version": version = "" } = request.headers;
    const answer = await fetch(url, { headers: { "x-flex-jwe": token, "x-flex-version": version } }).catch(() => undefined);
    const list = answer?.ok ? await answer.json() : undefined;
    return Array.isArray(list) ? list : otherwise;
  }

  #page() {
    const app = {
      sso: { accountSid: ACCOUNT }, pluginService: { enabled: true }, logLevel: "error", disableTelemetry: true,
      // There is no microphone here and no voice service: calls ring at the agent's desk phone.
      initialDeviceCheck: false, disableBrowserVoice: true, ...this.app,
    };
    return `<!doctype html><html><head><meta charset="utf-8"><title>Flex</title>
<style>body, #container { display: flex; width: 100vw; height: 100vh; margin: 0 }</style></head><body><div id="container"></div>
<script src="/flex-ui.js"></script>
<script>window.started = Twilio.Flex.runDefault(${JSON.stringify(app)}, "#container");</script></body></html>`;
  }

  #greet(socket, request) {
    if (!request.headers.host.startsWith("event-bridge.")) return socket.terminate();
    this.#sockets.add(socket);
    const alive = setInterval(() => socket.send(" "), 10_000); // as the bridge does
    socket.on("close", () => this.#sockets.delete(socket) && clearInterval(alive));
    const init = { channel_id: WORKER, account_sid: ACCOUNT, workspace_sid: WORKSPACE, token_lifetime: 8 * HOUR };
    socket.send(JSON.stringify({ event_type: "init", payload: init }));
  }

  #tell(event) {
    for (const socket of this.#sockets) socket.send(JSON.stringify(event));
  }
}

async function text(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
