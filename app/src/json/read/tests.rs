//! Our reader against serde's, for every type of `wire` that the app reads.

use std::collections::BTreeSet;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wire::ErrorCode;

use super::Read;
use crate::json::tests::of;

/// Types that the app does not read as such: it writes them (`api/body.rs`), looks into their members one by one, or never
/// meets them.
const NOT_READ: &[&str] = &[
    "Alert",
    "AskModelPreview",
    "AskPreview",
    "AskSample",
    "Authorization",
    "AuthorizationState",
    "Badge",
    "ConnectTriggers",
    "Connection",
    "ConnectionAnswer",
    "ConnectionList",
    "ConnectionObject",
    "ConnectionState",
    "ContractColumns",
    "Definition",
    "Destination",
    "Dial",
    "DialOrder",
    "DialOutcome",
    "DialReport",
    "DialRequest",
    "DialState",
    "DialWaiting",
    "Disconnected",
    "EngagementFacts",
    "FieldList",
    "FieldRule",
    "FieldToCreate",
    "FileFormat",
    "FlexLogin",
    "FlexSettings",
    "FlexSettingsDocument",
    "FromApp",
    "FromTopBar",
    "HostName",
    "IntegrationDocument",
    "IntegrationList",
    "IntegrationOverview",
    "IntegrationRunKind",
    "IntegrationRunState",
    "IntegrationSummary",
    "KeptTrigger",
    "Key",
    "LedgerAction",
    "LedgerLine",
    "LedgerPage",
    "LogFacts",
    "LogRequest",
    "MachineKey",
    "MachineKeyList",
    "MachineRun",
    "MachineRunKind",
    "MachineStart",
    "MadeMachineKey",
    "Mapping",
    "Missing",
    "Mode",
    "Model",
    "Navigate",
    "NewMachineKey",
    "NextRuns",
    "NoticeLine",
    "NoticeList",
    "NoticeOutcome",
    "NoticeReason",
    "NoticeWhy",
    "ObjectField",
    "ObjectList",
    "OldSource",
    "OnAmbiguous",
    "OnDrift",
    "OnFailedSource",
    "OptionToCreate",
    "OverviewBudget",
    "OverviewDay",
    "OverviewRun",
    "OwnerColumns",
    "PeopleColumns",
    "PopRequest",
    "Preview",
    "PreviewColumn",
    "PreviewSource",
    "ProgressUnit",
    "ProofReply",
    "ProofRequest",
    "Read",
    "Removed",
    "RunDocument",
    "RunList",
    "RunProgress",
    "RunSummary",
    "Schedule",
    "ShowRequest",
    "Source",
    "Stage",
    "StartArchive",
    "StartRun",
    "SwitchIntegration",
    "TemplateList",
    "TicketGroup",
    "TicketReport",
    "ToApp",
    "ToTopBar",
    "TriggerDifference",
    "TriggerReport",
    "TriggerState",
    "TriggerView",
    "WebhookView",
    "WithoutNumber",
];

/// An enum whose every variant has a name.
pub(super) trait Named: Sized + 'static {
    const NAMES: &[(Self, &str)];
}

/// What both readers make of it.
#[track_caller]
fn agreed<T: Read + DeserializeOwned + PartialEq + Debug>(json: &Value) -> Option<T> {
    let (ours, theirs) = (T::read(of(json.clone())), serde_json::from_value(json.clone()).ok());
    assert_eq!(ours, theirs, "{json}");
    ours
}

/// `full` is as serde writes it, with every member set to something that is not its default.
#[track_caller]
fn check<T: Read + Serialize + DeserializeOwned + PartialEq + Debug>(full: &Value) {
    let value: T = agreed(full).expect("readable");
    assert!(!format!("{value:?}").contains("None"), "a member is not set: {value:?}");
    assert_eq!(&serde_json::to_value(&value).expect("JSON"), full);
    for other in [Value::Null, json!("x"), json!(1)] {
        assert_eq!(agreed::<T>(&other), None);
    }
    let members = full.as_object().expect("an object");
    for (name, set) in members {
        assert!(![json!(false), json!(0), json!(""), json!([])].contains(set), "{name} is not set");
        let with = |other: Value| {
            let mut changed = members.clone();
            changed.insert(name.clone(), other);
            Value::Object(changed)
        };
        for other in
            [json!(true), json!(1.5), json!(-1), json!(1e300), json!("from_the_future"), json!([7.5])]
        {
            agreed::<T>(&with(other));
        }
        let null = with(Value::Null); // as if it were absent: we take that for a member that has a default, too
        let theirs: Option<T> = serde_json::from_value(null.clone()).ok();
        assert!(theirs.is_none() || theirs == T::read(of(null)), "{name}");
        let mut less = members.clone();
        less.remove(name);
        agreed::<T>(&Value::Object(less));
    }
    let mut more = members.clone();
    more.insert("from_the_future".into(), json!([1]));
    assert_eq!(T::read(of(Value::Object(more))), Some(value));
}

