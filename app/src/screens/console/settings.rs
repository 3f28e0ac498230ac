//! The page of settings for calls and chats. The form keeps what is typed; the model knows what is set.

use std::rc::Rc;

use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::model::ledger::Asked;
use crate::model::settings::{Document, Kind, Loaded, SECTIONS, SettingsEvent, SettingsModel};
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Tone, Weight, button, el, notice, skeleton};

/// The form's id; its fields are named as `wire::FlexSettings`'.
pub const FORM: &str = "flex-settings";

/// The page. `save` reads the form.
#[must_use]
pub fn settings(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &SettingsModel,
    send: &Send<SettingsEvent>,
    save: impl Fn() + 'static,
) -> Node {
    let title = el("div")
        .class("stack tight")
        .with(el("h1").class("title").with(words.flex))
        .with(el("p").class("subtle").with(words.flex_what));
    let again = |text| el("div").with(button(Weight::Plain, text, tell(send, SettingsEvent::Again)));
    let content = match &model.loaded {
        Loaded::Not | Loaded::Waiting => skeleton(words.loading),
        Loaded::Failed(why) => fault(locale, why, Some(again(locale.words.try_again))),
        Loaded::Ready(document) => {
            let outcome = match &model.saving {
                Asked::Failed(why) => Some(fault(locale, why, Some(again(words.load_again)))),
                Asked::Answered if model.saved => Some(notice(Tone::Plain, words.saved, None)),
                Asked::Answered | Asked::Waiting => None,
            };
            let text = if model.saving == Asked::Waiting { words.saving } else { words.save_settings };
            let submit =
                el("button").attr("type", "submit").class("btn primary").test("settings-save", "").with(text);
            el("form")
                .class("settings")
                .attr("id", FORM)
                .submit(Rc::new(save))
                .all(SECTIONS.iter().map(|(name, fields)| section(words, document, name, fields)))
                .with(
                    el("div").class("acts").with(submit).with(el("div").attr("role", "status").all(outcome)),
                )
        }
    };
    el("div").class("stack wide").test("console-flex", "").with(title).with(content)
}

fn section(
    words: &ConsoleWords,
    document: &Document,
    name: &'static str,
    fields: &'static [(&'static str, Kind)],
) -> Node {
    el("fieldset")
        .with(el("legend").with((words.section)(name)))
        .all(fields.iter().map(|(name, kind)| field(words, document, name, *kind)))
}

fn field(words: &ConsoleWords, document: &Document, name: &'static str, kind: Kind) -> Node {
    let (label, help) = (words.setting)(name);
    let typed = document.typed(name);
    let help_id = [name, "-help"].concat();
    let describe = |input: Node| {
        let input = input.attr("name", name).attr("id", name);
        if help.is_empty() { input } else { input.attr("aria-describedby", help_id.clone()) }
    };
    let explained =
        (!help.is_empty()).then(|| el("span").class("small subtle").attr("id", help_id.clone()).with(help));
    let text = typed.clone().unwrap_or_default();
    let named = el("label").attr("for", name).with(label);
    if kind == Kind::Switch {
        let input = describe(el("input").attr("type", "checkbox"));
        let input = if typed.is_some() { input.attr("checked", "") } else { input };
        return el("div")
            .class("field switch")
            .with(input)
            .with(el("div").class("stacked").with(named).all(explained));
    }
    let input = match kind {
        Kind::Choice(options) => el("select").all(options.iter().map(|option| {
            let choice = el("option").attr("value", *option).with((words.option)(option));
            if text == *option { choice.attr("selected", "") } else { choice }
        })),
        Kind::Long | Kind::Lines => el("textarea").attr("rows", "3").with(text),
        Kind::Number(least, most) => el("input")
            .attr("type", "number")
            .attr("required", "")
            .attr("min", least.to_string())
            .attr("max", most.to_string())
            .attr("value", text),
        Kind::Text | Kind::Switch => el("input").attr("type", "text").attr("value", text),
    };
    el("div").class("field").with(named).with(describe(input)).all(explained)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::{ErrorCode, FlexSettings};

    use super::*;
    use crate::i18n::console::words;
    use crate::json::tests::parsed;
    use crate::model::Model;
    use crate::model::fault::refused;
    use crate::screens::check::{nobody, text};

    fn shown(tag: &'static str, events: Vec<SettingsEvent>) -> String {
        let document = json!({"version": 1, "settings": FlexSettings::default()}).to_string();
        let loaded = SettingsEvent::Loaded(Ok(parsed(&document)));
        let events = [SettingsEvent::Open, loaded].into_iter().chain(events);
        let model = events.fold(SettingsModel::default(), |model, event| model.update(event).0);
        text(settings(Locale::new(tag), words(tag), &model, &nobody(), || ()))
    }

    #[test]
    fn an_admin_reads_every_setting_in_their_language() {
        let english = shown("en", vec![]);
        for words in ["Status", "New ticket subject", "Logged attributes", "Save", "The customer"] {
            assert!(english.contains(words), "{words}: {english}");
        }
        assert!(shown("ja", vec![]).contains("新規チケットの件名"));
        assert!(shown("ko", vec![]).contains("새 티켓 제목"));
    }

    #[test]
    fn what_became_of_a_change_is_said() {
        let saved = json!({"version": 2, "settings": FlexSettings::default()}).to_string();
        assert!(shown("en", vec![SettingsEvent::Saved(Ok(parsed(&saved)))]).contains("Saved."));
        let refused = SettingsEvent::Saved(Err(refused(ErrorCode::SettingsChanged)));
        let said = shown("en", vec![refused]);
        assert!(
            said.contains("Message of settings_changed.") && said.contains("Discard my changes and reload"),
            "{said}"
        );
    }
}
