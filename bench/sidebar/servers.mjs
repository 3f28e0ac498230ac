// What the measurement serves: the workspace (everything else goes on to the sandbox), and one address for all three
// cards. Behind it is the real server; only a peer's page and script are ours, with the same caching and compression. So
// each card has the same session, the same card and list from the same server, and the same way to them.
import { Agent, createServer, request } from "node:http";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const listen = (server, port) => new Promise((ready) => server.listen(port, "127.0.0.1", () => ready(server)));

const agent = new Agent({ keepAlive: true });

/** Passes a request on as it is, and the answer back. */
function pass(asked, answer, target) {
  const to = new URL(asked.url, target);
  const passed = request(to, { method: asked.method, headers: { ...asked.headers, host: to.host }, agent }, (from) => {
    answer.writeHead(from.statusCode, from.headers);
    from.pipe(answer);
  });
  passed.on("error", () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  asked.pipe(passed);
}

/** The workspace's origin is the account's: the server under test lets no other frame it. */
export function workspace(port, sandbox) {
  const host = readFileSync(here("host.html"));
  return listen(
    createServer((asked, answer) => {
      if (asked.url === "/bench") return answer.writeHead(200, { "content-type": "text/html" }).end(host);
      pass(asked, answer, sandbox);
    }),
    port,
  );
}

/** What the real server answers to the workspace's signed form: a session, and where the SDK is. */
async function signIn(asked, target) {
  const body = await new Response(asked).text();
  const headers = { "content-type": asked.headers["content-type"] };
  const answer = await fetch(`${target}/zendesk/ticket_sidebar`, { method: "POST", headers, body });
  const page = await answer.text();
  const session = page.match(/id="deskside-session">([^<]*)</)?.[1];
  if (!session) throw new Error(`the sidebar's page answered ${answer.status}: ${page.slice(0, 300)}`);
  return { session, sdk: page.match(/<script src="([^"]+)"/)[1] };
}

async function bundle(entry, options = {}) {
  const built = await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    jsx: "automatic",
    logLevel: "warning",
    ...options,
  });
  return Buffer.from(built.outputFiles[0].contents);
}

/** React with Garden, the page by hand, and for everything else the server under test. */
export async function peers(port, target) {
  const assets = new Map();
  const add = (bytes, type) => {
    const name = `/assets/${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.${type}`;
    assets.set(name, { bytes: brotliCompressSync(bytes), type: type === "css" ? "text/css" : "text/javascript" });
    return name;
  };
  const react = { js: add(await bundle("../sidebar-react/src/main.jsx"), "js") };
  const plain = { js: add(await bundle("../sidebar-plain/main.js"), "js") };
  plain.css = add(await bundle("../sidebar-plain/style.css", { define: {}, loader: { ".css": "css" } }), "css");
  const page = ({ js, css }, { session, sdk }) =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Peer</title><link rel="modulepreload" href="${js}">` +
    (css ? `<link rel="stylesheet" href="${css}">` : "") +
    `<script type="application/json" id="deskside-session">${session}</script>` +
    `<script src="${sdk}"></script><script type="module" src="${js}"></script></head><body><main id="app"></main></body></html>`;
  const pages = { "/react": react, "/plain": plain };
  const server = createServer(async (asked, answer) => {
    const path = asked.url.split("?")[0];
    const asset = assets.get(path);
    if (pages[path]) {
      const signedIn = await signIn(asked, target);
      answer.writeHead(200, { "content-type": "text/html", "cache-control": "no-store" }).end(page(pages[path], signedIn));
    } else if (asset) {
      const caching = "public, max-age=31536000, immutable";
      answer.writeHead(200, { "content-type": asset.type, "content-encoding": "br", "cache-control": caching }).end(asset.bytes);
    } else {
      pass(asked, answer, target);
    }
  });
  await listen(server, port);
  const weight = (...names) => names.filter(Boolean).reduce((sum, name) => sum + assets.get(name).bytes.length, 0);
  return { server, bytes: { react: weight(react.js), plain: weight(plain.js, plain.css) } };
}
