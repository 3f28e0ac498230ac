//! Why a row has its outcome: a code and what it is about are kept, so that each reader gets it in their language. English is here.
//! **Invariants:** no I/O; what is kept and is no code with its arguments is a sentence already, and stays as it is.

use wire::RowReason as Why;

use super::values::ValueError;

/// As it is kept: a JSON list of the code and what it is about.
pub(super) fn reason(why: Why, about: &[&str]) -> String {
    let parts: Vec<&str> = std::iter::once(why.as_str()).chain(about.iter().copied()).collect();
    serde_json::json!(parts).to_string()
}

/// Why a cell cannot be written into its field.
pub(super) fn of_value(error: &ValueError) -> String {
    match error {
        ValueError::Unfit { field, expected, value } => {
            let why = match *expected {
                "a date like 2026-11-30" => Why::NotADate,
                "a number like 1200.5" => Why::NotANumber,
                "a whole number like 1200" => Why::NotAWholeNumber,
                "true or false" => Why::NotTrueOrFalse,
                expected => return reason(Why::ValueUnfit, &[field, expected, value]),
            };
            reason(why, &[field, value])
        }
        ValueError::NoOption { field, value } => reason(Why::NoOption, &[field, value]),
        ValueError::TooLong { field, length } => {
            let most = super::values::MOST_CHARACTERS.to_string();
            reason(Why::ValueTooLong, &[field, &length.to_string(), &most])
        }
    }
}

/// A reason, as it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// In English.
    pub text: String,
    pub code: Option<String>,
    pub about: Vec<String>,
}

/// What is kept of a reason.
pub(super) fn told(kept: &str) -> Told {
    let parts = kept.starts_with('[').then(|| serde_json::from_str::<Vec<String>>(kept).ok()).flatten();
    let found = parts.as_deref().and_then(<[String]>::split_first);
    let Some((code, about, english)) = found.and_then(|(code, about)| Some((code, about, english(code)?)))
    else {
        return Told { text: kept.to_owned(), ..Told::default() };
    };
    Told { text: filled(english, about), code: Some(code.clone()), about: about.to_vec() }
}

/// A sentence with what it is about in place of `{0}`, `{1}`, ….
fn filled(sentence: &str, about: &[String]) -> String {
    let mut parts = sentence.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or((part, ""));
        text.push_str(
            place.parse().ok().and_then(|place: usize| about.get(place)).map_or("", String::as_str),
        );
        text.push_str(rest);
    }
    text
}

/// The sentence of a code; `{0}` is the first that it is about. `None`: a version that knew more kept it.
fn english(code: &str) -> Option<&'static str> {
    let place = Why::ALL.iter().position(|known| *known == code)?;
    ENGLISH.get(place).filter(|(why, _)| why.as_str() == code).map(|(_, english)| *english)
}

