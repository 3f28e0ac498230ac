//! How a form looks. The elements keep what is typed; the model knows what the server keeps, and what is wrong.

use std::rc::Rc;

use wire::ErrorCode;

use super::{Conflict, Document, Field, Form, FormEvent, FormModel, Kind, Loaded, Section, Wrong};
use crate::console::RequestState;
use crate::console::frame::trouble;
use crate::i18n::console::ConsoleWords;
use crate::i18n::{Locale, sentence};
use crate::model::Fault;
use crate::model::fault::FaultKind;
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el, problem, skeleton};

/// The form, or why there is none.
#[must_use]
pub fn form(
    locale: Locale,
    words: &'static ConsoleWords,
    form: &'static Form,
    model: &FormModel,
    send: &Send<FormEvent>,
) -> Node {
    let again = |text| el("div").with(button(Weight::Plain, text, tell(send, FormEvent::Reload)));
    let document = match &model.loaded {
        Loaded::Not | Loaded::Waiting => return skeleton(words.loading),
        Loaded::Failed(why) => return trouble(locale, words, why, Some(again(locale.shared.try_again))),
        Loaded::Ready(document) => document,
    };
    let problem = match (&model.conflict, &model.saving) {
        (Some(conflict), _) => Some(choice(words, conflict, send)),
        // A page of another version than the server is of no use.
        (None, RequestState::Failed(why)) if why.code() == Some(ErrorCode::SettingUnknown) => {
            Some(trouble(locale, words, why, Some(again(words.load_again))))
        }
        (None, RequestState::Failed(why)) => {
            let again = button(Weight::Plain, locale.shared.try_again, tell(send, FormEvent::Submit));
            Some(trouble(locale, words, why, Some(el("div").with(again))))
        }
        (None, RequestState::Idle | RequestState::Pending) => {
            let count = model.wrong.len();
            (count > 0).then(|| problem((words.wrong_fields)(count), code_of(model), None))
        }
    };
    let is_pending = model.saving == RequestState::Pending;
    let text = if is_pending { words.saving_settings } else { words.save_settings };
    let save = el("button").attr("type", "submit").class("btn primary").test("settings-save", "").with(text);
    let status = if model.saved {
        words.saved
    } else if model.is_unsaved(form) && !is_pending {
        words.unsaved
    } else {
        ""
    };
    let acts = el("div")
        .class("acts")
        .with(save)
        .with(el("span").class("subtle").attr("role", "status").test("settings-status", "").with(status));
    el("form")
        .class("settings")
        .attr("id", form.id)
        .attr("novalidate", "")
        .input(Rc::new(tell(send, FormEvent::Changed)))
        .submit(Rc::new(tell(send, FormEvent::Submit)))
        .all(form.sections.iter().map(|part| section(locale, words, document, part, model)))
        .with(el("div").class("foot stack").with(el("div").class("said").all(problem)).with(acts))
}

/// The server keeps something else than what was sent.
fn choice(words: &ConsoleWords, conflict: &Conflict, send: &Send<FormEvent>) -> Node {
    let labels: Vec<_> = conflict.fields.iter().map(|name| (words.setting)(name).0).collect();
    let theirs = button(Weight::Plain, words.load_theirs, tell(send, FormEvent::LoadTheirs));
    let mine = button(Weight::Plain, words.save_mine, tell(send, FormEvent::SaveMine));
    let acts = el("div").class("acts").with(theirs).with(mine);
    problem((words.conflict)(&labels.join(", ")), ErrorCode::SettingsChanged.as_str(), Some(acts))
}

/// For programs that look on.
fn code_of(model: &FormModel) -> &'static str {
    match model.wrong.first() {
        Some((_, Wrong::Refused(fault))) => fault.code().map_or("offline", wire::ErrorCode::as_str),
        _ => "field_wrong",
    }
}

