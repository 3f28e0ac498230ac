//! What rows must fulfil. **Invariant:** texts are equal whatever their case; nothing but `= null` and `!=` holds for an empty value.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::{
    Path, Query, Refused,
    dates::{moment, span},
};
use crate::salesforce::{
    record::same_id,
    schema::{Field, Kind},
};

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Like,
}

/// A value in a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Text(String),
    Number(f64),
    Boolean(bool),
    Day(NaiveDate),
    Moment(DateTime<Utc>),
    /// `TODAY`, `LAST_N_DAYS:30`: what it means depends on the day.
    Days(String),
}

impl Literal {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "null" => return Some(Self::Null),
            "true" => return Some(Self::Boolean(true)),
            "false" => return Some(Self::Boolean(false)),
            _ => {}
        }
        let number = || word.parse::<f64>().ok().filter(|number| number.is_finite()).map(Self::Number);
        let day = || NaiveDate::parse_from_str(word, "%Y-%m-%d").ok().map(Self::Day);
        let known = span(word, NaiveDate::default()).map(|_| Self::Days(word.to_owned()));
        known.or_else(day).or_else(|| moment(word).map(Self::Moment)).or_else(number)
    }

    const fn fits(&self, kind: Kind) -> bool {
        match self {
            Self::Null => true,
            Self::Text(_) => kind.is_text(),
            Self::Number(_) => kind.is_number(),
            Self::Boolean(_) => matches!(kind, Kind::Boolean),
            Self::Day(_) => matches!(kind, Kind::Date),
            Self::Moment(_) => matches!(kind, Kind::DateTime),
            Self::Days(_) => matches!(kind, Kind::Date | Kind::DateTime),
        }
    }
}

/// What a row must fulfil.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare { path: Path, operator: Operator, value: Literal, at: usize },
    Among { path: Path, values: Vec<(Literal, usize)>, not: bool },
    Includes { path: Path, values: Vec<(Literal, usize)>, not: bool },
}

impl Condition {
    /// Refuses what cannot be compared; `field` finds what a path leads to.
    pub(super) fn check<'a>(
        &self,
        query: &Query,
        field: &impl Fn(&Path) -> Result<&'a Field, Refused>,
    ) -> Result<(), Refused> {
        let one = |path: &Path, literal: &Literal| {
            let field = field(path)?;
            let refuse = |why: String| Err(Refused::at("INVALID_FIELD", &query.text, path.at, &why));
            if !field.filterable() {
                return refuse(format!("field '{}' can not be filtered in a query call", field.name));
            }
            if !literal.fits(field.kind) {
                let quotes = if field.kind.is_text() { "should be" } else { "should not be" };
                return refuse(format!(
                    "value of filter criterion for field '{}' must be of type {} and {quotes} enclosed in quotes",
                    field.name,
                    field.kind.name()
                ));
            }
            Ok(field)
        };
        match self {
            Self::All(all) | Self::Any(all) => all.iter().try_for_each(|inner| inner.check(query, field)),
            Self::Not(inner) => inner.check(query, field),
            Self::Compare { path, operator, value, .. } => {
                let field = one(path, value)?;
                let texts = field.kind.is_text() && field.kind != Kind::Id && field.kind != Kind::Reference;
                if *operator == Operator::Like && !texts {
                    let why = format!("invalid operator on {} field", field.kind.name());
                    return Err(Refused::at("INVALID_QUERY_FILTER_OPERATOR", &query.text, path.at, &why));
                }
                Ok(())
            }
            Self::Among { path, values, .. } | Self::Includes { path, values, .. } => {
                values.iter().try_for_each(|(value, _)| one(path, value).map(|_| ()))
            }
        }
    }

    /// Whether a row fulfils it; `value` finds what a path leads to, and of what kind it is.
    pub(super) fn holds(&self, value: &impl Fn(&Path) -> (Kind, Value), today: NaiveDate) -> bool {
        match self {
            Self::All(all) => all.iter().all(|inner| inner.holds(value, today)),
            Self::Any(any) => any.iter().any(|inner| inner.holds(value, today)),
            Self::Not(inner) => !inner.holds(value, today),
            Self::Compare { path, operator, value: literal, .. } => {
                let (kind, value) = value(path);
                compare(kind, &value, *operator, literal, today)
            }
            Self::Among { path, values, not } => {
                let (kind, value) = value(path);
                let among =
                    values.iter().any(|(literal, _)| compare(kind, &value, Operator::Equal, literal, today));
                among != *not
            }
            Self::Includes { path, values, not } => {
                let (_, value) = value(path);
                let chosen: Vec<&str> = value.as_str().unwrap_or_default().split(';').collect();
                let all = |text: &str| text.split(';').all(|one| chosen.contains(&one));
                let includes =
                    values.iter().any(|(literal, _)| matches!(literal, Literal::Text(text) if all(text)));
                includes != *not
            }
        }
    }
}

