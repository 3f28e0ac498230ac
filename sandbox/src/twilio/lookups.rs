//! Lookups v2: whether a phone number can be one, and how it is written in its country. **Invariant:** a number that is none
//! is no error; `valid` says it. Source: <https://www.twilio.com/docs/lookup/v2-api>.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{Account, refuse};
use crate::{world::World, zendesk::input::Params};

/// Code, country, digits after the code (fewest, most), what stands before them in the country.
type Country = (&'static str, &'static str, usize, usize, &'static str);

const COUNTRIES: &[Country] =
    &[("81", "JP", 9, 10, "0"), ("82", "KR", 8, 10, "0"), ("44", "GB", 9, 10, "0"), ("1", "US", 10, 10, "")];

/// `GET /v2/PhoneNumbers/{number}?CountryCode=`.
pub(crate) async fn show(
    State(_): State<World>,
    Path(number): Path<String>,
    params: Params,
    _: Account,
) -> Response {
    let plain: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    let country =
        params.get("CountryCode").and_then(|code| COUNTRIES.iter().find(|(_, name, ..)| *name == code));
    if params.get("CountryCode").is_some() && country.is_none() {
        return refuse(StatusCode::BAD_REQUEST, 20_001, "CountryCode is not valid");
    }
    Json(looked_up(&plain, country)).into_response()
}

fn looked_up(number: &str, country: Option<&Country>) -> Value {
    let international = match (number.strip_prefix('+'), country) {
        (Some(digits), _) => digits.to_owned(),
        (None, Some((code, _, _, _, trunk))) => {
            format!("{code}{}", number.strip_prefix(trunk).unwrap_or(number))
        }
        (None, None) => number.to_owned(),
    };
    let known = COUNTRIES.iter().find(|(code, ..)| international.starts_with(code));
    let is_digits = !international.is_empty() && international.bytes().all(|byte| byte.is_ascii_digit());
    let errors: &[&str] = match known {
        _ if !is_digits => &["NOT_A_NUMBER"],
        None => &["INVALID_COUNTRY_CODE"],
        Some((code, _, fewest, _, _)) if international.len() < code.len() + fewest => &["TOO_SHORT"],
        Some((code, _, _, most, _)) if international.len() > code.len() + most => &["TOO_LONG"],
        Some(_) => &[],
    };
    let valid = errors.is_empty();
    let known = known.filter(|_| valid);
    let national = known.map(|(code, _, _, _, trunk)| in_groups(trunk, &international[code.len()..]));
    json!({
        "calling_country_code": known.map(|(code, ..)| code), "country_code": known.map(|(_, name, ..)| name),
        "phone_number": format!("+{international}"), "national_format": national, "valid": valid,
        "validation_errors": errors, "caller_name": null, "sim_swap": null, "call_forwarding": null,
        "line_type_intelligence": null, "line_status": null, "identity_match": null, "reassigned_number": null,
        "sms_pumping_risk": null, "phone_number_quality_score": null, "pre_fill": null,
        "url": format!("https://lookups.twilio.com/v2/PhoneNumbers/+{international}"),
    })
}

/// `050-1234-0042`, `(415) 867-5309`: the last four, the four or three before them, the rest.
fn in_groups(trunk: &str, digits: &str) -> String {
    let (rest, last) = digits.split_at(digits.len() - 4);
    if trunk.is_empty() {
        let (area, middle) = rest.split_at(3);
        return format!("({area}) {middle}-{last}");
    }
    let (area, middle) = rest.split_at(rest.len() - if rest.len() > 4 { 4 } else { 3 });
    format!("{trunk}{area}-{middle}-{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_or_the_reason_is_named() {
        let check = |number: &str, country: Option<&str>, expected: &str| {
            let country = country.and_then(|code| COUNTRIES.iter().find(|(_, name, ..)| *name == code));
            let found = looked_up(number, country);
            let said = found["national_format"].as_str().or(found["validation_errors"][0].as_str());
            assert_eq!(said, Some(expected), "{number}: {found}");
            assert_eq!(found["valid"], found["national_format"].is_string(), "{number}");
        };
        check("+815012340042", None, "050-1234-0042");
        check("+81312345678", None, "03-1234-5678");
        check("05012340042", Some("JP"), "050-1234-0042");
        check("+14158675309", None, "(415) 867-5309");
        check("+8150123", None, "TOO_SHORT");
        check("+815012340042000", None, "TOO_LONG");
        check("+999123456789", None, "INVALID_COUNTRY_CODE");
        check("anonymous", None, "NOT_A_NUMBER");
    }
}
