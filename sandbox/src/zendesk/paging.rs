//! Cursor and offset pages of a list. **Invariant:** `links.next` is there even on the last page, as with Zendesk;
//! only `meta.has_more` says whether to go on.

use axum::http::StatusCode;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::{input::Params, refusal::Refusal};

/// The furthest record that offset paging reaches.
const DEPTH: usize = 10_000;

/// How a list may be paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// `page[size]` or `page`.
    Both,
    /// `page` only; `page[size]` is refused (search).
    OffsetOnly,
    /// `page[size]` only, also when the caller does not ask.
    CursorOnly,
}

/// One page of `items` under `key`; `path` is the list's address without a query.
pub(crate) fn page(
    key: &str,
    items: Vec<Value>,
    path: &str,
    params: &Params,
    paging: Paging,
) -> Result<Value, Refusal> {
    let wants_cursor = params.0.keys().any(|name| name.starts_with("page["));
    if wants_cursor && paging == Paging::OffsetOnly {
        return Err(Refusal::invalid_attribute(
            "You passed an invalid value for the page attribute. Invalid parameter: page must be an integer",
        ));
    }
    if wants_cursor || paging == Paging::CursorOnly {
        return cursor_page(key, &items, path, params);
    }
    offset_page(key, items, path, params)
}

/// Whether the caller pages by cursor: then `sort_by` and `sort_order` are dropped without a word.
pub(crate) fn by_cursor(params: &Params) -> bool {
    params.0.keys().any(|name| name.starts_with("page["))
}

fn cursor_page(key: &str, items: &[Value], path: &str, params: &Params) -> Result<Value, Refusal> {
    let size = params.get("page[size]").map_or(Ok(100), |text| {
        text.parse::<usize>().ok().filter(|size| (1..=100).contains(size)).ok_or_else(|| {
            Refusal::listed(
                StatusCode::BAD_REQUEST,
                "InvalidPaginationParameter",
                "Invalid Pagination Parameter",
                "page[size] must be between 1 and 100",
            )
        })
    })?;
    let position = |cursor: &str| -> Result<usize, Refusal> {
        let wanted = BASE64_STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        wanted.and_then(|wanted| items.iter().position(|item| cursor_of(item) == wanted)).ok_or_else(|| {
            Refusal::listed(
                StatusCode::BAD_REQUEST,
                "InvalidPaginationParameter",
                "Invalid Pagination Parameter",
                "page[after] or page[before] is not a cursor of this list",
            )
        })
    };
    let (start, end) = match (params.get("page[after]"), params.get("page[before]")) {
        (Some(after), _) => {
            let start = position(after)? + 1;
            (start, (start + size).min(items.len()))
        }
        (None, Some(before)) => {
            let end = position(before)?;
            (end.saturating_sub(size), end)
        }
        (None, None) => (0, size.min(items.len())),
    };
    let slice = &items[start.min(end)..end];
    let encode = |item: &Value| BASE64_STANDARD.encode(cursor_of(item));
    let (before, after) = (slice.first().map(encode), slice.last().map(encode));
    let link = |name: &str, cursor: &Option<String>| {
        cursor.as_ref().map(|cursor| address(path, params, &[(name, cursor.as_str())]))
    };
    Ok(json!({
        key: slice,
        "meta": {"has_more": end < items.len(), "after_cursor": after, "before_cursor": before},
        "links": {"prev": link("page[before]", &before), "next": link("page[after]", &after)},
    }))
}

fn offset_page(key: &str, items: Vec<Value>, path: &str, params: &Params) -> Result<Value, Refusal> {
    let number = |name: &str, default: usize| {
        params.get(name).map_or(Ok(default), |text| {
            text.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(|| {
                Refusal::invalid_attribute(&format!(
                    "You passed an invalid value for the {name} attribute. Invalid parameter: {name} must be an integer"
                ))
            })
        })
    };
    let (page, size) = (number("page", 1)?, number("per_page", 100)?.min(100));
    if page.saturating_mul(size) > DEPTH {
        return Err(Refusal::listed(
            StatusCode::BAD_REQUEST,
            "InvalidPaginationDepth",
            "Pagination depth exceeded",
            "Requests past 10000 records must use cursor pagination",
        ));
    }
    let (count, start) = (items.len(), (page - 1) * size);
    let turn = |to: usize| address(path, params, &[("page", &to.to_string())]);
    Ok(json!({
        key: items.into_iter().skip(start).take(size).collect::<Vec<_>>(),
        "next_page": (start + size < count).then(|| turn(page + 1)),
        "previous_page": (page > 1).then(|| turn(page - 1)),
        "count": count,
    }))
}

/// Identifies an item: its id, or its name where it has none.
fn cursor_of(item: &Value) -> String {
    match &item["id"] {
        Value::Null => item["name"].to_string(),
        id => id.to_string(),
    }
}

/// The list's address with the caller's query, turned to another page.
fn address(path: &str, params: &Params, turned: &[(&str, &str)]) -> String {
    let mut names: Vec<_> = params
        .0
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "page" | "page[after]" | "page[before]"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(turned.iter().copied())
        .collect();
    names.sort_unstable();
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(names).finish())
}