fn section(
    locale: Locale,
    words: &'static ConsoleWords,
    document: &Document,
    section: &'static Section,
    model: &FormModel,
) -> Node {
    let shown = section.fields.iter().map(|one| {
        let (label, help) = (words.setting)(one.name);
        let wrong = model.wrong.iter().find(|(name, _)| *name == one.name).map(|(_, wrong)| wrong);
        let round = model.rounds.iter().find(|(name, _)| *name == one.name).map_or(0, |(_, round)| *round);
        let key = [one.name, "/", &round.to_string()].concat();
        field(locale, words, *one, Label { label, help }, document.typed(one.name), wrong).key(key)
    });
    el("fieldset").with(el("legend").with((words.section)(section.name))).all(shown)
}

/// What a field is called, and what is to be known of it.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// What it is called.
    pub label: &'static str,
    /// What is to be known of it, or nothing.
    pub help: &'static str,
}

/// One field with its label, its help, and what is wrong with it.
#[must_use]
pub fn field(
    locale: Locale,
    words: &'static ConsoleWords,
    field: Field,
    Label { label, help }: Label,
    value: Option<String>,
    wrong: Option<&Wrong>,
) -> Node {
    let name = field.name;
    let (help_id, error_id) = ([name, "-help"].concat(), [name, "-error"].concat());
    let described = match (wrong, help) {
        (Some(_), "") => error_id.clone(),
        (Some(_), _) => [&error_id, " ", &help_id].concat(),
        (None, "") => String::new(),
        (None, _) => help_id.clone(),
    };
    let mut input = input(words, field, value).attr("name", name).attr("id", name);
    if !described.is_empty() {
        input = input.attr("aria-describedby", described);
    }
    if wrong.is_some() {
        input = input.attr("aria-invalid", "true");
    }
    let explained =
        (!help.is_empty()).then(|| el("span").class("small subtle").attr("id", help_id).with(help));
    let error = wrong.map(|wrong| {
        el("span")
            .class("small error")
            .attr("id", error_id)
            .test("field-error", name)
            .with(said(locale, words, label, name, wrong))
    });
    let named = el("label").attr("for", name).with(label);
    if field.kind == Kind::Switch {
        let text = el("div").class("stacked").with(named).all(explained).all(error);
        return el("div").class("field switch").with(input).with(text);
    }
    el("div").class("field").with(named).with(input).all(error).all(explained)
}

fn input(words: &ConsoleWords, Field { kind, .. }: Field, value: Option<String>) -> Node {
    let of_type = |kind: &'static str| el("input").attr("type", kind);
    let on = value.is_some();
    let text = value.unwrap_or_default();
    match kind {
        Kind::Switch if on => of_type("checkbox").attr("checked", ""),
        Kind::Switch => of_type("checkbox"),
        Kind::Choice(options) => {
            // A newer server has options that this page does not know; they are not to be changed by looking at them.
            // Where nothing is chosen yet, the first one is.
            let unknown = Some(&text).filter(|text| !text.is_empty() && !options.contains(&text.as_str()));
            let unknown = unknown
                .map(|text| el("option").attr("value", text.clone()).attr("selected", "").with(text.clone()));
            let known = options.iter().map(|value| option(value, (words.option)(value), &text));
            el("select").all(known.chain(unknown))
        }
        Kind::Action(actions) => el("select")
            .with(option("", words.anything, &text))
            .all(actions.iter().map(|value| option(value, (words.action)(value).unwrap_or(value), &text))),
        Kind::Digits => of_type("text")
            .attr("inputmode", "numeric")
            .attr("autocomplete", "one-time-code")
            .attr("value", text),
        Kind::Secret => of_type("password").attr("autocomplete", "new-password"),
        Kind::Long | Kind::Lines => el("textarea").attr("rows", "3").with(text),
        Kind::Number(..) | Kind::MaybeNumber(..) => {
            of_type("text").attr("inputmode", "numeric").attr("value", text)
        }
        Kind::Ticket => of_type("text").attr("inputmode", "numeric").attr("size", "8").attr("value", text),
        Kind::Day => of_type("date").attr("value", text),
        Kind::Example(example) => of_type("text").attr("placeholder", example).attr("value", text),
        Kind::Text => of_type("text").attr("value", text),
    }
}

