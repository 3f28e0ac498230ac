// A comment's attachments as tiles: what kind of file, how big, and whether it was redacted or held back.
import { fileSize, html, icon } from "../shared/dom.js";

const KINDS = [
  [/^image\//, "image"],
  [/pdf/, "pdf"],
  [/zip|compress|tar/, "zip"],
  [/sheet|excel|csv/, "sheet"],
  [/word|document|rtf/, "doc"],
  [/^audio\/|^video\//, "media"],
  [/^text\/|json|xml|rfc822/, "text"],
];
const BIG = 4e6; // bytes; larger pictures are not fetched for a small one
const PICTURE = "M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3M10.5 6h.01";

const kindOf = ({ content_type }) => KINDS.find(([pattern]) => pattern.test(content_type ?? ""))?.[1] ?? "other";
const extensionOf = ({ file_name }) => (/\.(\w{1,4})$/.exec(file_name ?? "")?.[1] ?? "file").toUpperCase();

/** Zendesk leaves a stub named so in a redacted attachment's place. */
const isRedacted = ({ deleted, file_name }) => deleted === true || file_name === "redacted.txt";

export const tiles = (attachments, workspace) =>
  html`<ul class="files">${attachments.map((file) => (isRedacted(file) ? gone(file, workspace) : tile(file, workspace)))}</ul>`;

const gone = ({ id, file_name }, { words }) =>
  html`<li class="file gone" data-testid="attachment" data-attachment=${id} data-redacted="true">
    <span class="file-mark" aria-hidden="true">${icon("M3 8h10", 20)}</span>
    <span class="grow"><span class="file-name">${words.redacted}</span><span class="small">${file_name}</span></span>
  </li>`;

function tile(file, { words, locale }) {
  const malware = file.malware_scan_result === "malware_found";
  const kind = malware ? "bad" : kindOf(file);
  const name = malware
    ? html`<span class="file-name clip">${file.file_name}</span>`
    : html`<a class="file-name clip" href=${file.content_url} target="_blank" rel="noreferrer">${file.file_name}</a>`;
  const state = malware ? words.malware : file.malware_scan_result === "not_scanned" && words.unscanned;
  return html`<li class="file ${kind}" title=${file.file_name} data-testid="attachment" data-attachment=${file.id}
    data-redacted="false">
    <span class="file-mark" aria-hidden="true">${mark(file, kind)}</span>
    <span class="grow">
      ${name}
      <span class="row small subtle">
        <span class="num">${fileSize(file.size, locale)}</span>
        ${state && html`<span class=${malware && "file-bad"}>${state}</span>`}
      </span>
    </span>
  </li>`;
}

/** A small picture of pictures; otherwise what kind of file it is. */
function mark(file, kind) {
  if (kind !== "image") return extensionOf(file);
  const sign = icon(PICTURE, 22);
  if (!file.size || file.size > BIG) return sign;
  const source = file.thumbnails?.[0]?.content_url ?? file.content_url;
  const picture = html`<img src=${source} alt="" loading="lazy" onerror=${() => picture.replaceWith(sign)} />`;
  return picture;
}
