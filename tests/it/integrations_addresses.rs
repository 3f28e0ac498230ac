//! People who are known by more than one address: by which of them an integration finds a user, what that costs, and what stays known.

use deskside_sandbox::{Limits, Matching, Odd, OddRule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, field, first_run, keep, refused_at, rows, run, with};
use crate::integrations_destinations::log_of;
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

const TEMPLATE: &str = include_str!("../../server/templates/contracts-to-zendesk-users.toml");
pub const COMPANY: &str = "sfdc_company_name";

/// These addresses, each with a company, for the users who have them.
pub fn by_address(addresses: &[&str]) -> Value {
    let row = |address: &&str| format!("SELECT '{address}' AS address, 'Of {address}' AS company");
    with(|it| {
        it["model"]["sql"] = json!(addresses.iter().map(row).collect::<Vec<_>>().join(" UNION ALL "));
        it["key"] = json!({"column": "address", "field": "email"});
        it["mapping"] = json!([{"column": "company", "field": COMPANY}]);
    })
}

/// Zendesk is told of a further address of a user.
pub async fn has(bed: &Testbed, user: u64, address: &str, is_verified: bool) {
    let identity =
        json!({"type": "email", "value": address, "verified": is_verified, "skip_verify_email": true});
    bed.zendesk(Method::POST, &format!("/api/v2/users/{user}/identities"), &json!({"identity": identity}))
        .await;
}

/// They lose it again.
async fn loses(bed: &Testbed, user: u64, address: &str) {
    let all = bed.vendors().identities(user);
    let id = &all.iter().find(|one| one["value"] == address).expect("they have it")["id"];
    bed.zendesk(Method::DELETE, &format!("/api/v2/users/{user}/identities/{id}"), &json!({})).await;
}

pub const EXPORT: &str = "/incremental/users/cursor";
pub const HUNDRED: &str = "/users/show_many";

/// The next call of this kind is answered so.
pub fn says(bed: &Testbed, call: &str, odd: Odd) {
    let on = Matching { path_suffix: Some(call.to_owned()), ..Matching::default() };
    bed.vendors().answers_oddly(OddRule { on, times: 1, skip: 0, odd });
}

pub fn silence() -> Odd {
    Odd::Absent { absent: "/identities".to_owned() }
}

pub fn identity(user: u64, address: &str, is_primary: bool, is_verified: bool) -> Value {
    json!({"id": 1, "user_id": user, "type": "email", "value": address, "primary": is_primary, "verified": is_verified,
        "created_at": "2026-11-01T09:00:00Z", "updated_at": "2026-11-01T09:00:00Z"})
}

pub fn address(bed: &Testbed, user: u64) -> String {
    bed.vendors().user(user).expect("a user")["email"].as_str().expect("an address").to_owned()
}

/// Calls that ask for users or their addresses.
pub fn asked(bed: &Testbed) -> (usize, usize) {
    let calls = bed.vendors().calls();
    let count = |is_it: fn(&str) -> bool| calls.iter().filter(|call| is_it(&call.path)).count();
    (
        count(|path| path.ends_with("/incremental/{what}/cursor")),
        count(|path| path.contains("/identities") || path.contains("/users/show_many")),
    )
}

/// The shipped integration over two files.
async fn shipped(admin: &Visitor, folder: &std::path::Path) -> Value {
    let mut shipped: Value = toml::from_str(TEMPLATE).expect("TOML");
    let mut wish = shipped["integration"][0].take();
    let report = json!({"kind": "report", "name": "Reports", "settings": {"folder": folder}});
    let made = admin.posts("/api/connections", &report).await;
    assert_eq!(made.verdict(), "201", "{}", made.text);
    for (table, read) in [
        ("service_users", json!({"kind": "file", "path": "members.csv", "emails": ["email"]})),
        (
            "accounts",
            json!({"kind": "file", "path": "accounts.csv", "types": {"backendid__c": "text", "mrr__c": "decimal"}}),
        ),
    ] {
        let sources = wish["sources"].as_array_mut().expect("sources");
        let source = sources.iter_mut().find(|source| source["as"] == table).expect("it is shipped");
        source["connection"] = made.json()["connection"]["id"].clone();
        source["read"] = read;
    }
    for name in ["id", "name", "enabled"] {
        wish.as_object_mut().expect("a table").remove(name);
    }
    wish
}

