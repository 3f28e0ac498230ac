//! What an admin sees set, and what is sent of what he typed.

use serde_json::{Value, json};
use wire::{ErrorCode, FlexSettings, FlexSettingsDocument, WithoutNumber};

use super::*;
use crate::json::tests::parsed;
use crate::model::fault::refused;

fn document(version: u64, settings: &FlexSettings) -> Json {
    parsed(&json!({"version": version, "settings": settings}).to_string())
}

fn ready(settings: &FlexSettings) -> SettingsModel {
    let (model, effects) = SettingsModel::default().update(SettingsEvent::Open);
    assert_eq!(effects, [SettingsEffect::Load]);
    model.update(SettingsEvent::Loaded(Ok(document(3, settings)))).0
}

/// What the form holds before anybody types.
fn untouched(model: &SettingsModel) -> Vec<Option<String>> {
    let Loaded::Ready(document) = &model.loaded else { panic!("{:?}", model.loaded) };
    fields().map(|(name, _)| document.typed(name)).collect()
}

#[test]
fn every_setting_is_on_the_page_and_nothing_else() {
    let Value::Object(all) = serde_json::to_value(FlexSettings::default()).expect("JSON") else {
        panic!("an object")
    };
    let mut known: Vec<_> = all.keys().cloned().collect();
    let mut shown: Vec<_> = fields().map(|(name, _)| name.to_owned()).collect();
    known.sort();
    shown.sort();
    assert_eq!(shown, known);
}

#[test]
fn what_is_not_touched_is_sent_back_as_it_came() {
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
    let model = ready(&settings);
    let typed = untouched(&model);
    let (_, effects) = model.update(SettingsEvent::Save(typed));
    let [SettingsEffect::Save(body)] = effects.as_slice() else { panic!("{effects:?}") };
    let sent: FlexSettingsDocument = serde_json::from_str(body).expect("the server can read it");
    assert_eq!(sent, FlexSettingsDocument { settings, version: 3 });
}

#[test]
fn a_change_is_sent_once_and_what_the_server_keeps_is_shown() {
    let model = ready(&FlexSettings::default());
    let typed = untouched(&model);
    let (model, _) = model.update(SettingsEvent::Save(typed.clone()));
    let (model, effects) = model.update(SettingsEvent::Save(typed));
    assert_eq!((effects, &model.saving), (vec![], &Asked::Waiting));
    let kept = FlexSettings { subject: "Kept".into(), ..FlexSettings::default() };
    let (model, _) = model.update(SettingsEvent::Saved(Ok(document(4, &kept))));
    assert!(model.saved);
    let Loaded::Ready(document) = &model.loaded else { panic!("{:?}", model.loaded) };
    assert_eq!(document.typed("subject").as_deref(), Some("Kept"));
}

#[test]
fn a_refusal_keeps_what_was_typed_and_says_why() {
    let model = ready(&FlexSettings::default());
    let typed = untouched(&model);
    let (model, _) = model.update(SettingsEvent::Save(typed));
    let why = refused(ErrorCode::SettingsChanged);
    let (model, _) = model.update(SettingsEvent::Saved(Err(why.clone())));
    assert_eq!((&model.saving, model.saved), (&Asked::Failed(why), false));
    assert!(matches!(model.loaded, Loaded::Ready(_)));
    let (model, effects) = model.update(SettingsEvent::Again);
    assert_eq!((&model.loaded, effects), (&Loaded::Waiting, vec![SettingsEffect::Load]));
}

#[test]
fn settings_that_do_not_come_can_be_asked_for_again() {
    let (model, _) = SettingsModel::default().update(SettingsEvent::Open);
    let (model, _) = model.update(SettingsEvent::Loaded(Ok(Json::Null)));
    assert!(matches!(model.loaded, Loaded::Failed(_)));
    let (_, effects) = model.update(SettingsEvent::Again);
    assert_eq!(effects, [SettingsEffect::Load]);
}