fn option(value: &'static str, name: &'static str, chosen: &str) -> Node {
    let option = el("option").attr("value", value).with(name);
    if value == chosen { option.attr("selected", "") } else { option }
}

/// What is wrong, in a sentence.
fn said(locale: Locale, words: &ConsoleWords, label: &str, name: &str, wrong: &Wrong) -> String {
    match wrong {
        Wrong::Range(least, most) => (words.not_in_range)(*least, *most),
        Wrong::Ticket => words.not_a_ticket.into(),
        Wrong::Refused(fault) => {
            let rule = fault.reason().and_then(words.rule);
            rule.map_or_else(|| (words.not_accepted)(&named(locale, words, fault, (name, label))), Into::into)
        }
    }
}

/// The server's own sentence, where there are no words for the rule: a sentence for its code would not say what to enter. It names
/// fields as programs do; here they have labels.
fn named(locale: Locale, words: &ConsoleWords, fault: &Fault, (name, label): (&str, &str)) -> String {
    let sentence = match &fault.kind {
        FaultKind::Refused(body) if body.field.is_some() => {
            let hint = body.hint.as_deref().map(sentence).unwrap_or_default();
            [&sentence(&body.message), " ", &hint].concat().trim_end().to_owned()
        }
        _ => locale.fault(fault),
    };
    let parts = sentence.split('`').enumerate().map(|(at, part)| match (at % 2, (words.setting)(part).0) {
        (0, _) => part.to_owned(),
        (_, _) if part == name => label.to_owned(),
        (_, "") => ["`", part, "`"].concat(),
        (_, label) => label.to_owned(),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::{FieldRule, FlexSettings};

    use super::*;
    use crate::console::flex::FORM;
    use crate::i18n::console::words;
    use crate::json::tests::parsed;
    use crate::model::fault::{refused, refused_field, refused_rule};
    use crate::screens::check::{nobody, text};

    fn shown(tag: &'static str, events: Vec<FormEvent>) -> Node {
        let document = json!({"version": 1, "settings": FlexSettings::default()}).to_string();
        let loaded = FormEvent::Loaded(Ok(parsed(&document)));
        let mut model = FormModel::default();
        for event in [FormEvent::Open, loaded].into_iter().chain(events) {
            model.update(&FORM, event);
        }
        form(Locale::new(tag), words(tag), &FORM, &model, &nobody())
    }

    #[test]
    fn an_admin_reads_every_setting_in_their_language() {
        let english = text(shown("en", vec![]));
        for words in ["Status", "New ticket subject", "Logged attributes", "Save", "The customer"] {
            assert!(english.contains(words), "{words}: {english}");
        }
        assert!(text(shown("ja", vec![])).contains("新規チケットの件名"));
        assert!(text(shown("ko", vec![])).contains("새 티켓 제목"));
    }

    #[test]
    fn an_admin_reads_what_became_of_a_change() {
        let saved = json!({"version": 2, "settings": FlexSettings::default()}).to_string();
        let sent = FormEvent::Submitted(super::super::tests::untouched(&FlexSettings::default()));
        let kept = vec![sent, FormEvent::Saved(Ok(parsed(&saved)))];
        assert!(text(shown("en", kept)).contains("Saved."));
        let mine = FlexSettings { subject: "Mine".into(), ..FlexSettings::default() };
        let sent = || FormEvent::Submitted(super::super::tests::untouched(&mine));
        let failed = |code| vec![sent(), FormEvent::Saved(Err(refused(code)))];
        let said = text(shown("en", failed(ErrorCode::StoreBusy)));
        assert!(said.contains("Try again") && !said.contains("Discard my changes"), "{said}");
        let said = text(shown("en", failed(ErrorCode::SettingUnknown)));
        assert!(said.contains("Discard my changes and reload"), "{said}");
        let said = text(shown("en", failed(ErrorCode::SessionExpired)));
        let expected = "Your session has ended. Sign in again; what you typed stays here.";
        assert!(said.contains(expected) && !said.contains("Message of session_expired"), "{said}");
        let theirs = json!({"version": 2, "settings": FlexSettings::default()}).to_string();
        let compared = FormEvent::Compare(Ok(parsed(&theirs)));
        let said = text(shown("en", [failed(ErrorCode::SettingsChanged), vec![compared]].concat()));
        for words in
            ["Different from yours: New ticket subject.", "Load the saved settings", "Save mine over them"]
        {
            assert!(said.contains(words), "{words}: {said}");
        }
    }

    #[test]
    fn a_choice_that_this_page_does_not_know_is_shown() {
        let mut settings = json!(FlexSettings::default());
        settings["without_number"] = json!("first_of_all");
        let mut model = FormModel::default();
        let loaded = parsed(&json!({"version": 1, "settings": settings}).to_string());
        for event in [FormEvent::Open, FormEvent::Loaded(Ok(loaded))] {
            model.update(&FORM, event);
        }
        let html = form(Locale::new("en"), words("en"), &FORM, &model, &nobody()).to_html();
        assert!(html.contains(r#"<option value="first_of_all" selected="">first_of_all</option>"#), "{html}");
    }

    #[test]
    fn a_wrong_value_is_named_at_its_field() {
        let wrong = |settings| FormEvent::Submitted(super::super::tests::untouched(&settings));
        let narrow = || wrong(FlexSettings { flex_width: 7, ..FlexSettings::default() });
        for (tag, field, summary) in [
            ("en", "Enter a whole number from 300 to 1600.", "Correct the marked field, then save again."),
            ("ja", "300～1600 の整数を入力してください。", "1 件の項目を修正してから保存してください。"),
            ("ko", "300에서 1600 사이의 정수를 입력하세요.", "항목 1개를 수정한 뒤 다시 저장하세요."),
        ] {
            let html = shown(tag, vec![narrow()]).to_html();
            assert!(html.contains(field) && html.contains(summary), "{html}");
            assert!(
                html.contains("aria-describedby=\"flex_width-error flex_width-help\" aria-invalid=\"true\"")
            );
        }
        let fault = refused_field(ErrorCode::SettingInvalid, "subject");
        let sent = wrong(FlexSettings::default());
        let said = text(shown("en", vec![sent, FormEvent::Saved(Err(fault))]));
        assert!(said.contains("New ticket subject is wrong"), "{said}");
        for (tag, expected) in [
            ("en", "Leave user name and password out of the address."),
            ("ja", "URL からユーザー名とパスワードを除いてください。"),
            ("ko", "주소에서 사용자 이름과 비밀번호를 빼세요."),
        ] {
            let refused = refused_rule("flex_url", FieldRule::UrlCredentials);
            let sent = wrong(FlexSettings::default());
            let said = text(shown(tag, vec![sent, FormEvent::Saved(Err(refused))]));
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn every_setting_and_every_value_has_words_in_every_language() {
        for tag in ["en", "ja", "ko"] {
            let words = words(tag);
            for section in FORM.sections {
                assert!(!(words.section)(section.name).is_empty(), "{tag}: {}", section.name);
            }
            for field in FORM.fields() {
                assert!(!(words.setting)(field.name).0.is_empty(), "{tag}: {}", field.name);
                let Kind::Choice(options) = field.kind else { continue };
                for option in options {
                    assert!(!(words.option)(option).is_empty(), "{tag}: {option}");
                }
            }
        }
    }
}
