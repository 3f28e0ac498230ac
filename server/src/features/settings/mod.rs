//! What admins decide in the console. What the operator decides is in the configuration file; this is in the database, and
//! every replica goes by it at once.

mod top_bar;

use serde_json::{Map, Value};
use wire::{FlexSettings, FlexSettingsDocument};

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
}

/// Why settings are not taken.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Admin: mend this one.
    #[error("`{field}` {why}")]
    Invalid {
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// Admin: load the page again; it is of another version.
    #[error("unknown setting `{0}`")]
    Unknown(String),
    /// Admin: look at what is set now, and change that.
    #[error("someone else has changed these settings in the meantime")]
    Changed,
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Settings {
    /// The settings of `account`, whose Flex is at one of these origins; none of `own_tags` is given to every ticket.
    pub const fn new(
        account: String,
        clock: Clock,
        db: Db,
        flex_origins: Vec<String>,
        own_tags: OwnTags,
    ) -> Self {
        Self { account, clock, db, flex_origins, own_tags }
    }

    /// What is set for calls and chats, and its version.
    pub async fn flex_document(&self) -> Result<FlexSettingsDocument, StoreError> {
        let known = settings::read(&self.db, &self.account, FLEX).await?;
        let Some((body, version)) = known else {
            return Ok(FlexSettingsDocument { settings: FlexSettings::default(), version: 0 });
        };
        // What a version before wrote, or one after, is taken as far as it is understood.
        let settings = serde_json::from_str(&body).unwrap_or_else(|error| {
            tracing::error!(%error, "the Flex settings in the database cannot be read; the defaults are used");
            FlexSettings::default()
        });
        Ok(FlexSettingsDocument { settings, version })
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
        let mut settings = changed(&self.flex().await?, changes)?;
        // Its templates are tried, which is not for a thread that serves others.
        let tried = settings.clone();
        let slow = || invalid("subject", "or `description` takes more than a second to fill");
        templates::beside(move || check(&tried)).await.unwrap_or_else(slow)?;
        settings.automatic_tag = stored_tag(&settings.automatic_tag).unwrap_or_default();
        if self.own_tags.has(&settings.automatic_tag) {
            invalid("automatic_tag", "is a tag by which Deskside is told what to do; choose another")?;
        }
        if let Err((field, why)) = TopBar::of(&settings, &self.flex_origins) {
            return Err(SettingsError::Invalid { field: field.to_owned(), why });
        }
        let body = serde_json::to_string(&settings).expect("settings are plain data");
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

/// The settings with these changes, each by its name.
fn changed(known: &FlexSettings, changes: Map<String, Value>) -> Result<FlexSettings, SettingsError> {
    let known = serde_json::to_value(known).expect("settings are plain data");
    let mut settings = known.as_object().cloned().unwrap_or_default();
    for (field, value) in changes {
        if !settings.contains_key(&field) {
            return Err(SettingsError::Unknown(field.chars().take(100).collect()));
        }
        let one = Map::from_iter([(field.clone(), value.clone())]);
        if let Err(error) = serde_json::from_value::<FlexSettings>(Value::Object(one)) {
            return Err(SettingsError::Invalid { field, why: format!("cannot be that: {error}") });
        }
        settings.insert(field, value);
    }
    Ok(serde_json::from_value(Value::Object(settings)).expect("each was read by itself"))
}

fn invalid(field: &str, why: &str) -> Result<(), SettingsError> {
    Err(SettingsError::Invalid { field: field.to_owned(), why: why.to_owned() })
}

/// Refuses what could not be gone by.
fn check(settings: &FlexSettings) -> Result<(), SettingsError> {
    let all = serde_json::to_value(settings).expect("settings are plain data");
    let mut texts = all.as_object().into_iter().flatten();
    let too_long = texts.find(|(_, value)| value.as_str().is_some_and(|text| text.len() > LONGEST));
    if let Some((field, _)) = too_long {
        return invalid(field, "is longer than 4,000 bytes");
    }
    for (field, template) in [("subject", &settings.subject), ("description", &settings.description)] {
        if template.trim().is_empty() {
            return invalid(field, "is empty: Zendesk makes no ticket without it");
        }
        if let Err(error) = templates::check(template) {
            return invalid(field, &format!("is no template that can be used: it {error}"));
        }
    }
    if !settings.automatic_tag.is_empty() && stored_tag(&settings.automatic_tag).is_none() {
        return invalid(
            "automatic_tag",
            "has other characters than letters, digits, `-`, `_`, `:` and `/`, or more than 255 bytes",
        );
    }
    if settings.outcomes.len() > MOST_OUTCOMES {
        return invalid("outcomes", "has more than 30 lines");
    }
    if settings.outcomes.iter().any(|text| text.trim().is_empty() || text.chars().count() > 100) {
        return invalid("outcomes", "has an empty line, or one of more than 100 characters");
    }
    if settings.logged_attributes.len() > MOST_ATTRIBUTES {
        return invalid("logged_attributes", "names more than 50 attributes");
    }
    if settings.logged_attributes.iter().any(|name| name.trim().is_empty() || name.len() > 200) {
        return invalid("logged_attributes", "has an empty name, or one of more than 200 bytes");
    }
    check_outbound(settings)
}

/// Of click-to-dial: each is empty, or what Twilio would take.
fn check_outbound(settings: &FlexSettings) -> Result<(), SettingsError> {
    let caller_id = &settings.outbound_caller_id;
    if !caller_id.is_empty() && phone_number(caller_id).is_none_or(|number| number != *caller_id) {
        return invalid("outbound_caller_id", "is not a number in E.164, like +815012345678");
    }
    for (field, kind, sid) in [
        ("outbound_queue_sid", "WQ", &settings.outbound_queue_sid),
        ("outbound_workflow_sid", "WW", &settings.outbound_workflow_sid),
        ("outbound_task_channel_sid", "TC", &settings.outbound_task_channel_sid),
    ] {
        let named = sid.strip_prefix(kind);
        let whole = named.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()));
        if !sid.is_empty() && !whole {
            return invalid(field, &format!("is not {kind} and 32 hexadecimal digits"));
        }
    }
    let country = &settings.outbound_country;
    let code = country.strip_prefix('+').unwrap_or_default();
    let is_code =
        (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) && !code.starts_with('0');
    if !country.is_empty() && !is_code {
        return invalid("outbound_country", "is not a country's calling code, like +81");
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

    #[track_caller]
    fn check_change(changes: Value, expected: Result<bool, &str>) {
        let Value::Object(changes) = changes else { panic!("an object") };
        let known = FlexSettings { log_switch: true, ..FlexSettings::default() };
        let said = changed(&known, changes);
        let said =
            said.map(|settings| settings.assign && settings.log_switch).map_err(|error| error.to_string());
        match (said, expected) {
            (Err(said), Err(expected)) => assert!(said.starts_with(expected), "{said}"),
            (said, expected) => assert_eq!(said, expected.map_err(str::to_owned)),
        }
    }

    #[test]
    fn a_change_names_what_it_changes_and_what_is_not_named_stays() {
        use serde_json::json;
        check_change(json!({"assign": true}), Ok(true));
        check_change(json!({}), Ok(false));
        check_change(json!({"asign": true}), Err("unknown setting `asign`"));
        check_change(json!({"assign": "yes"}), Err("`assign` cannot be that"));
        check_change(json!({"without_number": "never"}), Err("`without_number` cannot be that"));
    }
}
