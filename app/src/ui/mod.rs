//! The few pieces that every screen is made of. **Invariant:** no model, no host, no words of their own.

use leptos::prelude::*;

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
pub fn pill(tone: Tone, text: String, testid: &'static str, value: String) -> AnyView {
    view! { <span class=tone.pill() data-testid=testid data-value=value>{text}</span> }.into_any()
}

/// What a button says, besides its label.
#[derive(Debug, Default)]
pub struct Names {
    /// For the keyboard's focus to come back to.
    pub id: Option<String>,
    /// For a reader who does not see what stands beside it.
    pub label: Option<String>,
    /// For programs that look on.
    pub testid: Option<&'static str>,
    /// For programs that look on.
    pub value: Option<String>,
}

/// A button.
pub fn button(weight: Weight, text: &'static str, names: Names, press: impl Fn() + 'static) -> AnyView {
    labelled(weight, text.into(), names, Box::new(press))
}

/// A button whose text is computed.
pub fn labelled(weight: Weight, text: String, names: Names, press: Box<dyn Fn()>) -> AnyView {
    let class = match weight {
        Weight::Primary => "btn primary",
        Weight::Plain => "btn",
        Weight::Link => "btn link",
    };
    let Names { id, label, testid, value } = names;
    view! {
        <button type="button" class=class id=id aria-label=label data-testid=testid data-value=value on:click=move |_| press()>
            {text}
        </button>
    }
    .into_any()
}

/// Something is in the way. `role="alert"` says it aloud at once; `act` is what can be done.
pub fn problem(text: String, code: &'static str, act: Option<AnyView>) -> AnyView {
    view! {
        <div class="notice bad" role="alert" data-testid="problem" data-value=code>
            <p>{text}</p>
            {act}
        </div>
    }
    .into_any()
}

/// A quieter remark.
pub fn notice(tone: Tone, text: String, more: Option<AnyView>) -> AnyView {
    view! { <div class=tone.notice()><p>{text}</p>{more}</div> }.into_any()
}

/// How far something is.
pub fn progress(tone: Tone, percent: u32, label: String, testid: &'static str) -> AnyView {
    let class = if tone == Tone::Warn { "bar warn" } else { "bar" };
    let style = ["width:", &percent.to_string(), "%"].concat();
    view! {
        <div class=class role="progressbar" aria-label=label aria-valuemin="0" aria-valuemax="100"
            aria-valuenow=percent.to_string() data-testid=testid data-value=percent.to_string()>
            <i style=style></i>
        </div>
    }
    .into_any()
}

/// A row whose first part takes the room and whose second keeps its own.
pub fn row(first: AnyView, second: AnyView) -> AnyView {
    view! { <div class="row"><div class="grow">{first}</div>{second}</div> }.into_any()
}

/// The first words of a screen that has little to say.
pub fn empty(title: String, why: &'static str, act: Option<AnyView>) -> AnyView {
    view! { <div class="stack"><h1>{title}</h1><p class="subtle">{why}</p>{act}</div> }.into_any()
}

/// What stands where a card will be.
pub fn skeleton(label: &'static str) -> AnyView {
    view! {
        <div class="skeleton" role="img" aria-label=label><i></i><i></i><i></i></div>
    }
    .into_any()
}
