//! The browser's `Intl`. A formatter costs a hundred times what formatting does, so each is made once.

use std::cell::RefCell;

use js_sys::{Date, JSON};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// Any of `Intl`'s formatters.
    #[derive(Clone)]
    type Formatter;
    #[wasm_bindgen(method, catch)]
    fn format(this: &Formatter, value: f64) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = format)]
    fn format_text(this: &Formatter, value: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = format)]
    fn format_in(this: &Formatter, value: f64, unit: &str) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn numbers(locale: &str, options: &JsValue) -> Result<NumberFormat, JsValue>;
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn dates(locale: &str, options: &JsValue) -> Result<DateTimeFormat, JsValue>;
    #[cfg(feature = "editor")]
    #[wasm_bindgen(method, js_name = resolvedOptions)]
    fn resolved_options(this: &DateTimeFormat) -> JsValue;
    #[wasm_bindgen(js_namespace = Intl)]
    type RelativeTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn distances(locale: &str, options: &JsValue) -> Result<RelativeTimeFormat, JsValue>;

    #[wasm_bindgen(js_name = String)]
    fn string(value: f64) -> String;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Date,
    Distance,
}

thread_local! {
    /// A panel needs a handful.
    static MADE: RefCell<Vec<(Kind, String, Formatter)>> = const { RefCell::new(Vec::new()) };
}

/// The formatter of these options (JSON); what `Intl` refuses is none.
fn formatter(kind: Kind, locale: &str, options: &str) -> Result<Formatter, JsValue> {
    let name = [locale, options].concat();
    let made = MADE.with_borrow(|made| {
        let same = made.iter().find(|(other, key, _)| *other == kind && *key == name);
        same.map(|(.., formatter)| formatter.clone())
    });
    if let Some(made) = made {
        return Ok(made);
    }
    let options = JSON::parse(options)?;
    let made: JsValue = match kind {
        Kind::Number => NumberFormat::numbers(locale, &options)?.into(),
        Kind::Date => DateTimeFormat::dates(locale, &options)?.into(),
        Kind::Distance => RelativeTimeFormat::distances(locale, &options)?.into(),
    };
    let made: Formatter = made.unchecked_into();
    MADE.with_borrow_mut(|all| all.push((kind, name, made.clone())));
    Ok(made)
}

/// As programs write it.
#[must_use]
pub fn number(value: f64) -> String {
    string(value)
}

/// Here and now, `YYYY-MM-DD`.
#[must_use]
pub fn today() -> String {
    day_of(&Date::new_0())
}

pub(super) fn local_day(timestamp: &str) -> String {
    let date = Date::new(&timestamp.into());
    if date.get_time().is_nan() { timestamp.to_owned() } else { day_of(&date) }
}

fn day_of(date: &Date) -> String {
    let two = |number: u32| [if number < 10 { "-0" } else { "-" }, &number.to_string()].concat();
    [date.get_full_year().to_string(), two(date.get_month() + 1), two(date.get_date())].concat()
}

pub(super) fn date(locale: &str, date: &str) -> String {
    dated(locale, date, r#"{"dateStyle":"medium","timeZone":"UTC"}"#)
}

pub(super) fn time(locale: &str, timestamp: &str) -> String {
    dated(locale, timestamp, r#"{"timeStyle":"short"}"#)
}

/// By options that end before the name of a time zone. One that `Intl` does not know leaves the timestamp as it is.
#[cfg(feature = "editor")]
pub(super) fn in_zone(locale: &str, timestamp: &str, options: &str, zone: &str) -> String {
    let zone = zone.replace(['"', '\\'], "");
    dated(locale, timestamp, &[options, &zone, "\"}"].concat())
}

/// The browser's time zone, by its IANA name.
#[cfg(feature = "editor")]
#[must_use]
pub fn zone() -> String {
    let options = DateTimeFormat::dates("en", &JsValue::UNDEFINED).map(|made| made.resolved_options());
    let zone = options.and_then(|options| js_sys::Reflect::get(&options, &"timeZone".into()));
    zone.ok().and_then(|zone| zone.as_string()).unwrap_or_else(|| "UTC".into())
}

fn dated(locale: &str, timestamp: &str, options: &str) -> String {
    let written = formatter(Kind::Date, locale, options).and_then(|made| made.format(Date::parse(timestamp)));
    written.unwrap_or_else(|_| timestamp.to_owned())
}

pub(super) fn relative(locale: &str, count: i32, unit: &str) -> String {
    let made = formatter(Kind::Distance, locale, r#"{"numeric":"auto"}"#);
    made.and_then(|made| made.format_in(count.into(), unit)).unwrap_or_default()
}

pub(super) fn unit(locale: &str, value: f64, unit: &str) -> String {
    let display = if unit.ends_with("byte") && unit != "byte" { "short" } else { "long" }; // `697 byte` is nobody's English
    let json = [
        r#"{"style":"unit","maximumFractionDigits":1,"unit":""#,
        unit,
        r#"","unitDisplay":""#,
        display,
        "\"}",
    ];
    numbered(locale, value, &json.concat())
}

pub(super) fn money(locale: &str, amount: f64, currency: Option<&str>) -> String {
    let digits = if amount.fract() == 0.0 { "0" } else { "2" };
    numbered(locale, amount, &money_style(digits, currency))
}

/// `Intl` reads decimal numbers as text, digit by digit; browsers before 2023 as a double.
pub(super) fn exact_money(locale: &str, amount: &str, currency: Option<&str>) -> String {
    let digits = if amount.contains('.') { "2" } else { "0" };
    let made = formatter(Kind::Number, locale, &money_style(digits, currency));
    made.and_then(|made| made.format_text(amount)).unwrap_or_else(|_| amount.to_owned())
}

fn money_style(digits: &str, currency: Option<&str>) -> String {
    let style = match currency.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        Some(code) => {
            [r#","style":"currency","currencyDisplay":"narrowSymbol","currency":""#, code, "\""].concat()
        }
        None => String::new(),
    };
    [r#"{"minimumFractionDigits":"#, digits, r#","maximumFractionDigits":"#, digits, &style, "}"].concat()
}

fn numbered(locale: &str, value: f64, options: &str) -> String {
    let written = formatter(Kind::Number, locale, options).and_then(|made| made.format(value));
    written.unwrap_or_else(|_| string(value))
}
