//! A user: end users, agents and admins alike.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::{clock::stamp, zendesk::roles};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    EndUser,
    Agent,
    Admin,
}

impl Role {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EndUser => "end-user",
            Self::Agent => "agent",
            Self::Admin => "admin",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::EndUser, Self::Agent, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// One way to reach or recognise a user.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) id: u64,
    pub(crate) kind: &'static str,
    pub(crate) value: String,
    pub(crate) verified: bool,
    pub(crate) primary: bool,
    pub(crate) created_at: DateTime<Utc>,
}

/// A user of the account.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, clippy::struct_field_names, reason = "Zendesk's own names")]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) phone: Option<String>,
    pub(crate) shared_phone: Option<bool>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) external_id: Option<String>,
    pub(crate) organization_id: Option<u64>,
    pub(crate) tags: Vec<String>,
    pub(crate) user_fields: Map<String, Value>,
    pub(crate) active: bool,
    pub(crate) suspended: bool,
    pub(crate) verified: bool,
    pub(crate) locale: String,
    pub(crate) time_zone: (String, String),
    pub(crate) alias: Option<String>,
    pub(crate) details: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) signature: Option<String>,
    pub(crate) ticket_restriction: Option<&'static str>,
    pub(crate) may_redact: bool,
    /// The custom role that an admin gave the agent; absent: the usual one.
    pub(crate) custom_role_id: Option<u64>,
    pub(crate) group_id: Option<u64>,
    pub(crate) last_login_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl User {
    /// A fresh end user without any way to be reached.
    pub(crate) fn new(id: u64, name: &str, now: DateTime<Utc>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            role: Role::EndUser,
            phone: None,
            shared_phone: None,
            identities: Vec::new(),
            external_id: None,
            organization_id: None,
            tags: Vec::new(),
            user_fields: Map::new(),
            active: true,
            suspended: false,
            verified: false,
            locale: "en-US".into(),
            time_zone: ("Tokyo".into(), "Asia/Tokyo".into()),
            alias: None,
            details: None,
            notes: None,
            signature: None,
            ticket_restriction: Some("requested"),
            may_redact: false,
            custom_role_id: None,
            group_id: None,
            last_login_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The primary e-mail address.
    pub(crate) fn email(&self) -> Option<&str> {
        let emails = || self.identities.iter().filter(|identity| identity.kind == "email");
        let primary = emails().find(|identity| identity.primary).or_else(|| emails().next());
        primary.map(|identity| identity.value.as_str())
    }

    /// Whether any of the user's e-mail identities is this address.
    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.identities.iter().any(|known| known.kind == "email" && known.value.eq_ignore_ascii_case(email))
    }

    /// The user's custom role; end users have none.
    pub(crate) fn custom_role(&self) -> Option<u64> {
        let given = self.custom_role_id.filter(|_| self.role != Role::EndUser);
        given.or_else(|| roles::usual(self.role, self.ticket_restriction.is_some()))
    }

    /// As every users endpoint shows it.
    pub(crate) fn json(&self, base: &str) -> Value {
        let staff = self.role != Role::EndUser;
        json!({
            "id": self.id,
            "url": format!("{base}/api/v2/users/{}.json", self.id),
            "name": self.name,
            "email": self.email(),
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            "time_zone": self.time_zone.0,
            "iana_time_zone": self.time_zone.1,
            "phone": self.phone,
            "shared_phone_number": self.shared_phone,
            "photo": null,
            "locale_id": locale_id(&self.locale),
            "locale": self.locale,
            "organization_id": self.organization_id,
            "role": self.role.name(),
            "verified": self.verified,
            "external_id": self.external_id,
            "tags": self.tags,
            "alias": self.alias,
            "active": self.active,
            "shared": false,
            "shared_agent": false,
            "last_login_at": self.last_login_at.map(stamp),
            "two_factor_auth_enabled": if staff { Value::Null } else { json!(false) },
            "signature": self.signature,
            "details": self.details,
            "notes": self.notes,
            "role_type": self.custom_role().and_then(roles::by_id).map(|role| role.kind),
            "custom_role_id": self.custom_role(),
            "moderator": staff,
            "ticket_restriction": self.ticket_restriction,
            "only_private_comments": false,
            "restricted_agent": self.ticket_restriction.is_some(),
            "suspended": self.suspended,
            "default_group_id": self.group_id,
            "report_csv": self.role == Role::Admin,
            "user_fields": self.user_fields,
        })
    }

    /// What `users/me` shows to nobody, with status 200.
    pub(crate) fn anonymous(base: &str, now: DateTime<Utc>) -> Value {
        let mut body = Self::new(0, "Anonymous user", now).json(base);
        body["id"] = Value::Null;
        body["url"] = json!(format!("{base}/api/v2/users/.json"));
        body["email"] = json!("invalid@example.com");
        for name in ["created_at", "updated_at"] {
            body[name] = Value::Null;
        }
        body
    }

    /// One of the user's identities.
    pub(crate) fn identity_json(&self, identity: &Identity, base: &str) -> Value {
        let url = format!("{base}/api/v2/users/{}/identities/{}.json", self.id, identity.id);
        let mut body = json!({
            "url": url,
            "id": identity.id,
            "user_id": self.id,
            "type": identity.kind,
            "value": identity.value,
            "verified": identity.verified,
            "primary": identity.primary,
            "created_at": stamp(identity.created_at),
            "updated_at": stamp(identity.created_at),
        });
        if identity.kind == "email" {
            body["undeliverable_count"] = json!(0);
            body["deliverable_state"] = json!("deliverable");
        }
        body
    }
}

/// Zendesk's number for a locale.
fn locale_id(locale: &str) -> u32 {
    match locale {
        "ja" => 67,
        "ko" => 69,
        "de" => 8,
        "fr" => 16,
        _ => 1,
    }
}
