//! What the organization says of itself: versions, resources, objects, limits. Docs: "Versions", "Describe Global", "sObject Describe",
//! "Limits".

use std::collections::HashMap;

use axum::{
    Extension,
    extract::{Path, Query as UrlQuery, State},
};
use serde_json::{Value, json};

use super::{
    access::{Caller, VERSIONS},
    refusal::{Answer, Refusal, ok},
};
use crate::world::World;

/// `GET /services/data`: to everybody.
pub(crate) async fn versions() -> Answer {
    let all = VERSIONS.map(|version| {
        let (season, year) = match version % 3 {
            0 => ("Spring", 23 + (version + 300 - 57) / 3 - 100),
            1 => ("Summer", 23 + (version + 300 - 58) / 3 - 100),
            _ => ("Winter", 24 + (version + 300 - 59) / 3 - 100),
        };
        json!({"label": format!("{season} '{year}"), "url": format!("/services/data/v{version}.0"), "version": format!("{version}.0")})
    });
    Ok(ok(&all.collect()))
}

/// `GET /services/data/vNN.0`.
pub(crate) async fn resources(State(world): State<World>, Extension(caller): Extension<Caller>) -> Answer {
    let base = format!("/services/data/v{}", caller.version);
    let resource = |name: &str| format!("{base}/{name}");
    let identity = format!("{}/id/{}/{}", world.urls().salesforce_login, world.salesforce().id, caller.user);
    Ok(ok(&json!({
        "sobjects": resource("sobjects"), "query": resource("query"), "queryAll": resource("queryAll"), "jobs": resource("jobs"),
        "limits": resource("limits"), "identity": identity,
    })))
}

/// `GET …/sobjects`.
pub(crate) async fn objects(State(world): State<World>, Extension(caller): Extension<Caller>) -> Answer {
    let org = world.salesforce();
    let all: Vec<Value> = org.tables().iter().map(|table| table.object.brief(&caller.version)).collect();
    Ok(ok(&json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": all})))
}

/// `GET …/sobjects/{object}`.
pub(crate) async fn object(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    Path((_, name)): Path<(String, String)>,
) -> Answer {
    let org = world.salesforce();
    let table = org.table(&name).ok_or_else(Refusal::not_found)?;
    Ok(ok(&json!({"objectDescribe": table.object.brief(&caller.version), "recentItems": []})))
}

/// `GET …/sobjects/{object}/describe`: without the fields that the caller may not see.
pub(crate) async fn describe(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    Path((_, name)): Path<(String, String)>,
) -> Answer {
    let org = world.salesforce();
    let object = &org.table(&name).ok_or_else(Refusal::not_found)?.object;
    let instance = &world.urls().salesforce;
    Ok(ok(&object.describe(&caller.version, instance, |field| org.hides(object.name, field.name))))
}

/// `GET …/limits`.
pub(crate) async fn limits(State(world): State<World>) -> Answer {
    let most = world.options().limits.salesforce_per_day;
    let org = world.salesforce();
    let left = |most: u32, used: u32| json!({"Max": most, "Remaining": most.saturating_sub(used)});
    let jobs = u32::try_from(org.jobs.len()).unwrap_or(u32::MAX);
    Ok(ok(&json!({
        "DailyApiRequests": left(most, org.calls()), "DailyBulkV2QueryJobs": left(10_000, jobs),
        "DailyBulkV2QueryFileStorageMB": left(976_562, 0), "DailyBulkApiBatches": left(15_000, 0),
        "DataStorageMB": left(1_024, 12), "FileStorageMB": left(1_024, 3),
    })))
}

/// `GET …/limits/recordCount?sObjects=`.
pub(crate) async fn record_count(
    State(world): State<World>,
    UrlQuery(asked): UrlQuery<HashMap<String, String>>,
) -> Answer {
    let wanted = asked.get("sObjects").map(|names| names.split(',').map(str::trim).collect::<Vec<_>>());
    let org = world.salesforce();
    let tables = org.tables().iter().filter(|table| {
        let name = table.object.name;
        wanted.as_ref().is_none_or(|names| names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)))
    });
    let rows: Vec<Value> = tables
        .map(|table| {
            let count = table.records.values().filter(|record| !record.deleted).count();
            json!({"count": count, "name": table.object.name})
        })
        .collect();
    Ok(ok(&json!({ "sObjects": rows })))
}
