//! Without a browser: plain, and the same on every machine.

/// As programs write it.
#[must_use]
pub fn number(value: f64) -> String {
    value.to_string()
}

/// The day on which the tests take place.
#[must_use]
pub fn today() -> String {
    "2026-11-22".into()
}

pub(super) fn local_day(timestamp: &str) -> String {
    timestamp.get(..10).unwrap_or(timestamp).into()
}

pub(super) fn date(_: &str, date: &str) -> String {
    date.into()
}

pub(super) fn time(_: &str, timestamp: &str) -> String {
    timestamp.get(11..16).unwrap_or_default().into()
}

pub(super) fn in_zone(_: &str, timestamp: &str, _: &str, zone: &str) -> String {
    [timestamp.get(..16).unwrap_or(timestamp), " in ", zone].concat()
}

/// Where the tests take place.
#[must_use]
pub fn zone() -> String {
    "Asia/Tokyo".into()
}

pub(super) fn relative(_: &str, count: i32, unit: &str) -> String {
    match count {
        0 => "today".into(),
        1.. => format!("in {count} {unit}s"),
        _ => format!("{} {unit}s ago", -count),
    }
}

pub(super) fn unit(_: &str, value: f64, unit: &str) -> String {
    format!("{value:.1} {unit}")
}

pub(super) fn exact_money(_: &str, amount: &str, currency: Option<&str>) -> String {
    format!("{} {amount}", currency.unwrap_or_default()).trim().into()
}

pub(super) fn money(_: &str, amount: f64, currency: Option<&str>) -> String {
    format!("{} {amount}", currency.unwrap_or_default()).trim().into()
}
