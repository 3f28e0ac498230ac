//! One method per call we make to Zendesk. No rules of ours: what to do with an answer is decided in `features`.

use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;

use reqwest::Method;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Value, json};
use url::Url;

use super::bulk::is_narrow;
use super::calls::{BUILDS, List, MOST_ROWS, PAGE, rows_of};
use super::download::{self, Download};
use super::error::undecodable;
use super::exports::ExportCalls;
use super::records::Hundreds;
use super::types::LENIENT;
use super::{AccessToken, FoundTicket, Group, Ticket, TicketId, TicketOwner, User, UserId, ZendeskError};
use crate::clock::Clock;
use crate::connectors::tokens::Tokens;
use crate::connectors::{Exchange, FailureKind, Net, RateBudget, Repeat, Rows, TokenSource, VendorError};

/// A million tickets at once are more than anybody searches for.
const MOST_FOUND: usize = 1_000_000;
/// Open tickets are for a person to choose from.
const OPEN_TICKETS: usize = 50;
/// So many of the requested tickets that changed last are searched for open ones.
const REQUESTED_TICKETS: usize = 500;
/// The same where a new ticket is made because none is open.
const ALL_REQUESTED_TICKETS: usize = 10_000;
const REQUESTED: &str = "GET /api/v2/users/{id}/tickets/requested";
const SEARCH_USERS: &str = "GET /api/v2/users/search";
/// Where nobody sets a limit for files.
const FILE_LIMIT: u64 = 2048 * 1024 * 1024;

/// What is known of the limits of one Zendesk account: what is left of its calls, and how many exports were asked for in the last minute.
/// Clones are the same. Each process counts its own calls: of the calls of other replicas and programs it learns from Zendesk's
/// headers and from its `429`s, which is one refused call in a minute at most.
#[derive(Debug, Clone, Default)]
pub struct ZendeskBudget {
    rate: Arc<RateBudget>,
    exports: Arc<ExportCalls>,
}

/// One Zendesk account. Clones share the token and the rate budget.
#[derive(Clone)]
pub struct ZendeskClient {
    pub(super) exchange: Exchange,
    pub(super) tokens: Arc<Tokens>,
    pub(super) base_url: Url,
    pub(super) attachment_hosts: Arc<[String]>,
    pub(super) file_limit: u64,
    pub(super) exports: Arc<ExportCalls>,
}

/// A user's tickets that are not done.
#[derive(Debug, Clone, Default)]
pub struct OpenTickets {
    /// Last changed first, 50 at most.
    pub tickets: Vec<Ticket>,
    /// False where the search ended before the user's last ticket: there may be more.
    pub complete: bool,
}

impl fmt::Debug for ZendeskClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ZendeskClient({})", self.base_url.origin().ascii_serialization())
    }
}

impl ZendeskClient {
    /// A client of the account at `base_url`. `http` comes from [`http_client`](crate::connectors::http_client);
    /// `attachment_hosts` are names, or `*.` and a name for all below it.
    pub fn new(
        http: reqwest::Client,
        base_url: Url,
        tokens: impl Into<TokenSource>,
        clock: Clock,
        attachment_hosts: Vec<String>,
        net: Net,
    ) -> Self {
        let exchange = Exchange::new("zendesk", http, net, clock).with_narrow_limits(is_narrow);
        let endpoint = super::oauth::token_endpoint(exchange.clone(), &base_url);
        let tokens = Arc::new(Tokens::new(endpoint, tokens.into()));
        let (attachment_hosts, exports) = (attachment_hosts.into(), Arc::default());
        Self { exchange, tokens, base_url, attachment_hosts, file_limit: FILE_LIMIT, exports }
    }

    /// Which account it is: two clients of one place reach the same records.
    pub fn place(&self) -> String {
        self.base_url.origin().ascii_serialization()
    }

