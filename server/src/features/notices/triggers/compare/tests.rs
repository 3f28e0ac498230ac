//! What is left alone, what is updated, and what is shown.

use serde_json::json;

use super::*;
use crate::features::{
    contracts,
    notices::{
        settings::Emergency,
        triggers::{fields::ContractFields, wanted::Wanted},
    },
};
use crate::setting;

fn wanted(kind: Kind, change: fn(&mut contracts::Thresholds)) -> TriggerSpec {
    let settings = setting::defaults::<contracts::Settings>("contracts");
    let definition = serde_json::from_value(json!({
        "sources": [], "destination": {"connection": "zendesk", "object": "users", "mode": "update"},
        "key": {"column": "id", "field": "id"},
        "mapping": [{"column": "starts", "field": "acme_start"}, {"column": "renews", "field": "acme_renewal"},
                    {"column": "mrr", "field": "acme_mrr"}],
        "contract": {"people": {"email": "email"}, "company_id": "id", "start": "starts", "renewal": "renews", "mrr": "mrr"},
    }));
    let fields =
        ContractFields::of(&definition.expect("a definition"), &settings.fields).expect("a contract");
    let mut thresholds = settings.thresholds;
    change(&mut thresholds);
    let wanted = Wanted {
        account: "acme",
        webhook: "01H",
        thresholds: &thresholds,
        emergency: &Emergency::Priority("urgent"),
        fields: &fields,
        option: None,
    };
    wanted.trigger(kind).expect("all fields are mapped")
}

#[track_caller]
fn check(change: fn(&mut TriggerSpec), setting: fn(&mut contracts::Thresholds), expected: &str) {
    let mut there = wanted(Kind::NewCustomer, |_| {});
    change(&mut there);
    let standing = standing("acme", Kind::NewCustomer, &there, &wanted(Kind::NewCustomer, setting));
    let told = |found: &[Difference]| {
        let told = found.iter().map(|one| format!("{}: {} | {}", one.part, one.there, one.wanted));
        told.collect::<Vec<_>>().join("\n")
    };
    let is = match &standing {
        Standing::UpToDate => "up to date".to_owned(),
        Standing::Outdated(found) => format!("outdated\n{}", told(found)),
        Standing::ByHand(found) => format!("by hand\n{}", told(found)),
    };
    assert!(is.starts_with(expected), "{is}");
}

#[test]
fn a_setting_makes_an_update_and_a_person_makes_a_difference() {
    check(|_| {}, |_| {}, "up to date");
    check(|it| it.title = "Vertrieb".into(), |_| {}, "up to date");
    check(|it| it.conditions.all.reverse(), |_| {}, "up to date");
    check(|it| it.conditions.all[0].value = json!(""), |_| {}, "up to date");
    check(|it| it.conditions.all.reverse(), |it| it.new_customer_days = 60, "outdated\nall of: ");
    check(|it| it.active = false, |_| {}, "by hand\nstate: not active | active");
    check(
        |it| it.conditions.all[1].value = json!("120"),
        |_| {},
        "by hand\nall of: the requester's field acme_start is not empty; the requester's field acme_start is within the last 120 days",
    );
    check(|it| it.conditions.all[1].value = json!("60"), |it| it.new_customer_days = 60, "up to date");
    check(|it| it.conditions.any.truncate(1), |_| {}, "by hand\none of: it is created | it is created");
    check(|it| it.actions.truncate(1), |_| {}, "by hand\ndoes: adds the tag deskside_new_contract | adds");
    check(|it| it.description = None, |it| it.new_customer_days = 60, "by hand\nall of");
}

#[test]
fn a_trigger_is_found_by_id_by_marker_and_by_what_it_sends() {
    let all = |change: fn(&mut TriggerSpec)| {
        let mut is = wanted(Kind::Page, |_| {});
        change(&mut is);
        vec![Trigger { id: 1, is: wanted(Kind::NewCustomer, |_| {}) }, Trigger { id: 2, is }]
    };
    let check = |change, id, webhook, expected: Option<u64>| {
        let all = all(change);
        assert_eq!(found(&all, ("acme", Kind::Page), (id, webhook)).map(|it| it.id), expected);
    };
    check(|_| {}, None, None, Some(2));
    check(|it| it.description = None, None, Some("01H"), Some(2));
    check(|it| it.description = None, Some(2), None, Some(2));
    check(|it| it.description = None, None, Some("other"), None);
    assert!(found(&all(|_| {}), ("globex", Kind::Page), (None, None)).is_none());
}

#[test]
fn beside_each_condition_on_a_field_it_says_present() {
    for kind in [Kind::NewCustomer, Kind::RenewalNear, Kind::Page] {
        let spec = wanted(kind, |_| {});
        let of_fields = spec.conditions.all.iter().filter(|one| one.field.contains("custom_fields"));
        for one in of_fields {
            let present = |other: &Condition| other.field == one.field && other.operator == "present";
            assert!(spec.conditions.all.iter().any(present), "{one:?}");
        }
        let stops = |one: &Condition| one.operator == "not_includes" && one.value == spec.actions[0].value;
        assert!(spec.conditions.all.iter().any(stops), "{kind:?}");
    }
}
