//! What an admin sees set, what is sent of what they typed, and when they are told that something is not saved.

use serde_json::{Value, json};
use wire::{ErrorCode, FlexSettings, FlexSettingsDocument, WithoutNumber};

use super::*;
use crate::console::asked;
use crate::console::flex::FORM;
use crate::json::tests::parsed;
use crate::model::fault::{refused, refused_field};

fn document(version: u64, settings: &FlexSettings) -> Json {
    parsed(&json!({"version": version, "settings": settings}).to_string())
}

fn ready(settings: &FlexSettings) -> FormModel {
    let mut model = FormModel::default();
    assert_eq!(asked(&model.update(&FORM, FormEvent::Open)), ["GET /api/settings/flex"]);
    model.update(&FORM, FormEvent::Loaded(Ok(document(3, settings))));
    model
}

/// What the form holds before anybody types, with these settings.
pub(super) fn untouched(settings: &FlexSettings) -> Typed {
    let document = Document::read(document(3, settings)).expect("a document");
    FORM.fields().map(|field| document.typed(field.name)).collect()
}

/// The body of what is saved.
#[track_caller]
fn sent(effects: &[Effect<FormEvent>]) -> FlexSettingsDocument {
    let [Effect::Put(path, body, _)] = effects else { panic!("{effects:?}") };
    assert_eq!(path, "/api/settings/flex");
    serde_json::from_str(body).expect("the server can read it")
}

fn with(subject: &str) -> FlexSettings {
    FlexSettings { subject: subject.into(), ..FlexSettings::default() }
}

#[test]
fn every_setting_is_on_the_page_and_nothing_else() {
    let Value::Object(all) = serde_json::to_value(FlexSettings::default()).expect("JSON") else {
        panic!("an object")
    };
    let mut known: Vec<_> = all.keys().cloned().collect();
    let mut shown: Vec<_> = FORM.fields().map(|field| field.name.to_owned()).collect();
    known.sort();
    shown.sort();
    assert_eq!(shown, known);
}

#[test]
fn what_is_not_touched_is_not_sent() {
    let settings = FlexSettings {
        assign: true,
        log_start: false,
        without_number: WithoutNumber::AlwaysNew,
        logged_attributes: vec!["a.b".into(), "\"quoted\" 請求".into()],
        description: "Two\nlines".into(),
        flex_url: "https://flex.twilio.com/acme?path=/agent-desktop".into(),
        flex_width: 1234,
        ..FlexSettings::default()
    };
    let mut model = ready(&settings);
    let effects = model.update(&FORM, FormEvent::Submitted(untouched(&settings)));
    assert!(effects.is_empty() && model.saved, "the server keeps it already");
    let changed = FlexSettings { description: "Three\nlines\nnow".into(), log_start: true, ..settings };
    let effects = model.update(&FORM, FormEvent::Submitted(untouched(&changed)));
    let body = r#"{"version":3,"settings":{"description":"Three\u000alines\u000anow","log_start":true}}"#;
    assert_eq!(asked(&effects), [["PUT /api/settings/flex ", body].concat()]);
}

#[test]
fn a_choice_that_this_page_does_not_know_stays_as_it_is() {
    let settings = json!({"without_number": "first_of_all", "subject": "Call"});
    let newer = || parsed(&json!({"version": 3, "settings": settings}).to_string());
    let mut model = FormModel::default();
    model.update(&FORM, FormEvent::Open);
    model.update(&FORM, FormEvent::Loaded(Ok(newer())));
    let document = Document::read(newer()).expect("a document");
    let mut typed: Typed = FORM.fields().map(|field| document.typed(field.name)).collect();
    let subject = FORM.fields().position(|field| field.name == "subject").expect("a field");
    typed[subject] = Some("Call about".into());
    let effects = model.update(&FORM, FormEvent::Submitted(typed));
    let body = r#"{"version":3,"settings":{"subject":"Call about"}}"#;
    assert_eq!(asked(&effects), [["PUT /api/settings/flex ", body].concat()]);
}

