// Looks at a control of the sandbox again and again, and draws what changed.
import { fill, html } from "../shared/dom.js";

const PAUSE_MS = 2000;

/** Draws `draw(body)` below a title, whenever the answer of `path` is another one. */
export async function watch(title, path, draw) {
  const list = html`<div role="status"></div>`;
  document.body.append(html`<main><h1>${title}</h1>${list}</main>`);
  let drawn;
  for (;;) {
    const text = await fetch(path).then((answer) => answer.text()).catch(() => undefined);
    if (text !== undefined && text !== drawn) {
      drawn = text;
      fill(list, draw(JSON.parse(text)));
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

/** One group of entries, or a sentence that there is none. */
export const section = (title, entries, none) => [
  html`<h2>${title}</h2>`,
  entries.length > 0 ? entries : html`<p class="empty">${none}</p>`,
];
