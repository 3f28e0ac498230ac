//! Zendesk's exports as a sync reads them: everybody once from the beginning, then only what changed, or an error.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use deskside::connectors::zendesk::{ExportFrom, UserId, UserRow, ZendeskClient, ZendeskError};
use deskside::connectors::{FailureKind, VendorError};
use deskside_sandbox::Limits;
use serde_json::json;

use crate::support::vendors::{Vendors, troubles};

fn everything() -> ExportFrom {
    ExportFrom::Time(DateTime::UNIX_EPOCH)
}

/// All users from there on, and where to go on.
async fn users(
    zendesk: &ZendeskClient,
    mut from: ExportFrom,
) -> Result<(BTreeMap<u64, UserRow>, ExportFrom), ZendeskError> {
    let mut found = BTreeMap::new();
    loop {
        let page = zendesk.exported_users(&from).await?;
        assert_eq!(page.rows.lost().len(), 0);
        found.extend(page.rows.iter().map(|user| (user.id.0, user.clone())));
        if let Some(cursor) = page.cursor {
            from = ExportFrom::Cursor(cursor);
        }
        if page.is_end {
            return Ok((found, from));
        }
    }
}

#[tokio::test]
async fn everybody_comes_once_and_then_only_who_changed() {
    let vendors = Vendors::start_with(Limits::relaxed()).await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    vendors.sandbox.handle().make_users(1_100);
    vendors.pass(120);
    let (all, from) = users(&zendesk, everything()).await.expect("users");
    assert!(
        all.len() > 1_140 && all.values().any(|user| !user.active) && all.values().any(|user| user.suspended)
    );
    let customer = all.values().find(|user| user.user_fields.contains_key("sfdc_mrr")).expect("a customer");
    assert!(customer.email.as_ref().is_some_and(|email| email.contains('@')));
    let (changed, from) = users(&zendesk, from).await.expect("users");
    assert_eq!(changed.len(), 0, "nothing happened");
    vendors.sandbox.handle().set_user_fields(customer.id.0, &json!({"sfdc_mrr": 4_321.5}));
    vendors.pass(120);
    let (changed, _) = users(&zendesk, from).await.expect("users");
    assert_eq!(changed.keys().collect::<Vec<_>>(), [&customer.id.0]);
    assert_eq!(changed[&customer.id.0].user_fields["sfdc_mrr"], json!(4_321.5));
}

#[tokio::test]
async fn organizations_come_with_their_values() {
    let vendors = Vendors::start().await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let page = zendesk.exported_organizations(&everything()).await.expect("a page");
    assert!(page.is_end && !page.rows.is_empty() && page.rows.lost().is_empty());
    let ids: Vec<u64> = page.rows.iter().map(|organization| organization.id).collect();
    let shown = zendesk.organization_rows(&ids).await.expect("organizations");
    assert_eq!(shown.len(), ids.len());
    let next = ExportFrom::Cursor(page.cursor.expect("a cursor"));
    let page = zendesk.exported_organizations(&next).await.expect("a page");
    assert!(page.is_end && page.rows.len() <= ids.len());
}

#[tokio::test]
async fn second_addresses_are_found_with_few_calls() {
    let vendors = Vendors::start().await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let (all, _) = users(&zendesk, everything()).await.expect("users");
    let ids: Vec<UserId> = all.values().filter(|user| user.active).map(|user| user.id).collect();
    let found = zendesk.identities(&ids).await.expect("addresses");
    let primary = found.iter().filter(|identity| identity.kind == "email" && identity.primary).count();
    let with_address = all.values().filter(|user| user.active && user.email.is_some()).count();
    assert_eq!(primary, with_address);
    let rows = zendesk.user_rows(&ids).await.expect("users");
    assert!(rows.iter().all(|row| all[&row.id.0].email == row.email) && rows.len() == ids.len());
}

#[tokio::test]
async fn the_eleventh_call_of_a_minute_waits_and_no_other_call_does() {
    let vendors = Vendors::start().await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let mut waits = None;
    for _ in 0..11 {
        if let Err(error) = zendesk.exported_users(&everything()).await {
            assert_eq!(error.kind(), FailureKind::RateLimited);
            waits = error.remedy().2;
        }
    }
    assert!(waits.is_some_and(|wait| wait <= Duration::from_mins(1)), "{waits:?}");
    zendesk.me().await.expect("others go on");
    vendors.pass(60);
    zendesk.exported_users(&everything()).await.expect("a page");
}

#[tokio::test]
async fn trouble_at_any_call_loses_nobody() {
    let mut vendors = Vendors::start_with(Limits::relaxed()).await;
    vendors.pass(120);
    let (expected, _) = users(&vendors.zendesk(), everything()).await.expect("users");
    let mut table = Vec::new();
    for (name, trouble) in troubles() {
        for call in ["/oauth/tokens", "/cursor"] {
            vendors.hurry(name);
            let mut zendesk = vendors.zendesk();
            vendors.trouble("zendesk", call, &trouble, 1);
            let mut from = everything();
            let mut found = BTreeMap::new();
            let mut errors = 0;
            // As a job does it: what fails is asked for again.
            loop {
                match users(&zendesk, from.clone()).await {
                    Ok((rest, _)) => {
                        found.extend(rest);
                        break;
                    }
                    Err(error) => {
                        assert!(errors < 3, "{name} at {call}: {error}");
                        errors += 1;
                        vendors.pass(61);
                        vendors.hurry("");
                        zendesk = vendors.zendesk();
                        from = everything();
                    }
                }
            }
            assert!(found == expected, "{name} at {call}: {} of {}", found.len(), expected.len());
            table.push(format!("{name:18} {call:14} {errors} errors"));
            vendors.mend();
        }
    }
    println!("{}", table.join("\n"));
}