#[tokio::test]
async fn who_is_known_by_a_second_address_gets_their_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write(
        "members.csv",
        "email,account_id,day\n Hanako@Private.example ,7,2026-11-30\nnobody@private.example,7,2026-11-30\n\
         Later@New.example,7,2026-11-30\nshared@private.example,7,2026-11-30\n ,7,2026-11-30\n",
    );
    write(
        "accounts.csv",
        "id,name,type,backendid__c,subscription_status__c,mrr__c,currencyisocode,contract_start__c,renewal_date__c,owner_name,owner_email\n\
         001,Seven,Customer,7,Active,120000.50,EUR,2026-01-01,2027-01-01,Dana,dana@example.com\n",
    );
    bed()
        .setting("server.seal_keys", crate::connections_console::SEAL)
        .setting("sources.folders", folder.path().display().to_string())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let second = bed.vendors().make_users(3);
            has(bed, HANAKO, "hanako@private.example", true).await;
            let sharing = [1, 2].map(|place| second + place * 128);
            let own = sharing.map(|user| identity(user, &address(bed, user), true, true));
            let shared = sharing.map(|user| identity(user, "shared@private.example", false, true));
            has(bed, second, "nobody@private.example", false).await;
            let before = asked(bed).1;
            bed.pass(120);
            let done = first_run(bed, &admin, &shipped(&admin, folder.path()).await).await;
            let count = |name: &str| done["counts"][name].clone();
            assert_eq!(
                (&done["state"], ["read", "matched", "updated", "unmatched"].map(count)),
                (&json!("completed"), [4, 1, 1, 3].map(|count| json!(count))),
                "{done}\n{}",
                log_of(&admin, &done).await
            );
            // Whoever has no user is listed, and has no row that writes.
            let listed = rows(&admin, &done, "unmatched").await;
            let mut listed: Vec<_> = listed.iter().map(|row| (&row["key"], &row["reason_code"])).collect();
            listed.sort_by_key(|(key, _)| key.to_string());
            let no_record = json!("no_record");
            let unknown = ["later@new.example", "nobody@private.example", "shared@private.example"];
            assert_eq!(listed, unknown.map(|key| json!(key)).each_ref().map(|key| (key, &no_record)));
            assert_eq!(field(bed, HANAKO, COMPANY), "Seven");
            assert_eq!(field(bed, HANAKO, "sfdc_mrr").as_f64(), Some(120_000.5));
            assert_eq!(field(bed, second, COMPANY), Value::Null, "whoever has not proved the address");
            assert_eq!(admin.card(42).await.json()["contract"]["company"], "Seven");
            assert_eq!(asked(bed).1, before, "nobody is asked for one by one");
            // One of them writes for the first time.
            let ticket = bed.vendors().open_ticket();
            let requester = json!({"ticket": {"requester": {"name": "Later", "email": "later@new.example"}}});
            bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{ticket}.json"), &requester).await;
            assert_eq!(admin.card(ticket).await.json()["contract"]["company"], "Seven");
            bed.pass(120);
            let next = run(bed, &admin, json!({})).await;
            assert_eq!(
                ["matched", "updated", "unmatched"].map(|name| next["counts"][name].clone()),
                [2, 1, 2].map(|count| json!(count)),
                "{next}"
            );
            // Zendesk names two owners of an address: it is nobody's by chance.
            sharing.iter().for_each(|user| bed.vendors().set_user_fields(*user, &json!({"sfdc_mrr": 1})));
            bed.pass(120);
            let said = json!(own.into_iter().chain(shared).collect::<Vec<_>>());
            says(bed, EXPORT, Odd::Value { at: "/identities".to_owned(), value: said });
            says(bed, HUNDRED, silence());
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let ambiguous = rows(&admin, &dry, "ambiguous").await;
            assert_eq!(
                (ambiguous.len(), &ambiguous[0]["key"]),
                (1, &json!("shared@private.example")),
                "{dry}"
            );
        })
        .await;
}