/// In the order of the codes.
const ENGLISH: &[(Why, &str)] = &[
    (Why::KeyEmpty, "its key is empty"),
    (Why::NoRecord, "no record has this key"),
    (Why::DuplicateKey, "{0} rows have this key; let the model give one (GROUP BY, or DISTINCT)"),
    (Why::HadTheKeyBefore, "no record has this key; this one had it before"),
    (Why::SeveralRecords, "{0} records have this key: {1}; merge them in Zendesk, or set `on_ambiguous`"),
    (Why::RecordUnreadable, "what is kept of its record cannot be read, so nothing is known of its fields"),
    (Why::KeyMoved, "its key has another record now"),
    (Why::ChangedThere, "somebody changed {0} there since the last run"),
    (
        Why::ChangedThereStays,
        "somebody changed {0} there since the last run; it stays, and the rest is written",
    ),
    (Why::IsMade, "no organization has this key: it is made"),
    (Why::NameEmpty, "a new organization needs a name, and its name is empty"),
    (Why::NotInModel, "the model no longer has this row"),
    (Why::NotInModelStays, "the model no longer has this row; somebody changed {0} there, and that stays"),
    (Why::RecordOfAnotherRow, "another row has its record now"),
    (Why::SameRecord, "another row had the same record"),
    (Why::RecordLost, "the destination no longer has its record"),
    (Why::NothingOfOurs, "none of its fields holds a value that is ours"),
    (Why::SentInVain, "it was sent several times, and the destination has not taken it"),
    (
        Why::RecordGone,
        "Zendesk does not have this record any more: it was deleted or merged; the next run leaves it out",
    ),
    (Why::ThereByNow, "Zendesk has it by now, as {0}; the next run writes its fields"),
    (Why::RecordBusy, "the record takes no more changes for now"),
    (Why::RefusedByZendesk, "{0}: {1}"),
    (Why::OutcomeUnknown, "Zendesk did not say what became of it"),
    (
        Why::NameTaken,
        "an organization with this name exists and has another external id: give it `{0}` in Zendesk, or make the name another one",
    ),
    (Why::ValueUnfit, "`{0}` takes {1}, and the value is `{2}`"),
    (Why::NotADate, "`{0}` takes a date like 2026-11-30, and the value is `{1}`"),
    (Why::NotANumber, "`{0}` takes a number like 1200.5, and the value is `{1}`"),
    (Why::NotAWholeNumber, "`{0}` takes a whole number like 1200, and the value is `{1}`"),
    (Why::NotTrueOrFalse, "`{0}` takes true or false, and the value is `{1}`"),
    (
        Why::NoOption,
        "`{0}` has no option whose tag is `{1}`; add the option in Zendesk, or map the value to one",
    ),
    (
        Why::ValueTooLong,
        "the value for `{0}` has {1} characters, and at most {2} are written; use `truncate({2})`",
    ),
    (
        Why::RecordByAnotherAddress,
        "another row has its record, by another address; let the model give one row for each user",
    ),
    (Why::ConnectionMoved, "its connection leads to another account by now, so the result is unknown"),
    (
        Why::FieldGone,
        "the field `{0}` was deleted in Zendesk or switched off since the rows were compared; the next run says what to do",
    ),
    (Why::CallRefused, "Zendesk refused the call: {0}"),
    (
        Why::ValueInvalid,
        "{0} depends on `{1}`, and a cell there holds `{2}`, which cannot be read as its column's type; correct it in the source",
    ),
    (
        Why::DependsOnInvalid,
        "the row depends on `{0}`, and a cell there holds `{1}`, which cannot be read as its column's type; correct it in the source",
    ),
    (
        Why::MayDependOnInvalid,
        "a value would be emptied or become a default, and may depend on `{0}`, where a cell holds `{1}`, which cannot be read as its column's type; correct it in the source",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        connectors::zendesk::FieldKind,
        features::integrations::values::{Field, stored},
    };

    #[test]
    fn every_reason_has_an_english_sentence() {
        let codes: Vec<&str> = ENGLISH.iter().map(|(why, _)| why.as_str()).collect();
        assert_eq!(codes, Why::ALL);
    }

    #[test]
    fn a_reason_is_read_as_it_was_given() {
        let read = told(&reason(Why::SeveralRecords, &["2", "7, 9"]));
        assert_eq!(read.text, "2 records have this key: 7, 9; merge them in Zendesk, or set `on_ambiguous`");
        assert_eq!(
            (read.code.as_deref(), read.about),
            (Some("several_records"), vec!["2".into(), "7, 9".into()])
        );
        // A version before, a vendor, and a version that knew more.
        for sentence in ["no record has this key", "[\"a vendor's list\"]", "[1]", ""] {
            assert_eq!(told(sentence), Told { text: sentence.into(), ..Told::default() });
        }
        let odd = told(&reason(Why::NotTrueOrFalse, &["{1}", "a\"[b]"])).text;
        assert_eq!(odd, "`{1}` takes true or false, and the value is `a\"[b]`");
    }

    #[test]
    fn a_cell_that_does_not_fit_is_told_as_its_field_says_it() {
        let long = "x".repeat(70_000);
        for (kind, text) in [
            (FieldKind::Date, "19.08.2020"),
            (FieldKind::Decimal, "a"),
            (FieldKind::Integer, "1.5"),
            (FieldKind::Checkbox, "perhaps"),
            (FieldKind::Dropdown, "tin"),
            (FieldKind::Text, &long),
        ] {
            let error = stored(&Field::new("f", kind, Vec::new()), text).expect_err("it does not fit");
            let read = told(&of_value(&error));
            assert_eq!((read.text, read.code.is_some()), (error.to_string(), true));
        }
    }
}
