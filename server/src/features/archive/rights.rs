//! Whether those who asked for a run may archive. The run acts with the server's rights, so it asks Zendesk who they are
//! when files are planned, and again before each file is redacted. **Invariant:** a failed read is never a permission.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::asker::{Asker, Refusal};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{
            Audit, Role, RoleConfiguration, Ticket, TicketId, User, UserId, ZendeskClient, ZendeskError,
        },
    },
    features::{
        contracts::{TicketFacts, reaches},
        sessions::Reach,
    },
    store::archive::{AskerRow, ItemRow, RunRow},
};

/// Custom agents, admins and billing admins. Zendesk lets light agents, chat agents and contributors change no ticket, and
/// what it adds later is in doubt.
const EDITING_ROLE_TYPES: [u64; 3] = [0, 4, 5];

/// Whether this agent may archive, as Zendesk describes them now.
pub(super) async fn may_start(
    zendesk: &ZendeskClient,
    agents_may_start: bool,
    agent: UserId,
) -> Result<Result<(), Refusal>, ZendeskError> {
    let people = People::read(zendesk, agents_may_start, &BTreeSet::from([agent])).await?;
    Ok(people.may_start(agent))
}

/// What changed on a ticket, read at most once.
#[derive(Debug, Default)]
pub(super) enum History {
    /// Nobody has asked.
    #[default]
    Unread,
    /// The scope of our client does not allow it, or not all of it can be read.
    Unknown,
    /// All of it, oldest first.
    Known(Vec<Audit>),
}

impl History {
    /// All of it; `None` where it is unknown.
    pub(super) async fn of(
        &mut self,
        zendesk: &ZendeskClient,
        ticket: TicketId,
    ) -> Result<Option<&[Audit]>, ZendeskError> {
        if matches!(self, Self::Unread) {
            *self = match zendesk.ticket_audits(ticket).await {
                Err(error) if error.is(FailureKind::Forbidden) => Self::Unknown,
                Err(error) => return Err(error),
                Ok(audits) if audits.lost().is_empty() && audits.lost_parts().is_empty() => {
                    Self::Known(audits.into_readable())
                }
                Ok(_) => Self::Unknown,
            };
        }
        Ok(if let Self::Known(audits) = self { Some(audits) } else { None })
    }
}

/// One request for a run.
#[derive(Debug)]
struct Request {
    /// Which attachments; absent: all.
    ids: Option<Vec<u64>>,
    /// When it was made; `None` where nobody can say.
    at: Option<DateTime<Utc>>,
    /// By the button or the operator: once, and not again with every update of the ticket.
    in_person: bool,
    /// Why it may not be carried out.
    may: Result<(), (Refusal, String)>,
}

impl Request {
    fn covers(&self, attachment: u64) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&attachment))
    }
}

/// What those who asked for a run may.
#[derive(Debug)]
pub(super) struct Rights(Vec<Request>);

impl Rights {
    /// Asks Zendesk about everyone who asked for a run. The operator needs no call.
    pub(super) async fn read(
        zendesk: &ZendeskClient,
        agents_may_start: bool,
        ticket: &Ticket,
        run: &RunRow,
        askers: &[AskerRow],
        history: &mut History,
    ) -> Result<Self, ZendeskError> {
        // A run of the version before has one asker, in its own row.
        let only = [AskerRow {
            asker: run.requested_by.map_or_else(String::new, |id| Asker::Agent(wire::UserId(id)).kept()),
            attachment_ids: None,
            asked_at: run.created_at,
        }];
        let askers = if askers.is_empty() { &only[..] } else { askers };
        let mut causes = Vec::with_capacity(askers.len());
        for row in askers {
            // A run by a tag of the version before did not name its tag.
            let asker = Asker::read(&row.asker).unwrap_or(Asker::Tag(""));
            let (cause, at) = match asker {
                Asker::Agent(id) => (Cause::User(UserId(id.0)), Some(row.asked_at)),
                Asker::Tag(tag) => set_now(zendesk, ticket, tag, history).await?,
                Asker::Operator => (Cause::Admins, Some(row.asked_at)),
            };
            causes.push((row, asker, cause, at));
        }
        let users = causes.iter().filter_map(|(.., cause, _)| cause.user()).collect();
        let people = People::read(zendesk, agents_may_start, &users).await?;
        let requests = causes.into_iter().map(|(row, asker, cause, at)| {
            let may = match cause {
                Cause::Admins => Ok(()),
                Cause::User(user) => people.may_start(user).and_then(|()| people.may_see(user, ticket)),
                Cause::Unknown if agents_may_start => Ok(()), // customers cannot set tags
                Cause::Unknown => Err(Refusal::UnknownSetter),
                Cause::Withdrawn => Err(Refusal::Withdrawn),
            };
            let user = cause.user().map(|user| user.0);
            let may = may.map_err(|refusal| (refusal, refusal.why(asker, user)));
            Request { ids: row.attachment_ids.clone(), at, in_person: !matches!(asker, Asker::Tag(_)), may }
        });
        Ok(Self(requests.collect()))
    }

