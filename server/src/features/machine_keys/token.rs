//! What a key looks like: `deskside_mk_`, its id, and 256 random bits. The prefix is for people and for scanners that look for secrets
//! in repositories. **Invariant:** hashes are compared in constant time.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const PREFIX: &str = "deskside_mk_";
/// Hexadecimal digits.
const ID: usize = 16;
const SECRET: usize = 64;

/// A whole key.
pub(super) struct Token {
    id: String,
    text: SecretString,
}

impl Token {
    /// A new one.
    pub fn fresh() -> Self {
        let id = hex::encode(rand::random::<[u8; ID / 2]>());
        let text = format!("{PREFIX}{id}_{}", hex::encode(rand::random::<[u8; SECRET / 2]>()));
        Self { id, text: text.into() }
    }

    /// What somebody shows, where it can be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_hex = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_one = is_hex(id, ID) && is_hex(secret, SECRET);
        is_one.then(|| Self { id: id.to_owned(), text: text.to_owned().into() })
    }

    /// The part that is no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.text.expose_secret()))
    }

    /// Whether this is what was kept of it.
    pub fn has_hash(&self, kept: &str) -> bool {
        verify_slices_are_equal(self.hash().as_bytes(), kept.as_bytes()).is_ok()
    }

    /// All of it.
    pub fn text(self) -> SecretString {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_all_of_it() {
        let token = Token::fresh();
        let (id, kept) = (token.id().to_owned(), token.hash());
        let text = token.text().expose_secret().to_owned();
        let check = |text: &str, expected: bool| {
            let good = Token::parse(text).is_some_and(|token| token.id() == id && token.has_hash(&kept));
            assert_eq!(good, expected, "{text}");
        };
        check(&text, true);
        let last = if text.ends_with('0') { '1' } else { '0' };
        check(&format!("{}{last}", &text[..text.len() - 1]), false);
        for text in [
            "",
            "deskside_mk_",
            &text[1..],
            &format!("{text}0"),
            &format!(" {text}"),
            &text.to_uppercase(),
            &text.replacen(&id, &"0".repeat(16), 1),
        ] {
            check(text, false);
        }
        assert_ne!(Token::fresh().hash(), kept);
    }
}
