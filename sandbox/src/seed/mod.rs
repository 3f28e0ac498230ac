//! A believable support desk, the same at every start, with dates relative to today. **Invariant:** no real person, no
//! real number: example.com and numbers that nobody has.

mod files;
mod people;
pub(crate) mod sales;
pub(crate) mod service;
mod tickets;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    clock::stamp,
    credentials::{
        ADMIN_EMAIL, ADMIN_ID, AGENT_ID, CLIENT_ID, CLIENT_SECRET, GROUP_ID, RESTRICTED_AGENT_ID,
        RESTRICTED_EMAIL, WORKER_EMAIL,
    },
    options::Options,
    state::Account,
    zendesk::{
        field_definition,
        oauth::Client,
        record::{Identity, Role, User},
        triggers,
    },
};

/// The account as every start finds it.
pub(crate) fn account(options: &Options, base: &str, now: DateTime<Utc>) -> Account {
    let mut account = Account::empty();
    staff(&mut account, now);
    let born = stamp(now - TimeDelta::days(900));
    let group = json!({
        "url": format!("{base}/api/v2/groups/{GROUP_ID}.json"), "id": GROUP_ID, "is_public": true, "name": "Support",
        "description": "", "default": true, "deleted": false, "created_at": born, "updated_at": born,
    });
    account.groups.insert(GROUP_ID, group.as_object().cloned().unwrap_or_default());
    let category = triggers::category(base, triggers::FIRST_CATEGORY, "Notifications", 1, &born);
    account.trigger_categories.insert(triggers::FIRST_CATEGORY, category);
    account.clients.push(Client {
        id: 9201,
        identifier: CLIENT_ID.into(),
        secret: Some(CLIENT_SECRET.into()),
        user_id: ADMIN_ID,
        redirect_uris: Vec::new(),
    });
    account.clients.push(Client {
        id: 9202,
        identifier: format!("{CLIENT_ID}-public"),
        secret: None,
        user_id: ADMIN_ID,
        redirect_uris: Vec::new(),
    });
    if options.seed {
        user_fields(&mut account, base, &born);
        people::customers(&mut account, base, now);
        tickets::open_desk(&mut account, base, now);
    }
    account
}

/// Owner, agent, and an agent who sees only what is assigned to them.
fn staff(account: &mut Account, now: DateTime<Utc>) {
    let people = [
        (ADMIN_ID, "Mika Owner", ADMIN_EMAIL, Role::Admin, "en-US", None, true),
        (AGENT_ID, "Aoi Agent", WORKER_EMAIL, Role::Agent, "ja", None, true),
        (RESTRICTED_AGENT_ID, "Ren Restricted", RESTRICTED_EMAIL, Role::Agent, "ko", Some("assigned"), false),
    ];
    for (id, name, email, role, locale, restriction, may_redact) in people {
        let mut user = User::new(id, name, now - TimeDelta::days(900));
        user.role = role;
        user.locale = locale.into();
        user.ticket_restriction = restriction;
        user.may_redact = may_redact;
        user.group_id = Some(GROUP_ID);
        user.verified = true;
        user.last_login_at = Some(now - TimeDelta::hours(2));
        user.identities.push(email_identity(id + 100_000, email, user.created_at));
        account.users.put(user);
    }
}

/// A verified address, the first one.
pub(crate) fn email_identity(id: u64, email: &str, at: DateTime<Utc>) -> Identity {
    Identity { id, kind: "email", value: email.to_owned(), verified: true, primary: true, created_at: at }
}

/// The fields in which a CRM's contract data would be.
fn user_fields(account: &mut Account, base: &str, born: &str) {
    let fields = [
        ("sfdc_company_name", "Company", "text"),
        ("sfdc_account_type", "Account type", "dropdown"),
        ("sfdc_subscription_status", "Subscription status", "dropdown"),
        ("sfdc_mrr", "MRR", "decimal"),
        ("sfdc_contract_start", "Contract start", "date"),
        ("sfdc_renewal_date", "Renewal date", "date"),
        ("sfdc_owner", "Owner", "text"),
    ];
    for (place, (key, title, kind)) in (0_u64..).zip(fields) {
        let id = 6_164_056_736_410 + place * 128;
        let url = format!("{base}/api/v2/user_fields/{id}.json");
        let mut field = field_definition(id, &url, key, title, kind, born);
        field.insert("position".into(), json!(place));
        let options: &[&str] = match key {
            "sfdc_account_type" => &["customer", "partner", "prospect"],
            "sfdc_subscription_status" => &["active", "trial", "past_due", "canceled"],
            _ => &[],
        };
        if !options.is_empty() {
            let rows: Vec<Value> = (0_u64..)
                .zip(options)
                .map(|(at, value)| {
                    let name = title_case(value);
                    json!({"id": id + 1 + at, "name": name, "raw_name": name, "position": at, "value": value})
                })
                .collect();
            field.insert("custom_field_options".into(), json!(rows));
        }
        account.user_fields.insert(id, field);
    }
}

fn title_case(value: &str) -> String {
    let mut letters = value.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).collect::<String>().replace('_', " ")
}
