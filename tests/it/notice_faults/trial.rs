//! One ticket about which people are told, and what must be true afterwards, seen from the outside: in Zendesk, at Slack's and `PagerDuty`'s, and in
//! the list of notices.

use std::cell::Cell;

use deskside::store::query;
use deskside_sandbox::{Arrival, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use super::calls::{Marks, Scene};
use crate::integrations::{ADMIN, HANAKO};
use crate::notices::{connected, contracts, writes};
use crate::support::hooks::delivered;
use crate::support::testbed::{Plan, Testbed, bed};

/// Longer than a dead worker's lease, and than the first pauses of the queue.
const STEP_S: i64 = 61;
/// The queue's longest pause.
const PAUSE_S: i64 = 1_801;
/// What asks for time costs no attempt so long.
const RETRY_WINDOW_S: i64 = 25 * 3_600;
/// An end that was given up is asked for again after this.
const AGAIN_S: i64 = 6 * 3_600 + 60;
/// Strangers who may write in one world.
const STRANGERS: u64 = 60;

/// What every world is made of. The contract stays new and near for years, for trials take days.
pub fn plan(scene: Scene) -> Plan {
    let plan = bed()
        .setting("pagerduty.routing_key", credentials::PAGERDUTY_KEY)
        .setting("notify.format", "slack")
        .setting("notices.renewal_near", "notify")
        .setting("notices.fallback", format!("group:{}", credentials::GROUP_ID))
        .setting("contracts.new_customer_days", "1000")
        .setting("contracts.renewal_near_days", "1000")
        .tells(credentials::SLACK_HOOK);
    match scene {
        Scene::Newcomer => plan.setting("notices.page", "off").setting("notices.renewal_near", "off"),
        _ => plan,
    }
}

/// Where notices are tried, one after the other.
pub struct World<'a> {
    pub bed: &'a Testbed,
    scene: Scene,
    first: u64,
    strangers: Cell<u64>,
}

/// What a notice must have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Somebody was told.
    Told,
    /// Or nobody, for it was tried for hours, and the list says so.
    GivenUp,
    /// Or it is unsure, for the worker died.
    Unsure,
}

impl<'a> World<'a> {
    pub async fn new(bed: &'a Testbed, scene: Scene) -> Self {
        let first = bed.vendors().make_users(if scene == Scene::Newcomer { STRANGERS } else { 1 });
        let mut definition = contracts("");
        let sql = definition["model"]["sql"].as_str().expect("text").replace("2026-12-10", "2028-12-10");
        definition["model"]["sql"] = json!(sql);
        match scene {
            Scene::Told => {}
            Scene::Group => {
                let success = json!({"role": "success", "name": "success_name", "email": "success_email"});
                definition["contract"]["owners"] = json!([success]);
            }
            Scene::Newcomer => {
                let columns = "'Aoba' AS company, 120000 AS mrr, CAST('2026-11-01' AS DATE) AS start,
                               CAST('2026-12-10' AS DATE) AS renewal, 'Kim' AS sales_name, 'agent@example.com' AS sales_email";
                definition["contract"]["sql"] = json!(format!(
                    "SELECT concat('new.', email) AS email, {columns} FROM people WHERE external_id LIKE 'made-%'"
                ));
                definition["contract"]["people"] = json!({"email": "email"});
                definition["contract"]["extra"] = json!({});
                definition["contract"]["owners"] =
                    json!([{"role": "sales", "name": "sales_name", "email": "sales_email"}]);
            }
        }
        connected(bed, &definition).await;
        Self { bed, scene, first, strangers: Cell::new(0) }
    }

    /// A ticket comes, and Zendesk's triggers have asked.
    pub async fn begins(&self) -> Marks {
        let bed = self.bed;
        bed.pass(5);
        let marks = if self.scene == Scene::Newcomer {
            let stranger = self.strangers.get();
            self.strangers.set(stranger + 1);
            let known = bed.vendors().user(self.first + stranger * 128).expect("a user")["email"].clone();
            let address = format!("new.{}", known.as_str().expect("an address"));
            let arrival = Arrival::email("New Person", &address, "Hello", "It does not start");
            let ticket = bed.vendors().write_in(&arrival).expect("a ticket");
            let user =
                bed.vendors().ticket(ticket).expect("a ticket")["requester_id"].as_u64().expect("an id");
            Marks { ticket, user }
        } else {
            Marks { ticket: writes(bed, Some("urgent"), "Nothing works."), user: HANAKO }
        };
        delivered(bed).await;
        marks
    }

    pub async fn is_solved(&self, Marks { ticket, .. }: Marks) {
        self.bed.pass(5);
        let wish = json!({"ticket": {"status": "solved"}});
        self.bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{ticket}"), &wish).await;
        delivered(self.bed).await;
    }

    /// Until nobody tries any more.
    pub async fn works(&self, past_the_window: bool) -> Result<(), String> {
        for round in 0..90 {
            self.bed.run_jobs().await;
            delivered(self.bed).await;
            if self.bed.left_over().await.is_empty() {
                return Ok(());
            }
            let pause = if round < 20 { STEP_S } else { PAUSE_S };
            self.bed.pass(if past_the_window && round == 20 { RETRY_WINDOW_S } else { pause });
        }
        Err(format!("it does not end: {:?}", self.bed.left_over().await))
    }

