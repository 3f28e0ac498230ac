//! What the operator decides about notices: how whoever is in charge is told, and what an emergency is.

use chrono::NaiveTime;
use serde::{Deserialize, Deserializer, de::Error};

use super::kind::Kind;
use crate::{
    connectors::zendesk::{self, Priority, Ticket, User},
    features::archive,
    setting::{self, Problems},
};

/// What the operator decides.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    pub(crate) new_customer: Way,
    pub(crate) renewal_near: Way,
    pub(crate) page: Way,
    #[serde(deserialize_with = "emergency")]
    pub(crate) emergency: Emergency,
    #[serde(deserialize_with = "fallback")]
    pub(crate) fallback: Fallback,
    #[serde(deserialize_with = "time")]
    pub(crate) renewals_at: Option<NaiveTime>,
}

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// By Zendesk itself.
    Zendesk,
    /// By the company's webhook.
    Notify,
    PagerDuty,
    Off,
}

impl Way {
    /// As settings and rows name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zendesk => "zendesk",
            Self::Notify => "notify",
            Self::PagerDuty => "pagerduty",
            Self::Off => "off",
        }
    }
}

/// Who is told where whoever is in charge cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    By(Way),
    /// A Zendesk group, which gets a ticket.
    Group(u64),
}

/// What an emergency is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Emergency {
    Priority(&'static str),
    Tag(String),
    /// The requester's dropdown field has this option.
    UserField {
        key: String,
        /// The option's tag.
        tag: String,
    },
}

const PRIORITIES: [(&str, Priority); 4] = [
    ("low", Priority::Low),
    ("normal", Priority::Normal),
    ("high", Priority::High),
    ("urgent", Priority::Urgent),
];

impl Emergency {
    fn parse(text: &str) -> Option<Self> {
        let (what, value) = text.split_once(':')?;
        Some(match what {
            "priority" => Self::Priority(PRIORITIES.iter().find(|(name, _)| *name == value)?.0),
            "tag" => Self::Tag(zendesk::stored_tag(value)?),
            "user_field" => {
                let (key, tag) = value.split_once('=')?;
                let is_key =
                    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                Self::UserField { key: is_key.then(|| key.to_owned())?, tag: zendesk::stored_tag(tag)? }
            }
            _ => return None,
        })
    }

    /// Whether a ticket is one.
    pub fn holds(&self, ticket: &Ticket, requester: &User) -> bool {
        match self {
            Self::Priority(name) => {
                let wanted =
                    PRIORITIES.iter().find(|(known, _)| known == name).map(|(_, priority)| *priority);
                ticket.priority == wanted
            }
            Self::Tag(tag) => ticket.tags.iter().any(|known| known == tag),
            Self::UserField { key, tag } => {
                requester.user_fields.get(key).and_then(|value| value.as_str()) == Some(tag)
            }
        }
    }
}

fn emergency<'de, D: Deserializer<'de>>(from: D) -> Result<Emergency, D::Error> {
    let must = "must be like \"priority:urgent\", \"tag:outage\" or \"user_field:support_tier=tier_gold\"";
    setting::text(from, must, Emergency::parse)
}

fn fallback<'de, D: Deserializer<'de>>(from: D) -> Result<Fallback, D::Error> {
    let must = "must be \"notify\", \"pagerduty\", \"group:ID\" with the id of a Zendesk group, or \"off\"";
    setting::text(from, must, |text| match text {
        "notify" => Some(Fallback::By(Way::Notify)),
        "pagerduty" => Some(Fallback::By(Way::PagerDuty)),
        "off" => Some(Fallback::By(Way::Off)),
        text => text.strip_prefix("group:")?.trim().parse().ok().map(Fallback::Group),
    })
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveTime>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let parse = |text: String| {
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom("must be a time of the day like 09:00"))
    };
    text.map(parse).transpose()
}

impl Settings {
    /// How the notices of a kind are told.
    pub const fn way(&self, kind: Kind) -> Way {
        match kind {
            Kind::NewCustomer => self.new_customer,
            Kind::RenewalNear | Kind::Renewal => self.renewal_near,
            Kind::Page | Kind::PageOver => self.page,
        }
    }

    /// A tag that stops a trigger may mean nothing else.
    pub fn validate(&self, archive: &archive::Settings, problems: &mut Problems) {
        for (setting, tag) in archive.all_tags() {
            if super::kind::TAGS.contains(&tag) {
                problems.refuse(
                    &format!("archive.{setting}"),
                    format_args!("must be another tag than `{tag}`, by which notices are asked for once"),
                );
            }
        }
        if let Emergency::Tag(tag) = &self.emergency
            && super::kind::TAGS.contains(&tag.as_str())
        {
            problems.refuse("notices.emergency", "must be another tag than those of the notices themselves");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emergency_is_a_priority_a_tag_or_an_option() {
        let check =
            |text: &str, expected: Option<Emergency>| assert_eq!(Emergency::parse(text), expected, "{text}");
        check("priority:urgent", Some(Emergency::Priority("urgent")));
        check("tag:Outage", Some(Emergency::Tag("outage".into())));
        let field = Emergency::UserField { key: "tier".into(), tag: "tier_gold".into() };
        check("user_field:tier=tier_gold", Some(field));
        for wrong in ["", "urgent", "priority:p1", "tag:two words", "user_field:tier", "user_field:a b=c"] {
            check(wrong, None);
        }
    }
}
