//! How addresses are compared: the one function that makes a key of them, for every source.

use unicode_normalization::UnicodeNormalization;

/// NFKC, without spaces around, Unicode lower case, and nothing else: `+tag` and dots stay.
pub fn key(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    let compatible: String = text.nfkc().collect();
    compatible.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::key;

    #[test]
    fn addresses_that_look_alike_have_one_key() {
        let cases = [
            (" Taro@Example.COM\n", "taro@example.com"),
            ("ＴＡＲＯ＠ｅｘａｍｐｌｅ．ｃｏｍ", "taro@example.com"),
            ("\u{3000}MÜLLER@example.com\u{a0}", "müller@example.com"),
            ("Mu\u{308}ller@example.com", "müller@example.com"),
            ("ﬁn@example.com", "fin@example.com"),
            ("ΑΣ@example.com", "ας@example.com"),
            ("taro+vip@example.com", "taro+vip@example.com"),
            ("t.aro@example.com", "t.aro@example.com"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(key(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in any::<String>()) {
            prop_assert_eq!(key(&key(&text)), key(&text));
        }
    }
}