    /// Whether somebody asked for an attachment after an agent kept it. Who asks in person for another run than the one of which
    /// it was kept has seen that.
    pub(super) fn ask_again(&self, kept: &ItemRow, run_id: &str) -> bool {
        let is_new = |request: &Request| request.at.is_some_and(|at| at > kept.updated_at);
        let mut requests = self.0.iter().filter(|request| request.covers(kept.attachment_id));
        requests.any(|request| is_new(request) || (request.in_person && kept.run_id != run_id))
    }

    /// Whether an attachment may be archived: one who asked for it may. Otherwise why one who asked may not.
    pub(super) fn of(&self, attachment: u64) -> Result<(), &(Refusal, String)> {
        let asked = self
            .0
            .iter()
            .filter(|request| request.covers(attachment))
            .map(|request| request.may.as_ref().copied());
        // What only a replica of the version before was asked for: by the run's askers as a whole.
        let all = self.0.iter().map(|request| request.may.as_ref().copied());
        asked.max_by_key(Result::is_ok).or_else(|| all.min_by_key(Result::is_ok)).unwrap_or(Ok(()))
    }
}

/// On whose behalf a request is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    User(UserId),
    /// The operator, or a trigger or an automation, which admins make.
    Admins,
    /// Zendesk does not say who set the tag.
    Unknown,
    /// Somebody took the tag away again.
    Withdrawn,
}

impl Cause {
    const fn user(self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::Admins | Self::Unknown | Self::Withdrawn => None,
        }
    }
}

/// Who set a tag, and when, as far as the ticket's history tells. A history that says another thing than the ticket is read
/// again: somebody may have set the tag or taken it away since.
async fn set_now(
    zendesk: &ZendeskClient,
    ticket: &Ticket,
    tag: &str,
    history: &mut History,
) -> Result<(Cause, Option<DateTime<Utc>>), ZendeskError> {
    if tag.is_empty() {
        return Ok((Cause::Unknown, None)); // of a version that did not name it
    }
    let is_there = ticket.tags.iter().any(|known| known.eq_ignore_ascii_case(tag));
    let told = history.of(zendesk, ticket.id).await?.map(|audits| set_by(audits, tag));
    match told {
        Some((cause, _)) if is_there == (cause == Cause::Withdrawn) => {
            *history = History::Unread;
            let again = history.of(zendesk, ticket.id).await?.map(|audits| set_by(audits, tag));
            Ok(again.unwrap_or((Cause::Withdrawn, None)))
        }
        Some(told) => Ok(told),
        None => Ok((if is_there { Cause::Unknown } else { Cause::Withdrawn }, None)),
    }
}

/// Who set a tag, by the last change that added it, and when; unless a user took it away after that. A rule that takes it away
/// does so because it has done its work.
fn set_by(audits: &[Audit], tag: &str) -> (Cause, Option<DateTime<Utc>>) {
    for audit in audits.iter().rev() {
        for event in audit.events.iter().rev() {
            if event.field_name.as_deref() != Some("tags") {
                continue;
            }
            let by_rule = event.via.as_ref().unwrap_or(&audit.via).channel == "rule";
            match (has_tag(&event.previous_value, tag), has_tag(&event.value, tag)) {
                (true, false) if !by_rule => return (Cause::Withdrawn, audit.created_at),
                (false, true) if by_rule => return (Cause::Admins, audit.created_at),
                (false, true) => {
                    return (audit.author_id.map_or(Cause::Unknown, Cause::User), audit.created_at);
                }
                _ => {}
            }
        }
    }
    (Cause::Unknown, None)
}

/// Zendesk writes tags as a list, or in one text.
fn has_tag(tags: &Value, tag: &str) -> bool {
    let is = |word: &str| word.eq_ignore_ascii_case(tag);
    match tags {
        Value::String(text) => text.split([' ', ',']).any(is),
        Value::Array(list) => list.iter().filter_map(Value::as_str).any(is),
        _ => false,
    }
}

/// Users as Zendesk describes them now, and what their custom roles allow.
struct People {
    agents_may_start: bool,
    users: BTreeMap<UserId, User>,
    roles: BTreeMap<u64, RoleConfiguration>,
    groups: BTreeMap<UserId, Vec<u64>>,
}

