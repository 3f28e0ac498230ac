//! How tickets come in without the API: customers write by mail, through the web form or from a chat, and agents open tickets for them. Whoever
//! writes from an unknown address becomes a user with the ticket; a visitor of a chat has no address. **Invariant:** the same rules and
//! triggers as for the API; what happened is told.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{access::Caller, events, record::Status, refusal::Refusal, ticket_writes, user_writes};
use crate::{state::Account, world::World};

/// How somebody writes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A mail to the support address.
    #[default]
    Email,
    /// The web form; agents' own pages too.
    Web,
    /// A chat, whose visitor may say no address.
    Chat,
}

impl Channel {
    const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Web => "web",
            Self::Chat => "chat",
        }
    }
}

/// What somebody writes.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Arrival {
    /// Mail, form or chat.
    #[serde(default)]
    pub channel: Channel,
    /// The sender's name; absent: their address.
    #[serde(default)]
    pub name: String,
    /// The sender's address; a visitor of a chat may have none.
    #[serde(default)]
    pub email: Option<String>,
    /// The ticket's subject.
    #[serde(default)]
    pub subject: String,
    /// The ticket's first comment.
    pub body: String,
    /// The ticket's priority: `urgent`.
    #[serde(default)]
    pub priority: Option<String>,
}

impl Arrival {
    /// A mail.
    pub fn email(name: &str, address: &str, subject: &str, body: &str) -> Self {
        let email = Some(address.to_owned());
        Self {
            name: name.to_owned(),
            email,
            subject: subject.to_owned(),
            body: body.to_owned(),
            ..Self::default()
        }
    }

    /// A chat whose visitor says no address.
    pub fn chat(name: &str, body: &str) -> Self {
        let subject = format!("Conversation with {name}");
        Self {
            channel: Channel::Chat,
            name: name.to_owned(),
            subject,
            body: body.to_owned(),
            ..Self::default()
        }
    }

    fn ticket(&self, requester: &Value) -> Map<String, Value> {
        let part = json!({
            "subject": self.subject, "comment": {"body": self.body, "public": true}, "priority": self.priority,
        });
        let part = part.as_object().cloned().unwrap_or_default();
        part.into_iter().chain(requester.as_object().cloned().unwrap_or_default()).collect()
    }
}

/// A customer writes: the ticket's number. Refused, in Zendesk's words, where Zendesk would suspend or drop it.
pub(crate) fn write_in(world: &World, arrival: &Arrival) -> Result<u64, String> {
    let caller = sender(&mut world.account(), world, arrival); // the account is free again
    let done = caller.and_then(|caller| {
        let ticket = arrival.ticket(&json!({"requester_id": caller.id()}));
        ticket_writes::make_by(world, &caller, &ticket, arrival.channel.name())
    });
    events::tell(world);
    done.map(|(ticket, _)| ticket).map_err(|refusal| refusal.words().1)
}

/// An agent opens a ticket for a customer, who is made if nobody has the address: the ticket's number.
pub(crate) fn open_for(world: &World, agent: u64, arrival: &Arrival) -> Result<u64, String> {
    let caller = caller(&world.account(), agent);
    let done = caller.and_then(|caller| {
        let name = if arrival.name.is_empty() {
            arrival.email.as_deref().unwrap_or_default()
        } else {
            &arrival.name
        };
        let ticket = arrival.ticket(&json!({"requester": {"name": name, "email": arrival.email}}));
        ticket_writes::make_by(world, &caller, &ticket, "web")
    });
    events::tell(world);
    done.map(|(ticket, _)| ticket).map_err(|refusal| refusal.words().1)
}

/// The requester writes again, in the way in which the ticket came. One that waits or is solved is open again.
pub(crate) fn reply(world: &World, ticket: u64, body: &str) -> Result<(), String> {
    let (caller, channel, status) = {
        let account = world.account();
        let found = account.tickets.get(&ticket).ok_or_else(|| format!("There is no ticket {ticket}."))?;
        (caller(&account, found.requester_id), found.channel, found.status)
    };
    let mut part = Map::new();
    part.insert("comment".into(), json!({"body": body, "public": true}));
    if matches!(status, Status::Pending | Status::Hold | Status::Solved) {
        part.insert("status".into(), json!("open"));
    }
    let done = caller.and_then(|caller| ticket_writes::change_by(world, &caller, ticket, &part, channel));
    events::tell(world);
    done.map(drop).map_err(|refusal| refusal.words().1)
}

/// Who has the address, or a new user.
fn sender(account: &mut Account, world: &World, arrival: &Arrival) -> Result<Caller, Refusal> {
    let address = arrival.email.as_deref().filter(|address| !address.is_empty());
    if let Some(known) = address.and_then(|address| account.user_by_email(address)) {
        return Ok(Caller::of(known));
    }
    if address.is_none() && arrival.channel != Channel::Chat {
        return Err(Refusal::invalid("requester", "Requester: is missing or invalid", Some("InvalidValue")));
    }
    let name = if arrival.name.is_empty() { address.unwrap_or("Visitor") } else { &arrival.name };
    let mut described = Map::new();
    described.insert("name".into(), json!(name));
    described.insert("email".into(), json!(address));
    described.insert("skip_verify_email".into(), json!(true));
    let made = user_writes::make(account, &Caller::of_nobody(), &described, world.now())?;
    Ok(Caller::of(&made))
}

fn caller(account: &Account, user: u64) -> Result<Caller, Refusal> {
    account.users.get(&user).map(Caller::of).ok_or_else(Refusal::not_found)
}
