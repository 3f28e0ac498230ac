// Elements, names' initials, sizes, times. Knows neither Zendesk nor Flex.

const SLOT = /\u27e6(\d+)\u27e7/g; // where a value goes: ⟦3⟧

/**
 * One element from HTML. A `${…}` is a child (text, element, list or nothing), an attribute or a part of one, or a
 * listener (`onclick=${…}`). What is filled in is never read as HTML.
 */
export function html(strings, ...values) {
  const template = document.createElement("template");
  template.innerHTML = strings.reduce((text, part, index) => {
    const inTag = text.lastIndexOf("<") > text.lastIndexOf(">");
    return text + (inTag ? `⟦${index - 1}⟧` : `<!--⟦${index - 1}⟧-->`) + part;
  });
  const walker = document.createTreeWalker(template.content, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  const valueOf = (text) => values[Number(text.slice(1, -1))];
  for (const node of nodes) {
    if (node.nodeType === Node.COMMENT_NODE) node.replaceWith(...children([valueOf(node.data)]));
    else for (const { name, value } of [...node.attributes]) bind(node, name, value, valueOf);
  }
  return template.content.firstElementChild;
}

function bind(node, name, text, valueOf) {
  const slots = text.match(SLOT);
  if (!slots) return;
  const whole = slots[0] === text;
  const value = whole ? valueOf(text) : text.replace(SLOT, (slot) => valueOf(slot) || "");
  if (name.startsWith("on")) node.removeAttribute(name), node.addEventListener(name.slice(2), value);
  else if (value === undefined || value === null || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

/** Stroke icons on a 16 px grid. */
export const icon = (path, size = 16) =>
  html`<svg width=${size} height=${size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${path} /></svg>`;

const children = (given) =>
  given.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false);

export function fill(element, ...content) {
  element.replaceChildren(...children(content));
  return element;
}

const HUES = ["#7a5195", "#2f6f8f", "#8a5a2b", "#3a7d57", "#a3435c", "#4f5bb3", "#66713a", "#94466f"];

export function avatar(name = "?", size = 28) {
  const words = name.trim().split(/\s+/);
  const latin = /^[\p{Script=Latin}\d]/u.test(name.trim());
  const initials = latin ? words[0][0] + (words.length > 1 ? words.at(-1)[0] : "") : ([...name.trim()][0] ?? "?");
  const hue = HUES[[...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES.length];
  const style = `background:${hue};width:${size}px;height:${size}px`;
  return html`<span class="avatar" style=${style} aria-hidden="true">${initials.toUpperCase()}</span>`;
}

export function fileSize(bytes, locale) {
  if (typeof bytes !== "number") return "";
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, "MB"] : bytes >= 1e3 ? [bytes / 1e3, "kB"] : [bytes, "B"];
  const digits = { maximumFractionDigits: value < 10 && unit !== "B" ? 1 : 0 };
  return `${new Intl.NumberFormat(locale, digits).format(value)} ${unit}`;
}

export function ago(iso, locale, now = Date.now()) {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Number.isNaN(seconds)) return "";
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "second");
}

export function moment(iso, locale) {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "";
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(time);
}

/** A message in the corner: `notice`, `alert` or `error`; sticky ones stay until closed. */
export function toast(text, kind = "notice", { duration = 5000, sticky = false } = {}) {
  let corner = document.querySelector(".toasts");
  if (!corner) {
    corner = html`<div class="toasts" role="status" aria-live="polite"></div>`;
    document.body.append(corner);
  }
  const close = () => box.remove();
  const box = html`<div class="toast ${kind}" data-testid="toast">
    <span>${text}</span><button aria-label="Close" onclick=${close}>✕</button>
  </div>`;
  corner.append(box);
  if (!sticky) setTimeout(close, duration);
}

/** A few choices of which one holds: `[value, text, title]` each. */
export function segments(label, choices, current, choose) {
  const choice = ([value, text, title]) =>
    html`<button type="button" title=${title} data-value=${value} aria-pressed=${String(value === current)}
      onclick=${() => choose(value)}>${text}</button>`;
  return html`<div class="seg" role="group" aria-label=${label}>${choices.map(choice)}</div>`;
}