#[tokio::test]
async fn any_verified_address_finds_its_user_and_none_by_chance() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(5);
            let [ann, bo, cy, dee, eve] = [0, 1, 2, 3, 4].map(|place| first + place * 128);
            let primary = |user| address(bed, user);
            let of = |user, second: &str, is_verified| identity(user, second, false, is_verified);
            let own = [ann, bo, cy, dee, eve].map(|user| identity(user, &primary(user), true, true));
            let others = [
                of(ann, "a.second@example.org", true),
                of(ann, "a.unproved@example.org", false),
                of(ann, &primary(cy), true),
                of(bo, "shared@example.org", true),
                of(cy, "shared@example.org", true),
                of(bo, "b.second@example.org", true),
                of(dee, "d.second@example.org", true),
                of(dee, "d.third@example.org", true),
            ];
            let said = json!(own.into_iter().chain(others).collect::<Vec<_>>());
            bed.pass(120);
            says(bed, EXPORT, Odd::Value { at: "/identities".to_owned(), value: said });
            says(bed, HUNDRED, silence());
            let (of_b, of_c, of_e) = (primary(bo), primary(cy), primary(eve).to_uppercase());
            let wanted = [
                " A.Second@Example.ORG",
                "a.unproved@example.org",
                "shared@example.org",
                "b.second@example.org",
                &of_b,
                &of_c,
                "d.second@example.org",
                "d.third@example.org",
                &of_e,
            ];
            assert!(["200", "201"].contains(&keep(&admin, &by_address(&wanted)).await.verdict().as_str()));
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let listed = async |outcome: &str| {
                let rows = rows(&admin, &dry, outcome).await.into_iter();
                let mut keys: Vec<_> = rows
                    .map(|row| {
                        format!("{} {}", row["key"].as_str().unwrap_or_default(), row["destination_id"])
                    })
                    .collect();
                keys.sort();
                keys
            };
            let to = |key: &str, user: u64| format!("{} \"{user}\"", key.trim().to_lowercase());
            let mut matched =
                vec![to("a.second@example.org", ann), to(&of_b, bo), to(&of_c, cy), to(&of_e, eve)];
            matched.sort();
            assert_eq!(listed("pending").await, matched);
            assert_eq!(listed("unmatched").await, ["a.unproved@example.org null"]);
            assert_eq!(listed("ambiguous").await, ["shared@example.org null"]);
            let twice = [
                to("b.second@example.org", bo),
                to("d.second@example.org", dee),
                to("d.third@example.org", dee),
            ];
            assert_eq!(listed("duplicate").await, twice);
            let twice = &rows(&admin, &dry, "duplicate").await[0];
            let reason = twice["reason"].as_str().unwrap_or_default();
            assert!(reason.contains("by another address"), "{reason}");
            assert_eq!(twice["reason_code"], "record_by_another_address");
            let log = log_of(&admin, &dry).await;
            assert!(log.contains("2 of them are known of several users"), "{log}");
        })
        .await;
}

#[tokio::test]
async fn an_address_is_known_until_zendesk_says_that_it_is_gone() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(2);
            let [user, other] = [first, first + 128];
            has(bed, user, "second@example.org", true).await;
            has(bed, other, "other@example.org", true).await;
            bed.pass(120);
            let definition = by_address(&["second@example.org", "other@example.org"]);
            let counts =
                async |run: &Value| (run["counts"]["matched"].clone(), run["counts"]["unmatched"].clone());
            let done = first_run(bed, &admin, &definition).await;
            assert_eq!(counts(&done).await, (json!(2), json!(0)), "{done}");
            bed.pass(120);
            run(bed, &admin, json!({"kind": "dry"})).await; // reads what the run itself has changed
            let next = async |changed: u64| {
                bed.vendors().set_user_fields(changed, &json!({"sfdc_mrr": 1}));
                bed.pass(120);
                run(bed, &admin, json!({"kind": "dry"})).await
            };
            // Nobody has said anything of addresses, or one that can be anybody's cannot be read.
            for odd in [
                silence(),
                Odd::Value { at: "/identities".to_owned(), value: json!([]) },
                Odd::Value { at: "/identities/0/user_id".to_owned(), value: json!("somebody") },
                Odd::Value { at: "/identities/0/verified".to_owned(), value: json!("perhaps") },
            ] {
                says(bed, EXPORT, odd);
                says(bed, HUNDRED, silence());
                let dry = next(user).await;
                assert_eq!(counts(&dry).await, (json!(2), json!(0)), "{dry}");
                let log = log_of(&admin, &dry).await;
                assert!(log.contains("of 1 users of `zendesk` Zendesk did not tell all addresses"), "{log}");
            }
            loses(bed, user, "second@example.org").await;
            bed.zendesk(Method::DELETE, &format!("/api/v2/users/{other}"), &json!({})).await;
            bed.pass(120);
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(counts(&dry).await, (json!(0), json!(2)), "{dry}");
        })
        .await;
}

