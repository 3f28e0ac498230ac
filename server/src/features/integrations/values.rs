//! What a cell becomes in a field of the destination. **Invariant:** no I/O; both what we would write and what the destination holds
//! are brought into one form before they are compared, so that a difference is one that the destination would keep.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use engine::Value;
use sha2::{Digest, Sha256};
use wire::{Mapping, Missing};

use crate::connectors::{
    decimal::{canonical, rounded},
    zendesk::{FieldKind, stored_value},
};

/// A field of the destination that can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub kind: FieldKind,
    /// Of a dropdown: its options' tags. Zendesk drops another one and answers 200.
    pub options: Vec<String>,
    /// When it was made. Records that did not change since hold nothing in it, whatever is kept of them: that was another field of
    /// this name, which was deleted.
    pub made_at: DateTime<Utc>,
    /// Options that it gets again: no record holds one of them, whatever is kept of it.
    pub new_options: Vec<String>,
}

impl Field {
    /// One that was there always, with all its options.
    pub fn new(name: &str, kind: FieldKind, options: Vec<String>) -> Self {
        Self { name: name.to_owned(), kind, options, made_at: DateTime::UNIX_EPOCH, new_options: Vec::new() }
    }
}

/// Values by field; `None`: empty. Texts are in the destination's form.
pub type Values = BTreeMap<String, Option<String>>;

/// Why a cell cannot be written into its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("`{field}` takes {expected}, and the value is `{value}`")]
    Unfit { field: String, expected: &'static str, value: String },
    #[error(
        "`{field}` has no option whose tag is `{value}`; add the option in Zendesk, or map the value to one"
    )]
    NoOption { field: String, value: String },
    #[error(
        "the value for `{field}` has {length} characters, and at most {MOST_CHARACTERS} are written; use \
         `truncate({MOST_CHARACTERS})`"
    )]
    TooLong { field: String, length: usize },
}

/// Zendesk refuses longer texts.
pub(super) const MOST_CHARACTERS: usize = 65_535;
/// Of a value that is quoted in a sentence.
const QUOTED: usize = 80;

/// One step between cell and field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    Trim,
    Lower,
    Upper,
    Digits,
    Date,
    Round(u32),
    Truncate(usize),
    Map(BTreeMap<String, String>),
}

impl Function {
    /// Reads `trim`, `round(2)`, `map{a=b,c=d}`.
    pub fn parse(text: &str) -> Option<Self> {
        let argument = |name: &str, open: char, close: char| {
            text.strip_prefix(name)?.strip_prefix(open)?.strip_suffix(close)
        };
        Some(match text {
            "trim" => Self::Trim,
            "lower" => Self::Lower,
            "upper" => Self::Upper,
            "digits" => Self::Digits,
            "date" => Self::Date,
            _ => {
                if let Some(places) = argument("round", '(', ')') {
                    Self::Round(places.trim().parse().ok().filter(|places| *places <= 18)?)
                } else if let Some(length) = argument("truncate", '(', ')') {
                    Self::Truncate(length.trim().parse().ok()?)
                } else {
                    let pairs = argument("map", '{', '}')?.split(',').map(|pair| {
                        let (from, to) = pair.split_once('=')?;
                        Some((from.trim().to_owned(), to.trim().to_owned()))
                    });
                    Self::Map(pairs.collect::<Option<_>>()?)
                }
            }
        })
    }

    fn apply(&self, text: String) -> String {
        match self {
            Self::Trim => text.trim().to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Digits => text.chars().filter(char::is_ascii_digit).collect(),
            Self::Date => text
                .get(..10)
                .filter(|day| day.parse::<NaiveDate>().is_ok())
                .map_or(text.clone(), str::to_owned),
            Self::Round(places) => canonical(&text).map_or(text, |number| rounded(&number, *places as usize)),
            Self::Truncate(length) => text.chars().take(*length).collect(),
            Self::Map(pairs) => pairs.get(&text).cloned().unwrap_or(text),
        }
    }
}

/// A mapping that was checked: where its value comes from, and what is done to it.
#[derive(Debug, Clone)]
pub struct Rule {
    pub field: Field,
    pub from: From,
    pub missing: Missing,
    pub default: Option<String>,
    pub functions: Vec<Function>,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub enum From {
    /// The column of the result with this index.
    Column(usize),
    Constant(String),
}

impl Rule {
    /// A checked mapping as a rule, where its column is one of `columns` (`None`: it is not).
    pub fn of(mapping: &Mapping, columns: &[engine::Column], field: Field) -> Option<Self> {
        let from = match (&mapping.column, &mapping.constant) {
            (Some(name), _) => From::Column(columns.iter().position(|column| column.name == *name)?),
            (None, constant) => From::Constant(constant.clone().unwrap_or_default()),
        };
        Some(Self {
            field,
            from,
            missing: mapping.missing,
            default: mapping.default.clone(),
            functions: mapping.functions.iter().filter_map(|text| Function::parse(text)).collect(),
        })
    }

