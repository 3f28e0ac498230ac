//! Names that settings had in earlier versions: they go on working. **Invariant:** where both names stand in one file, the new one
//! counts; in the environment both are refused, as any setting that is set twice.

use toml::Value;

use super::layers::variable;

/// A setting that has another name now.
struct Renamed {
    before: &'static str,
    now: &'static str,
    /// A whole number of the former name times this is one of the new name.
    times: i64,
}

/// A month of the former setting counts as thirty days.
const RENAMED: &[Renamed] = &[
    Renamed { before: "badges.new_customer_months", now: "contracts.new_customer_days", times: 30 },
    Renamed { before: "badges.renewal_near_days", now: "contracts.renewal_near_days", times: 1 },
    Renamed { before: "badges.high_mrr", now: "contracts.high_mrr", times: 1 },
];

fn of(key: &str) -> Option<&'static Renamed> {
    RENAMED.iter().find(|one| one.before == key)
}

/// Settings with former names first, so that those with new names count.
pub(super) fn first(settings: impl Iterator<Item = (String, Value)>) -> Vec<(String, Value)> {
    let mut all: Vec<_> = settings.collect();
    all.sort_by_key(|(key, _)| of(key).is_none());
    all
}

/// A setting under its name of today.
pub(super) fn now(key: String, value: Value) -> (String, Value) {
    let Some(renamed) = of(&key) else { return (key, value) };
    let value = match value {
        Value::Integer(number) => Value::Integer(number.saturating_mul(renamed.times)),
        value => value,
    };
    (renamed.now.to_owned(), value)
}

/// The same for a variable of the environment.
pub(super) fn variable_now((name, text): (String, String)) -> (String, String) {
    let Some(renamed) = RENAMED.iter().find(|one| variable(one.before) == name) else { return (name, text) };
    let text = match text.trim().parse::<i64>() {
        Ok(number) => number.saturating_mul(renamed.times).to_string(),
        Err(_) => text,
    };
    (variable(renamed.now), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_name_means_the_setting_of_today() {
        let check = |key: &str, value: Value, expected: (&str, Value)| {
            assert_eq!(now(key.to_owned(), value), (expected.0.to_owned(), expected.1));
        };
        check("badges.new_customer_months", 3.into(), ("contracts.new_customer_days", 90.into()));
        check("badges.high_mrr", 12.5.into(), ("contracts.high_mrr", 12.5.into()));
        check("badges.vip_tags", 1.into(), ("badges.vip_tags", 1.into()));
        assert_eq!(
            variable_now(("DESKSIDE_BADGES__NEW_CUSTOMER_MONTHS".into(), " 2 ".into())),
            ("DESKSIDE_CONTRACTS__NEW_CUSTOMER_DAYS".to_owned(), "60".to_owned())
        );
    }
}
