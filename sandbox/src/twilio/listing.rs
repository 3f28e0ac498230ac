//! Lists, page by page, in the two shapes that Twilio has. **Invariant:** a page beyond the first is reached by its token only.
//! Source: <https://www.twilio.com/docs/usage/twilios-response>.

use axum::{
    Json,
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, parse};

use super::refuse;

/// The most rows of a page.
const MOST: usize = 1_000;

/// What stands behind the `?`, in the caller's order. A name may come again: `AssignmentStatus=pending&AssignmentStatus=reserved`.
#[derive(Debug, Clone)]
pub(crate) struct Asked(Vec<(String, String)>);

impl Asked {
    pub(crate) fn of(uri: &Uri) -> Self {
        let pairs = parse(uri.query().unwrap_or_default().as_bytes());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether one of the values under `name`, which may also stand in one with commas, is this; or nothing was asked.
    pub(crate) fn takes(&self, name: &str, value: &str) -> bool {
        let mut asked = self.0.iter().filter(|(known, _)| known == name).peekable();
        asked.peek().is_none()
            || asked.any(|(_, wanted)| wanted.split(',').any(|wanted| wanted.trim() == value))
    }

    fn number(&self, name: &str, otherwise: usize) -> usize {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    }

    /// The same question about another page.
    fn turned(&self, base: &str, size: usize, page: usize) -> String {
        let kept =
            self.0.iter().filter(|(name, _)| !matches!(name.as_str(), "Page" | "PageSize" | "PageToken"));
        let mut query = Serializer::new(String::new());
        query.extend_pairs(kept).append_pair("PageSize", &size.to_string());
        query.append_pair("Page", &page.to_string());
        if page > 0 {
            query.append_pair("PageToken", &token(page));
        }
        format!("{base}?{}", query.finish())
    }
}

/// Opaque to everybody else.
fn token(page: usize) -> String {
    format!("PA{page:032x}")
}

struct Page {
    rows: Vec<Value>,
    number: usize,
    size: usize,
    start: usize,
    more: bool,
}

#[expect(clippy::result_large_err, reason = "the error is the response itself")]
fn cut(rows: Vec<Value>, most: usize, asked: &Asked) -> Result<Page, Response> {
    let (size, number) = (asked.number("PageSize", 50).clamp(1, most), asked.number("Page", 0));
    if number > 0 && asked.get("PageToken") != Some(token(number).as_str()) {
        return Err(refuse(StatusCode::BAD_REQUEST, 20_006, "Invalid paging token"));
    }
    let start = number.saturating_mul(size);
    let more = rows.len() > start.saturating_add(size);
    Ok(Page { rows: rows.into_iter().skip(start).take(size).collect(), number, size, start, more })
}

/// As the newer APIs have it: `{key: […], "meta": {…}}`, with whole addresses.
pub(crate) fn page(key: &str, rows: Vec<Value>, base: &str, asked: &Asked) -> Response {
    short_page(key, rows, base, asked, MOST)
}

/// The same where fewer rows fit.
pub(crate) fn short_page(key: &str, rows: Vec<Value>, base: &str, asked: &Asked, most: usize) -> Response {
    let page = match cut(rows, most, asked) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let at = |number: usize| asked.turned(base, page.size, number);
    Json(json!({
        key: page.rows,
        "meta": {
            "page": page.number, "page_size": page.size, "first_page_url": at(0), "url": at(page.number), "key": key,
            "previous_page_url": page.number.checked_sub(1).map(at),
            "next_page_url": page.more.then(|| at(page.number + 1)),
        },
    }))
    .into_response()
}

/// As the API of 2010 has it: everything in one object, with paths.
pub(crate) fn page_of_2010(key: &str, rows: Vec<Value>, path: &str, asked: &Asked) -> Response {
    let page = match cut(rows, MOST, asked) {
        Ok(page) => page,
        Err(refusal) => return refusal,
    };
    let at = |number: usize| asked.turned(path, page.size, number);
    let end = (page.start + page.rows.len()).saturating_sub(1).max(page.start);
    Json(json!({
        key: page.rows, "page": page.number, "page_size": page.size, "start": page.start, "end": end,
        "uri": at(page.number), "first_page_uri": at(0), "previous_page_uri": page.number.checked_sub(1).map(at),
        "next_page_uri": page.more.then(|| at(page.number + 1)),
    }))
    .into_response()
}
