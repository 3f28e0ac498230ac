//! The three layers of settings, one over the other: the built-in manual, a file, the environment. Knows which keys there
//! are (those of the manual) and of which type, nothing of what they mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{
    Spanned, Table, Value,
    de::{DeString, DeTable},
};

use super::{
    error::{ConfigError, InvalidKey, Refused, UnknownKey},
    manual, orchestrator, renamed,
    sources::Sources,
};

const PREFIX: &str = "DESKSIDE_";
/// Settings of earlier versions that never did anything: a file that still has them is taken, and they go on doing nothing.
const RETIRED: &[(&str, &str)] = &[("contracts", "live_max_age_minutes"), ("braze", "base_url")];

/// A value and the layer it comes from.
struct Entry {
    value: Value,
    origin: String,
    default: Value,
    /// How many values have stood in for one that was refused.
    stand_ins: usize,
}

/// Keys like `zendesk.scope`, each with the value of the topmost layer that has one.
type Entries = BTreeMap<String, Entry>;

/// All settings.
pub(super) struct Layers {
    entries: Entries,
    pub(super) sources: Sources,
    /// What is wrong so far.
    pub(super) refused: Refused,
}

impl Layers {
    /// The layers, one over the other.
    pub(super) fn read(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let defaults = flat(manual::defaults()).map(|(key, value)| {
            (key, Entry { default: value.clone(), value, origin: "the defaults".to_owned(), stand_ins: 0 })
        });
        let entries = defaults.collect();
        let mut layers = Self { entries, sources: Sources::of(file), refused: Refused::default() };
        if let Some(path) = file {
            layers.over_file(path)?;
        }
        layers.over_environment(env);
        Ok(layers)
    }

    /// The value of a setting; `None` where the manual has none of that name.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// Where each setting's value comes from.
    pub(super) fn origins(&self) -> BTreeMap<String, String> {
        self.entries.iter().map(|(key, entry)| (key.clone(), entry.origin.clone())).collect()
    }

    /// Whether a setting has the manual's value.
    pub(super) fn is_unset(&self, key: &str) -> bool {
        let trimmed = |value: &Value| value.as_str().map_or(value.clone(), |text| text.trim().into());
        self.entries.get(key).is_some_and(|entry| trimmed(&entry.value) == entry.default)
    }

    /// Puts another value in the place of one that was refused: the manual's, then what texts, addresses and numbers can be.
    pub(super) fn stand_in(&mut self, key: &str) {
        let entry = self.entries.get_mut(key).expect("it was refused, so it is there");
        entry.value = match entry.stand_ins {
            0 => entry.default.clone(),
            1 => "not-set".into(),
            2 => "https://not-set.invalid".into(),
            3 => 1.into(),
            _ => panic!("nothing can stand in for `{key}`: add what its type takes"),
        };
        entry.stand_ins += 1;
    }

    fn over_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let origin = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            purpose: "the settings".to_owned(),
            source,
        })?;
        let table = text.parse::<Table>().map_err(|error| {
            // Not the parser's own text: it quotes the line, and a secret with it.
            let line =
                error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let problem = format!("is not TOML: {}", error.message());
            let invalid = vec![InvalidKey { key: format!("line {line}"), origin: origin.clone(), problem }];
            ConfigError::Refused(Refused { invalid, ..Refused::default() })
        })?;
        let lines = lines(&text);
        for (key, value) in renamed::first(flat(table)) {
            let origin = lines.get(&key).map_or(origin.clone(), |line| format!("{origin}:{line}"));
            let (key, value) = renamed::now(key, value);
            match self.entries.get_mut(&key) {
                Some(known) => (known.value, known.origin) = (value, origin),
                None if retired().any(|retired| retired == key) => self.retire(&key, &origin),
                None => {
                    let nearest = nearest(&key, self.entries.keys());
                    self.refused.unknown.push(UnknownKey { key, origin, nearest });
                }
            }
        }
        Ok(())
    }

    fn over_environment(&mut self, env: impl IntoIterator<Item = (String, String)>) {
        let sections = sections(self.entries.keys());
        let known: BTreeMap<String, String> =
            self.entries.keys().map(|key| (variable(key), key.clone())).collect();
        let secrets = self.entries.keys().filter(|key| manual::is_secret(key));
        let files: BTreeMap<String, String> =
            secrets.map(|key| (variable_of_file(key), key.clone())).collect();
        let mut seen = BTreeMap::<String, String>::new();
        for (said, text) in env {
            let (name, text) = renamed::variable_now((said.clone(), text));
            let (key, text) = if let Some(key) = known.get(&name) {
                (key.clone(), Some(text))
            } else if let Some(key) = files.get(&name) {
                (key.clone(), self.secret_of_file(key, &name, PathBuf::from(text)))
            } else if let Some(key) = retired().find(|key| variable(key) == name) {
                self.retire(&key, &name);
                continue;
            } else {
                if is_ours(&name, &sections) {
                    let nearest = nearest(&name, known.keys().chain(files.keys()));
                    let origin = "the environment".to_owned();
                    self.refused.unknown.push(UnknownKey { nearest, key: name, origin });
                }
                continue;
            };
            if let Some(other) = seen.insert(key.clone(), said.clone()) {
                let problem = format!("is set twice, also by {other}; keep one");
                self.refused.invalid.push(InvalidKey { key: key.clone(), origin: said.clone(), problem });
            }
            self.sources.in_environment(&key);
            if let (Some(entry), Some(text)) = (self.entries.get_mut(&key), text) {
                (entry.value, entry.origin) = (typed_like(&entry.default, text), said);
            }
        }
    }

    /// What the file that a variable names holds, without one newline at its end.
    fn secret_of_file(&mut self, key: &str, variable: &str, path: PathBuf) -> Option<String> {
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                self.sources.files.push(path);
                let text =
                    text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text));
                Some(text.to_owned())
            }
            Err(error) => {
                let problem = format!(
                    "names {}, which cannot be read ({error}); check the path and that this user may read it",
                    path.display()
                );
                let (key, origin) = (key.to_owned(), variable.to_owned());
                self.refused.invalid.push(InvalidKey { key, origin, problem });
                None
            }
        }
    }

    fn retire(&mut self, key: &str, origin: &str) {
        let words = format!("`{key}` in {origin} does nothing any more; remove it");
        self.sources.retired.push(words);
    }
}

