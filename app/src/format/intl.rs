//! The browser's `Intl`.

use js_sys::JSON;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    type Date;
    #[wasm_bindgen(constructor)]
    fn now() -> Date;
    #[wasm_bindgen(constructor)]
    fn at(timestamp: &str) -> Date;
    #[wasm_bindgen(method, js_name = toLocaleString)]
    fn to_locale(this: &Date, locale: &str, options: &JsValue) -> String;
    #[wasm_bindgen(method, js_name = toLocaleDateString)]
    fn to_locale_date(this: &Date, locale: &str) -> String;

    type Number;
    #[wasm_bindgen(js_name = Number)]
    fn boxed(value: f64) -> Number;
    #[wasm_bindgen(method, js_name = toLocaleString, catch)]
    fn to_locale(this: &Number, locale: &str, options: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(js_name = String)]
    fn string(value: f64) -> String;

    #[wasm_bindgen(js_namespace = Intl)]
    type RelativeTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> RelativeTimeFormat;
    #[wasm_bindgen(method)]
    fn format(this: &RelativeTimeFormat, count: i32, unit: &str) -> String;
}

/// Literals of ours; a slip in one would show in the browser tests.
fn options(json: &str) -> JsValue {
    JSON::parse(json).unwrap_or(JsValue::UNDEFINED)
}

/// As programs write it.
#[must_use]
pub fn number(value: f64) -> String {
    string(value)
}

/// Here and now, `YYYY-MM-DD`: the Swedes write dates so.
#[must_use]
pub fn today() -> String {
    Date::now().to_locale_date("sv")
}

pub(super) fn local_day(timestamp: &str) -> String {
    Date::at(timestamp).to_locale_date("sv")
}

pub(super) fn date(locale: &str, date: &str) -> String {
    Date::at(date).to_locale(locale, &options(r#"{"dateStyle":"medium","timeZone":"UTC"}"#))
}

pub(super) fn time(locale: &str, timestamp: &str) -> String {
    Date::at(timestamp).to_locale(locale, &options(r#"{"timeStyle":"short"}"#))
}

pub(super) fn relative(locale: &str, count: i32, unit: &str) -> String {
    RelativeTimeFormat::new(locale, &options(r#"{"numeric":"auto"}"#)).format(count, unit)
}

pub(super) fn unit(locale: &str, value: f64, unit: &str) -> String {
    let display = if unit == "byte" { "long" } else { "short" }; // `697 byte` is nobody's English
    let json = [
        r#"{"style":"unit","maximumFractionDigits":1,"unit":""#,
        unit,
        r#"","unitDisplay":""#,
        display,
        "\"}",
    ];
    let json = json.concat();
    boxed(value).to_locale(locale, &options(&json)).unwrap_or_else(|_| string(value))
}

pub(super) fn money(locale: &str, amount: f64, currency: Option<&str>) -> String {
    let style = match currency.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        Some(code) => {
            [r#","style":"currency","currencyDisplay":"narrowSymbol","currency":""#, code, "\""].concat()
        }
        None => String::new(),
    };
    let digits = if amount.fract() == 0.0 { "0" } else { "2" };
    let json = [r#"{"minimumFractionDigits":"#, digits, r#","maximumFractionDigits":"#, digits, &style, "}"]
        .concat();
    boxed(amount).to_locale(locale, &options(&json)).unwrap_or_else(|_| string(amount))
}
