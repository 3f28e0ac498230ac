//! The three layers of settings, one over the other: the built-in manual, a file, the environment. Knows which keys there
//! are (those of the manual) and of which type, nothing of what they mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::error::{ConfigError, InvalidKey, UnknownKey};

/// Every key with its default.
const MANUAL: &str = include_str!("../../../config.default.toml");
const PREFIX: &str = "DESKSIDE_";
const FILE_SUFFIX: &str = "_FILE";
/// Settings of earlier versions that never did anything: a file that still has them is taken, and they go on doing nothing.
const RETIRED: &[(&str, &str)] =
    &[("contracts", "live_max_age_minutes"), ("salesforce", "login_url"), ("braze", "base_url")];

/// A value and the layer it comes from.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) origin: String,
}

/// Keys like `zendesk.scope`, each with the value of the topmost layer that has one.
pub(super) type Layers = BTreeMap<String, Entry>;

/// The environment variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replacen('.', "__", 1))
}

/// The layers, one over the other, and the files that they were read from. `secrets` may come from files.
pub(super) fn read(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
    secrets: &[&str],
) -> Result<(Layers, Vec<PathBuf>), ConfigError> {
    let manual = MANUAL.parse::<Table>().expect("the manual is built in, and a test reads it");
    let mut layers = flat(manual, "the defaults").collect::<Layers>();
    if let Some(path) = file {
        over_file(&mut layers, path)?;
    }
    let mut files: Vec<_> = file.map(Path::to_owned).into_iter().collect();
    over_environment(&mut layers, env, secrets, &mut files)?;
    Ok((layers, files))
}

/// `[section] key = …` as `section.key`; what is in no section keeps its own name.
fn flat(table: Table, origin: &str) -> impl Iterator<Item = (String, Entry)> {
    table.into_iter().flat_map(move |(section, value)| {
        let entry = |value| Entry { value, origin: origin.to_owned() };
        match value {
            Value::Table(keys) => keys
                .into_iter()
                .map(|(key, value)| (format!("{section}.{key}"), entry(value)))
                .collect::<Vec<_>>(),
            value => vec![(section, entry(value))],
        }
    })
}

fn over_file(layers: &mut Layers, path: &Path) -> Result<(), ConfigError> {
    let origin = path.display().to_string();
    let text = text_of(path, "the settings")?;
    let table = text.parse::<Table>().map_err(|error| {
        // Not the parser's own text: it quotes the line, and a secret with it.
        let line =
            error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let problem = format!("is not TOML: {}", error.message());
        ConfigError::Invalid(vec![InvalidKey {
            key: format!("line {line}"),
            origin: origin.clone(),
            problem,
        }])
    })?;
    let mut unknown = Vec::new();
    for (key, entry) in flat(table, &origin) {
        match layers.get_mut(&key) {
            Some(known) => *known = entry,
            None if is_retired(&key) => {}
            None => unknown.push(UnknownKey {
                nearest: nearest(&key, layers.keys()),
                key,
                origin: origin.clone(),
            }),
        }
    }
    none(unknown)
}

fn over_environment(
    layers: &mut Layers,
    env: impl IntoIterator<Item = (String, String)>,
    secrets: &[&str],
    read: &mut Vec<PathBuf>,
) -> Result<(), ConfigError> {
    let ours = ours(layers.keys());
    let known: BTreeMap<String, String> = layers.keys().map(|key| (variable(key), key.clone())).collect();
    let files: BTreeMap<String, &str> =
        secrets.iter().map(|key| (variable(key) + FILE_SUFFIX, *key)).collect();
    let (mut unknown, mut twice, mut seen) = (Vec::new(), Vec::new(), BTreeMap::<String, String>::new());
    for (name, text) in env.into_iter().filter(|(name, _)| ours.iter().any(|prefix| name.starts_with(prefix)))
    {
        let (key, text) = if let Some(key) = known.get(&name) {
            (key.clone(), text)
        } else if let Some(key) = files.get(&name) {
            let path = PathBuf::from(text);
            let text = text_of(&path, &format!("named by {name}"))?;
            read.push(path);
            let text = text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text));
            ((*key).to_owned(), text.to_owned())
        } else if retired().any(|key| variable(&key) == name) {
            continue;
        } else {
            let nearest = nearest(&name, known.keys().chain(files.keys()));
            unknown.push(UnknownKey { nearest, key: name, origin: "the environment".to_owned() });
            continue;
        };
        if let Some(other) = seen.insert(key.clone(), name.clone()) {
            let problem = format!("is set twice, also by {other}; keep one");
            twice.push(InvalidKey { key: key.clone(), origin: name.clone(), problem });
        }
        if let Some(entry) = layers.get_mut(&key) {
            *entry = Entry { value: typed_like(&entry.value, text), origin: name };
        }
    }
    none(unknown)?;
    if twice.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(twice)) }
}

/// Beginnings of the variables that are ours to judge: `DESKSIDE_SERVER_…`. Others only share our first name, like those
/// that an orchestrator sets for a service called `deskside`.
fn ours<'a>(keys: impl Iterator<Item = &'a String>) -> Vec<String> {
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

fn text_of(path: &Path, purpose: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        purpose: purpose.to_owned(),
        source,
    })
}

fn retired() -> impl Iterator<Item = String> {
    RETIRED.iter().map(|(section, key)| format!("{section}.{key}"))
}

fn is_retired(key: &str) -> bool {
    retired().any(|retired| retired == key)
}

fn none(unknown: Vec<UnknownKey>) -> Result<(), ConfigError> {
    if unknown.is_empty() { Ok(()) } else { Err(ConfigError::UnknownKey(unknown)) }
}
