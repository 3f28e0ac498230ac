//! What an admin sees of keys, and what is asked of the server.

use super::*;
use crate::console::asked;
use crate::i18n::Locale;
use crate::i18n::pages::words;
use crate::json::tests::parsed;
use crate::model::fault::refused;
use crate::screens::check::{nobody, text};

const LIST: &str = r#"{"address":"https://deskside.example.com/hooks/acme","keys":[
    {"id":"k1","name":"airflow","made_by":"agent:77","made_at":"2026-11-22T09:00:00.000Z","last_used_at":null,"revoked_at":null},
    {"id":"k2","name":"dbt","made_by":"operator","made_at":"2026-11-20T09:00:00.000Z","last_used_at":"2026-11-21T08:30:00.000Z",
     "revoked_at":"2026-11-22T08:00:00.000Z"}]}"#;
const MADE: &str = r#"{"token":"deskside_mk_secret","key":{"id":"k1","name":"airflow","made_by":"agent:77",
    "made_at":"2026-11-22T09:00:00.000Z","last_used_at":null,"revoked_at":null}}"#;

fn page(events: Vec<KeysEvent>) -> (KeysPage, Vec<String>) {
    let mut all = vec![];
    let page = events.into_iter().fold(KeysPage::default(), |page, event| {
        let (page, effects) = page.update(event);
        all.extend(asked(&effects));
        page
    });
    (page, all)
}

fn listed() -> KeysEvent {
    KeysEvent::Listed(Ok(Rc::new(parsed(LIST).read().expect("a list"))))
}

fn made() -> KeysEvent {
    KeysEvent::Made(Ok(Rc::new(parsed(MADE).read().expect("a key"))))
}

fn key() -> Key {
    let made: Made = parsed(MADE).read().expect("a key");
    made.key
}

fn shown(tag: &'static str, events: Vec<KeysEvent>) -> String {
    text(view(Locale::new(tag), words(tag), &page(events).0, &nobody()))
}

#[test]
fn a_key_is_shown_until_the_page_is_opened_again() {
    use KeysEvent as E;
    let typed = E::Named(vec![Some(" airflow ".into())]);
    let before = vec![E::Open, listed(), E::Create, typed, made()];
    let shown_then = shown("en", before.clone());
    for words in
        ["deskside_mk_secret", "https://deskside.example.com/hooks/acme/runs/RUN?wait=60", "Copy it now"]
    {
        assert!(shown_then.contains(words), "{words}: {shown_then}");
    }
    let (_, asked) = page(before.clone());
    assert!(asked.contains(&r#"POST /api/machine-keys {"name":"airflow"}"#.to_owned()), "{asked:?}");
    assert!(!shown("en", [before.clone(), vec![E::Open]].concat()).contains("deskside_mk_secret"));
    assert!(!shown("en", [before, vec![E::Hide]].concat()).contains("deskside_mk_secret"));
}

#[test]
fn a_key_is_revoked_after_a_question() {
    use KeysEvent as E;
    let (_, nothing) = page(vec![E::Open, listed(), E::Yes]);
    assert!(!nothing.iter().any(|effect| effect.starts_with("DELETE")), "{nothing:?}");
    let (_, back) = page(vec![E::Open, listed(), E::Ask(key()), E::Cancel]);
    assert_eq!(back.last().map(String::as_str), Some("focus revoke-k1"));
    let (asking, all) = page(vec![E::Open, listed(), E::Ask(key()), E::Yes, E::Yes]);
    assert_eq!(all.iter().filter(|effect| **effect == "DELETE /api/machine-keys/k1").count(), 1);
    assert_eq!(asking.working, RequestState::Pending);
    let said = shown("en", vec![E::Open, listed(), E::Ask(key()), E::Yes, E::Revoked(Ok(key()))]);
    assert!(said.contains("The key of airflow is revoked."), "{said}");
}

#[test]
fn an_admin_reads_which_keys_there_are() {
    use KeysEvent as E;
    for (tag, expected) in [
        ("en", ["airflow", "by agent 77", "Never", "Revoked 2026-11-22", "In use"]),
        ("ja", ["airflow", "エージェント 77", "未使用", "2026-11-22 に失効", "有効"]),
        ("ko", ["airflow", "상담사 77", "사용 안 함", "2026-11-22에 폐기됨", "사용 중"]),
    ] {
        let shown = shown(tag, vec![E::Open, listed()]);
        for word in expected {
            assert!(shown.contains(word), "{tag} {word}: {shown}");
        }
    }
    let denied = E::Listed(Err(refused(wire::ErrorCode::ConnectionEditorsOnly)));
    assert!(shown("en", vec![E::Open, denied]).contains("You cannot manage keys"));
    let taken = E::Made(Err(refused(wire::ErrorCode::MachineKeyName)));
    let said = shown("ja", vec![E::Open, listed(), E::Create, E::Named(vec![None]), taken]);
    assert!(said.contains("Message of machine_key_name."), "the server's sentence says which rule: {said}");
}