impl People {
    async fn read(
        zendesk: &ZendeskClient,
        agents_may_start: bool,
        ids: &BTreeSet<UserId>,
    ) -> Result<Self, ZendeskError> {
        let ids: Vec<UserId> = ids.iter().copied().collect();
        let users = if ids.is_empty() { Vec::new() } else { zendesk.users(&ids).await? };
        let mut roles = BTreeMap::new();
        let custom = users.iter().filter(|user| agents_may_start && user.role == Role::Agent);
        for role in custom.filter_map(|user| user.custom_role_id).collect::<BTreeSet<u64>>() {
            match zendesk.role_configuration(role).await {
                Ok(configuration) => drop(roles.insert(role, configuration)),
                // Only admins on Enterprise plans read roles. The kind of role is known all the same.
                Err(error) if error.is_denied_or_absent() => {}
                Err(error) => return Err(error),
            }
        }
        let mut groups = BTreeMap::new();
        for user in users.iter().filter(|user| Reach::needs_groups(user)) {
            groups.insert(user.id, zendesk.group_ids_of(user.id).await?);
        }
        let users = users.into_iter().map(|user| (user.id, user)).collect();
        Ok(Self { agents_may_start, users, roles, groups })
    }

    fn may_see(&self, id: UserId, ticket: &Ticket) -> Result<(), Refusal> {
        let user = self.users.get(&id).ok_or(Refusal::Inactive)?;
        let groups = self.groups.get(&id).cloned().unwrap_or_default();
        let sees = reaches(&Reach::of(user, groups), wire::UserId(id.0), &TicketFacts::of(ticket));
        if sees { Ok(()) } else { Err(Refusal::OutOfReach) }
    }

    fn may_start(&self, id: UserId) -> Result<(), Refusal> {
        let user = self.users.get(&id).filter(|user| user.active && !user.suspended);
        let user = user.ok_or(Refusal::Inactive)?;
        match user.role {
            Role::Admin => Ok(()),
            Role::EndUser | Role::Unknown => Err(Refusal::Inactive),
            Role::Agent if !self.agents_may_start => Err(Refusal::AdminsOnly),
            Role::Agent => {
                let kind = user.role_type.is_some_and(|kind| !EDITING_ROLE_TYPES.contains(&kind));
                let role = user.custom_role_id.and_then(|id| self.roles.get(&id));
                let read_only = kind || role.is_some_and(|role| role.light_agent || !role.ticket_editing);
                if read_only { Err(Refusal::ReadOnlyRole) } else { Ok(()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(audits: &Value, expected: Cause) {
        let read: Vec<Audit> = serde_json::from_value(audits.clone()).expect("a history");
        assert_eq!(set_by(&read, "archive_attachments").0, expected, "{audits}");
    }

    #[test]
    fn a_tag_was_set_by_the_last_change_that_added_it() {
        let tags = |is: Value, was: Value| json!({"type": "Change", "field_name": "tags", "value": is, "previous_value": was});
        let by = |author: u64, event: Value| json!({"author_id": author, "via": {"channel": "web"}, "events": [event]});
        let adds = || tags(json!(["archive_attachments", "vip"]), json!(["vip"]));
        let keeps = || tags(json!(["archive_attachments", "a"]), json!(["archive_attachments"]));
        let removes = || tags(json!([]), json!(["archive_attachments"]));
        let user = |id| Cause::User(UserId(id));
        check(&json!([by(7, adds())]), user(7));
        check(&json!([by(7, adds()), by(8, keeps())]), user(7));
        check(&json!([by(7, adds()), by(8, removes()), by(9, adds())]), user(9));
        check(&json!([by(7, adds()), by(8, removes())]), Cause::Withdrawn);
        let mut removed_by_rule = by(7, removes());
        removed_by_rule["via"] = json!({"channel": "rule"});
        check(&json!([by(7, adds()), removed_by_rule]), user(7));
        check(&json!([by(7, tags(json!("vip archive_attachments"), json!("vip")))]), user(7));
        let created = json!({"type": "Create", "field_name": "tags", "value": ["archive_attachments"]});
        check(&json!([by(7, created)]), user(7));
        let mut by_rule = adds();
        by_rule["via"] = json!({"channel": "rule", "source": {"rel": "trigger"}});
        check(&json!([by(7, by_rule)]), Cause::Admins);
        check(&json!([{"via": {"channel": "rule"}, "events": [adds()]}]), Cause::Admins);
        check(&json!([{"via": {"channel": "system"}, "events": [adds()]}]), Cause::Unknown);
        check(&json!([]), Cause::Unknown);
    }
}
