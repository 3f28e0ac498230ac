//! Who is meant by a setting: the same words in `archive.may_open` and `contracts.visible_to`. **Invariant:** no I/O; what Zendesk
//! says of somebody is an argument.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};

/// Some of an account's agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Every agent, light agents and admins too.
    Agents,
    Admins,
    /// Whose role in Zendesk has one of these names, in any case (`admin`, `agent`, or a custom role's name), or ids.
    Roles(Vec<String>),
    /// Who is in one of these groups of Zendesk, by id or by name in any case.
    Groups(Vec<String>),
    /// Who has one of these primary e-mail addresses in Zendesk, in any case.
    Addresses(Vec<String>),
}

/// What Zendesk says of somebody, as far as settings ask: names and ids.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Whether they are an admin.
    pub is_admin: bool,
    /// Their role, and their custom role.
    pub roles: Vec<String>,
    pub groups: Vec<String>,
    /// Their primary e-mail address, if they have one.
    pub addresses: Vec<String>,
}

impl FromStr for Audience {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let names = |list: &str| -> Vec<String> {
            list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
        };
        match text.trim().split_once(':') {
            None if text.trim() == "agents" => Ok(Self::Agents),
            None if text.trim() == "admins" => Ok(Self::Admins),
            Some(("roles", list)) if !names(list).is_empty() => Ok(Self::Roles(names(list))),
            Some(("groups", list)) if !names(list).is_empty() => Ok(Self::Groups(names(list))),
            Some(("addresses", list)) if !names(list).is_empty() => Ok(Self::Addresses(names(list))),
            _ => Err(()),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agents => f.write_str("agents"),
            Self::Admins => f.write_str("admins"),
            Self::Roles(names) => write!(f, "roles:{}", names.join(",")),
            Self::Groups(names) => write!(f, "groups:{}", names.join(",")),
            Self::Addresses(names) => write!(f, "addresses:{}", names.join(",")),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, &format!("must be {}", Self::SPELLING), |text| text.parse().ok())
    }
}

impl Audience {
    /// What a setting must say.
    pub const SPELLING: &str =
        r#""agents", "admins", "roles:NAME,…", "groups:NAME,…" or "addresses:E-MAIL,…", with names or ids"#;

    /// Whether somebody belongs to it.
    pub fn has(&self, standing: &Standing) -> bool {
        let one_of = |names: &[String], theirs: &[String]| names.iter().any(|name| is_among(name, theirs));
        match self {
            Self::Agents => true,
            Self::Admins => standing.is_admin,
            Self::Roles(names) => one_of(names, &standing.roles),
            Self::Groups(names) => one_of(names, &standing.groups),
            Self::Addresses(names) => one_of(names, &standing.addresses),
        }
    }

    /// The roles that are named.
    pub fn roles(&self) -> &[String] {
        if let Self::Roles(names) = self { names } else { &[] }
    }

    /// The groups that are named.
    pub fn groups(&self) -> &[String] {
        if let Self::Groups(names) = self { names } else { &[] }
    }
}

/// Whether a name is among others, in any case.
pub fn is_among(name: &str, others: &[String]) -> bool {
    others.iter().any(|other| other.trim().to_lowercase() == name.trim().to_lowercase())
}

/// Whether it is an id, which needs no look-up.
pub fn is_id(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_has_whom_it_names() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let agent = Standing { roles: names(&["agent"]), ..Standing::default() };
        let admin = Standing { is_admin: true, roles: names(&["admin"]), ..Standing::default() };
        let sales = Standing {
            is_admin: false,
            roles: names(&["agent", "7", "Advisor"]),
            groups: names(&["360", "Sales"]),
            addresses: names(&["Kim@example.com"]),
        };
        for (text, expected) in [
            ("agents", [true, true, true]),
            ("admins", [false, true, false]),
            ("roles:Agent", [true, false, true]),
            ("roles:7", [false, false, true]),
            ("roles: nobody , advisor", [false, false, true]),
            ("groups:360,1", [false, false, true]),
            ("groups:SALES", [false, false, true]),
            ("groups:Support", [false, false, false]),
            ("addresses:kim@example.com,x@example.com", [false, false, true]),
        ] {
            let audience: Audience = text.parse().expect("an audience");
            assert_eq!([&agent, &admin, &sales].map(|one| audience.has(one)), expected, "{text}");
            assert_eq!(audience.to_string().parse(), Ok(audience), "{text}");
        }
    }

    #[test]
    fn what_names_nobody_is_no_audience() {
        for text in ["", "agent", "admin", "role:7", "group:360", "roles:", "groups: , ", "360", "Agents"] {
            assert_eq!(text.parse::<Audience>(), Err(()), "{text}");
        }
    }
}
