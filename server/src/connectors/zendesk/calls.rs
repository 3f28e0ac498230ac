//! How every call to Zendesk is made: signed with our token, once more with a new one if the old is refused, paged,
//! unwrapped, and its refusal read. Knows no single call; those are in `client`.

use reqwest::{Method, Request, StatusCode};
use secrecy::SecretString;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value};
use url::Url;

use super::error::{failed, refused, undecodable};
use super::types::LENIENT;
use super::{ZendeskClient, ZendeskError};
use crate::connectors::request::{at, bearing};
use crate::connectors::{ANSWER_LIMIT, Answer, FailureKind, Lenient, Repeat, Rows, VendorError};

/// The most that one call takes or gives.
pub(super) const PAGE: usize = 100;
/// A ticket has at most 5 000 comments; a list with more rows than this goes round in circles.
pub(super) const MOST_ROWS: usize = 20_000;

/// A list that is read page by page.
pub(super) struct List {
    /// The call's template.
    pub call: &'static str,
    /// Where the list is, with its query.
    pub url: Url,
    /// The member of each answer that holds the rows.
    pub member: &'static str,
    /// Rows of one page, to begin with: where a page is larger than we take, fewer are asked for.
    pub page: usize,
    /// No such list has more rows.
    pub most: usize,
}

impl ZendeskClient {
    /// The account's limit of a minute and how much of it is used now; not known before the first answer.
    pub fn used(&self) -> Option<(u64, u64)> {
        self.exchange.used()
    }

    /// All rows of a list, until `enough`.
    pub(super) async fn rows<T: DeserializeOwned>(
        &self,
        list: List,
        enough: impl Fn(&[T]) -> bool,
    ) -> Result<Rows<T>, ZendeskError> {
        let mut all = Rows::default();
        let (call, member) = (list.call, list.member);
        self.pages(list, |mut page| {
            all.extend(rows_of(call, &mut page, member)?);
            Ok(enough(&all))
        })
        .await?;
        Ok(all)
    }

    /// All rows of a list that is not long, read with other care.
    pub(super) async fn all_by<T: DeserializeOwned>(
        &self,
        lenient: &Lenient,
        call: &'static str,
        url: Url,
        member: &'static str,
    ) -> Result<Rows<T>, ZendeskError> {
        let mut all = Rows::default();
        self.pages(List { call, url, member, page: PAGE, most: MOST_ROWS }, |mut page| {
            all.extend(rows_by(lenient, call, &mut page, member)?);
            Ok(false)
        })
        .await?;
        Ok(all)
    }

    /// All of an answer.
    pub(super) async fn body(
        &self,
        call: &'static str,
        url: Url,
    ) -> Result<Map<String, Value>, ZendeskError> {
        decode(call, &self.get(call, url).await?)
    }

    /// Gives each page of a list to `take`, until it has enough. A page that is larger than we take is asked for again in
    /// smaller ones, from the same place.
    pub(super) async fn pages(
        &self,
        List { call, url, member, page: mut size, most }: List,
        mut take: impl FnMut(Map<String, Value>) -> Result<bool, ZendeskError>,
    ) -> Result<(), ZendeskError> {
        let mut after: Option<String> = None;
        let (mut seen, mut turned) = (0, 0);
        loop {
            let mut page = url.clone();
            page.query_pairs_mut().append_pair("page[size]", &size.to_string());
            if let Some(after) = &after {
                page.query_pairs_mut().append_pair("page[after]", after);
            }
            let answer = match self.get(call, page).await {
                Err(error) if error.is(FailureKind::TooLarge) && size > 1 => {
                    size /= 2;
                    continue;
                }
                Err(error) if error.is(FailureKind::TooLarge) => {
                    let (list, row) = (member, seen + 1);
                    return Err(ZendeskError::RowTooLarge { call, list, row, limit: ANSWER_LIMIT });
                }
                answer => answer?,
            };
            let body: Map<String, Value> = decode(call, &answer)?;
            let here = body.get(member).and_then(Value::as_array).map_or(0, Vec::len);
            let next = next_page(&body, here < size).map_err(|error| undecodable(call, error))?;
            if take(body)? {
                return Ok(());
            }
            (seen, turned) = (seen + here, turned + 1);
            let Some(next) = next else { return Ok(()) };
            if after.replace(next) == after || seen >= most || turned >= most {
                let why = format_args!("the list `{member}` does not end");
                return Err(undecodable(call, serde_json::Error::custom(why)));
            }
        }
    }

    /// The rows of a list that Zendesk gives in one page.
    pub(super) async fn one_page<T: DeserializeOwned>(
        &self,
        call: &'static str,
        url: Url,
        member: &'static str,
    ) -> Result<Rows<T>, ZendeskError> {
        rows_of(call, &mut decode(call, &self.get(call, url).await?)?, member)
    }

