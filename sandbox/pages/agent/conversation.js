// A ticket's comments, oldest first. Comments' HTML comes from anyone: only harmless elements are rebuilt.
import { avatar, fill, h, moment } from "../shared/dom.js";
import { tiles } from "./files.js";

const HARMLESS = new Set("P BR B STRONG I EM U UL OL LI DIV SPAN CODE PRE BLOCKQUOTE TABLE TBODY THEAD TR TD TH H1 H2 H3 H4".split(" "));

export class Conversation {
  #drawn = "";
  element = h("ol", { class: "comments", "data-testid": "comments" });

  constructor(workspace) {
    this.workspace = workspace;
  }

  async show(comments) {
    await this.workspace.people(comments.map(({ author_id }) => author_id));
    const picture = JSON.stringify(comments);
    if (picture === this.#drawn) return;
    const longer = !this.#drawn || comments.length > JSON.parse(this.#drawn).length;
    this.#drawn = picture;
    fill(this.element, comments.map((comment) => this.#comment(comment)));
    if (longer) this.element.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  #comment({ id, author_id, created_at, html_body, plain_body, body, public: isPublic, attachments = [] }) {
    const { words, locale, person } = this.workspace;
    const author = person(author_id);
    const agent = author && author.role !== "end-user";
    return h("li", { class: `comment ${isPublic ? "" : "note"} ${agent ? "by-agent" : ""}`, "data-testid": isPublic ? "comment" : "note", "data-comment": id },
      avatar(author?.name ?? "?", 32),
      h("div", { class: "grow" },
        h("header", { class: "row" }, h("b", { class: "clip" }, author?.name ?? "–"), !isPublic && h("span", { class: "pill warn" }, words.internal),
          h("time", { class: "small subtle comment-time", datetime: created_at }, moment(created_at, locale))),
        h("div", { class: "comment-body" }, html_body ? harmless(html_body) : (plain_body ?? body ?? "")),
        attachments.length > 0 && tiles(attachments, this.workspace)));
  }
}

function harmless(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes].map(rebuilt);
}

function rebuilt(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches("script, style, iframe, object")) return "";
  const children = [...node.childNodes].map(rebuilt);
  if (node.matches("a[href^='http']")) return h("a", { href: node.href, target: "_blank", rel: "noreferrer" }, children);
  return HARMLESS.has(node.nodeName) ? h(node.nodeName.toLowerCase(), {}, children) : children;
}
