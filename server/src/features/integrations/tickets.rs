//! Zendesk's tickets as a source that is kept: what became of each, and nothing that somebody wrote in it. **Invariant:** no subject, no
//! description, no comment and no text of a custom field is kept: integrations count tickets, and customers' words are none of their business.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use engine::{Column, Type, Value};
use serde_json::json;

use super::{
    export::{self, Answered, Exporter, Page},
    zendesk::{KeptAt, noted},
};
use crate::{
    connectors::zendesk::{ExportFrom, TicketRow, ZendeskClient},
    queue::JobError,
};

/// As the export names them.
pub(super) const TICKETS: &str = "tickets";

/// Tickets of one Zendesk account.
pub(super) struct ZendeskTickets {
    /// For jobs.
    pub client: ZendeskClient,
    /// The connection that leads there.
    pub kept: KeptAt,
}

#[async_trait]
impl Exporter for ZendeskTickets {
    fn place(&self) -> String {
        self.client.place()
    }

    async fn page(&self, cursor: Option<&str>) -> Result<Page, JobError> {
        let came = self.client.exported_tickets(&ExportFrom::or_all(cursor)).await;
        let page = noted(&self.kept, "export tickets", came).await?;
        let lost = page.rows.lost().len();
        let rows = page.rows.into_readable().into_iter().map(cells).collect();
        Ok(Page { rows, cursor: page.cursor, is_last: page.is_end, lost })
    }

    async fn addresses(&self, _: &[u64]) -> Result<Option<Answered>, JobError> {
        Ok(None) // tickets have none
    }
}

/// The columns by which models read them.
pub(super) fn columns() -> Vec<Column> {
    let column = |(name, kind): (&str, Type)| Column { name: name.to_owned(), kind };
    [
        ("id", Type::Integer),
        (export::ACTIVE, Type::Boolean),
        ("status", Type::Text),
        ("priority", Type::Text),
        ("channel", Type::Text),
        ("created_at", Type::Timestamp),
        ("updated_at", Type::Timestamp),
        ("requester_id", Type::Integer),
        ("organization_id", Type::Integer),
        ("assignee_id", Type::Integer),
        ("group_id", Type::Integer),
        ("satisfaction", Type::Text),
        ("tags", Type::Text),
        ("fields", Type::Text),
    ]
    .map(column)
    .into()
}

fn cells(row: TicketRow) -> Vec<Value<'static>> {
    let text = |text: Option<String>| text.map_or(Value::Null, |text| Value::Text(text.into()));
    let whole =
        |number: Option<u64>| number.map_or(Value::Null, |number| Value::Integer(number.cast_signed()));
    let time = |at: DateTime<Utc>| Value::Timestamp(at.timestamp_micros());
    let active = !row.is_deleted();
    let fields: BTreeMap<String, serde_json::Value> = row
        .custom_fields
        .into_iter()
        .map(|field| (field.id.to_string(), nobodys_words(field.value, &row.tags)))
        .collect();
    vec![
        whole(Some(row.id)),
        Value::Boolean(active),
        text(Some(row.status)),
        text(row.priority),
        text(row.via.channel),
        time(row.created_at),
        time(row.updated_at),
        whole(row.requester_id),
        whole(row.organization_id),
        whole(row.assignee_id),
        whole(row.group_id),
        text(row.satisfaction_rating.and_then(|rating| rating.score)),
        Value::Text(json!(row.tags).to_string().into()),
        Value::Text(json!(fields).to_string().into()),
    ]
}

/// A custom field's value, where nobody has typed it: numbers, check marks, dates, and the options of a list, whose tags a ticket has.
/// Source: <https://support.zendesk.com/hc/en-us/articles/4408883152794> (options of drop-down fields are tags).
fn nobodys_words(value: serde_json::Value, tags: &[String]) -> serde_json::Value {
    use serde_json::Value as Json;
    let is_option = |text: &str| tags.iter().any(|tag| tag == text);
    match value {
        Json::String(text) if is_option(&text) || text.parse::<NaiveDate>().is_ok() => Json::String(text),
        Json::Array(mut all) => {
            all.retain(|one| one.as_str().is_some_and(is_option));
            Json::Array(all)
        }
        Json::Bool(_) | Json::Number(_) => value,
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// check(what Zendesk says of a ticket, cells of it by their columns)
    #[track_caller]
    fn check(told: serde_json::Value, expected: &[(&str, Value<'static>)]) {
        let mut ticket = json!({
            "id": 7, "status": "open", "created_at": "2026-11-01T09:00:00Z", "updated_at": "2026-11-02T09:00:00Z",
            "subject": "private", "description": "private",
        });
        ticket.as_object_mut().expect("an object").extend(told.as_object().expect("an object").clone());
        let cells = cells(serde_json::from_value(ticket).expect("a ticket"));
        let columns = columns();
        assert_eq!(cells.len(), columns.len());
        assert!(!format!("{cells:?}").contains("private"), "{cells:?}");
        for (name, value) in expected {
            let at = columns.iter().position(|column| column.name == *name).expect("a column");
            assert_eq!(&cells[at], value, "{name} of {told}");
        }
    }

    #[test]
    fn a_ticket_is_what_became_of_it_and_nobodys_words() {
        let text = |text: &'static str| Value::Text(text.into());
        check(
            json!({}),
            &[("active", Value::Boolean(true)), ("priority", Value::Null), ("satisfaction", Value::Null)],
        );
        check(json!({"status": "deleted"}), &[("active", Value::Boolean(false))]);
        check(
            json!({
                "priority": "urgent", "via": {"channel": "web"}, "organization_id": 9, "tags": ["pro", "red", "vip"],
                "satisfaction_rating": {"id": 1, "score": "good", "comment": "private"},
                "custom_fields": [
                    {"id": 360, "value": "pro"}, {"id": 361, "value": null}, {"id": 362, "value": "private"},
                    {"id": 363, "value": ["red", "private"]}, {"id": 364, "value": "2026-11-01"}, {"id": 365, "value": true},
                    {"id": 366, "value": "0312345678"}, {"id": 367, "value": 5},
                ],
            }),
            &[
                ("priority", text("urgent")),
                ("channel", text("web")),
                ("organization_id", Value::Integer(9)),
                ("satisfaction", text("good")),
                ("tags", text("[\"pro\",\"red\",\"vip\"]")),
                (
                    "fields",
                    text(
                        "{\"360\":\"pro\",\"361\":null,\"362\":null,\"363\":[\"red\"],\"364\":\"2026-11-01\",\"365\":true,\"366\":null,\
                         \"367\":5}",
                    ),
                ),
            ],
        );
    }
}
