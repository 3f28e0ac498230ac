//! A count with its noun, for sentences in English.

/// `1 row`, `2 rows`: `nouns` is the plural, which ends in `s`.
pub fn amount(count: u64, nouns: &str) -> String {
    match (count, nouns.strip_suffix("ies"), nouns.strip_suffix('s')) {
        (1, Some(stem), _) => format!("1 {stem}y"),
        (1, None, Some(noun)) => format!("1 {noun}"),
        _ => format!("{count} {nouns}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_something_is_singular() {
        let check = |count, nouns, expected: &str| assert_eq!(amount(count, nouns), expected);
        check(0, "users", "0 users");
        check(1, "users", "1 user");
        check(2, "users", "2 users");
        check(1, "companies", "1 company");
        check(1, "people", "1 people");
    }
}