    /// Whether the field is to hold its default, because there is nothing else.
    pub fn is_defaulted(&self, cell: impl FnOnce(usize) -> Option<String>) -> bool {
        self.missing == Missing::Default && self.text(cell).is_none()
    }

    /// What there is for the field; `None`: it is missing.
    fn text(&self, cell: impl FnOnce(usize) -> Option<String>) -> Option<String> {
        let text = match &self.from {
            From::Column(index) => cell(*index)?,
            From::Constant(text) => text.clone(),
        };
        let text = self.functions.iter().fold(text, |text, function| function.apply(text));
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// What the field is to hold; `None`: it stays as it is.
    #[expect(
        clippy::option_option,
        reason = "outside: whether it is written; inside: what, which may be nothing"
    )]
    pub fn value(
        &self,
        cell: impl FnOnce(usize) -> Option<String>,
    ) -> Result<Option<Option<String>>, ValueError> {
        match (self.text(cell), self.missing) {
            (Some(text), _) => Ok(Some(stored(&self.field, &text)?)),
            (None, Missing::Keep) => Ok(None),
            (None, Missing::Clear) => Ok(Some(stored(&self.field, "")?)),
            (None, Missing::Default) => {
                Ok(Some(stored(&self.field, self.default.as_deref().unwrap_or_default())?))
            }
        }
    }
}

/// A cell as text, the way that a person would write it; `None`: empty.
pub fn text_of(cell: &Value<'_>) -> Option<String> {
    Some(match cell {
        Value::Null => return None,
        Value::Text(text) | Value::Json(text) | Value::Invalid(text) => text.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal { unscaled, scale } => decimal_text(*unscaled, *scale),
        Value::Boolean(value) => value.to_string(),
        Value::Date(days) => NaiveDate::from_epoch_days(*days)?.to_string(),
        Value::Timestamp(micros) => {
            DateTime::from_timestamp_micros(*micros)?.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
        }
    })
}

fn decimal_text(unscaled: i128, scale: i8) -> String {
    let places = usize::try_from(scale.max(0)).unwrap_or_default();
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let zeros = "0".repeat(usize::try_from(-i32::from(scale.min(0))).unwrap_or_default());
    let sign = if unscaled < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}{zeros}{}{part}", if places > 0 { "." } else { "" });
    canonical(&text).unwrap_or(text)
}

/// Text in the form in which the destination stores it; `None`: nothing is stored.
pub fn stored(field: &Field, text: &str) -> Result<Option<String>, ValueError> {
    let (name, quoted) = (|| field.name.clone(), || text.trim().chars().take(QUOTED).collect::<String>());
    let length = text.chars().count();
    if length > MOST_CHARACTERS {
        return Err(ValueError::TooLong { field: name(), length });
    }
    let text = match (field.kind, text.trim().to_lowercase().as_str()) {
        (FieldKind::Checkbox, "true" | "yes" | "y" | "t") => "true",
        (FieldKind::Checkbox, "false" | "no" | "n" | "f") => "false",
        _ => text,
    };
    let stored = stored_value(field.kind, &serde_json::Value::String(text.to_owned()));
    let stored = stored.map_err(|error| ValueError::Unfit {
        field: name(),
        expected: error.expected,
        value: quoted(),
    })?;
    let is_option = |tag: &String| field.kind != FieldKind::Dropdown || field.options.contains(tag);
    match stored {
        Some(tag) if !is_option(&tag) => Err(ValueError::NoOption { field: name(), value: quoted() }),
        stored => Ok(stored),
    }
}

/// What the destination holds, in the same form. What is not in that form counts as another value, never as empty.
pub fn held(field: &Field, value: &serde_json::Value) -> Option<String> {
    stored_value(field.kind, value).unwrap_or_else(|_| Some(value.to_string()))
}

/// What is sent for a stored value.
pub fn sent(kind: FieldKind, value: Option<&str>) -> serde_json::Value {
    use serde_json::Value as Json;
    match (kind, value) {
        (_, None) => Json::Null,
        (FieldKind::Checkbox, Some(text)) => Json::Bool(text == "true"),
        (FieldKind::Multiselect, Some(text)) => text.split(' ').collect(),
        (FieldKind::Integer | FieldKind::Lookup, Some(text)) => {
            text.parse::<i64>().map_or_else(|_| Json::String(text.to_owned()), Json::from)
        }
        // As text: a number in JSON is a double to whoever reads it.
        (_, Some(text)) => Json::String(text.to_owned()),
    }
}

/// What each field's value comes to, as short text: equal values have equal prints.
pub type Prints = BTreeMap<String, String>;

