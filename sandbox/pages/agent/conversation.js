// A ticket's comments, oldest first. Comments' HTML comes from anyone: only harmless elements are rebuilt.
import { avatar, fill, html, moment } from "../shared/dom.js";
import { tiles } from "./files.js";

const HARMLESS = new Set(
  "P BR B STRONG I EM U UL OL LI DIV SPAN CODE PRE BLOCKQUOTE TABLE TBODY THEAD TR TD TH H1 H2 H3 H4".split(" "),
);

export class Conversation {
  #drawn = "";
  #length = 0;
  element = html`<ol class="comments" data-testid="comments"></ol>`;

  constructor(workspace) {
    this.workspace = workspace;
  }

  async show(comments) {
    await this.workspace.people(comments.map(({ author_id }) => author_id));
    const picture = JSON.stringify(comments);
    if (picture === this.#drawn) return;
    fill(this.element, comments.map((comment) => this.#comment(comment)));
    if (comments.length > this.#length) this.element.scrollTop = this.element.scrollHeight;
    this.#drawn = picture;
    this.#length = comments.length;
  }

  #comment({ id, author_id, created_at, html_body, plain_body, body, public: isPublic, attachments = [] }) {
    const { words, locale, person } = this.workspace;
    const name = person(author_id)?.name ?? "–";
    return html`<li class="comment ${!isPublic && "note"}" data-testid=${isPublic ? "comment" : "note"} data-comment=${id}>
      ${avatar(name, 32)}
      <div class="grow">
        <header class="row">
          <b class="clip">${name}</b>
          ${!isPublic && html`<span class="pill warn">${words.internal}</span>`}
          <time class="small subtle comment-time" datetime=${created_at}>${moment(created_at, locale)}</time>
        </header>
        <div class="comment-body ${!html_body && "plain"}">${html_body ? harmless(html_body) : (plain_body ?? body)}</div>
        ${attachments.length > 0 && tiles(attachments, this.workspace)}
      </div>
    </li>`;
  }
}

function harmless(text) {
  return [...new DOMParser().parseFromString(text, "text/html").body.childNodes].map(rebuilt);
}

function rebuilt(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches("script, style, iframe, object")) return undefined;
  const inner = [...node.childNodes].map(rebuilt);
  if (node.matches("a[href^='http']")) return html`<a href=${node.href} target="_blank" rel="noreferrer">${inner}</a>`;
  return HARMLESS.has(node.nodeName) ? fill(document.createElement(node.nodeName), inner) : inner;
}
