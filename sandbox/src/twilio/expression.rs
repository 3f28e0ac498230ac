//! The little language in which TaskRouter is asked for tasks and workers by their attributes:
//! `zd_ticket_id == "42" AND direction != "outbound"`. **Invariant:** what is not understood is refused, not guessed.
//! Source: <https://www.twilio.com/docs/taskrouter/expression-syntax>; of its operators these two, and `AND`.

use serde_json::Value;

/// Whether the attributes, a JSON text, satisfy the expression. `None`: it is none.
pub(crate) fn holds(expression: &str, attributes: &str) -> Option<bool> {
    let attributes: Value = serde_json::from_str(attributes).unwrap_or_default();
    let mut all = true;
    for term in expression.replace(" and ", " AND ").split(" AND ") {
        let (at, equal) = match (term.find("!="), term.find("==")) {
            (Some(at), _) => (at, false),
            (None, Some(at)) => (at, true),
            (None, None) => return None,
        };
        let (path, wanted) = (term[..at].trim(), literal(term[at + 2..].trim())?);
        let pointer = format!("/{}", path.replace('.', "/"));
        all &= (attributes.pointer(&pointer) == Some(&wanted)) == equal;
    }
    Some(all)
}

/// `"text"`, `'text'`, a number, `true`.
fn literal(text: &str) -> Option<Value> {
    let quoted = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    let inner = quoted('"').or_else(|| quoted('\''));
    inner.map_or_else(|| serde_json::from_str(text).ok(), |inner| Some(Value::from(inner)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_compared_with_what_is_asked() {
        let attributes = r#"{"zd_ticket_id":"42","n":3,"conversations":{"case":"7"},"direction":"inbound"}"#;
        let check = |expression: &str, expected: Option<bool>| {
            assert_eq!(holds(expression, attributes), expected, "{expression}");
        };
        check(r#"zd_ticket_id == "42""#, Some(true));
        check(r"zd_ticket_id=='42'", Some(true));
        check("zd_ticket_id == 42", Some(false));
        check("n == 3", Some(true));
        check(r#"conversations.case == "7" AND direction != "outbound""#, Some(true));
        check(r#"conversations.case == "7" AND direction != "inbound""#, Some(false));
        check(r#"nothing == "7""#, Some(false));
        check("direction", None);
        check("direction == inbound", None);
    }
}
