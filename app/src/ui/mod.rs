//! The few pieces that every screen is made of. **Invariant:** no model, no host, no words of their own.

mod node;
mod value;

use std::rc::Rc;

pub use node::{Node, Press, el};

/// What a colour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// As it should be.
    Ok,
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warn,
    /// Something is wrong.
    Bad,
}

impl Tone {
    fn pill(self) -> &'static str {
        match self {
            Self::Plain => "pill",
            Self::Ok => "pill ok",
            Self::Info => "pill info",
            Self::Warn => "pill warn",
            Self::Bad => "pill bad",
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Bad => "notice bad",
            Self::Warn => "notice warn",
            Self::Plain | Self::Ok | Self::Info => "notice",
        }
    }
}

/// How much a button asks to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The one thing to do here.
    Primary,
    /// One of several.
    Plain,
    /// In passing.
    Link,
}

/// A short mark. `testid` and `value` are for programs that look on.
#[must_use]
pub fn pill(tone: Tone, text: impl Into<Node>, testid: &'static str, value: String) -> Node {
    el("span").class(tone.pill()).test(testid, value).with(text)
}

/// A button.
#[must_use]
pub fn button(weight: Weight, text: impl Into<Node>, press: impl Fn() + 'static) -> Node {
    let class = match weight {
        Weight::Primary => "btn primary",
        Weight::Plain => "btn",
        Weight::Link => "btn link",
    };
    el("button").attr("type", "button").class(class).with(text).press(Rc::new(press))
}

/// Something is in the way. `role="alert"` says it aloud at once; `act` is what can be done.
#[must_use]
pub fn problem(text: String, code: &'static str, act: Option<Node>) -> Node {
    el("div")
        .class("notice bad")
        .attr("role", "alert")
        .test("problem", code)
        .with(el("p").with(text))
        .all(act)
}

/// A quieter remark.
#[must_use]
pub fn notice(tone: Tone, text: impl Into<Node>, more: Option<Node>) -> Node {
    el("div").class(tone.notice()).with(el("p").with(text)).all(more)
}

/// How far something is.
#[must_use]
pub fn progress(tone: Tone, percent: u32, label: String, testid: &'static str) -> Node {
    let percent = percent.to_string();
    let fill = el("i").attr("style", ["width:", &percent, "%"].concat());
    el("div")
        .class(if tone == Tone::Warn { "bar warn" } else { "bar" })
        .attr("role", "progressbar")
        .attr("aria-label", label)
        .attr("aria-valuemin", "0")
        .attr("aria-valuemax", "100")
        .attr("aria-valuenow", percent.clone())
        .test(testid, percent)
        .with(fill)
}

/// A row whose first part takes the room.
#[must_use]
pub fn row(first: Node, rest: impl IntoIterator<Item = Node>) -> Node {
    el("div").class("row").with(el("div").class("grow").with(first)).all(rest)
}

/// The first words of a screen that has little to say.
#[must_use]
pub fn empty(title: impl Into<Node>, why: &'static str) -> Node {
    el("div").class("stack").with(el("h2").class("title").with(title)).with(el("p").class("subtle").with(why))
}

/// What stands where something will be.
#[must_use]
pub fn skeleton(label: &'static str) -> Node {
    el("div").class("skeleton").attr("role", "img").attr("aria-label", label).all((0..3).map(|_| el("i")))
}
