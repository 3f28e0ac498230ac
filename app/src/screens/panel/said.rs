//! The last public comment, below its ticket.

use wire::PublicComment;

use crate::i18n::Locale;
use crate::i18n::panel::words;
use crate::model::said::{Said, SaidEvent, SaidModel};
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el};

/// It, in each of its states; nothing where there is no ticket.
#[must_use]
pub fn said(locale: Locale, model: &SaidModel, send: &Send<SaidEvent>) -> Option<Node> {
    let words = words(locale.tag);
    let part = |state| el("div").class("stack tight said").test("said", state);
    let title = || el("h3").class("small subtle").with(words.last_comment);
    Some(match &model.phase {
        Said::Nowhere => return None,
        Said::Loading => {
            let bar = el("div")
                .class("skeleton line")
                .attr("role", "img")
                .attr("aria-label", words.loading_comment);
            part("loading").attr("aria-busy", "true").with(title()).with(bar.with(el("i")))
        }
        Said::Failed(why) => {
            let again = button(Weight::Link, locale.shared.try_again, tell(send, SaidEvent::Again));
            let what = (!locale.names_the_thing(why)).then(|| words.comment_unread.into());
            let all: Vec<String> = what.into_iter().chain([locale.fault(why)]).collect();
            // In passing: what is missing here is in the ticket.
            let text = el("span")
                .class("subtle")
                .test("said-problem", why.code().map_or("offline", wire::ErrorCode::as_str));
            part("failed")
                .with(title())
                .with(el("p").class("small").with(text.with(locale.sentences(&all))).with(" ").with(again))
        }
        Said::Shown(None) => part("none").with(title()).with(el("p").class("subtle").with(words.no_comment)),
        Said::Shown(Some(comment)) => {
            part("shown").with(title()).with(quote(comment)).with(by(locale, comment))
        }
    })
}

/// In the author's own lines.
fn quote(comment: &PublicComment) -> Node {
    el("blockquote").test("said-text", "").with(comment.text.clone())
}

fn by(locale: Locale, comment: &PublicComment) -> Node {
    let words = words(locale.tag);
    let author = comment.author.clone().map(|name| el("span").test("said-author", name.clone()).with(name));
    let customer = comment.by_customer.then(|| el("span").with(words.customer));
    let when = el("time").attr("datetime", comment.at.clone()).test("said-at", comment.at.clone());
    el("p").class("small subtle dotted").all(author).all(customer).with(when.with(locale.moment(&comment.at)))
}