    /// Nothing goes wrong any more.
    pub async fn ends(&self, marks: Marks, allowed: Allowed, is_solved: bool) -> Result<Vec<String>, String> {
        self.bed.pass(120); // a token that was refused is asked for again
        self.works(false).await?;
        if self.scene == Scene::Newcomer {
            return self.is_known(marks, allowed).await;
        }
        if !is_solved {
            self.is_solved(marks).await;
            self.works(false).await?;
        }
        let mut remarks = Vec::new();
        for kind in ["new_customer", "renewal_near", "page"] {
            remarks.extend(self.was_told(marks.ticket, kind, allowed).await?);
        }
        for _ in 0..2 {
            if self.alerts(marks.ticket).iter().all(|status| status == "resolved") {
                return Ok(remarks);
            }
            self.bed.pass(AGAIN_S);
            self.bed.tick_schedules().await;
            self.works(false).await?;
        }
        Err(format!(
            "an alert stays open: {:?}; {:?}",
            self.alerts(marks.ticket),
            self.rows(marks.ticket).await
        ))
    }

    /// The fields are written, and whoever is in charge is told.
    async fn is_known(&self, marks: Marks, allowed: Allowed) -> Result<Vec<String>, String> {
        let bed = self.bed;
        let mrr = || bed.vendors().user(marks.user).expect("a user")["user_fields"]["sfdc_mrr"].clone();
        if mrr().is_null() {
            if allowed != Allowed::GivenUp {
                return Err("their fields are empty".to_owned());
            }
            bed.pass(3_700); // an agent opens the ticket later
            let agent = bed.agent(ADMIN).await;
            agent.gets(&format!("/api/tickets/{}/card", marks.ticket)).await;
            for _ in 0..100 {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                self.works(false).await?;
                if !mrr().is_null() {
                    return Ok(Vec::new()); // the ticket is too old for a notice by now
                }
            }
            return Err("their fields stay empty".to_owned());
        }
        let rows = self.rows(marks.ticket).await;
        if rows.is_empty() && allowed == Allowed::GivenUp {
            return Ok(Vec::new()); // the tag came to nobody's notice within the hour
        }
        self.was_told(marks.ticket, "new_customer", allowed).await
    }

    /// `kind outcome reason` of a ticket.
    async fn rows(&self, ticket: u64) -> Vec<(String, String, String)> {
        let page = self.bed.agent(ADMIN).await.gets("/api/notices").await.json();
        let all = page["notices"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let of_ticket = all.filter(|row| row["ticket_id"] == ticket);
        of_ticket
            .map(|row| (text(&row["kind"]), text(&row["outcome"]), text(&row["reason"]["code"])))
            .collect()
    }

    fn alerts(&self, ticket: u64) -> Vec<String> {
        let key = format!("deskside-acme-{ticket}");
        let all = self.bed.vendors().alerts().into_iter().filter(|alert| alert["dedup_key"] == key);
        all.map(|alert| alert["status"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// How often a notice was told in its own way, and to the group.
    fn told(&self, ticket: u64, kind: &str) -> (usize, usize) {
        let vendors = self.bed.vendors();
        let headline = match kind {
            "new_customer" => format!("Ticket {ticket}: Aoba is a new customer"),
            "renewal_near" => format!("Ticket {ticket}: the renewal of Aoba is near"),
            _ => format!("Ticket {ticket}: an emergency of "),
        };
        let contains = |value: &Value| value.as_str().is_some_and(|text| text.contains(&headline));
        let own = match kind {
            "new_customer" => {
                vendors.comments(ticket).iter().filter(|note| contains(&note["html_body"])).count()
            }
            "renewal_near" => vendors.notices().iter().filter(|told| contains(&told["body"]["text"])).count(),
            _ => self.alerts(ticket).len(),
        };
        let made = vendors.tickets_of(ADMIN).into_iter().filter_map(|id| vendors.ticket(id));
        (own, made.filter(|ticket| contains(&ticket["subject"])).count())
    }

    /// A notice was told once; what else is to be said of it.
    async fn was_told(&self, ticket: u64, kind: &str, allowed: Allowed) -> Result<Vec<String>, String> {
        let all = self.rows(ticket).await;
        let rows: Vec<_> = all.iter().filter(|row| row.0 == kind).collect();
        let [(_, outcome, reason)] = rows.as_slice() else {
            return Err(format!("{kind} was asked for {} times: {all:?}", rows.len()));
        };
        let (own, group) = self.told(ticket, kind);
        let say = |what: &str| {
            format!("{kind} {outcome} ({reason}), in its own way {own} times, to the group {group}: {what}")
        };
        let was_given_up = ["gave_up", "channel_refused"].contains(&reason.as_str());
        match (outcome.as_str(), own, group) {
            ("told", 1, 0) | ("fallback", 0, 1) => Ok(Vec::new()),
            ("told", 2.., 0) if kind == "renewal_near" => Ok(vec![say("a webhook's answer was lost")]),
            ("told" | "fallback", 1, 1) => Ok(vec![say("the answer of the first was lost, or refused")]),
            ("fallback", 2.., 1) if kind == "renewal_near" && allowed == Allowed::GivenUp => {
                Ok(vec![say("a webhook's answers were lost for hours")])
            }
            ("unsure", 0 | 1, 0) if allowed == Allowed::Unsure => Ok(vec![say("the worker died")]),
            ("not_told", 0, 0) if allowed == Allowed::GivenUp && was_given_up => Ok(Vec::new()),
            _ => Err(format!("{}; given up: {:?}", say("wrong"), self.given_up().await)),
        }
    }

    /// Why jobs were given up, the latest first.
    async fn given_up(&self) -> Vec<String> {
        query("SELECT last_error FROM jobs WHERE state = 'dead' ORDER BY id DESC LIMIT 3")
            .all_as(&self.bed.db, |row| Ok(row.get::<Option<String>>("last_error")?.unwrap_or_default()))
            .await
            .unwrap_or_default()
    }
}