    /// The same account for jobs: leaves a reserve of the rate budget to agents.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { exchange: self.exchange.background(), ..self.clone() }
    }

    /// The same account, with what is known of its limits already.
    #[must_use]
    pub fn within(self, budget: &ZendeskBudget) -> Self {
        let exchange = self.exchange.with_budget(Arc::clone(&budget.rate));
        Self { exchange, exports: Arc::clone(&budget.exports), ..self }
    }

    /// The same account for jobs of many calls: they make no more than this part of the account's limit, in per cent.
    #[must_use]
    pub fn with_share(&self, percent: u8) -> Self {
        Self { exchange: self.exchange.with_share(percent), ..self.clone() }
    }

    /// See [`ZendeskClient::with_share`]: so many are that, as far as Zendesk has told its limit.
    pub fn calls_a_minute(&self) -> Option<u64> {
        self.exchange.calls_a_minute()
    }

    /// Downloads end with [`FailureKind::TooLarge`] at this many bytes; two gibibytes where not set.
    #[must_use]
    pub fn with_file_limit(self, bytes: u64) -> Self {
        Self { file_limit: bytes, ..self }
    }

    /// The user whose rights we have. Zendesk's anonymous user is [`FailureKind::Token`].
    pub async fn me(&self) -> Result<User, ZendeskError> {
        const CALL: &str = "GET /api/v2/users/me";
        let user: Value = self.member(CALL, self.url("/api/v2/users/me"), "user").await?;
        if user["id"].is_null() {
            return Err(ZendeskError::new(CALL, FailureKind::Token));
        }
        LENIENT.object("user", user).map_err(|error| undecodable(CALL, error))
    }

    /// Our token and its scopes.
    pub async fn current_token(&self) -> Result<AccessToken, ZendeskError> {
        self.member("GET /api/v2/oauth/tokens/current", self.url("/api/v2/oauth/tokens/current"), "token")
            .await
    }

    /// One user.
    pub async fn user(&self, id: UserId) -> Result<User, ZendeskError> {
        self.member("GET /api/v2/users/{id}", self.url(&format!("/api/v2/users/{id}")), "user").await
    }

    /// Several users, in no order; users who are unknown or cannot be read are missing from the answer. Any number: asked
    /// for by the hundred.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, ZendeskError> {
        const CALL: &str = "GET /api/v2/users/show_many";
        let ids: Vec<u64> = ids.iter().map(|id| id.0).collect();
        let (mut users, mut hundreds) = (Vec::with_capacity(ids.len()), Hundreds::of(&ids));
        while let Some((chunk, named)) = hundreds.next() {
            let url = self.url_with("/api/v2/users/show_many", &[("ids", &named)]);
            match self.one_page(CALL, url, "users").await {
                Err(error) if hundreds.halves(chunk, &error) => {}
                found => users.extend(found?.into_readable()),
            }
        }
        Ok(users)
    }

    /// Active users with this phone number (E.164): those whose own number it is or, where there is none, whatever
    /// Zendesk's search finds, for it also knows second numbers. The search lags by minutes.
    pub async fn users_by_phone(&self, e164: &str) -> Result<Vec<User>, ZendeskError> {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let wanted = digits(e164);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.search_users(&format!("phone:\"+{wanted}\"")).await?;
        let has_it = |user: &User| user.phone.as_deref().is_some_and(|phone| digits(phone) == wanted);
        let exact: Vec<_> = found.users.iter().filter(|user| has_it(user)).cloned().collect();
        if exact.is_empty() { found.all() } else { Ok(exact) }
    }

    /// The active user with exactly this primary e-mail address.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, ZendeskError> {
        let email = email.trim();
        if !email.contains('@') || email.contains(['"', '\\', ' ']) {
            return Ok(None); // no address, and it would break out of the quotes
        }
        let found = self.search_users(&format!("email:\"{email}\"")).await?;
        let has_it = |user: &User| user.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email));
        match found.users.iter().position(has_it) {
            Some(at) => Ok(found.users.into_iter().nth(at)),
            None if found.complete => Ok(None),
            None => Err(cut_off()),
        }
    }

    /// The groups an agent belongs to.
    pub async fn group_ids_of(&self, user: UserId) -> Result<Vec<u64>, ZendeskError> {
        #[derive(serde::Deserialize)]
        struct Membership {
            group_id: u64,
        }
        const CALL: &str = "GET /api/v2/users/{id}/group_memberships";
        let url = self.url(&format!("/api/v2/users/{user}/group_memberships"));
        let memberships = self.all::<Membership>(CALL, url, "group_memberships").await?;
        Ok(memberships.iter().map(|membership| membership.group_id).collect())
    }

    /// The groups of the account, as far as they can be read.
    pub async fn groups(&self) -> Result<Vec<Group>, ZendeskError> {
        let groups = self.all("GET /api/v2/groups", self.url("/api/v2/groups"), "groups").await?;
        Ok(groups.into_readable())
    }

    /// One ticket.
    pub async fn ticket(&self, id: TicketId) -> Result<Ticket, ZendeskError> {
        self.member("GET /api/v2/tickets/{id}", self.url(&format!("/api/v2/tickets/{id}")), "ticket").await
    }

    /// Every ticket that a search finds, by Zendesk's export, which has no end at a thousand. It lags by minutes.
    pub async fn search_tickets(&self, query: &str) -> Result<Rows<FoundTicket>, ZendeskError> {
        const CALL: &str = "GET /api/v2/search/export";
        let url = self.url_with("/api/v2/search/export", &[("query", query), ("filter[type]", "ticket")]);
        let list = List { call: CALL, url, member: "results", page: PAGE, most: MOST_FOUND };
        self.rows(list, |_| false).await
    }

    /// Who requested the tickets that are not done, and their organizations, newest ticket first, from at most `calls` pages of a
    /// thousand. It lags by minutes.
    pub async fn open_ticket_owners(&self, calls: usize) -> Result<Vec<TicketOwner>, ZendeskError> {
        const CALL: &str = "GET /api/v2/search/export";
        let query = [("query", "status<solved"), ("filter[type]", "ticket")];
        let url = self.url_with("/api/v2/search/export", &query);
        let (mut owners, mut read) = (Vec::new(), 0);
        let list = List { call: CALL, url, member: "results", page: 1_000, most: MOST_FOUND };
        self.pages(list, |mut page| {
            owners.extend(rows_of::<TicketOwner>(CALL, &mut page, "results")?.into_readable());
            read += 1;
            Ok(read >= calls)
        })
        .await?;
        Ok(owners)
    }

    /// Tickets that the user requested and that are not done, as far as a card needs them. Where none of them can be read, it
    /// is [`FailureKind::Unreadable`] and not an empty list.
    pub async fn open_tickets_of(&self, user: UserId) -> Result<OpenTickets, ZendeskError> {
        self.open_tickets(user, REQUESTED_TICKETS).await
    }

    /// The same for a decision: where none is found, every ticket of the user was read.
    pub async fn open_tickets_to_decide(&self, user: UserId) -> Result<OpenTickets, ZendeskError> {
        let found = self.open_tickets(user, REQUESTED_TICKETS).await?;
        if !found.tickets.is_empty() || found.complete {
            return Ok(found);
        }
        let found = self.open_tickets(user, ALL_REQUESTED_TICKETS).await?;
        if found.tickets.is_empty() && !found.complete {
            let what = format!("the user has more than {ALL_REQUESTED_TICKETS} tickets");
            return Err(ZendeskError::too_large(REQUESTED, &what));
        }
        Ok(found)
    }

    async fn open_tickets(&self, user: UserId, limit: usize) -> Result<OpenTickets, ZendeskError> {
        let path = format!("/api/v2/users/{user}/tickets/requested");
        let url = self.url_with(&path, &[("sort", "-updated_at")]);
        let enough = |found: &[Ticket]| {
            found.len() >= limit || found.iter().filter(|t| t.status.is_open()).count() >= OPEN_TICKETS
        };
        let list = List { call: REQUESTED, url, member: "tickets", page: PAGE, most: MOST_ROWS };
        let tickets: Rows<Ticket> = self.rows(list, enough).await?;
        let complete = tickets.len() < limit;
        let mut tickets = tickets
            .only(|ticket| ticket.status.is_open())
            .map_err(|why| ZendeskError::unreadable(REQUESTED, why))?;
        tickets.sort_by_key(|ticket| Reverse((ticket.updated_at, ticket.id)));
        tickets.truncate(OPEN_TICKETS);
        Ok(OpenTickets { tickets, complete })
    }

    /// Adds a note that only agents see. Not repeatable: after a transport error look whether it is there.
    pub async fn add_internal_note(&self, ticket: TicketId, html: &str) -> Result<(), ZendeskError> {
        // Without `public` a comment is what the ticket is: usually public, and mailed to the customer.
        let body = json!({ "ticket": { "comment": { "html_body": html, "public": false } } });
        let url = self.url(&format!("/api/v2/tickets/{ticket}"));
        self.write("PUT /api/v2/tickets/{id}", Method::PUT, url, Repeat::Never, &body).await
    }

    /// Adds tags, keeps the others.
    pub async fn add_tags(&self, ticket: TicketId, tags: &[&str]) -> Result<(), ZendeskError> {
        let url = self.url(&format!("/api/v2/tickets/{ticket}/tags"));
        self.write("PUT /api/v2/tickets/{id}/tags", Method::PUT, url, Repeat::Safe, &json!({ "tags": tags }))
            .await
    }

    /// Removes tags, keeps the others.
    pub async fn remove_tags(&self, ticket: TicketId, tags: &[&str]) -> Result<(), ZendeskError> {
        let url = self.url(&format!("/api/v2/tickets/{ticket}/tags"));
        let body = json!({ "tags": tags });
        self.write("DELETE /api/v2/tickets/{id}/tags", Method::DELETE, url, Repeat::Safe, &body).await
    }

    /// Sends an event to our app in one agent's browser. `body_json` arrives there as a string.
    pub async fn notify_app(
        &self,
        app_id: u64,
        agent_id: UserId,
        event: &str,
        body_json: &str,
    ) -> Result<(), ZendeskError> {
        let body = json!({ "app_id": app_id, "agent_id": agent_id, "event": event, "body": body_json });
        let url = self.url("/api/v2/apps/notify");
        self.write("POST /api/v2/apps/notify", Method::POST, url, Repeat::Never, &body).await
    }

    /// The key that checks the app's signed pages, as PEM.
    pub async fn app_public_key(&self, app_id: u64) -> Result<String, ZendeskError> {
        const CALL: &str = "GET /api/v2/apps/{id}/public_key";
        let request = self.request(Method::GET, self.url(&format!("/api/v2/apps/{app_id}/public_key")));
        let answer = self.authorized(CALL, Repeat::Safe, request.build().expect(BUILDS)).await?;
        let text = String::from_utf8_lossy(&answer.body);
        // As it stands, or as a JSON string.
        let pem = serde_json::from_str::<String>(&text).unwrap_or_else(|_| text.into_owned());
        if pem.contains("-----BEGIN ") {
            Ok(pem.trim().to_owned() + "\n")
        } else {
            Err(undecodable(CALL, serde_json::Error::custom("no PEM in it")))
        }
    }

    /// Opens an attachment's `content_url`. Follows redirects by hand to the allowed hosts; our token goes to the
    /// account's own host only.
    pub async fn download(&self, content_url: &str) -> Result<Download, ZendeskError> {
        download::open(self, content_url).await
    }

    /// All rows of a list that is not long.
    pub(super) async fn all<T: DeserializeOwned>(
        &self,
        call: &'static str,
        url: Url,
        member: &'static str,
    ) -> Result<Rows<T>, ZendeskError> {
        self.all_by(&LENIENT, call, url, member).await
    }

    /// Active users whom a search finds, a hundred at most: a caller with a hundred matches has none. Offset paging only;
    /// where the page is larger than we take, in smaller ones.
    async fn search_users(&self, query: &str) -> Result<FoundUsers, ZendeskError> {
        const CALL: &str = SEARCH_USERS;
        let first = self.url_with("/api/v2/users/search", &[("query", query)]);
        let users = match self.one_page(CALL, first.clone(), "users").await {
            Err(error) if error.is(FailureKind::TooLarge) => self.users_in_small_pages(CALL, &first).await?,
            users => users?,
        };
        let complete = users.len() + users.lost().len() < PAGE;
        let users = users.only(|user: &User| user.active);
        Ok(FoundUsers { users: users.map_err(|why| ZendeskError::unreadable(CALL, why))?, complete })
    }

    /// A hundred users at most. The sizes are powers of two, so that each page begins where the last one ended.
    async fn users_in_small_pages(&self, call: &'static str, url: &Url) -> Result<Rows<User>, ZendeskError> {
        let (mut users, mut size, mut seen) = (Rows::default(), 64, 0);
        while seen < PAGE {
            let mut page = url.clone();
            let (per_page, number) = (size.to_string(), (seen / size + 1).to_string());
            page.query_pairs_mut().extend_pairs([("per_page", &per_page), ("page", &number)]);
            let found: Rows<User> = match self.one_page(call, page, "users").await {
                Err(error) if error.is(FailureKind::TooLarge) && size > 1 => {
                    size /= 2;
                    continue;
                }
                found => found?,
            };
            let here = found.len() + found.lost().len();
            users.extend(found);
            seen += here;
            if here < size {
                break;
            }
        }
        Ok(users)
    }
}

/// The first page of a search for users.
struct FoundUsers {
    users: Vec<User>,
    /// There is no second page.
    complete: bool,
}

impl FoundUsers {
    /// The users; an error where there are none among the first hundred matches, and there may be more.
    fn all(self) -> Result<Vec<User>, ZendeskError> {
        if self.users.is_empty() && !self.complete { Err(cut_off()) } else { Ok(self.users) }
    }
}

/// Who is meant is not among the first hundred matches, and may be among the others.
fn cut_off() -> ZendeskError {
    let what = "a hundred users or more match, and nobody who is meant is among the first".to_owned();
    ZendeskError::too_large(SEARCH_USERS, &what)
}