#[tokio::test]
async fn an_address_that_changed_hands_finds_the_next_user() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(2);
            let [before, after] = [first, first + 128];
            has(bed, before, "desk@example.org", true).await;
            bed.pass(120);
            first_run(bed, &admin, &by_address(&["desk@example.org"])).await;
            assert_eq!(field(bed, before, COMPANY), "Of desk@example.org");
            loses(bed, before, "desk@example.org").await;
            has(bed, after, "desk@example.org", true).await;
            bed.pass(120);
            let done = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&done["state"], &done["counts"]["updated"]),
                (&json!("completed"), &json!(1)),
                "{done}"
            );
            assert_eq!(field(bed, after, COMPANY), "Of desk@example.org");
        })
        .await;
}

#[tokio::test]
async fn addresses_cost_no_call_and_outlive_a_death() {
    bed()
        .limits(Limits::relaxed())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(1_100);
            has(bed, user, "second@example.org", true).await;
            bed.pass(120);
            let begun = asked(bed);
            let done = first_run(bed, &admin, &by_address(&["second@example.org"])).await;
            assert_eq!(done["counts"]["updated"], 1, "{done}");
            let (exports, others) = asked(bed);
            // Two pages of a thousand, and then, as source and destination of two runs, what has changed since.
            assert_eq!((exports - begun.0, others - begun.1), (2 + 3, 0));
            bed.pass(120);
            run(bed, &admin, json!({"kind": "dry"})).await; // reads what the run itself has changed
            // As a death leaves it: the users are kept, and what is made of them is not there yet.
            let folder = format!("{}.staging/acme/exports/zendesk", bed.archive_folder().display());
            for file in std::fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path())
            {
                if file.display().to_string().ends_with("-shared.parquet") {
                    std::fs::remove_file(file).expect("it was there");
                }
            }
            let before = asked(bed);
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!((&dry["state"], &dry["counts"]["matched"]), (&json!("completed"), &json!(1)), "{dry}");
            assert_eq!(asked(bed), (before.0 + 2, before.1), "nobody is read again");
        })
        .await;
}

#[tokio::test]
async fn a_model_joins_addresses_and_a_preview_shows_them() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(1);
            has(bed, user, "Second@Example.org", true).await;
            bed.pass(120);
            let mut taken = with(|_| {});
            let twin = json!({"as": "people_addresses", "connection": "zendesk", "read": {"kind": "organizations"}});
            taken["sources"].as_array_mut().expect("sources").push(twin);
            refused_at(&admin, &taken, "sources[1].as", "the table of the addresses of `people`").await;
            let sql = format!(
                "SELECT user_id, email_key AS company, CASE WHEN is_primary THEN 1 ELSE 2 END AS mrr FROM people_addresses
                  WHERE user_id = {user} AND NOT is_primary"
            );
            let joined = with(|it| it["model"]["sql"] = json!(sql));
            assert_eq!(keep(&admin, &joined).await.verdict(), "201");
            let shown = json!([[user.to_string(), "second@example.org", "2"]]);
            let preview = async || admin.posts("/api/integrations/contracts/preview", &json!({})).await.json();
            assert_eq!(preview().await["rows"], shown, "of the first rows");
            let done = first_run(bed, &admin, &joined).await;
            assert_eq!(field(bed, user, COMPANY), "second@example.org", "{done}");
            assert_eq!(preview().await["rows"], shown, "of what a run has read");
        })
        .await;
}