/// The print of a value.
pub fn print(value: Option<&str>) -> String {
    value.map_or_else(String::new, |text| hex::encode(&Sha256::digest(text)[..8]))
}

/// The prints of all values.
pub fn prints(values: &Values) -> Prints {
    values.iter().map(|(field, value)| (field.clone(), print(value.as_deref()))).collect()
}

/// One text for all values together, by field: the same values have the same.
pub fn fingerprint(values: &Values) -> String {
    serde_json::json!(prints(values)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: FieldKind, cases: &[(&str, Result<Option<&str>, &str>)]) {
        let field = Field::new("f", kind, vec!["plan_gold".into()]);
        for (text, expected) in cases {
            let is = stored(&field, text).map_err(|error| error.to_string());
            let expected = expected.map(|text| text.map(str::to_owned)).map_err(str::to_owned);
            assert_eq!(is, expected, "{text:?} as {kind:?}");
        }
    }

    #[test]
    fn values_take_the_form_in_which_zendesk_stores_them() {
        check(FieldKind::Integer, &[("007", Ok(Some("7"))), ("", Ok(None))]);
        check(FieldKind::Checkbox, &[("yes", Ok(Some("true"))), ("", Ok(Some("false")))]);
        check(FieldKind::Text, &[("  a\r\nb ", Ok(Some("a\nb"))), ("山田 👩‍💻", Ok(Some("山田 👩‍💻")))]);
        check(
            FieldKind::Decimal,
            &[
                ("1000.1234567890123456", Ok(Some("1000.12345678901"))),
                (
                    "123456789012345678901234567890",
                    Err(
                        "`f` takes a number of at most 15 digits before the point (a text field takes more), and the value is \
                         `123456789012345678901234567890`",
                    ),
                ),
            ],
        );
        check(FieldKind::Text, &[(&"x".repeat(65_535), Ok(Some(&"x".repeat(65_535))))]);
        check(
            FieldKind::Text,
            &[(
                &"x".repeat(100_000),
                Err(
                    "the value for `f` has 100000 characters, and at most 65535 are written; use `truncate(65535)`",
                ),
            )],
        );
        check(
            FieldKind::Date,
            &[("19.08.2020", Err("`f` takes a date like 2026-11-30, and the value is `19.08.2020`"))],
        );
        check(
            FieldKind::Integer,
            &[("1,000", Err("`f` takes a whole number like 1200, and the value is `1,000`"))],
        );
    }

    #[test]
    fn a_dropdown_takes_only_its_options_because_zendesk_drops_others() {
        check(
            FieldKind::Dropdown,
            &[
                ("plan_gold", Ok(Some("plan_gold"))),
                (
                    "plan_tin",
                    Err(
                        "`f` has no option whose tag is `plan_tin`; add the option in Zendesk, or map the value to one",
                    ),
                ),
            ],
        );
    }

    #[test]
    fn functions_are_applied_in_their_order() {
        let apply = |functions: &[&str], text: &str| {
            let functions: Vec<_> =
                functions.iter().map(|text| Function::parse(text).expect("a function")).collect();
            functions.iter().fold(text.to_owned(), |text, function| function.apply(text))
        };
        assert_eq!(apply(&["trim", "lower"], " ACME "), "acme");
        assert_eq!(apply(&["round(2)"], "99.995"), "100");
        assert_eq!(apply(&["round(0)"], "-0.5"), "-1");
        assert_eq!(apply(&["truncate(3)", "upper"], "abcdef"), "ABC");
        assert_eq!(apply(&["map{gold=plan_gold, tin=plan_tin}"], "tin"), "plan_tin");
        assert_eq!(apply(&["digits"], "+81 (50)"), "8150");
        for wrong in ["", "rond(2)", "round(x)", "map{a}", "truncate(-1)"] {
            assert_eq!(Function::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cells_are_written_as_people_write_them() {
        let check = |cell: Value<'_>, text: &str| assert_eq!(text_of(&cell).as_deref(), Some(text));
        check(Value::Decimal { unscaled: -1250, scale: 2 }, "-12.5");
        check(Value::Decimal { unscaled: 5, scale: 3 }, "0.005");
        check(Value::Decimal { unscaled: 12, scale: -2 }, "1200");
        check(Value::Date(0), "1970-01-01");
        check(Value::Timestamp(1_500_000), "1970-01-01T00:00:01.500Z");
        assert_eq!(text_of(&Value::Null), None);
    }

    #[test]
    fn equal_values_have_one_fingerprint() {
        let values =
            |text: &str| Values::from([("a".to_owned(), Some(text.to_owned())), ("b".to_owned(), None)]);
        assert_eq!(fingerprint(&values("1")), fingerprint(&values("1")));
        assert_ne!(fingerprint(&values("1")), fingerprint(&values("2")));
        assert_ne!(print(Some("")), print(None));
    }
}
