// A comment's attachments as tiles: what kind of file, how big, and whether it was redacted or held back.
import { fileSize, h, icon } from "../shared/dom.js";

const KINDS = [
  [/^image\//, "image"], [/pdf/, "pdf"], [/zip|compress|tar/, "zip"], [/sheet|excel|csv/, "sheet"], [/word|document|rtf/, "doc"],
  [/^audio\/|^video\//, "media"], [/^text\/|json|xml|rfc822/, "text"],
];
const BIG = 4e6; // bytes; larger pictures are not fetched for a small one
const kindOf = ({ content_type }) => KINDS.find(([pattern]) => pattern.test(content_type ?? ""))?.[1] ?? "other";

const extensionOf = ({ file_name }) => (/\.([\w]{1,4})$/.exec(file_name ?? "")?.[1] ?? "file").toUpperCase();

/** Zendesk leaves a stub named so in a redacted attachment's place. */
export const isRedacted = ({ deleted, file_name }) => deleted === true || file_name === "redacted.txt";

export function tiles(attachments, { words, locale }) {
  return h("ul", { class: "files" }, attachments.map((file) => tile(file, words, locale)));
}

/** A small picture of pictures; otherwise what kind of file it is. */
function mark(file, kind) {
  if (kind === "gone") return icon("M3 8h10", 20);
  const sign = kind === "image" ? icon("M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3M10.5 6h.01", 22) : extensionOf(file);
  if (kind !== "image" || !file.size || file.size > BIG) return sign;
  const picture = h("img", { src: file.thumbnails?.[0]?.content_url ?? file.content_url, alt: "", loading: "lazy", onerror: () => picture.replaceWith(sign) });
  return picture;
}

function tile(file, words, locale) {
  const redacted = isRedacted(file);
  const malware = file.malware_scan_result === "malware_found";
  const state = redacted ? words.redacted : malware ? words.malware : file.malware_scan_result === "not_scanned" ? words.unscanned : undefined;
  const name = redacted ? words.redacted : file.file_name;
  const kind = redacted ? "gone" : malware ? "bad" : kindOf(file);
  const size = redacted ? file.file_name : fileSize(file.size, locale);
  const opens = !redacted && !malware;
  return h("li", { class: `file ${kind}`, title: file.file_name, "data-testid": "attachment", "data-attachment": file.id, "data-redacted": String(redacted) },
    h("span", { class: "file-mark", "aria-hidden": "true" }, mark(file, kind)),
    h("span", { class: "grow" },
      h(opens ? "a" : "span", { class: "file-name clip", ...(opens && { href: file.content_url, target: "_blank", rel: "noreferrer" }) }, name),
      h("span", { class: "row small subtle" }, h("span", { class: "num clip" }, size), state && !redacted && h("span", { class: malware ? "file-bad" : "" }, state))));
}