#[test]
fn a_change_is_sent_once_and_what_the_server_keeps_is_shown() {
    let mut model = ready(&FlexSettings::default());
    model.update(&FORM, FormEvent::Submitted(untouched(&with("Kept "))));
    let again = model.update(&FORM, FormEvent::Submitted(untouched(&with("Kept "))));
    assert_eq!((asked(&again), &model.saving), (vec![], &RequestState::Pending));
    model.update(&FORM, FormEvent::Saved(Ok(document(4, &with("Kept")))));
    assert!(model.saved && !model.is_unsaved(&FORM));
    let Loaded::Ready(document) = &model.loaded else { panic!("{:?}", model.loaded) };
    assert_eq!(document.typed("subject").as_deref(), Some("Kept"));
    assert_eq!(model.rounds, [("subject", 1)], "the field is made anew, and no other");
}

#[test]
fn what_is_typed_while_a_change_is_saved_stays_unsaved() {
    let mut model = ready(&FlexSettings::default());
    model.update(&FORM, FormEvent::Submitted(untouched(&with("One"))));
    model.update(&FORM, FormEvent::Typed(untouched(&with("One, two"))));
    model.update(&FORM, FormEvent::Saved(Ok(document(4, &with("One")))));
    assert!(!model.saved && model.is_unsaved(&FORM) && model.rounds.is_empty());
}

#[test]
fn a_form_is_unsaved_while_it_differs_from_what_the_server_keeps() {
    let mut model = ready(&with("Kept"));
    assert!(!model.is_unsaved(&FORM));
    for (subject, expected) in [("Kept!", true), ("Kept", false), (" Kept ", false), ("", true)] {
        model.update(&FORM, FormEvent::Typed(untouched(&with(subject))));
        assert_eq!(model.is_unsaved(&FORM), expected, "{subject}");
    }
    model.update(&FORM, FormEvent::Discard);
    assert!(!model.is_unsaved(&FORM));
}

#[test]
fn a_wrong_number_is_not_sent_and_the_first_gets_the_focus() {
    let mut model = ready(&FlexSettings::default());
    let mut typed = untouched(&FlexSettings::default());
    let at = |name| FORM.fields().position(|field| field.name == name).expect("a field");
    typed[at("flex_width")] = Some("wide".into());
    typed[at("flex_height")] = Some("1201".into());
    let effects = model.update(&FORM, FormEvent::Submitted(typed.clone()));
    assert_eq!(asked(&effects), ["focus flex_width"]);
    let wrong = [("flex_width", Wrong::Range(300, 1600)), ("flex_height", Wrong::Range(300, 1200))];
    assert_eq!(model.wrong, wrong);
    typed[at("flex_width")] = Some("960".into());
    model.update(&FORM, FormEvent::Typed(typed.clone()));
    assert_eq!(model.wrong, wrong[1..], "what was changed is not called wrong any more");
    typed[at("flex_height")] = Some("1200".into());
    let effects = model.update(&FORM, FormEvent::Submitted(typed));
    assert_eq!((sent(&effects).settings.flex_width, sent(&effects).settings.flex_height), (960, 1200));
}

#[test]
fn a_field_that_the_server_refuses_is_named_and_gets_the_focus() {
    let mut model = ready(&FlexSettings::default());
    model.update(&FORM, FormEvent::Submitted(untouched(&with("{{"))));
    let why = refused_field(ErrorCode::SettingInvalid, "subject");
    let effects = model.update(&FORM, FormEvent::Saved(Err(why.clone())));
    assert_eq!(asked(&effects), ["focus subject"]);
    assert_eq!((&model.wrong, &model.saving), (&vec![("subject", Wrong::Refused(why))], &RequestState::Idle));
    assert!(model.is_unsaved(&FORM));
}