#[track_caller]
fn check_enum<T: Named + Read + Serialize + DeserializeOwned + PartialEq + Debug>() {
    for (value, name) in T::NAMES {
        assert_eq!(serde_json::to_value(value).expect("JSON"), json!(name));
        assert_eq!(agreed::<T>(&json!(name)).as_ref(), Some(value));
    }
    for other in [json!("from_the_future"), json!(""), json!(","), json!(null), json!(1), json!(["x"])] {
        agreed::<T>(&other);
    }
}

macro_rules! every {
    (
        objects { $($object:ident $json:tt)* }
        enums { $($named:ident)* }
        ids { $($id:ident)* }
    ) => {{
        $(check::<wire::$object>(&json!($json));)*
        $(check_enum::<wire::$named>();)*
        $(for id in [json!(0), json!(9_007_199_254_740_991_u64), json!(1.5), json!(-1), json!("1"), json!(null)] {
            agreed::<wire::$id>(&id);
        })*
        [$(stringify!($object),)* $(stringify!($named),)* $(stringify!($id),)*]
    }};
}

/// With everything that one can have.
fn contract(difference: &Value) -> Value {
    let mut contract = json!({
        "state": "known", "company": "A", "account_type": "B", "subscription_status": "C", "mrr": 1200.5, "currency": "JPY",
        "start": "2026-01-01", "renewal": "2027-01-01", "owner": "O", "as_of": "2026-01-01T00:00:00Z", "source": "zendesk",
        "mrr_exact": "1200.50000000000000001", "last_run": "2026-01-01T00:00:00Z", "differences": [difference],
    });
    contract["choices"] = json!([{
        "state": "stale", "company": "A", "account_type": "B", "subscription_status": "C", "mrr": 1, "currency": "JPY",
        "start": "s", "renewal": "r", "owner": "O", "as_of": "t", "source": "zendesk",
        "mrr_exact": "1", "last_run": "t", "differences": [difference],
    }]);
    contract
}

/// An attachment with everything that one can have.
fn item(reason: &Value) -> Value {
    json!({
        "attachment_id": 1, "comment_id": 2, "file_name": "a", "size": 3, "content_type": "x", "state": "held", "reason": "w",
        "reason_code": "archive_full", "done": 2, "prevented": reason, "goes_from": "t", "sender": "customer", "sent_at": "t",
    })
}

/// What became of a row, with everything that one can have.
fn row(change: &Value, exchange: &Value) -> Value {
    json!({
        "seq": 7, "key": "k", "destination_id": "d", "label": "l", "outcome": "updated", "reason": "r", "reason_code": "c",
        "reason_about": ["a"], "drifted": true, "changes": [change], "exchange": exchange,
    })
}

