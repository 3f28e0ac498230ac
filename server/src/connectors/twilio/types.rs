//! The fields of Twilio's answers that we read, and no others. Read liberally.

use chrono::{DateTime, Utc};

use crate::connectors::{Careful, Lenient};

/// How Twilio's answers and events are read. A task whose attributes cannot be read is none: they would be written back
/// empty. An event that does not say whose it is, is nobody's. A sink without its address may be ours.
pub const LENIENT: Lenient = Lenient {
    vendor: "twilio",
    careful: &[
        ("attributes", Careful::CostsRow),
        ("account_sid", Careful::CostsRow),
        ("workspace_sid", Careful::CostsRow),
        ("sink_configuration", Careful::CostsRow),
        ("destination", Careful::CostsRow),
    ],
};

/// Whom a Flex token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlexIdentity {
    /// Decoded: `user@example.com`, not `user_40example_2Ecom`.
    pub identity: String,
    /// As the single sign-on names the user; often an e-mail address.
    pub realm_user_id: Option<String>,
    /// Like `agent`, `supervisor`, `admin`.
    pub roles: Vec<String>,
    /// The `TaskRouter` worker.
    pub worker_sid: Option<String>,
    /// When the token ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A `TaskRouter` worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Worker {
    /// `WK…`.
    pub sid: String,
    /// The identity that signs in, decoded.
    pub name: String,
    /// What the contact centre knows of the worker; `email` joins it to Zendesk.
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

impl Worker {
    /// The worker's e-mail address, by which the agent is found in Zendesk.
    pub fn email(&self) -> Option<&str> {
        self.attributes.get("email")?.as_str().filter(|email| email.contains('@'))
    }
}

/// Undoes Twilio's encoding of identities: every byte but letters and digits is `_` and two hex digits.
pub fn decode_identity(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = tail.get(..2).filter(|_| *first == b'_').and_then(|digits| {
            let digits =
                std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u8::from_str_radix(digits, 16).ok()
        });
        if let Some(byte) = escape {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    // What decodes to no text was not encoded.
    String::from_utf8(bytes).unwrap_or_else(|_| encoded.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_decoded_and_what_is_not_encoded_stays() {
        let check = |encoded, expected| assert_eq!(decode_identity(encoded), expected);
        check("mina_2Epark_40example_2Ecom", "mina.park@example.com");
        check("mina_2epark_40example_2ecom", "mina.park@example.com");
        check("_E7_94_B0", "田");
        check("plain", "plain");
        check("", "");
        check("ends_", "ends_");
        check("ends_4", "ends_4");
        check("a_zz_b", "a_zz_b");
        check("a_+4b", "a_+4b");
        check("broken_FF", "broken_FF"); // no text: was not encoded
        check("田_40", "田@");
    }
}
