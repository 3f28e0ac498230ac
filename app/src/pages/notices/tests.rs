//! What an admin sees of notices and triggers, and what is asked of the server.

use super::*;
use crate::console::asked;
use crate::i18n::Locale;
use crate::i18n::pages::words;
use crate::json::tests::parsed;
use crate::model::fault::refused;
use crate::screens::check::{nobody, text};

const LIST: &str = r#"{"may_edit":true,"next":"n2","triggers":[
    {"kind":"page","id":7,"problem":"the trigger of `page` notices is gone from Zendesk","checked_at":"2026-11-22T03:00:00.000Z"}],
  "notices":[
    {"id":"n1","kind":"new_customer","ticket_id":42,"ticket_url":"https://acme.zendesk.com/agent/tickets/42","company":"Aoba",
     "role":"sales","told_to":"Kim","channel":"zendesk","outcome":"told","reason":null,"at":"2026-11-22T09:00:00.000Z",
     "settled_at":"2026-11-22T09:00:01.000Z","resolved_at":null},
    {"id":"n2","kind":"page","ticket_id":43,"ticket_url":"https://acme.zendesk.com/agent/tickets/43","company":null,"role":"success",
     "told_to":null,"channel":null,"outcome":"not_told","reason":{"code":"ticket_solved","message":"the ticket was solved before anybody was paged"},
     "at":"2026-11-22T08:00:00.000Z","settled_at":null,"resolved_at":null}]}"#;

/// One trigger that does not exist yet, one that somebody changed, one webhook that is there.
const REPORT: &str = r#"{"dry":true,"warnings":["the fallback needs `notify.webhook_url`"],
  "webhooks":[{"id":"w","name":"Deskside: notices","endpoint":"https://deskside.example.com/hooks/acme/zendesk/notice","state":"found"}],
  "triggers":[
    {"kind":"new_customer","id":null,"title":"Deskside: tell sales","state":"created","conditions":["it is created"],"actions":"adds the tag a","differences":[]},
    {"kind":"page","id":7,"title":"Our page","state":"changed_by_hand","conditions":["its priority is urgent"],"actions":"adds the tag b",
     "differences":[{"part":"all of","there":"the MRR is 7000 or more","wanted":"the MRR is 5000 or more"}]}]}"#;

fn page(events: Vec<NoticesEvent>) -> (NoticesPage, Vec<String>) {
    let mut all = vec![];
    let page = events.into_iter().fold(NoticesPage::default(), |page, event| {
        let (page, effects) = page.update(event);
        all.extend(asked(&effects));
        page
    });
    (page, all)
}

fn listed(ask: u32, more: bool) -> NoticesEvent {
    NoticesEvent::Listed(ask, more, Ok(Rc::new(parsed(LIST).read().expect("a list"))))
}

fn compared() -> NoticesEvent {
    NoticesEvent::Compared(Ok(Rc::new(parsed(REPORT).read().expect("a report"))))
}

fn shown(tag: &'static str, events: Vec<NoticesEvent>) -> String {
    text(view(Locale::new(tag), words(tag), &page(events).0, &nobody()))
}

#[test]
fn nothing_is_changed_before_the_admin_says_yes() {
    use NoticesEvent as E;
    let ready = || vec![E::Open, listed(1, false), compared()];
    let posts = |events: Vec<NoticesEvent>| {
        let (_, all) = page(events);
        all.into_iter()
            .filter_map(|effect| effect.strip_prefix("POST /api/notices/triggers ").map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let dry = r#"{"dry":true}"#;
    assert_eq!(posts([ready(), vec![E::Yes, E::Ask(Question::Make), E::Cancel, E::Yes]].concat()), [dry]);
    assert_eq!(posts([ready(), vec![E::Ask(Question::Make), E::Yes, E::Yes]].concat()), [dry, "{}"]);
    assert_eq!(
        posts([ready(), vec![E::Ask(Question::Overwrite), E::Yes]].concat()),
        [dry, r#"{"overwrite":true}"#]
    );
}

#[test]
fn a_filter_begins_the_list_anew_and_older_ones_go_on() {
    use NoticesEvent as E;
    let filter = E::Filtered(vec![Some("page".into()), Some(String::new())]);
    let (seen, asked) =
        page(vec![E::Open, listed(1, false), E::More, listed(2, true), filter, listed(2, true)]);
    assert_eq!(seen.rows.len(), 4, "an answer of before the filter is dropped");
    let gets: Vec<_> = asked.iter().filter(|effect| effect.starts_with("GET")).collect();
    assert_eq!(gets, ["GET /api/notices", "GET /api/notices?before=n2", "GET /api/notices?kind=page"]);
}

#[test]
fn an_admin_reads_who_was_told_and_why_not() {
    use NoticesEvent as E;
    for (tag, expected) in [
        (
            "en",
            [
                "New customer's ticket",
                "Kim",
                "Not told",
                "because the ticket was solved before anybody was paged",
                "A trigger needs attention: Emergency",
            ],
        ),
        (
            "ja",
            [
                "新規顧客のチケット",
                "Kim",
                "通知なし",
                "理由：呼び出す前にチケットが解決されました",
                "トリガーの確認が必要です：緊急対応",
            ],
        ),
        (
            "ko",
            [
                "신규 고객의 티켓",
                "Kim",
                "알리지 않음",
                "이유: 호출하기 전에 티켓이 해결되었습니다",
                "트리거를 확인해야 합니다: 긴급 상황",
            ],
        ),
    ] {
        let shown = shown(tag, vec![E::Open, listed(1, false), compared()]);
        for word in expected {
            assert!(shown.contains(word), "{tag} {word}: {shown}");
        }
    }
}

#[test]
fn an_admin_reads_what_is_done_with_triggers() {
    use NoticesEvent as E;
    let ready = || vec![E::Open, listed(1, false), compared()];
    let first = shown("en", ready());
    for words in [
        "Create triggers in Zendesk",
        "Overwrite changes made in Zendesk",
        "the MRR is 7000 or more",
        "The fallback needs",
    ] {
        assert!(first.contains(words), "{words}: {first}");
    }
    let asked = shown("en", [ready(), vec![E::Ask(Question::Make)]].concat());
    assert!(asked.contains("creates 1 and updates 0") && asked.contains("stays as it is"), "{asked}");
    let lost = shown("en", [ready(), vec![E::Ask(Question::Overwrite)]].concat());
    assert!(lost.contains("Overwrite what somebody changed in Zendesk?"), "{lost}");
    let report = parsed(REPORT).read().expect("a report");
    let done =
        shown("en", [ready(), vec![E::Ask(Question::Make), E::Yes, E::Made(Ok(Rc::new(report)))]].concat());
    assert!(done.contains("Done. Created: 1. Updated: 0."), "{done}");
    let refused = E::Compared(Err(refused(wire::ErrorCode::ContractNotIntegrated)));
    let said = shown("ja", vec![E::Open, listed(1, false), refused]);
    assert!(said.contains("契約を取り込む連携が有効になっていません。"), "{said}");
}