fn compare(kind: Kind, value: &Value, operator: Operator, literal: &Literal, today: NaiveDate) -> bool {
    use Operator::{AtLeast, AtMost, Equal, Greater, Less, Like, NotEqual};
    if value.is_null() || *literal == Literal::Null {
        let same = value.is_null() && *literal == Literal::Null;
        return match operator {
            Equal | AtMost | AtLeast => same,
            NotEqual => !same,
            _ => false,
        };
    }
    let text = value.as_str().unwrap_or_default();
    if let Literal::Days(word) = literal {
        let Some((from, until)) = span(word, today) else { return false };
        let Some(day) = day_of(text) else { return false };
        return match operator {
            Equal => from <= day && day < until,
            NotEqual => !(from <= day && day < until),
            Less => day < from,
            AtMost => day < until,
            Greater => day >= until,
            AtLeast => day >= from,
            Like => false,
        };
    }
    if operator == Like {
        return matches!(literal, Literal::Text(pattern) if like(&text.to_lowercase(), &pattern.to_lowercase()));
    }
    let order = match literal {
        Literal::Number(number) => value.as_f64().and_then(|value| value.partial_cmp(number)),
        Literal::Boolean(wanted) => value.as_bool().map(|value| value.cmp(wanted)),
        Literal::Day(day) => day_of(text).map(|value| value.cmp(day)),
        Literal::Moment(at) => moment(text).map(|value| value.cmp(at)),
        Literal::Text(wanted) if matches!(kind, Kind::Id | Kind::Reference) => {
            Some(if same_id(text, wanted) { Ordering::Equal } else { text.cmp(wanted) })
        }
        Literal::Text(wanted) => Some(text.to_lowercase().cmp(&wanted.to_lowercase())),
        Literal::Null | Literal::Days(_) => None,
    };
    let Some(order) = order else { return false };
    match operator {
        Equal => order.is_eq(),
        NotEqual => order.is_ne(),
        Less => order.is_lt(),
        AtMost => order.is_le(),
        Greater => order.is_gt(),
        AtLeast => order.is_ge(),
        Like => false,
    }
}

/// The day of a date, or of a moment in UTC.
fn day_of(text: &str) -> Option<NaiveDate> {
    text.parse().ok().or_else(|| moment(text).map(|moment| moment.date_naive()))
}

/// `%` for anything, `_` for one letter, `\` before either for itself.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    // For each end of the pattern: which beginnings of the text it matches.
    let mut matched: Vec<bool> = (0..=text.len()).map(|length| length == 0).collect();
    let mut at = 0;
    while at < pattern.len() {
        let escaped = pattern[at] == '\\' && at + 1 < pattern.len();
        let letter = if escaped { pattern[at + 1] } else { pattern[at] };
        matched = if letter == '%' && !escaped {
            let mut any = false;
            matched
                .iter()
                .map(|before| {
                    any |= *before;
                    any
                })
                .collect()
        } else {
            let one = |known: char| (letter == '_' && !escaped) || known == letter;
            std::iter::once(false)
                .chain(text.iter().zip(&matched).map(|(known, before)| *before && one(*known)))
                .collect()
        };
        at += if escaped { 2 } else { 1 };
    }
    matched.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn a_pattern_matches_the_whole_text() {
        let cases = [
            ("acme corp", "acme%", true),
            ("acme corp", "%corp", true),
            ("acme corp", "%me c%", true),
            ("acme corp", "acme", false),
            ("acme", "a_me", true),
            ("acme", "a__e_", false),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("", "%", true),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(like(text, pattern), expected, "{text} LIKE {pattern}");
        }
    }
}
