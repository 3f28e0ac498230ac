// How a state looks, light and dark: a picture for people, and axe for those who cannot see one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { places } from "./places.mjs";
import { expect } from "./scene.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const axe = readFileSync(places().axe, "utf8");

/** Takes both pictures and finds nothing that WCAG's level AA forbids. The page is light again afterwards. */
export async function look(scene, name, { page = scene.page, frame } = {}) {
  frame ??= await scene.frame(page);
  for (const scheme of ["dark", "light"]) {
    await paint(page, frame, scheme);
    await (await frame.frameElement()).screenshot({ path: scene.picture(`${name}-${scheme}`) });
    assert.deepEqual(await violations(frame), [], `${name}, ${scheme}: axe finds nothing`);
  }
}

/** Turns the workspace light or dark; the app follows. */
export async function paint(page, frame, scheme) {
  await page.locator(`.top .seg [data-value="${scheme}"]`).click();
  await expect.poll(() => frame.evaluate(() => document.documentElement.dataset.scheme)).toBe(scheme);
  await page.mouse.move(0, 0); // nothing is hovered
}

export async function violations(frame) {
  await frame.evaluate(`window.axe || (() => { ${axe} })()`);
  const found = await frame.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), RULES);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${[...node.any, ...node.all][0]?.message ?? ""})`));
}
