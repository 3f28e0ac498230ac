//! Which ticket and which customer a task names. **Invariant:** no I/O.

use serde_json::Value;
use wire::{TicketId, UserId};

/// The attribute that an IVR or a bot fills. Source: Twilio, Zendesk integration, "Customize".
pub const TICKET_ATTRIBUTE: &str = "zd_ticket_id";

/// The attribute that says whose call it is: Deskside's own, on what it dials and what it has popped.
pub const USER_ATTRIBUTE: &str = "zd_user_id";

/// Zendesk's ids are safe in JavaScript.
const LARGEST: u64 = 1 << 53;

/// Why the attribute names no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    /// The caller gave none.
    #[error("no ticket number was entered")]
    Missing,
    /// What was given is not a ticket number.
    #[error("this is not a valid ticket number")]
    Invalid,
}

/// The ticket that the attributes name: a whole number, or text that is one after trimming. Nothing else is guessed at:
/// a wrong ticket before an agent is worse than none.
pub(super) fn ticket_number(attributes: &Value) -> Result<TicketId, NumberProblem> {
    id(attributes.get(TICKET_ATTRIBUTE)).map(TicketId)
}

/// The customer whom the attributes name.
pub(super) fn user_id(attributes: &Value) -> Option<UserId> {
    id(attributes.get(USER_ATTRIBUTE)).ok().map(UserId)
}

fn id(attribute: Option<&Value>) -> Result<u64, NumberProblem> {
    let number = match attribute {
        None | Some(Value::Null) => return Err(NumberProblem::Missing),
        Some(Value::Number(number)) => number.as_u64().ok_or(NumberProblem::Invalid)?,
        Some(Value::String(text)) => match text.trim() {
            "" | "undefined" | "null" => return Err(NumberProblem::Missing),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| NumberProblem::Invalid)?
            }
            _ => return Err(NumberProblem::Invalid),
        },
        Some(_) => return Err(NumberProblem::Invalid),
    };
    if (1..LARGEST).contains(&number) { Ok(number) } else { Err(NumberProblem::Invalid) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_ticket_number_names_a_ticket() {
        use NumberProblem::{Invalid, Missing};
        for (attribute, expected) in [
            (json!("42"), Ok(TicketId(42))),
            (json!(" 42 "), Ok(TicketId(42))),
            (json!("\t42\n"), Ok(TicketId(42))),
            (json!(42), Ok(TicketId(42))),
            (json!("00042"), Ok(TicketId(42))),
            (json!(""), Err(Missing)),
            (json!("   "), Err(Missing)),
            (json!("undefined"), Err(Missing)),
            (json!("null"), Err(Missing)),
            (json!(null), Err(Missing)),
            (json!(" 42# "), Err(Invalid)),
            (json!("42; drop"), Err(Invalid)),
            (json!("42.0"), Err(Invalid)),
            (json!("-42"), Err(Invalid)),
            (json!("+42"), Err(Invalid)),
            (json!("0"), Err(Invalid)),
            (json!(0), Err(Invalid)),
            (json!(-1), Err(Invalid)),
            (json!(42.5), Err(Invalid)),
            (json!("1234567890123456789012345678901234567890"), Err(Invalid)),
            (json!("9007199254740992"), Err(Invalid)),
            (json!("４２"), Err(Invalid)),
            (json!("٤٢"), Err(Invalid)),
            (json!(["42"]), Err(Invalid)),
            (json!({"id": 42}), Err(Invalid)),
            (json!(true), Err(Invalid)),
        ] {
            assert_eq!(ticket_number(&json!({ TICKET_ATTRIBUTE: attribute })), expected, "{attribute}");
        }
        assert_eq!(ticket_number(&json!({})), Err(Missing));
        assert_eq!(user_id(&json!({ USER_ATTRIBUTE: "77" })), Some(UserId(77)));
        assert_eq!(user_id(&json!({ USER_ATTRIBUTE: "77; drop", TICKET_ATTRIBUTE: "42" })), None);
        assert_eq!(ticket_number(&json!("not an object")), Err(Missing));
        assert_eq!(ticket_number(&json!(null)), Err(Missing));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_typed_either_is_that_number_or_nothing(text in "\\PC*") {
            if let Ok(TicketId(number)) = ticket_number(&json!({ TICKET_ATTRIBUTE: text })) {
                let trimmed = text.trim().trim_start_matches('0');
                proptest::prop_assert_eq!(number.to_string(), trimmed);
            }
        }
    }
}
