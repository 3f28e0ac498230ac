//! One line per attachment: where it stands, and what can be done with it.

use leptos::prelude::*;
use wire::{ArchiveItem, ErrorCode, ItemState};

use crate::i18n::Locale;
use crate::model::archive::{ArchiveEvent, Which, percent};
use crate::ui::{Names, Tone, Weight, button, pill, progress};

/// All of them.
pub fn files(locale: Locale, items: &[ArchiveItem], live: bool, send: Callback<ArchiveEvent>) -> AnyView {
    view! { <ul class="list">{items.iter().map(|item| file(locale, item, live, send)).collect_view()}</ul> }.into_any()
}

fn file(locale: Locale, item: &ArchiveItem, live: bool, send: Callback<ArchiveEvent>) -> AnyView {
    let bar = (live && moves(item.state))
        .then(|| progress(Tone::Plain, percent(item), item.file_name.clone(), "archive-item-progress"));
    let why = reason(locale, item).map(|why| view! { <p class="small why">{why}</p> });
    view! {
        <li data-testid="archive-item" data-value=item.attachment_id.to_string()>
            <div class="row">
                <div class="grow">
                    <div class="clip" title=item.file_name.clone()>{item.file_name.clone()}</div>
                    <div class="small subtle num">{locale.size(item.size)}</div>
                </div>
                {state(locale, item)}
                {(!live).then(|| act(locale, item, send)).flatten()}
            </div>
            {bar}
            {why}
        </li>
    }
    .into_any()
}

/// What is simply there needs no mark, only its name for programs.
fn state(locale: Locale, item: &ArchiveItem) -> AnyView {
    let (tone, value) = match item.state {
        ItemState::InZendesk => {
            return view! { <span class="sr" data-testid="archive-state" data-value="in_zendesk">{(locale.words.item)(item.state)}</span> }
                .into_any();
        }
        ItemState::Planned => (Tone::Plain, "planned"),
        ItemState::Stored => (Tone::Info, "stored"),
        ItemState::Verified => (Tone::Info, "verified"),
        ItemState::Redacted => (Tone::Ok, "redacted"),
        ItemState::Skipped => (Tone::Plain, "skipped"),
        ItemState::Held => (Tone::Warn, "held"),
        ItemState::Failed => (Tone::Bad, "failed"),
        ItemState::Unknown => (Tone::Plain, "unknown"),
    };
    pill(tone, (locale.words.item)(item.state).into(), "archive-state", value.into())
}

fn act(locale: Locale, item: &ArchiveItem, send: Callback<ArchiveEvent>) -> Option<AnyView> {
    let text = match item.state {
        ItemState::InZendesk => locale.words.archive,
        ItemState::Failed if item.reason_code != Some(ErrorCode::AttachmentMalware) => locale.words.try_again,
        _ => return None,
    };
    let names = Names {
        id: Some(button_id(Which::One(item.attachment_id))),
        label: Some((locale.words.archive_named)(&item.file_name)),
        testid: Some("archive-one"),
        value: Some(item.attachment_id.to_string()),
    };
    let which = Which::One(item.attachment_id);
    Some(button(Weight::Plain, text, names, move || send.run(ArchiveEvent::Wish(which))))
}

/// The button that asks for this, so that the focus can come back to it.
#[must_use]
pub fn button_id(which: Which) -> String {
    match which {
        Which::All => "archive-all".into(),
        Which::Failed => "archive-failed".into(),
        Which::One(id) => ["archive-", &id.to_string()].concat(),
    }
}

fn moves(state: ItemState) -> bool {
    matches!(state, ItemState::Planned | ItemState::Stored | ItemState::Verified)
}

fn reason(locale: Locale, item: &ArchiveItem) -> Option<String> {
    if !matches!(item.state, ItemState::Skipped | ItemState::Held | ItemState::Failed) {
        return None;
    }
    let reason = item.reason.as_deref()?;
    Some(item.reason_code.map_or_else(|| reason.to_owned(), |code| locale.problem(code, reason, None)))
}
