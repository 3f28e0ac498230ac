//! Who is at the other end, as far as a task's attributes tell. **Invariant:** no I/O, and nothing is guessed: a number
//! that could be two people's is nobody's.

use serde_json::Value;

/// The other end of an engagement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A phone number, E.164: `+815012345678`.
    Phone(String),
    /// An e-mail address, in lower case.
    Email(String),
    /// The company's own name for the customer.
    External(String),
    /// Somebody who withheld the number, or chats without a name.
    Anonymous,
    /// Nothing that names a person: a short code, a number without its country, a client of our own, or nothing at all.
    Unknown,
}

/// What Twilio puts in place of a withheld number: words, or the digits under their letters.
/// Source: Twilio help centre, "Why am I getting calls from these strange numbers?".
const WITHHELD: &[&str] = &[
    "anonymous",
    "restricted",
    "blocked",
    "private",
    "unavailable",
    "unknown",
    "+266696687",
    "+7378742833",
    "+2562533",
    "+8656696",
    "+86282452253",
];

/// Where attributes have an address of the other end, the most telling first.
const INBOUND: &[&str] = &["from", "customerAddress", "caller", "customers.phone"];
const OUTBOUND: &[&str] = &["outbound_to", "to", "called"];
const EMAIL: &[&str] = &["customers.email", "email", "customer_email"];
const EXTERNAL: &[&str] = &["customers.external_id", "external_id"];

/// Who is at the other end.
pub(super) fn caller(attributes: &Value) -> Caller {
    let addresses = if is_outbound(attributes) { OUTBOUND } else { INBOUND };
    let mut withheld = false;
    for address in addresses.iter().filter_map(|name| text(attributes, name)) {
        match of_address(address) {
            Caller::Unknown => {}
            Caller::Anonymous => withheld = true,
            known => return known,
        }
    }
    if let Some(Caller::Email(address)) =
        EMAIL.iter().filter_map(|name| text(attributes, name)).map(of_address).next()
    {
        return Caller::Email(address);
    }
    match EXTERNAL.iter().find_map(|name| text(attributes, name)) {
        Some(name) if name.len() <= 255 => Caller::External(name.to_owned()),
        // A visitor of the web chat has a conversation, and no name.
        _ if withheld || text(attributes, "conversationSid").is_some() => Caller::Anonymous,
        _ => Caller::Unknown,
    }
}

/// Whether we called.
pub(super) fn is_outbound(attributes: &Value) -> bool {
    text(attributes, "direction")
        .is_some_and(|direction| direction.to_ascii_lowercase().starts_with("outbound"))
}

/// A member by its name; a dot leads into a nested object.
pub(super) fn member<'a>(attributes: &'a Value, name: &str) -> Option<&'a Value> {
    attributes.get(name).or_else(|| name.split('.').try_fold(attributes, |value, part| value.get(part)))
}

/// A member that holds words.
pub(super) fn text<'a>(attributes: &'a Value, name: &str) -> Option<&'a str> {
    let text = member(attributes, name)?.as_str()?.trim();
    (!text.is_empty() && !matches!(text, "undefined" | "null")).then_some(text)
}

/// The phone number in an address, E.164; none where it could be anybody's.
pub fn phone_number(address: &str) -> Option<String> {
    if let Caller::Phone(number) = of_address(address.trim()) { Some(number) } else { None }
}

fn of_address(address: &str) -> Caller {
    let lower = address.to_ascii_lowercase();
    if WITHHELD.contains(&lower.as_str()) {
        return Caller::Anonymous;
    }
    let bare = ["whatsapp:", "sms:", "mms:", "tel:", "rcs:"]
        .iter()
        .find_map(|scheme| lower.strip_prefix(scheme))
        .unwrap_or(&lower);
    if let Some(address) = lower.strip_prefix("sip:").or_else(|| lower.strip_prefix("sips:")) {
        let user = address.split(['@', ';']).next().unwrap_or_default();
        // The host is our own provider's: only a number before it names a person.
        return if WITHHELD.contains(&user) { Caller::Anonymous } else { phone(user) };
    }
    if lower.starts_with("client:") {
        return Caller::Unknown; // an agent, or a visitor without a name
    }
    if let Some(address) = email(bare) { Caller::Email(address) } else { phone(bare) }
}

