//! What tickets consist of, to be read: the fields, the one form and the one brand that every account begins with.

use axum::{
    extract::{OriginalUri, Path, State},
    http::Uri,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::{Params, id},
    paging::{Paging, page},
    refusal::{Answer, Refusal, ok},
};
use crate::{clock::stamp, world::World};

/// The brand that every ticket has.
pub(crate) const BRAND: u64 = 6_130_830_354_842;
/// The form that every ticket has.
pub(crate) const FORM: u64 = 6_130_830_344_474;
/// The first field's id; the others follow.
const FIRST_FIELD: u64 = 6_130_830_344_602;

/// Name and value of something to choose.
type Choice = (&'static str, &'static str);

/// Type, title, and the values to choose from.
const FIELDS: &[(&str, &str, &[Choice])] = &[
    ("subject", "Subject", &[]),
    ("description", "Description", &[]),
    (
        "status",
        "Status",
        &[("Open", "open"), ("Pending", "pending"), ("On-hold", "hold"), ("Solved", "solved")],
    ),
    (
        "tickettype",
        "Type",
        &[("Question", "question"), ("Incident", "incident"), ("Problem", "problem"), ("Task", "task")],
    ),
    ("priority", "Priority", &[("Low", "low"), ("Normal", "normal"), ("High", "high"), ("Urgent", "urgent")]),
    ("group", "Group", &[]),
    ("assignee", "Assignee", &[]),
];

/// The rows of a kind, under the name that one of them has.
fn rows(world: &World, kind: &str) -> Option<(&'static str, Vec<Value>)> {
    let (base, at) = (world.base(), stamp(world.now() - TimeDelta::days(900)));
    match kind {
        "ticket_fields" => {
            let all = FIELDS.iter().zip(0_u64..).map(|((kind, title, options), position)| {
                let id = FIRST_FIELD + position * 128;
                let mut row = json!({
                    "url": format!("{base}/api/v2/ticket_fields/{id}.json"), "id": id, "type": kind, "title": title,
                    "raw_title": title, "description": title, "raw_description": title, "position": position, "active": true,
                    "required": *kind == "description", "collapsed_for_agents": false, "regexp_for_validation": null,
                    "title_in_portal": title, "raw_title_in_portal": title, "visible_in_portal": true,
                    "editable_in_portal": position < 2, "required_in_portal": position < 2, "tag": null, "created_at": at,
                    "updated_at": at, "removable": false, "key": null, "agent_description": null,
                });
                if !options.is_empty() {
                    let options = options.iter().map(|(name, value)| json!({"name": name, "value": value}));
                    row["system_field_options"] = options.collect();
                }
                row
            });
            Some(("ticket_field", all.collect()))
        }
        "ticket_forms" => {
            let fields: Vec<_> = (0_u64..).take(FIELDS.len()).map(|at| FIRST_FIELD + at * 128).collect();
            let form = json!({
                "url": format!("{base}/api/v2/ticket_forms/{FORM}.json"), "id": FORM, "name": "Default Ticket Form",
                "raw_name": "Default Ticket Form", "display_name": "Default Ticket Form", "raw_display_name":
                "Default Ticket Form", "end_user_visible": true, "position": 1, "ticket_field_ids": fields, "active": true,
                "default": true, "in_all_brands": true, "restricted_brand_ids": [], "end_user_conditions": [],
                "agent_conditions": [], "created_at": at, "updated_at": at,
            });
            Some(("ticket_form", vec![form]))
        }
        "brands" => {
            let subdomain = &world.options().subdomain;
            let brand = json!({
                "url": format!("{base}/api/v2/brands/{BRAND}.json"), "id": BRAND, "name": "Acme", "subdomain": subdomain,
                "brand_url": format!("https://{subdomain}.zendesk.com"), "host_mapping": null, "has_help_center": false,
                "help_center_state": "disabled", "active": true, "default": true, "is_deleted": false, "logo": null,
                "ticket_form_ids": [FORM], "signature_template": "{{agent.signature}}", "created_at": at, "updated_at": at,
            });
            Some(("brand", vec![brand]))
        }
        _ => None,
    }
}

/// `ticket_fields` of `/api/v2/ticket_fields.json` and of `/api/v2/ticket_fields/1.json`.
fn kind(uri: &Uri) -> &str {
    let below = uri.path().trim_start_matches("/api/v2/");
    below.split(['/', '.']).next().unwrap_or_default()
}

/// `GET /ticket_fields`, `/ticket_forms`, `/brands`.
pub(crate) async fn list(
    State(world): State<World>,
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    params: Params,
) -> Answer {
    caller.staff()?;
    let kind = kind(&uri);
    let (_, rows) = rows(&world, kind).ok_or_else(Refusal::invalid_endpoint)?;
    page(kind, rows, &format!("{}/api/v2/{kind}.json", world.base()), &params, Paging::Both).map(ok)
}

/// `GET /ticket_fields/{id}`, `/ticket_forms/{id}`, `/brands/{id}`.
pub(crate) async fn show(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Answer {
    caller.staff()?;
    let (name, rows) = rows(&world, kind(&uri)).ok_or_else(Refusal::invalid_endpoint)?;
    let which = id(&which)?;
    let row = rows.into_iter().find(|row| row["id"] == which).ok_or_else(Refusal::not_found)?;
    Ok(ok(json!({ name: row })))
}
