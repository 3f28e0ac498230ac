//! Zendesk's side of the archive: what is made, what is left alone and what is mended.

use super::*;

const ANSWERS: &[&str] = &["archived", "archive_failed"];

fn url(text: &str) -> Url {
    Url::parse(text).expect("the test's own URL")
}

fn wanted() -> TriggerSpec {
    trigger("01H", "acme", ASKING_TAG, ANSWERS)
}

#[test]
fn zendesk_calls_the_public_address_whatever_stands_before_its_path() {
    for (public, expected) in [
        ("https://desk.example.com", "https://desk.example.com/hooks/zendesk/archive"),
        ("https://desk.example.com/", "https://desk.example.com/hooks/zendesk/archive"),
        ("https://example.com/desk/", "https://example.com/desk/hooks/zendesk/archive"),
    ] {
        assert_eq!(endpoint(&url(public), None).as_str(), expected);
    }
}

#[test]
fn what_the_trigger_sends_is_json_before_and_after_zendesk_fills_it_in() {
    let sent = wanted().actions[0].value[1].as_str().expect("text").to_owned();
    assert_eq!(sent, r#"{"account":"acme","ticket_id":"{{ticket.id}}","tag":"archive_attachments"}"#);
}

#[test]
fn the_conditions_can_be_read() {
    assert_eq!(
        in_words(&wanted().conditions),
        [
            "its tags contain one of: archive_attachments",
            "its tags contain none of: archive_failed, archived",
            "it is created, or it is updated",
        ]
    );
}

#[test]
fn a_trigger_that_means_the_same_is_left_alone() {
    let check = |change: fn(&mut TriggerSpec), expected: &[&str]| {
        let mut have = wanted();
        change(&mut have);
        let mended = mended_trigger(&have, &wanted(), "01H");
        assert_eq!(mended.as_ref().map(|(_, why)| why.clone()).unwrap_or_default(), expected);
        if let Some((mended, _)) = mended {
            assert_eq!(mended_trigger(&mended, &wanted(), "01H"), None, "mending mends");
        }
    };
    check(|_| {}, &[]);
    check(|trigger| trigger.title = "Archiv".into(), &[]);
    check(|trigger| trigger.conditions.all.reverse(), &[]);
    check(|trigger| trigger.conditions.any.reverse(), &[]);
    check(|trigger| trigger.conditions.all[1].value = json!("archive_failed archived"), &[]);
    check(|trigger| trigger.conditions.all[1].value = json!(["archived", "archive_failed"]), &[]);
    check(
        |trigger| {
            let brand = Condition { field: "brand_id".into(), operator: "is".into(), value: json!("7") };
            trigger.conditions.all.push(brand);
        },
        &[],
    );
    check(
        |trigger| {
            trigger.actions[0].value[1] = json!(
                "{ \"ticket_id\": \"{{ticket.id}}\", \"account\": \"acme\", \"tag\": \"archive_attachments\" }"
            );
        },
        &[],
    );
    check(|trigger| trigger.active = false, &["it was not active"]);
    check(|trigger| trigger.conditions.all.truncate(1), &["its tags were others"]);
    check(|trigger| trigger.conditions.all[0].value = json!("put_away"), &["its tags were others"]);
    check(
        |trigger| trigger.conditions.any.truncate(1),
        &["it did not look at tickets that are created or updated"],
    );
    check(|trigger| trigger.actions[0].value[1] = json!("{}"), &["it sent something else"]);
    let nameless = |trigger: &mut TriggerSpec| {
        trigger.actions[0].value[1] = json!(r#"{"account":"acme","ticket_id":"{{ticket.id}}"}"#);
    };
    check(nameless, &["it sent something else"]);
}

#[test]
fn what_an_admin_added_to_the_trigger_outlives_the_mending() {
    let mut have = wanted();
    have.active = false;
    have.title = "Archiv".into();
    have.conditions.all.push(Condition {
        field: "brand_id".into(),
        operator: "is".into(),
        value: json!("7"),
    });
    have.actions.push(Action { field: "priority".into(), value: json!("low") });
    let (mended, _) = mended_trigger(&have, &wanted(), "01H").expect("it is mended");
    assert_eq!(mended, TriggerSpec { active: true, description: None, ..have });
}

#[test]
fn only_a_webhook_of_triggers_that_calls_us_is_ours() {
    let ours = url("https://desk.example.com/hooks/zendesk/archive");
    let check = |endpoint: &str, subscription: &str, expected: bool| {
        let mut is = webhook(&url(endpoint));
        is.subscriptions = vec![subscription.to_owned()];
        let all = [Webhook { id: "01H".into(), is }];
        assert_eq!(our_webhook(&all, &ours).is_some(), expected, "{endpoint} {subscription}");
        assert!(!expected || elsewhere(&all, &ours).is_empty(), "it is here or elsewhere");
    };
    check("https://desk.example.com/hooks/zendesk/archive", "conditional_ticket_events", true);
    check("https://desk.example.com/hooks/zendesk/archive/", "conditional_ticket_events", true);
    check("https://desk.example.com/hooks/zendesk/archive", "zen:event-type:user.created", false);
    check("https://old.example.com/hooks/zendesk/archive", "conditional_ticket_events", false);
    check("https://desk.example.com/hooks/zendesk/events", "conditional_ticket_events", false);
}

#[test]
fn a_tag_is_one_word_as_zendesk_stores_it() {
    for (tag, fits) in [
        ("archive_attachments", true),
        ("アーカイブ", true),
        ("put-away", true),
        ("", false),
        ("two words", false),
        ("a,b", false),
        ("Archive", false),
        ("{{ticket.id}}", false),
    ] {
        assert_eq!(is_stored_tag(tag), fits, "{tag}");
    }
}