    pub(super) async fn member<T: DeserializeOwned>(
        &self,
        call: &'static str,
        url: Url,
        member: &'static str,
    ) -> Result<T, ZendeskError> {
        member_of(call, &self.get(call, url).await?, member)
    }

    pub(super) async fn get(&self, call: &'static str, url: Url) -> Result<Answer, ZendeskError> {
        self.authorized(call, Repeat::Safe, self.request(Method::GET, url).build().expect(BUILDS)).await
    }

    /// A call whose answer says nothing but yes or no.
    pub(super) async fn write(
        &self,
        call: &'static str,
        method: Method,
        url: Url,
        repeat: Repeat,
        body: &Value,
    ) -> Result<(), ZendeskError> {
        let request = self.request(method, url).json(body).build().expect(BUILDS);
        self.authorized(call, repeat, request).await.map(drop)
    }

    /// Makes the call with our token, once more with a new token if Zendesk refuses the old one.
    pub(super) async fn authorized(
        &self,
        call: &'static str,
        repeat: Repeat,
        request: Request,
    ) -> Result<Answer, ZendeskError> {
        let again = request.try_clone();
        let token = self.tokens.current().await?;
        let send = async |request, token: &SecretString| {
            self.exchange
                .send(call, repeat, bearing(request, token))
                .await
                .map_err(|error| failed(call, error))
        };
        let mut answer = send(request, &token).await?;
        if let (StatusCode::UNAUTHORIZED, Some(again)) = (answer.status, again) {
            let token = self.tokens.instead_of(&token).await?;
            answer = send(again, &token).await?;
        }
        if let Some(warning) = answer.headers.get("x-zendesk-api-warn").and_then(|value| value.to_str().ok())
        {
            tracing::warn!(vendor = "zendesk", call, warning, "Zendesk ignored a part of `{call}`");
        }
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(refused(call, &answer, self.exchange.clock().now()))
        }
    }

    pub(super) fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.exchange.http().request(method, url)
    }

    pub(super) fn url(&self, path: &str) -> Url {
        at(&self.base_url, path)
    }

    pub(super) fn url_with(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.url(path);
        url.query_pairs_mut().extend_pairs(query);
        url
    }
}

pub(super) const BUILDS: &str = "the URL is parsed and the body is JSON without special keys";

pub(super) fn decode<T: DeserializeOwned>(call: &'static str, answer: &Answer) -> Result<T, ZendeskError> {
    serde_json::from_slice(&answer.body).map_err(|error| undecodable(call, error))
}

/// Where the next page begins; `None` at the end. What cannot be read is not the end.
pub(super) fn next_page(
    body: &Map<String, Value>,
    is_short: bool,
) -> Result<Option<String>, serde_json::Error> {
    let odd = |what: &str| Err(serde_json::Error::custom(format_args!("{what} cannot be read")));
    let Some(meta) = body.get("meta") else {
        // Some lists know no cursor: they are whole unless they point to another page, or fill this one.
        return match body.get("next_page") {
            None | Some(Value::Null) if is_short => Ok(None),
            _ => odd("the list's `meta`"),
        };
    };
    match (&meta["has_more"], &meta["after_cursor"]) {
        (Value::Bool(false), _) => Ok(None),
        (Value::Bool(true), Value::String(after)) => Ok(Some(after.clone())),
        (Value::Bool(true), _) => odd("`meta.after_cursor`"),
        _ => odd("`meta.has_more`"),
    }
}

/// The rows of a page.
pub(super) fn rows_of<T: DeserializeOwned>(
    call: &'static str,
    body: &mut Map<String, Value>,
    member: &'static str,
) -> Result<Rows<T>, ZendeskError> {
    rows_by(&LENIENT, call, body, member)
}

/// The same, read with other care.
pub(super) fn rows_by<T: DeserializeOwned>(
    lenient: &Lenient,
    call: &'static str,
    body: &mut Map<String, Value>,
    member: &'static str,
) -> Result<Rows<T>, ZendeskError> {
    lenient.rows(member, take(call, body, member)?).map_err(|error| undecodable(call, error))
}

/// Zendesk wraps everything in one member that says what it is.
pub(super) fn member_of<T: DeserializeOwned>(
    call: &'static str,
    answer: &Answer,
    member: &'static str,
) -> Result<T, ZendeskError> {
    let value = take(call, &mut decode(call, answer)?, member)?;
    LENIENT.object(member, value).map_err(|error| undecodable(call, error))
}

fn take(
    call: &'static str,
    body: &mut Map<String, Value>,
    member: &'static str,
) -> Result<Value, ZendeskError> {
    body.remove(member).ok_or_else(|| undecodable(call, serde_json::Error::missing_field(member)))
}
