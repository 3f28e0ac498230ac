//! What admins decide in the console. What the operator decides is in the configuration file; this is in the database, and
//! every replica follows it at once.

mod kept; // as the database keeps them
mod top_bar;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::{Map, Value};
use wire::{FieldRule, FieldRule as Rule, FlexSettings, FlexSettingsDocument};

use kept::Kept;
pub use top_bar::TopBar;

use crate::{
    clock::Clock,
    connectors::zendesk::stored_tag,
    features::{
        sessions::Agent,
        tasks::{OwnTags, phone_number},
        templates,
    },
    store::{
        Db, StoreError,
        settings::{self, Change},
    },
};

const FLEX: &str = "flex";
/// Of any text; a template is the longest.
const LONGEST: usize = 4_000;
const MOST_ATTRIBUTES: usize = 50;
const MOST_OUTCOMES: usize = 30;

/// The settings of one account.
#[derive(Clone)]
pub struct Settings {
    account: String,
    clock: Clock,
    db: Db,
    flex_origins: Vec<String>,
    own_tags: OwnTags,
    /// The version of which it was said what is not understood; one more, so that 0 is none.
    said_of: Arc<AtomicU64>,
}

/// Why settings are not taken.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Admin: mend this one.
    #[error("`{field}` {why}")]
    Invalid {
        field: String,
        rule: FieldRule,
        /// What is wrong with it.
        why: String,
    },
    /// Admin: load the page again; it is of another version.
    #[error("unknown setting `{0}`")]
    Unknown(String),
    /// Admin: look at what is set now, and change that.
    #[error("these settings were changed after this change was made from them")]
    Changed,
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Settings {
    /// The settings of `account`, whose Flex is at one of these origins; none of `own_tags` is given to every ticket.
    pub fn new(account: String, clock: Clock, db: Db, flex_origins: Vec<String>, own_tags: OwnTags) -> Self {
        Self { account, clock, db, flex_origins, own_tags, said_of: Arc::default() }
    }

    /// What is set for calls and chats, and its version. What a version before wrote, or one after, is taken as far as it is
    /// understood.
    pub async fn flex_document(&self) -> Result<FlexSettingsDocument, StoreError> {
        let (kept, version) = self.kept().await?;
        let kept::Read { settings, not_understood } = kept.read();
        if !not_understood.is_empty() && self.said_of.swap(version + 1, Ordering::Relaxed) != version + 1 {
            let names = not_understood.join(", ");
            tracing::warn!(
                version,
                "Flex settings in the database that this version does not understand: {names}; they are kept, and defaults stand in"
            );
        }
        Ok(FlexSettingsDocument { settings, version })
    }

    async fn kept(&self) -> Result<(Kept, u64), StoreError> {
        match settings::read(&self.db, &self.account, FLEX).await? {
            Some((body, version)) => Ok((Kept::parse(&body)?, version)),
            None => Ok((Kept::default(), 0)),
        }
    }

    /// What is set for calls and chats.
    pub async fn flex(&self) -> Result<FlexSettings, StoreError> {
        Ok(self.flex_document().await?.settings)
    }

    /// What Zendesk's top bar frames; nothing where nobody has set it, or the operator does not allow it any more.
    pub async fn top_bar(&self) -> Result<Option<TopBar>, StoreError> {
        Ok(TopBar::of(&self.flex().await?, &self.flex_origins).ok().flatten())
    }

    /// Sets what is named, unless somebody else has meanwhile. What is not named stays: an older console does not know all.
    pub async fn set_flex(
        &self,
        admin: &Agent,
        changes: Map<String, Value>,
        version: u64,
    ) -> Result<FlexSettingsDocument, SettingsError> {
        let (kept, found) = self.kept().await?;
        let kept = kept.changed(changes)?;
        if found != version {
            return Err(SettingsError::Changed);
        }
        let mut settings = kept.read().settings;
        // Its templates are tried, which is not for a thread that serves others.
        let tried = settings.clone();
        let slow = || invalid("subject", Rule::Slow, "or `description` takes more than a second to fill");
        templates::beside(move || check(&tried)).await.unwrap_or_else(slow)?;
        settings.automatic_tag = stored_tag(&settings.automatic_tag).unwrap_or_default();
        if self.own_tags.has(&settings.automatic_tag) {
            invalid(
                "automatic_tag",
                Rule::OwnTag,
                "is a tag by which Deskside is told what to do; choose another",
            )?;
        }
        if let Err((field, rule, why)) = TopBar::of(&settings, &self.flex_origins) {
            return Err(SettingsError::Invalid { field: field.to_owned(), rule, why });
        }
        let body = kept.with(&settings);
        let change = Change {
            account: &self.account,
            section: FLEX,
            body: &body,
            from_version: version,
            agent_id: admin.id.0,
            now: self.clock.now(),
        };
        let mut tx = self.db.begin().await?;
        if !settings::write(&mut tx, change).await? {
            return Err(SettingsError::Changed);
        }
        tx.commit().await?;
        tracing::info!(agent.id = %admin.id, version = version + 1, "the Flex settings were changed");
        Ok(FlexSettingsDocument { settings, version: version + 1 })
    }
}

fn invalid(field: &str, rule: Rule, why: &str) -> Result<(), SettingsError> {
    Err(SettingsError::Invalid { field: field.to_owned(), rule, why: why.to_owned() })
}

