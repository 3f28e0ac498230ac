//! Settings as the database keeps them: an object that an older or a newer version may have written. **Invariants:** each setting
//! is read by its own name, so one that is not understood costs itself alone; a change replaces what it names and nothing else.

use serde_json::{Map, Value, map::Entry};
use wire::{FieldRule, FlexSettings};

use super::SettingsError;
use crate::store::StoreError;

/// The object.
#[derive(Debug, Default)]
pub(super) struct Kept(Map<String, Value>);

/// Settings, and what the database has that this version does not understand.
#[derive(Debug, PartialEq)]
pub(super) struct Read {
    pub(super) settings: FlexSettings,
    /// Names of settings whose default stands in, and of settings of another version.
    pub(super) not_understood: Vec<String>,
}

impl Kept {
    pub(super) fn parse(body: &str) -> Result<Self, StoreError> {
        serde_json::from_str(body).map(Self).map_err(|_| StoreError::corrupt("the Flex settings"))
    }

    /// Each setting by its name.
    pub(super) fn read(&self) -> Read {
        let mut all = plain(&FlexSettings::default());
        let mut not_understood = Vec::new();
        for (name, value) in &self.0 {
            let understood = all.contains_key(name) && one(name, value).is_ok();
            if understood {
                all.insert(name.clone(), value.clone());
            } else {
                not_understood.push(name.clone());
            }
        }
        let settings = serde_json::from_value(Value::Object(all)).expect("each was read by itself");
        Read { settings, not_understood }
    }

    /// With these changes, each by its name.
    pub(super) fn changed(mut self, changes: Map<String, Value>) -> Result<Self, SettingsError> {
        let known = plain(&FlexSettings::default());
        for (field, value) in changes {
            if !known.contains_key(&field) {
                return Err(SettingsError::Unknown(field.chars().take(100).collect()));
            }
            if let Err(error) = one(&field, &value) {
                let why = format!("cannot be that: {error}");
                return Err(SettingsError::Invalid { field, rule: FieldRule::Type, why });
            }
            self.0.insert(field, value);
        }
        Ok(self)
    }

    /// The text to keep: this object with `settings`. What is not understood stays as it is.
    pub(super) fn with(mut self, settings: &FlexSettings) -> String {
        for (name, value) in plain(settings) {
            match self.0.entry(name) {
                Entry::Occupied(kept) if one(kept.key(), kept.get()).is_err() => {}
                Entry::Occupied(mut kept) => drop(kept.insert(value)),
                Entry::Vacant(free) => drop(free.insert(value)),
            }
        }
        Value::Object(self.0).to_string()
    }
}

fn one(name: &str, value: &Value) -> serde_json::Result<FlexSettings> {
    serde_json::from_value(Value::Object(Map::from_iter([(name.to_owned(), value.clone())])))
}

fn plain(settings: &FlexSettings) -> Map<String, Value> {
    let value = serde_json::to_value(settings).expect("settings are plain data");
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(value: &Value) -> Kept {
        Kept::parse(&value.to_string()).expect("an object")
    }

    #[track_caller]
    fn check_change(changes: Value, expected: Result<bool, &str>) {
        let Value::Object(changes) = changes else { panic!("an object") };
        let said = kept(&json!({"log_switch": true})).changed(changes).map(|kept| kept.read().settings);
        let said =
            said.map(|settings| settings.assign && settings.log_switch).map_err(|error| error.to_string());
        match (said, expected) {
            (Err(said), Err(expected)) => assert!(said.starts_with(expected), "{said}"),
            (said, expected) => assert_eq!(said, expected.map_err(str::to_owned)),
        }
    }

    #[test]
    fn a_change_names_what_it_changes_and_what_is_not_named_stays() {
        check_change(json!({"assign": true}), Ok(true));
        check_change(json!({}), Ok(false));
        check_change(json!({"asign": true}), Err("unknown setting `asign`"));
        check_change(json!({"assign": "yes"}), Err("`assign` cannot be that"));
        check_change(json!({"without_number": "never"}), Err("`without_number` cannot be that"));
    }

    #[test]
    fn what_is_not_understood_costs_itself_alone_and_is_kept() {
        let newer = json!({"without_number": "first_of_all", "tint": "blue", "assign": true, "log_start": 1});
        let Read { settings, not_understood } = kept(&newer).read();
        assert_eq!(settings, FlexSettings { assign: true, ..FlexSettings::default() });
        assert_eq!(not_understood, ["log_start", "tint", "without_number"]);
        let Value::Object(changes) = json!({"log_start": false, "subject": "Call"}) else {
            panic!("an object")
        };
        let kept = kept(&newer).changed(changes).expect("it is taken");
        let written: Value =
            serde_json::from_str(&kept.with(&FlexSettings { flex_width: 700, ..FlexSettings::default() }))
                .unwrap();
        for (name, value) in [
            ("without_number", json!("first_of_all")),
            ("tint", json!("blue")),
            ("flex_width", json!(700)),
            ("enabled", json!(true)),
        ] {
            assert_eq!(written[name], value, "{name}");
        }
        assert!(Kept::parse("[]").is_err(), "it is not taken for settings that nobody made");
    }
}
