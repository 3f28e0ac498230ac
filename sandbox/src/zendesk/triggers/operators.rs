//! The operators of conditions, as recorded: which there are for each kind of subject, what they are called, and which take no value.
//! **Invariant:** words only; what they mean is in `conditions.rs` and `values.rs`.

use serde_json::{Map, Value};

/// How a condition compares.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Takes no value.
    pub(crate) terminal: bool,
    /// What its value is: `date` or `integer`; only operators of dates say so.
    pub(crate) format: Option<&'static str>,
}

const fn takes(name: &'static str, title: &'static str) -> Operator {
    Operator { name, title, terminal: false, format: None }
}

const fn ends(name: &'static str, title: &'static str) -> Operator {
    Operator { name, title, terminal: true, format: None }
}

const fn of(format: &'static str, operator: Operator) -> Operator {
    Operator { format: Some(format), ..operator }
}

const IS: Operator = takes("is", "Is");
const IS_NOT: Operator = takes("is_not", "Is not");
const LESS: Operator = takes("less_than", "Less than");
const GREATER: Operator = takes("greater_than", "Greater than");
const CHANGED: Operator = ends("changed", "Changed");
const TO: Operator = takes("value", "Changed to");
const FROM: Operator = takes("value_previous", "Changed from");
const NOT_CHANGED: Operator = ends("not_changed", "Not changed");
const NOT_TO: Operator = takes("not_value", "Not changed to");
const NOT_FROM: Operator = takes("not_value_previous", "Not changed from");
const PRESENT: Operator = ends("present", "Present");
const NOT_PRESENT: Operator = ends("not_present", "Not present");
const ANY_WORD: &str = "Contains at least one of the following words";
const NO_WORD: &str = "Contains none of the following words";
const STRING: &str = "Contains the following string";
const NO_STRING: &str = "Does not contain the following string";

pub(super) const ONLY_IS: &[Operator] = &[IS];
pub(super) const EQUALITY: &[Operator] = &[IS, IS_NOT];
pub(super) const PROPERTY: &[Operator] = &[IS, IS_NOT, CHANGED, TO, FROM, NOT_CHANGED, NOT_TO, NOT_FROM];
pub(super) const ORDERED: &[Operator] =
    &[IS, IS_NOT, LESS, GREATER, CHANGED, TO, FROM, NOT_CHANGED, NOT_TO, NOT_FROM];
pub(super) const TAGS: &[Operator] = &[
    takes("includes", "Contains at least one of the following"),
    takes("not_includes", "Contains none of the following"),
];
pub(super) const WORDS: &[Operator] = &[
    takes("includes", ANY_WORD),
    takes("not_includes", NO_WORD),
    takes("is", STRING),
    takes("is_not", NO_STRING),
];
const TEXT_FIELD: &[Operator] = &[
    IS,
    IS_NOT,
    PRESENT,
    NOT_PRESENT,
    takes("includes_words", ANY_WORD),
    takes("not_includes_words", NO_WORD),
    takes("includes_string", STRING),
    takes("not_includes_string", NO_STRING),
];
const NUMBER_FIELD: &[Operator] = &[
    IS,
    LESS,
    takes("less_than_equal", "Less than or equal to"),
    GREATER,
    takes("greater_than_equal", "Greater than or equal to"),
    IS_NOT,
    PRESENT,
    NOT_PRESENT,
];
const DATE_FIELD: &[Operator] = &[
    of("date", IS),
    of("date", IS_NOT),
    of("date", PRESENT),
    of("date", NOT_PRESENT),
    of("date", takes("less_than", "Before")),
    of("date", takes("less_than_equal", "Before or on")),
    of("date", takes("greater_than", "After")),
    of("date", takes("greater_than_equal", "After or on")),
    of("integer", takes("within_previous_n_days", "Is within the previous")),
    of("integer", takes("within_next_n_days", "Is within the next")),
];
const CHOICE_FIELD: &[Operator] = &[IS, IS_NOT, PRESENT, NOT_PRESENT];

/// How the values of a user's or an organization's field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Date,
    Choice,
    Box,
}

impl Kind {
    /// Of a field's type. Multiselect and lookup fields were never recorded as subjects.
    pub(crate) fn of(field: &Map<String, Value>) -> Option<Self> {
        match field["type"].as_str()? {
            "text" | "textarea" | "regexp" => Some(Self::Text),
            "integer" | "decimal" => Some(Self::Number),
            "date" => Some(Self::Date),
            "dropdown" => Some(Self::Choice),
            "checkbox" => Some(Self::Box),
            _ => None,
        }
    }

    pub(super) const fn operators(self) -> &'static [Operator] {
        match self {
            Self::Text => TEXT_FIELD,
            Self::Number => NUMBER_FIELD,
            Self::Date => DATE_FIELD,
            Self::Choice => CHOICE_FIELD,
            Self::Box => ONLY_IS,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Number => "text",
            Self::Date => "date",
            Self::Choice | Self::Box => "list",
        }
    }
}