/// Refuses what could not be gone by.
fn check(settings: &FlexSettings) -> Result<(), SettingsError> {
    let all = serde_json::to_value(settings).expect("settings are plain data");
    let mut texts = all.as_object().into_iter().flatten();
    let too_long = texts.find(|(_, value)| value.as_str().is_some_and(|text| text.len() > LONGEST));
    if let Some((field, _)) = too_long {
        return invalid(field, Rule::TooLong, "is longer than 4,000 bytes");
    }
    for (field, template) in [("subject", &settings.subject), ("description", &settings.description)] {
        if template.trim().is_empty() {
            return invalid(field, Rule::Empty, "is empty: Zendesk makes no ticket without it");
        }
        if let Err(error) = templates::check(template) {
            return invalid(field, Rule::Template, &format!("is no template that can be used: it {error}"));
        }
    }
    if !settings.automatic_tag.is_empty() && stored_tag(&settings.automatic_tag).is_none() {
        return invalid(
            "automatic_tag",
            Rule::Tag,
            "has other characters than letters, digits, `-`, `_`, `:` and `/`, or more than 255 bytes",
        );
    }
    if settings.outcomes.len() > MOST_OUTCOMES {
        return invalid("outcomes", Rule::ManyOutcomes, "has more than 30 lines");
    }
    if settings.outcomes.iter().any(|text| text.trim().is_empty() || text.chars().count() > 100) {
        return invalid("outcomes", Rule::Outcome, "has an empty line, or one of more than 100 characters");
    }
    if settings.logged_attributes.len() > MOST_ATTRIBUTES {
        return invalid("logged_attributes", Rule::ManyAttributes, "names more than 50 attributes");
    }
    if settings.logged_attributes.iter().any(|name| name.trim().is_empty() || name.len() > 200) {
        return invalid(
            "logged_attributes",
            Rule::Attribute,
            "has an empty name, or one of more than 200 bytes",
        );
    }
    check_outbound(settings)
}

/// Of click-to-dial: each is empty, or what Twilio would take.
fn check_outbound(settings: &FlexSettings) -> Result<(), SettingsError> {
    let caller_id = &settings.outbound_caller_id;
    if !caller_id.is_empty() && phone_number(caller_id).is_none_or(|number| number != *caller_id) {
        return invalid(
            "outbound_caller_id",
            Rule::PhoneNumber,
            "is not a number in E.164, like +815012345678",
        );
    }
    for (field, kind, sid) in [
        ("outbound_queue_sid", "WQ", &settings.outbound_queue_sid),
        ("outbound_workflow_sid", "WW", &settings.outbound_workflow_sid),
        ("outbound_task_channel_sid", "TC", &settings.outbound_task_channel_sid),
    ] {
        let named = sid.strip_prefix(kind);
        let whole = named.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()));
        if !sid.is_empty() && !whole {
            return invalid(field, Rule::Sid, &format!("is not {kind} and 32 hexadecimal digits"));
        }
    }
    let country = &settings.outbound_country;
    let code = country.strip_prefix('+').unwrap_or_default();
    let is_code =
        (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) && !code.starts_with('0');
    if !country.is_empty() && !is_code {
        return invalid("outbound_country", Rule::Country, "is not a country's calling code, like +81");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(change: impl FnOnce(&mut FlexSettings), expected: &str) {
        let mut settings = FlexSettings::default();
        change(&mut settings);
        let said = check(&settings).expect_err("it is refused").to_string();
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn what_could_not_be_gone_by_is_refused_by_its_name() {
        assert!(check(&FlexSettings::default()).is_ok());
        let dials = FlexSettings {
            outbound_caller_id: "+815012345678".into(),
            outbound_queue_sid: format!("WQ{}", "a".repeat(32)),
            outbound_workflow_sid: format!("WW{}", "a".repeat(32)),
            outbound_task_channel_sid: format!("TC{}", "a".repeat(32)),
            outbound_country: "+81".into(),
            ..FlexSettings::default()
        };
        assert!(check(&dials).is_ok());
        refused(|s| s.subject = "{{ name".into(), "`subject` is no template");
        refused(|s| s.outbound_country = "1".repeat(4_001), "`outbound_country` is longer than 4,000");
        refused(|s| s.description = " ".into(), "`description` is empty");
        refused(|s| s.automatic_tag = "two words".into(), "`automatic_tag` has other characters");
        refused(|s| s.logged_attributes = vec![String::new()], "`logged_attributes` has an empty name");
        refused(|s| s.logged_attributes = vec!["x".into(); 51], "`logged_attributes` names more than 50");
        for caller_id in ["050-1234-5678", "anonymous", "+81 50-1234-5678"] {
            refused(|s| s.outbound_caller_id = caller_id.into(), "`outbound_caller_id` is not a number");
        }
        refused(|s| s.outbound_queue_sid = "WW1".into(), "`outbound_queue_sid` is not WQ and 32");
        refused(|s| s.outbound_workflow_sid = "default".into(), "`outbound_workflow_sid` is not WW and 32");
        refused(|s| s.outbound_task_channel_sid = "voice".into(), "`outbound_task_channel_sid` is not TC");
        for country in ["81", "+", "+081", "+1234", "JP"] {
            refused(|s| s.outbound_country = country.into(), "`outbound_country` is not a country's");
        }
        refused(
            |s| s.outcomes = vec!["x".repeat(101)],
            "`outcomes` has an empty line, or one of more than 100",
        );
    }
}