/// E.164 after what people write between digits is taken out. A number without its country is nobody's.
fn phone(text: &str) -> Caller {
    let number: String =
        text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}')).collect();
    match number.strip_prefix('+') {
        Some(digits)
            if (8..=15).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Caller::Phone(number)
        }
        _ => Caller::Unknown,
    }
}

fn email(text: &str) -> Option<String> {
    let (user, host) = text.split_once('@')?;
    let plain =
        |part: &str| !part.is_empty() && !part.contains([' ', '"', '\\', '<', '>', ',', ';', ':', '@']);
    (plain(user) && plain(host) && host.contains('.') && text.len() <= 254).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(attributes: &Value, expected: &Caller) {
        assert_eq!(&caller(attributes), expected, "{attributes}");
    }

    fn phone(number: &str) -> Caller {
        Caller::Phone(number.into())
    }

    #[test]
    fn a_number_is_known_however_it_is_written() {
        for from in [
            "+815012345678",
            " +81 50-1234-5678 ",
            "+81 (50) 1234.5678",
            "whatsapp:+815012345678",
            "tel:+815012345678",
            "sip:+815012345678@pstn.twilio.com",
            "SIP:+815012345678@example.com;transport=tls",
        ] {
            check(&json!({"from": from}), &phone("+815012345678"));
        }
        check(&json!({"customerAddress": "+815012345678", "channelType": "sms"}), &phone("+815012345678"));
        check(&json!({"from": "client:desk", "caller": "+815012345678"}), &phone("+815012345678"));
    }

    #[test]
    fn what_could_be_anybody_is_nobody() {
        for from in [
            "03-1234-5678",
            "815012345678",
            "12345",
            "+12345",
            "+0123456789",
            "+1234567890123456",
            "client:desk",
            "sip:desk@example.com",
            "++815012345678",
            "+81501234567a",
            "",
            "undefined",
        ] {
            check(&json!({"from": from}), &Caller::Unknown);
        }
        check(&json!({"from": 815_012_345_678_u64}), &Caller::Unknown);
        check(&json!({}), &Caller::Unknown);
        check(&json!("text"), &Caller::Unknown);
        check(&json!(null), &Caller::Unknown);
    }

    #[test]
    fn a_withheld_number_is_told_from_an_unknown_one() {
        for from in [
            "anonymous",
            "Anonymous",
            "+266696687",
            "RESTRICTED",
            "+7378742833",
            "sip:anonymous@anonymous.invalid",
        ] {
            check(&json!({"from": from}), &Caller::Anonymous);
        }
        check(
            &json!({"from": "anonymous", "customers": {"external_id": "C-7"}}),
            &Caller::External("C-7".into()),
        );
    }

    #[test]
    fn an_outbound_call_is_the_other_ends() {
        let call = json!({"direction": "outbound", "from": "+81311112222", "outbound_to": "+815012345678"});
        check(&call, &phone("+815012345678"));
        check(&json!({"direction": "outbound-api", "to": "+815012345678"}), &phone("+815012345678"));
    }

    #[test]
    fn a_chat_is_known_by_its_address_or_its_external_id() {
        let email = |address: &str| Caller::Email(address.into());
        check(&json!({"customers": {"email": "Ada@Example.com"}}), &email("ada@example.com"));
        check(&json!({"customerAddress": "ada@example.com"}), &email("ada@example.com"));
        check(&json!({"conversationSid": "CH1", "customerName": "Web visitor"}), &Caller::Anonymous);
        check(&json!({"email": "no address"}), &Caller::Unknown);
        check(
            &json!({"customers": {"external_id": "C-7"}, "customerAddress": "fx-3f2a"}),
            &Caller::External("C-7".into()),
        );
    }

    #[test]
    fn a_name_with_dots_leads_into_nested_objects_unless_it_is_one() {
        let attributes = json!({"a": {"b": {"c": "deep"}}, "d.e": "flat"});
        assert_eq!(text(&attributes, "a.b.c"), Some("deep"));
        assert_eq!(text(&attributes, "d.e"), Some("flat"));
        assert_eq!(text(&attributes, "a.x"), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_it_is_it_is_no_number_that_was_not_written(from in "\\PC{0,40}") {
            if let Caller::Phone(number) = caller(&json!({"from": from})) {
                let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
                proptest::prop_assert!(digits(&from).contains(&digits(&number)));
            }
        }
    }
}
