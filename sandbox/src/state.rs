//! Everything that one Zendesk account remembers. **Invariant:** plain data behind one lock; no I/O happens under it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::{
    notify::pagerduty::Alerts,
    signing::AppKeys,
    zendesk::{
        events::Event,
        jobs::{Job, Stop},
        limits::Windows,
        oauth::{Client, Code, Token},
        record::{Attachment, Ticket, User, Users},
    },
};

/// A file that waits for a comment to take it.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) attachments: Vec<u64>,
    pub(crate) created_at: DateTime<Utc>,
}

/// What a ticket-creating call with an `Idempotency-Key` made.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) body: Bytes,
    pub(crate) answer: Value,
    pub(crate) location: String,
    pub(crate) at: DateTime<Utc>,
}

/// The account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) users: Users,
    pub(crate) tickets: BTreeMap<u64, Ticket>,
    pub(crate) deleted_tickets: BTreeMap<u64, (Ticket, DateTime<Utc>, u64)>,
    pub(crate) attachments: BTreeMap<u64, Attachment>,
    pub(crate) uploads: BTreeMap<String, Upload>,
    pub(crate) organizations: BTreeMap<u64, Map<String, Value>>,
    pub(crate) groups: BTreeMap<u64, Map<String, Value>>,
    pub(crate) user_fields: BTreeMap<u64, Map<String, Value>>,
    pub(crate) organization_fields: BTreeMap<u64, Map<String, Value>>,
    pub(crate) triggers: BTreeMap<u64, Map<String, Value>>,
    pub(crate) trigger_categories: BTreeMap<u64, Map<String, Value>>,
    pub(crate) webhooks: BTreeMap<String, crate::zendesk::webhooks::Webhook>,
    pub(crate) calls: BTreeMap<u64, Map<String, Value>>,
    pub(crate) jobs: BTreeMap<String, Job>,
    /// Those that have not done their work yet.
    pub(crate) unfinished_jobs: Vec<String>,
    /// How the next jobs end that somebody asked to be stopped.
    pub(crate) stops: VecDeque<Stop>,
    /// Users that take no more changes until then.
    pub(crate) exhausted_users: BTreeMap<u64, DateTime<Utc>>,
    pub(crate) clients: Vec<Client>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) sessions: HashMap<String, u64>,
    pub(crate) idempotency: HashMap<String, Remembered>,
    pub(crate) content_links: HashMap<String, (u64, DateTime<Utc>)>,
    pub(crate) notified: Vec<Value>,
    pub(crate) notices: Vec<Value>,
    /// PagerDuty's.
    pub(crate) alerts: Alerts,
    /// What event webhooks are not told yet.
    pub(crate) happened: Vec<Event>,
    /// So many of the next deliveries of webhooks arrive twice.
    pub(crate) doubled_deliveries: u32,
    /// So many of the next deliveries of webhooks never leave.
    pub(crate) broken_deliveries: u32,
    /// Fields, by their keys in lower case, that the definitions of triggers do not have yet.
    pub(crate) undefined_fields: BTreeSet<String>,
    /// What Zendesk would have sent to people by mail.
    pub(crate) mails: Vec<Value>,
    pub(crate) windows: Windows,
    pub(crate) app_keys: AppKeys,
    next_id: u64,
    next_ticket: u64,
}

impl Account {
    /// An account where nothing ever happened.
    pub(crate) fn empty() -> Self {
        Self {
            users: Users::default(),
            tickets: BTreeMap::new(),
            deleted_tickets: BTreeMap::new(),
            attachments: BTreeMap::new(),
            uploads: BTreeMap::new(),
            organizations: BTreeMap::new(),
            groups: BTreeMap::new(),
            user_fields: BTreeMap::new(),
            organization_fields: BTreeMap::new(),
            triggers: BTreeMap::new(),
            trigger_categories: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            calls: BTreeMap::new(),
            jobs: BTreeMap::new(),
            unfinished_jobs: Vec::new(),
            stops: VecDeque::new(),
            exhausted_users: BTreeMap::new(),
            clients: Vec::new(),
            codes: HashMap::new(),
            tokens: Vec::new(),
            sessions: HashMap::new(),
            idempotency: HashMap::new(),
            content_links: HashMap::new(),
            notified: Vec::new(),
            notices: Vec::new(),
            alerts: Alerts::default(),
            happened: Vec::new(),
            doubled_deliveries: 0,
            broken_deliveries: 0,
            undefined_fields: BTreeSet::new(),
            mails: Vec::new(),
            windows: Windows::default(),
            app_keys: AppKeys::new(),
            // Beyond 32 bits, as Zendesk's are; and odd gaps, so that nobody counts on neighbours.
            next_id: 33_144_647_570_963,
            next_ticket: 1,
        }
    }

    /// A new id for anything but a ticket.
    pub(crate) fn fresh_id(&mut self) -> u64 {
        self.next_id += 128;
        self.next_id
    }

    /// So many new ids, 128 apart; the first one.
    pub(crate) fn fresh_ids(&mut self, count: u64) -> u64 {
        let first = self.fresh_id();
        self.next_id += 128 * count.saturating_sub(1);
        first
    }

    /// The next ticket number.
    pub(crate) fn fresh_ticket(&mut self) -> u64 {
        let id = self.next_ticket;
        self.next_ticket += 1;
        id
    }

    /// Ticket numbers go on after this one.
    pub(crate) fn tickets_begin_after(&mut self, last: u64) {
        self.next_ticket = last + 1;
    }

    /// The user whose e-mail identity this is.
    pub(crate) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.with_address(email)
    }

    /// The user with this external id; case does not matter.
    pub(crate) fn user_by_external_id(&self, external_id: &str) -> Option<&User> {
        self.users.with_external_id(external_id)
    }

    /// The comment an attachment hangs on: ticket and comment.
    pub(crate) fn place_of(&self, attachment: u64) -> Option<(u64, u64)> {
        self.tickets.values().find_map(|ticket| {
            ticket.attachment_ids().find(|(_, id)| *id == attachment).map(|(comment, _)| (ticket.id, comment))
        })
    }
}

/// An unguessable word.
pub(crate) fn random_word(length: usize) -> String {
    use rand::RngExt as _;
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}