#[test]
fn every_type_reads_as_serde_reads_it() {
    let ticket =
        json!({"id": 42, "subject": "請求", "status": "open", "requester_id": 7, "priority": "high"});
    let customer = json!({"id": 77, "name": "山田", "email": "a@b", "phone": "+81", "state": "suspended"});
    let difference = json!({"part": "mrr", "value": "1100"});
    let contract = contract(&difference);
    let reason = json!({"code": "archive_full", "message": "m"});
    let problem = json!({"code": "ticket_closed", "message": "m", "hint": "h"});
    let notice = json!({"task_sid": "WT1", "notice": "n", "ticket_id": 42, "user_id": 77});
    let run = json!({
        "id": "r", "state": "running", "undo_until": "t", "can_undo": true, "problem": reason, "noted": true,
    });
    let item = item(&reason);
    let line = json!({"stage": "complete", "state": "given_up", "ticket_id": 42, "reason": "note_given_up"});
    let field_problem = json!({"field": "mapping[0].field", "message": "is no field"});
    let body = json!({"code": "ticket_not_found", "message": "m", "hint": "h", "field": "f", "reason": "template", "line": 1, "column": 2, "problems": [field_problem], "request_id": "q"});
    let day = json!({"day": "2026-11-22", "files": 1, "bytes": 2});
    let comment = json!({"text": "t", "author": "a", "by_customer": true, "at": "t"});
    let wrap_up = json!({"text": "t", "outcome": "o"});
    let step = json!({"name": "token", "ok": true, "message": "m", "hint": "h"});
    let change = json!({"field": "f", "before": "b", "after": "a"});
    let exchanged = json!({"field": "f", "sent": "s", "holds": "h"});
    let exchange = json!({"record": "d", "answer": "updated", "gone": true, "fields": [exchanged]});
    let row = row(&change, &exchange);
    let checked = every! {
        objects {
            ArchiveItem (item)
            AuthorizationStart {"url": "u", "id": "a"}
            ArchiveView {
                "run": run, "items": [item], "listing": "last", "unreadable": 1, "undo_seconds": 600, "may_start": true,
                "may_open": true,
            }
            CallFacts {
                "status": "accepted", "direction": "inbound", "queue": "q", "from": "f", "to": "t", "created_ms": 1,
                "accepted_ms": 2, "ended_ms": 3,
            }
            Card {
                "ticket": ticket, "customer": customer, "contract": contract, "badges": ["vip", "unknown"],
                "open_tickets": [ticket], "stale_because": "zendesk_unavailable",
            }
            Choice {"ticket": ticket, "customer": customer}
            ConnectionProblem {"code": "c", "message": "m", "hint": "h"}
            ConnectionTest {"ok": true, "steps": [step]}
            Contract (contract)
            Customer (customer)
            Difference (difference)
            EngagementView {"ticket_id": 42, "log": [line], "notes": wrap_up, "outcomes": ["Solved"]}
            ErrorBody (body)
            ErrorEnvelope {"error": body}
            Exchange (exchange)
            ExchangedField (exchanged)
            FieldChange (change)
            FieldProblem (field_problem)
            FileLink {"url": "/f", "expires_at": "t"}
            ItemReason (reason)
            LastComment {"comment": comment}
            LedgerDay (day)
            LedgerVolume {"days": [day]}
            LogLine (line)
            PhaseTime {"phase": "p", "ms": 1}
            PopNotice (notice)
            PopResult {
                "outcome": "ticket", "ticket": ticket, "customer": customer, "contract": contract, "badges": ["vip"],
                "open_tickets": [ticket], "choices": [{"ticket": ticket, "customer": customer}], "created": true,
                "must_choose": true, "may_create": true, "problem": problem, "show": notice,
            }
            Problem (problem)
            ProofChallenge {"challenge": "c"}
            ProofNotice {"challenge": "c", "code": "1"}
            PublicComment (comment)
            RowList {"rows": [row], "next": 8}
            RowOutcome (row)
            RunCounts {
                "read": 1, "matched": 2, "unmatched": 3, "ambiguous": 4, "duplicate": 5, "unchanged": 6, "adopted": 7, "created": 8,
                "updated": 9, "cleared": 10, "kept": 11, "rejected": 12, "waiting": 13, "pending": 16,
                "drifted": 14, "removed": 15,
            }
            RunProblem {"code": "c", "message": "m"}
            RunRef {"id": "r"}
            RunView (run)
            SessionDocument {"token": "t", "expires_at": "t", "locale": "ja", "proved": true, "role": "admin"}
            StartedRun {"run": {"id": "r"}}
            TestStep (step)
            TicketSummary (ticket)
            WrapUp (wrap_up)
        }
        enums {
            BadgeName ContractPart ContractState CustomerState ItemState Listing LogStage LogState PopOutcome Role RunState Sender
            TicketStatus
        }
        ids { AttachmentId CommentId TicketId UserId }
    };
    let sources = [
        include_str!("../read.rs"),
        include_str!("../../console/connections/reading.rs"),
        include_str!("../../console/integrations/reading.rs"),
    ];
    let read: BTreeSet<_> = sources.iter().flat_map(|source| words(source, "wire::")).collect();
    let exported = exports();
    let mut checked: BTreeSet<_> = checked.into();
    checked.insert("ErrorCode"); // below
    assert_eq!(checked, read, "checked here, and read");
    let unread: BTreeSet<_> = exported.difference(&read).copied().collect();
    assert_eq!(unread, NOT_READ.iter().copied().collect(), "exported by `wire` and not read here");
}

#[test]
fn every_error_code_reads_as_serde_reads_it() {
    for code in ErrorCode::ALL {
        assert_eq!(agreed::<ErrorCode>(&json!(code.as_str())), Some(*code));
    }
    assert_eq!(agreed::<ErrorCode>(&json!("from_the_future")), Some(ErrorCode::Unknown));
    assert_eq!(agreed::<ErrorCode>(&json!(3)), None);
}

/// The words that stand after `before`.
fn words<'a>(source: &'a str, before: &str) -> BTreeSet<&'a str> {
    source
        .split(before)
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
        .collect()
}

/// What `wire` exports.
fn exports() -> BTreeSet<&'static str> {
    let uses = include_str!("../../../../wire/src/lib.rs").split("pub use ").skip(1);
    uses.filter_map(|rest| rest.split_once('{')?.1.split_once('}'))
        .flat_map(|(names, _)| names.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect()
}