/// An admin saves `mine`, and the server keeps version 7 with `theirs` instead.
fn conflicting(mine: &FlexSettings, theirs: &FlexSettings) -> FormModel {
    let mut model = ready(&FlexSettings::default());
    model.update(&FORM, FormEvent::Submitted(untouched(mine)));
    let looks = model.update(&FORM, FormEvent::Saved(Err(refused(ErrorCode::SettingsChanged))));
    assert_eq!(
        (asked(&looks), &model.saving),
        (vec!["GET /api/settings/flex".into()], &RequestState::Pending)
    );
    model.update(&FORM, FormEvent::Compare(Ok(document(7, theirs))));
    assert_eq!(model.saving, RequestState::Idle);
    model
}

#[test]
fn a_change_whose_answer_was_lost_is_saved_and_nobody_elses() {
    let mine = FlexSettings { assign: true, ..with("Mine") };
    let model = conflicting(&mine, &FlexSettings { flex_width: 700, ..mine.clone() });
    assert!(model.saved && model.conflict.is_none() && !model.is_unsaved(&FORM));
    assert_eq!(model.rounds, [("flex_width", 1)], "what somebody else changed is shown");
}

#[test]
fn an_admin_chooses_between_their_changes_and_what_is_there() {
    let theirs = FlexSettings { assign: true, flex_width: 700, ..with("Theirs") };
    let mine = FlexSettings { log_switch: true, ..with("Mine") };
    let mut model = conflicting(&mine, &theirs);
    assert_eq!(
        model.conflict.as_ref().map(|conflict| &*conflict.fields),
        Some(&["subject", "log_switch"][..])
    );
    assert!(!model.saved && model.is_unsaved(&FORM));
    let effects = model.update(&FORM, FormEvent::SaveMine);
    let body = r#"{"version":7,"settings":{"subject":"Mine","log_switch":true}}"#;
    assert_eq!(asked(&effects), [["PUT /api/settings/flex ", body].concat()], "nothing else is taken back");
    let anew: Vec<_> = model.rounds.iter().map(|(name, _)| *name).collect();
    assert_eq!((anew, &model.conflict), (vec!["flex_width", "assign"], &None));

    let mut model = conflicting(&mine, &theirs);
    assert!(model.update(&FORM, FormEvent::LoadTheirs).is_empty());
    assert!(model.conflict.is_none() && !model.is_unsaved(&FORM));
    let Loaded::Ready(shown) = &model.loaded else { panic!("{:?}", model.loaded) };
    assert_eq!(shown.typed("subject").as_deref(), Some("Theirs"));
    let anew: Vec<_> = model.rounds.iter().map(|(name, _)| *name).collect();
    assert_eq!(anew, ["flex_width", "subject", "assign", "log_switch"]);
}

#[test]
fn a_failure_keeps_what_was_typed_and_is_tried_again() {
    for fault in [refused(ErrorCode::StoreBusy), Fault::plain(FaultKind::Offline)] {
        let mut model = ready(&FlexSettings::default());
        model.update(&FORM, FormEvent::Submitted(untouched(&with("Mine"))));
        model.update(&FORM, FormEvent::Saved(Err(fault.clone())));
        assert_eq!((&model.saving, model.saved), (&RequestState::Failed(fault), false));
        assert!(matches!(model.loaded, Loaded::Ready(_)) && model.is_unsaved(&FORM));
        let again = model.update(&FORM, FormEvent::Submitted(untouched(&with("Mine"))));
        assert_eq!(sent(&again).settings.subject, "Mine");
    }
}

#[test]
fn settings_that_do_not_come_can_be_asked_for_again() {
    let mut model = FormModel::default();
    model.update(&FORM, FormEvent::Open);
    model.update(&FORM, FormEvent::Loaded(Ok(Json::Null)));
    assert!(matches!(model.loaded, Loaded::Failed(_)));
    for event in [FormEvent::Reload, FormEvent::Open] {
        let mut again = FormModel { loaded: Loaded::Failed(unreadable()), ..FormModel::default() };
        assert_eq!(asked(&again.update(&FORM, event)), ["GET /api/settings/flex"]);
    }
}
