// What the measurement serves: the workspace (everything else goes on to the sandbox), and the two peers with the same
// page contract, caching and compression as the real server.
import { createServer, request } from "node:http";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const listen = (server, port) => new Promise((ready) => server.listen(port, "127.0.0.1", () => ready(server)));

/** The workspace's origin is the account's: the server under test lets no other frame it. */
export function workspace(port, sandbox) {
  const host = readFileSync(here("host.html"));
  return listen(
    createServer((asked, answer) => {
      if (asked.url === "/bench") return answer.writeHead(200, { "content-type": "text/html" }).end(host);
      const to = new URL(asked.url, sandbox);
      const passed = request(to, { method: asked.method, headers: { ...asked.headers, host: to.host } }, (from) => {
        answer.writeHead(from.statusCode, from.headers);
        from.pipe(answer);
      });
      passed.on("error", () => answer.writeHead(502).end());
      asked.pipe(passed);
    }),
    port,
  );
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

/** React with Garden, and the page by hand. */
export async function peers(port, { sdk, card, session }) {
  const assets = new Map();
  const add = (bytes, type) => {
    const name = `/assets/${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.${type}`;
    assets.set(name, { bytes: brotliCompressSync(bytes), type: type === "css" ? "text/css" : "text/javascript" });
    return name;
  };
  const react = { js: add(await bundle("../sidebar-react/src/main.jsx"), "js") };
  const plain = { js: add(await bundle("../sidebar-plain/main.js"), "js") };
  plain.css = add(await bundle("../sidebar-plain/style.css", { define: {}, loader: { ".css": "css" } }), "css");
  const page = ({ js, css }) =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Peer</title><link rel="modulepreload" href="${js}">` +
    (css ? `<link rel="stylesheet" href="${css}">` : "") +
    `<script type="application/json" id="deskside-session">${JSON.stringify(session)}</script>` +
    `<script src="${sdk}"></script><script type="module" src="${js}"></script></head><body><main id="app"></main></body></html>`;
  const pages = { "/react": page(react), "/plain": page(plain) };
  const server = createServer((asked, answer) => {
    const path = asked.url.split("?")[0];
    const asset = assets.get(path);
    if (pages[path]) {
      answer.writeHead(200, { "content-type": "text/html", "cache-control": "no-store" }).end(pages[path]);
    } else if (asset) {
      const caching = "public, max-age=31536000, immutable";
      answer.writeHead(200, { "content-type": asset.type, "content-encoding": "br", "cache-control": caching }).end(asset.bytes);
    } else if (path === "/api/tickets/42/card") {
      answer.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(card);
    } else {
      answer.writeHead(404).end();
    }
  });
  await listen(server, port);
  const weight = (...names) => names.filter(Boolean).reduce((sum, name) => sum + assets.get(name).bytes.length, 0);
  return { server, bytes: { react: weight(react.js), plain: weight(plain.js, plain.css) } };
}
