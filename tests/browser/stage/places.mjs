// Where everything is: what `cargo xtask` names in the environment, else where it usually puts it.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

export function places() {
  const { CARGO_TARGET_DIR, DESKSIDE_CHROMIUM, DESKSIDE_BIN, SANDBOX_BIN, SANDBOX_ZAF_SDK } = process.env;
  const target = CARGO_TARGET_DIR ?? join(root, "target");
  const found = {
    chromium: DESKSIDE_CHROMIUM ?? "/usr/bin/chromium",
    server: DESKSIDE_BIN ?? join(target, "debug/deskside"),
    sandbox: SANDBOX_BIN ?? join(target, "debug/deskside-sandbox"),
    zafSdk: SANDBOX_ZAF_SDK ?? join(target, "xtask/zaf_sdk.js"),
  };
  for (const [what, path] of Object.entries(found)) {
    if (!existsSync(path)) throw new Error(`${what} is not at ${path}: run the suite by \`cargo xtask test --only browser\``);
  }
  return { ...found, axe: join(root, "node_modules/axe-core/axe.min.js"), pictures: join(target, "browser") };
}