/// The environment variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replacen('.', "__", 1))
}

/// The environment variable that names a file with its value, where it is a secret.
pub(super) fn variable_of_file(key: &str) -> String {
    variable(key) + "_FILE"
}

/// `[section] key = …` as `section.key`; what is in no section keeps its own name.
fn flat(table: Table) -> impl Iterator<Item = (String, Value)> {
    table.into_iter().flat_map(|(section, value)| match value {
        Value::Table(keys) => {
            keys.into_iter().map(|(key, value)| (format!("{section}.{key}"), value)).collect::<Vec<_>>()
        }
        value => vec![(section, value)],
    })
}

/// The line of each key in a file.
fn lines(text: &str) -> BTreeMap<String, usize> {
    let Ok(sections) = DeTable::parse(text) else { return BTreeMap::new() };
    let line = |name: &Spanned<DeString<'_>>| text[..name.span().start].matches('\n').count() + 1;
    let mut lines = BTreeMap::new();
    for (section, value) in sections.get_ref() {
        lines.insert(section.get_ref().to_string(), line(section));
        for key in value.get_ref().as_table().into_iter().flat_map(DeTable::keys) {
            lines.insert(format!("{}.{}", section.get_ref(), key.get_ref()), line(key));
        }
    }
    lines
}

/// Whether a variable is ours to judge: it is spelled like a setting of some section, `DESKSIDE_SECTION__NAME`, or begins
/// like those of a section that we have. Others only share our first name.
fn is_ours(name: &str, sections: &[String]) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else { return false };
    rest.split_once("__").is_some_and(|(section, name)| !section.is_empty() && !name.is_empty())
        || !orchestrator::sets(name) && sections.iter().any(|prefix| name.starts_with(prefix))
}

/// Beginnings of the variables of each section: `DESKSIDE_SERVER_`.
fn sections<'a>(keys: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut sections: Vec<_> = keys.filter_map(|key| Some(variable(key.split_once('.')?.0) + "_")).collect();
    sections.dedup();
    sections
}

/// The environment knows only text; the manual knows what it was meant to be. What does not fit stays text, and is refused
/// where it is read.
fn typed_like(default: &Value, text: String) -> Value {
    let trimmed = text.trim();
    match default {
        Value::Integer(_) | Value::Float(_) => {
            trimmed.parse().map(Value::Integer).or_else(|_| trimmed.parse().map(Value::Float)).ok()
        }
        Value::Boolean(_) => trimmed.parse().map(Value::Boolean).ok(),
        Value::Array(_) => {
            let items = trimmed.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => None,
    }
    .unwrap_or(Value::String(text))
}

/// The known name with the fewest letters of difference, if it is near at all.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    let scored = known.map(|known| (strsim::jaro_winkler(name, known), known));
    let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.7).then(|| best.clone())
}

fn retired() -> impl Iterator<Item = String> {
    RETIRED.iter().map(|(section, key)| format!("{section}.{key}"))
}
