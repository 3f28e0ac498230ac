//! The triggers as they must be. **Invariants:** no I/O; each condition on a field has a *present* beside it; each trigger has a tag of
//! its own that keeps it from acting again; what is sent is ids and words of ours, for Zendesk fills placeholders in as they are.

use serde_json::{Value, json};

use super::{compare, fields::ContractFields};
use crate::{
    connectors::zendesk::{Action, Condition, Conditions, Definitions, TriggerSpec},
    features::{
        contracts::{Part, Thresholds},
        notices::{
            kind::{self, Kind},
            settings::Emergency,
        },
    },
};

/// The action of a trigger that calls a webhook.
pub const CALLS_WEBHOOK: &str = "notification_webhook";

/// What decides how the triggers must be.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub account: &'a str,
    /// Zendesk's id of the webhook.
    pub webhook: &'a str,
    pub thresholds: &'a Thresholds,
    pub emergency: &'a Emergency,
    pub fields: &'a ContractFields,
    /// Of an emergency that is an option of a user field: the option's id.
    pub option: Option<&'a str>,
}

/// Why a trigger cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The integration writes the part into no field.
    Unmapped(&'static str),
    /// Zendesk's triggers do not know the field.
    Field(String),
    /// They know it, and cannot compare it so: it is of another type.
    Operator { field: String, operator: &'static str },
}

impl Wanted<'_> {
    /// The trigger of a kind.
    pub fn trigger(&self, kind: Kind) -> Result<TriggerSpec, Missing> {
        let conditions = self.conditions(kind)?;
        let actions = vec![
            Action {
                field: if kind == Kind::PageOver { "remove_tags" } else { "current_tags" }.to_owned(),
                value: json!(kind::tag(kind)),
            },
            Action { field: CALLS_WEBHOOK.to_owned(), value: json!([self.webhook, self.body(kind)]) },
        ];
        let spec = TriggerSpec {
            title: kind::title(kind).to_owned(),
            description: None,
            active: true,
            conditions,
            actions,
        };
        Ok(TriggerSpec { description: Some(compare::description(self.account, kind, &spec)), ..spec })
    }

    fn conditions(&self, kind: Kind) -> Result<Conditions, Missing> {
        let tag = kind::tag(kind);
        let created = condition("update_type", "is", json!("Create"));
        let newcomer = condition("current_tags", "includes", json!(kind::NEWCOMER_TAG));
        let once = condition("current_tags", "not_includes", json!(tag));
        let any = |more: Vec<Condition>| [vec![created.clone()], more].concat();
        let Thresholds { new_customer_days, renewal_near_days, high_mrr, .. } = self.thresholds;
        Ok(match kind {
            Kind::NewCustomer => Conditions {
                all: self.compared(
                    Part::Start,
                    ("within_previous_n_days", new_customer_days.to_string()),
                    vec![once],
                )?,
                any: any(vec![newcomer]),
            },
            Kind::RenewalNear | Kind::Renewal => Conditions {
                all: self.compared(
                    Part::Renewal,
                    ("within_next_n_days", renewal_near_days.to_string()),
                    vec![once],
                )?,
                any: any(vec![newcomer]),
            },
            Kind::Page => {
                let (emergency, since) = self.emergency();
                let open = condition("status", "less_than", json!("solved"));
                Conditions {
                    all: self.compared(
                        Part::Mrr,
                        ("greater_than_equal", high_mrr.to_string()),
                        [emergency, vec![open, once]].concat(),
                    )?,
                    any: any([since, vec![newcomer]].concat()),
                }
            }
            Kind::PageOver => Conditions {
                all: vec![condition("current_tags", "includes", json!(tag))],
                any: vec![
                    condition("status", "is", json!("solved")),
                    condition("status", "is", json!("closed")),
                ],
            },
        })
    }

    fn compared(
        &self,
        part: Part,
        (operator, value): (&str, String),
        more: Vec<Condition>,
    ) -> Result<Vec<Condition>, Missing> {
        let key = self.fields.key(part).ok_or_else(|| Missing::Unmapped(part.name()))?;
        let subject = self.fields.subject(key);
        let compared =
            [condition(&subject, "present", Value::Null), condition(&subject, operator, json!(value))];
        Ok(compared.into_iter().chain(more).collect())
    }

    /// What an emergency is, and which changes of a ticket make it one.
    fn emergency(&self) -> (Vec<Condition>, Vec<Condition>) {
        let reopened = condition("status", "changed", Value::Null);
        let changed = condition("update_type", "is", json!("Change"));
        match self.emergency {
            Emergency::Priority(name) => (
                vec![condition("priority", "is", json!(name))],
                vec![condition("priority", "changed", Value::Null), reopened],
            ),
            Emergency::Tag(tag) => (vec![condition("current_tags", "includes", json!(tag))], vec![changed]),
            Emergency::UserField { key, .. } => {
                let subject = format!("requester.custom_fields.{}", key.to_lowercase());
                let option = self.option.unwrap_or_default();
                (
                    vec![
                        condition(&subject, "present", Value::Null),
                        condition(&subject, "is", json!(option)),
                    ],
                    vec![changed],
                )
            }
        }
    }

    /// By hand: the placeholder is filled in by Zendesk, so the order of the keys is ours to keep.
    fn body(&self, kind: Kind) -> String {
        let (account, kind) = (json!(self.account), json!(kind.as_str()));
        format!(r#"{{"account":{account},"ticket_id":"{{{{ticket.id}}}}","kind":{kind}}}"#)
    }
}

fn condition(field: &str, operator: &str, value: Value) -> Condition {
    Condition { field: field.to_owned(), operator: operator.to_owned(), value }
}

/// What a trigger compares that Zendesk's triggers cannot.
pub fn missing(spec: &TriggerSpec, definitions: &Definitions) -> Option<Missing> {
    const OPERATORS: [&str; 5] =
        ["present", "is", "within_previous_n_days", "within_next_n_days", "greater_than_equal"];
    let conditions = spec.conditions.all.iter().chain(&spec.conditions.any);
    let mut of_fields = conditions.filter(|one| one.field.contains(".custom_fields."));
    of_fields.find_map(|one| match definitions.knows(&one.field, &one.operator) {
        Some(true) => None,
        Some(false) => Some(Missing::Operator {
            field: one.field.clone(),
            operator: OPERATORS.into_iter().find(|known| *known == one.operator).unwrap_or("is"),
        }),
        None => Some(Missing::Field(one.field.clone())),
    })
}
