//! The console's page of settings for calls and chats: what is set, what an admin types, what the server says of it. A field
//! is known by its name in `wire::FlexSettings`; what it means is the words' business.

use super::Model;
use super::fault::Fault;
use super::ledger::Asked;
use crate::json::{Json, quote};

/// How a setting is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On or off.
    Switch,
    /// One of these.
    Choice(&'static [&'static str]),
    /// One line.
    Text,
    /// Several lines.
    Long,
    /// A list, one a line.
    Lines,
    /// A whole number, from here to there.
    Number(u32, u32),
}

const NAVIGATE: Kind = Kind::Choice(&["ticket", "user", "nothing"]);

/// The page's parts, each with its settings, in the order in which they are shown.
pub const SECTIONS: &[(&str, &[(&str, Kind)])] = &[
    ("general", &[("enabled", Kind::Switch), ("contract_panel", Kind::Switch)]),
    (
        "navigate",
        &[
            ("navigate_valid", NAVIGATE),
            ("navigate_invalid", NAVIGATE),
            ("navigate_none", NAVIGATE),
            ("talk_partner", Kind::Switch),
        ],
    ),
    (
        "top_bar",
        &[
            ("flex_url", Kind::Text),
            ("flex_width", Kind::Number(300, 1600)),
            ("flex_height", Kind::Number(300, 1200)),
        ],
    ),
    (
        "tickets",
        &[
            ("without_number", Kind::Choice(&["ask", "latest_open", "always_new"])),
            ("choose_first", Kind::Switch),
            ("create_ticket", Kind::Switch),
            ("create_user", Kind::Switch),
            ("subject", Kind::Text),
            ("description", Kind::Long),
            ("automatic_tag", Kind::Text),
            ("assign", Kind::Switch),
            ("missed_ticket", Kind::Switch),
        ],
    ),
    (
        "log",
        &[
            ("log_start", Kind::Switch),
            ("log_switch", Kind::Switch),
            ("log_complete", Kind::Switch),
            ("transcript", Kind::Switch),
            ("recording_inbound", Kind::Switch),
            ("recording_outbound", Kind::Switch),
            ("outcomes", Kind::Lines),
            ("logged_attributes", Kind::Lines),
        ],
    ),
    (
        "outbound",
        &[
            ("outbound_caller_id", Kind::Text),
            ("outbound_queue_sid", Kind::Text),
            ("outbound_workflow_sid", Kind::Text),
            ("outbound_task_channel_sid", Kind::Text),
            ("outbound_country", Kind::Text),
        ],
    ),
];

/// Every setting of the page.
pub fn fields() -> impl Iterator<Item = (&'static str, Kind)> {
    SECTIONS.iter().flat_map(|(_, fields)| fields.iter().copied())
}

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct SettingsModel {
    /// What is set.
    pub loaded: Loaded,
    /// How the last change stands.
    pub saving: Asked,
    /// The last change was taken, and nothing was changed since.
    pub saved: bool,
}

/// What is set, as far as it is known.
#[derive(Debug, Default, PartialEq)]
pub enum Loaded {
    /// Nobody has looked at the page yet.
    #[default]
    Not,
    /// On its way.
    Waiting,
    /// Not to be had.
    Failed(Fault),
    /// Here.
    Ready(Document),
}

/// What is set, and which version of it. Source: `wire::FlexSettingsDocument`.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    version: u64,
    values: Vec<(String, Json)>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingsEvent {
    /// The page is shown.
    Open,
    /// What is set is asked for once more; what was typed is given up.
    Again,
    /// What the server says.
    Loaded(Result<Json, Fault>),
    /// The form was submitted: what each of [`fields`] holds; nothing for a switch that is off.
    Save(Vec<Option<String>>),
    /// What the server says of the change.
    Saved(Result<Json, Fault>),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsEffect {
    /// Ask what is set.
    Load,
    /// Send a change, JSON text.
    Save(String),
}

impl Model for SettingsModel {
    type Event = SettingsEvent;
    type Effect = SettingsEffect;

    fn update(mut self, event: SettingsEvent) -> (Self, Vec<SettingsEffect>) {
        use SettingsEvent as E;
        let effects = match (event, &self.loaded) {
            (E::Open, Loaded::Not) | (E::Again, _) => {
                self = Self { loaded: Loaded::Waiting, ..Self::default() };
                vec![SettingsEffect::Load]
            }
            (E::Loaded(answer), _) => {
                self.loaded = match answer.map(Document::read) {
                    Ok(Some(document)) => Loaded::Ready(document),
                    Ok(None) => Loaded::Failed(unreadable()),
                    Err(fault) => Loaded::Failed(fault),
                };
                vec![]
            }
            (E::Save(typed), Loaded::Ready(document)) if self.saving != Asked::Waiting => {
                let body = document.changed(&typed);
                (self.saving, self.saved) = (Asked::Waiting, false);
                vec![SettingsEffect::Save(body)]
            }
            (E::Saved(answer), _) => {
                match answer.map(Document::read) {
                    Ok(Some(document)) => {
                        self.loaded = Loaded::Ready(document);
                        (self.saving, self.saved) = (Asked::Answered, true);
                    }
                    Ok(None) => self.saving = Asked::Failed(unreadable()),
                    Err(fault) => self.saving = Asked::Failed(fault),
                }
                vec![]
            }
            (E::Open | E::Save(_), _) => vec![],
        };
        (self, effects)
    }
}

fn unreadable() -> Fault {
    Fault::plain(super::fault::FaultKind::Unreadable)
}

/// Fractions have no place here, and code of their own.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts and pixels")]
const fn whole(number: f64) -> u64 {
    number as u64
}

impl Document {
    fn read(mut json: Json) -> Option<Self> {
        let Json::Number(version) = json.take("version") else { return None };
        let version = whole(version);
        let Json::Object(values) = json.take("settings") else { return None };
        Some(Self { version, values })
    }

    /// What a field holds, as it is typed; a switch that is on holds `on`.
    #[must_use]
    pub fn typed(&self, name: &str) -> Option<String> {
        let (_, value) = self.values.iter().find(|(known, _)| known == name)?;
        Some(match value {
            Json::Bool(true) => "on".into(),
            Json::Text(text) => text.clone(),
            Json::List(items) => {
                let lines = items.iter().filter_map(|item| item.clone().text());
                lines.collect::<Vec<_>>().join("\n")
            }
            Json::Number(number) => whole(*number).to_string(),
            Json::Bool(false) | Json::Null | Json::Object(_) => return None,
        })
    }

    /// The body of the change: this version, with what was typed.
    fn changed(&self, typed: &[Option<String>]) -> String {
        let settings: Vec<String> = fields()
            .zip(typed)
            .map(|((name, kind), typed)| {
                let text = typed.as_deref().unwrap_or_default();
                let value = match kind {
                    Kind::Switch => typed.is_some().to_string(),
                    Kind::Lines => {
                        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                        ["[", &lines.map(quote).collect::<Vec<_>>().join(","), "]"].concat()
                    }
                    // What is no number is one that the server refuses by its name.
                    Kind::Number(..) => text.trim().parse::<u32>().unwrap_or(0).to_string(),
                    Kind::Choice(_) | Kind::Text | Kind::Long => quote(text.trim()),
                };
                [&quote(name), ":", &value].concat()
            })
            .collect();
        ["{\"version\":", &self.version.to_string(), ",\"settings\":{", &settings.join(","), "}}"].concat()
    }
}

#[cfg(test)]
mod tests;
