// Elements, names' initials, sizes, times. Knows neither Zendesk nor Flex.

/** `h("p", { class: "subtle" }, "text", child)`; `on…` are listeners, `undefined` and `false` are left out. */
export function h(tag, props = {}, ...children) {
  const svg = tag === "svg" || tag === "path";
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === false || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Stroke icons on a 16 px grid. */
export function icon(path, size = 16) {
  return h("svg", { width: size, height: size, viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", "stroke-width": 1.5,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" }, h("path", { d: path }));
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

const HUES = ["#7a5195", "#2f6f8f", "#8a5a2b", "#3a7d57", "#a3435c", "#4f5bb3", "#66713a", "#94466f"];

export function avatar(name = "?", size = 28) {
  const words = name.trim().split(/\s+/);
  const latin = /^[\p{Script=Latin}\d]/u.test(name.trim());
  const initials = latin ? (words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "") : [...name.trim()].slice(0, 1).join("");
  const hue = HUES[[...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES.length];
  const style = `background:${hue};width:${size}px;height:${size}px`;
  return h("span", { class: "avatar", style, "aria-hidden": "true" }, initials.toUpperCase());
}

export function fileSize(bytes, locale) {
  if (typeof bytes !== "number") return "";
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, "MB"] : bytes >= 1e3 ? [bytes / 1e3, "kB"] : [bytes, "B"];
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 && unit !== "B" ? 1 : 0 }).format(value)} ${unit}`;
}

export function ago(iso, locale, now = Date.now()) {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Number.isNaN(seconds)) return "";
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "minute");
}

export function moment(iso, locale) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(time);
}

/** A message in the corner: `notice`, `alert` or `error`; sticky ones stay until closed. */
export function toast(text, kind = "notice", { duration = 5000, sticky = false } = {}) {
  let corner = document.querySelector(".toasts");
  if (!corner) {
    corner = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(corner);
  }
  const close = () => box.remove();
  const box = h("div", { class: `toast ${kind}`, "data-testid": "toast" }, h("span", {}, text), h("button", { onclick: close, "aria-label": "Close" }, "✕"));
  corner.append(box);
  if (!sticky) setTimeout(close, duration);
}

/** A few choices of which one holds. */
export function segments(label, choices, current, choose) {
  return h("div", { class: "seg", role: "group", "aria-label": label }, choices.map(([value, text, title]) =>
    h("button", { type: "button", title, "data-value": value, "aria-pressed": String(value === current), onclick: () => choose(value) }, text)));
}
