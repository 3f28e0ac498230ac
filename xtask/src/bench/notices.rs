//! A thousand tickets in a minute, from 700 customers whom Zendesk knows and 300 who write for the first time: whoever is in charge is told of each
//! that matches, once and in time, while agents ask for cards. The stand-in for Zendesk runs the triggers, and counts the calls.
//! **Invariant:** a ticket that matches and is told of twice or never is a missed budget, however fast the others were.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::agents::{Cards, p95};
use super::integrations::world::World;
use super::{Options, Verdict, process};
use crate::problem::{Outcome, Problem};
use crate::session::{self, json_of};
use crate::{command, house, http};

const TICKETS: u64 = 1_000;
/// All tickets come at this pace.
const EVERY: Duration = Duration::from_millis(60);
/// Whoever is not told by then is not told.
const TOLD_TIMEOUT: Duration = Duration::from_secs(60);
/// How much more 95 of 100 cards may take meanwhile, ms.
const CARD_MS: f64 = 20.0;
/// What cannot be done with fewer calls: ticket, requester and first comment; of somebody new also their user, the fields, what is written
/// into them, their tickets and the tag.
const LEAST_OF_KNOWN: u64 = 3;
const LEAST_OF_NEW: u64 = 8;
/// How many more calls than those there may be.
const MORE_CALLS: f64 = 1.1;
const SETTINGS: &str = r#"
[notices]
new_customer = "notify"
renewal_near = "off"
page = "off"
fallback = "off"

[contracts]
new_customer_days = 36500
"#;
const SOURCES: &str = r#"
[[integration.sources]]
as = "contracts"
connection = "service"
read = { kind = "file", path = "contracts.csv", emails = ["email"] }

[integration.contract]
sql = "SELECT email, company, start AS contract_start, 'Kim' AS owner, 'agent@example.com' AS owner_email FROM contracts"
people = { email = "email" }
company_id = "company"
company = "company"
start = "contract_start"
owners = [{ role = "sales", name = "owner", email = "owner_email" }]
"#;
const MODEL: &str = "
SELECT z.id AS zendesk_user_id, c.company, c.mrr, c.start AS contract_start
  FROM zendesk_users z JOIN contracts c ON c.email_key = z.email_key";

/// How a ticket comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// Zendesk knows them, and the contract is young.
    Known,
    /// They write for the first time, and the contract is young.
    New,
    /// The contract has no beginning, so nobody is told.
    Unmatched,
}

/// Of ten tickets, three are of new senders, and one is of nobody's interest.
const fn sender(ticket: u64) -> Sender {
    match ticket % 10 {
        0..3 => Sender::New,
        9 => Sender::Unmatched,
        _ => Sender::Known,
    }
}

pub(super) fn measure(options: &Options) -> Outcome<Vec<Verdict>> {
    let binaries = options.binaries()?;
    let place = house::target_dir("bench")?;
    let tickets = options.tickets.unwrap_or(TICKETS);
    let world = World::start_with(&binaries, &place, (&["--relaxed"], SETTINGS), (SOURCES, MODEL))?;
    let first = made(&world, tickets)?;
    let address = |ticket: u64| match sender(ticket) {
        Sender::New => format!("first.time.{ticket}@example.com"),
        Sender::Known | Sender::Unmatched => format!("customer.{}@example.com", first + ticket),
    };
    let mut text = "email,company,mrr,start\n".to_owned();
    for ticket in 0..tickets {
        let start = if sender(ticket) == Sender::Unmatched { "" } else { "2026-01-15" };
        writeln!(text, "{},Company {ticket},1000,{start}", address(ticket)).expect("text");
    }
    house::write(&world.reports().join("contracts.csv"), text)?;
    let dry = world.run(&["--dry-run"])?;
    world.run(&["--accept", &dry.id])?;
    command::output(&mut world.deskside(&["connect", "zendesk-contract-triggers"]))?;
    Bench { world, tickets }.measure(address)
}

/// Customers whom Zendesk knows; the number of the first.
fn made(world: &World<'_>, count: u64) -> Outcome<u64> {
    let state = json_of(&http::get(world.ports.zendesk, "/_sandbox/state")?, "the sandbox's state")?;
    let first = state["users"].as_u64();
    let wish = json!({ "count": count }).to_string();
    json_of(&http::post(world.ports.zendesk, "/_sandbox/users/make", &wish)?, "new users")?;
    first.ok_or_else(|| Problem::new("the sandbox does not count its users"))
}

struct Bench<'a> {
    world: World<'a>,
    tickets: u64,
}

impl Bench<'_> {
    fn measure(&self, address: impl Fn(u64) -> String) -> Outcome<Vec<Verdict>> {
        let (zendesk, server) = (self.world.ports.zendesk, self.world.ports.server);
        let bearer = session::bearer(&self.world.ports)?;
        let quiet = Cards::asked(server, &bearer).after(Duration::from_secs(10));
        let before = self.calls()?;
        let cards = Cards::asked(server, &bearer);
        let (began, mut came) = (Instant::now(), BTreeMap::new());
        for place in 0..self.tickets {
            let due = began + EVERY * u32::try_from(place).unwrap_or(u32::MAX);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let arrival = json!({
                "channel": "email", "name": format!("Customer {place}"), "email": address(place), "subject": "It does not start",
                "body": "I have tried everything.",
            });
            let at = now();
            let made = http::post(zendesk, "/_sandbox/tickets/arrive", &arrival.to_string())?;
            let made = json_of(&made, "a ticket that comes")?;
            let ticket = made["ticket_id"].as_u64().ok_or_else(|| Problem::new("a ticket has no number"))?;
            came.insert(ticket, (sender(place), at));
        }
        let pace = began.elapsed().as_secs_f64();
        let wanted = came.values().filter(|(sender, _)| *sender != Sender::Unmatched).count();
        let waits = Instant::now();
        while self.told()?.len() < wanted && waits.elapsed() < TOLD_TIMEOUT {
            thread::sleep(Duration::from_millis(500));
        }
        thread::sleep(Duration::from_secs(2)); // whoever is told twice is told now
        let busy = cards.until_now();
        self.judge(&came, (pace, before), (quiet, busy))
    }

    fn judge(
        &self,
        came: &BTreeMap<u64, (Sender, f64)>,
        (pace, before): (f64, usize),
        (quiet, busy): (Vec<f64>, Vec<f64>),
    ) -> Outcome<Vec<Verdict>> {
        let told = self.told()?;
        let (mut missed, mut twice, mut wrong, mut after) = (0_u32, 0_u32, 0_u32, Vec::new());
        let mut least = 0;
        for (ticket, (sender, at)) in came {
            let times = told.get(ticket).map_or(&[][..], Vec::as_slice);
            match (sender, times) {
                (Sender::Unmatched, []) => {}
                (Sender::Unmatched, _) => wrong += 1,
                (_, []) => missed += 1,
                (_, [first, others @ ..]) => {
                    twice += u32::from(!others.is_empty());
                    after.push((first - at).rem_euclid(DAY));
                }
            }
            least += match sender {
                Sender::Known => LEAST_OF_KNOWN,
                Sender::New => LEAST_OF_NEW,
                Sender::Unmatched => 0,
            };
        }
        let calls = u64::try_from(self.calls()?.saturating_sub(before)).unwrap_or(u64::MAX);
        let longest = after.iter().copied().fold(0.0, f64::max);
        let (in_time, quiet, busy) = (p95(after)?, p95(quiet)?, p95(busy)?);
        println!(
            "\n{} tickets in {pace:.0} s, {} of them of new customers",
            came.len(),
            self.tickets * 3 / 10
        );
        println!(
            "told after {in_time:.2} s (p95), {longest:.2} s at most; {missed} missed, {twice} told twice, {wrong} told wrongly"
        );
        println!("calls to Zendesk: {calls}, {least} is the least");
        println!(
            "Cards of agents, p95: {quiet:.1} ms before, {busy:.1} ms meanwhile; server at most {:.0} MB",
            process::peak_mb(self.world.server.process())?
        );
        let ratio = |part: u64, of: u64| ratio(part) / ratio(of.max(1));
        Ok(vec![
            Verdict::at_most("tickets missed", f64::from(missed), 0.0),
            Verdict::at_most("tickets told twice", f64::from(twice), 0.0),
            Verdict::at_most("tickets told although nothing matches", f64::from(wrong), 0.0),
            Verdict::at_most("from ticket to notice, p95, s", in_time, 5.0),
            Verdict::at_most("from ticket to notice, at most, s", longest, 60.0),
            Verdict::at_most("calls to Zendesk, times the least", ratio(calls, least), MORE_CALLS),
            Verdict::at_most("cards meanwhile, p95 above before, ms", busy - quiet, CARD_MS),
        ])
    }

    /// When Slack was told of each ticket, in seconds of the day.
    fn told(&self) -> Outcome<BTreeMap<u64, Vec<f64>>> {
        let all = json_of(&http::get(self.world.ports.notify, "/_sandbox/notices")?, "what was told")?;
        let mut told = BTreeMap::<u64, Vec<f64>>::new();
        for row in all["notices"].as_array().into_iter().flatten() {
            if let (Some(ticket), Some(at)) = (ticket_in(row), row["at"].as_str().and_then(second_of_day)) {
                told.entry(ticket).or_default().push(at);
            }
        }
        Ok(told)
    }

    /// How often Zendesk was asked, as far as the log goes back: further than a thousand tickets.
    fn calls(&self) -> Outcome<usize> {
        let log = json_of(&http::get(self.world.ports.zendesk, "/_sandbox/requests")?, "the log of calls")?;
        let all = log["requests"].as_array().into_iter().flatten();
        Ok(all.filter(|call| call["host"] == "zendesk" && of_notices(call)).count())
    }
}

/// Not those that cards make.
fn of_notices(call: &Value) -> bool {
    call["path"].as_str().is_some_and(|path| path.starts_with("/api/v2/") && !path.contains("oauth"))
}

/// The number in "Ticket 7: Aoba is a new customer".
fn ticket_in(row: &Value) -> Option<u64> {
    let text = row["body"]["text"].as_str()?;
    let (number, _) = text.split_once("Ticket ")?.1.split_once(':')?;
    number.parse().ok()
}

const DAY: f64 = 86_400.0;

/// Seconds of this day.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() % DAY)
}

/// Of a time like `2026-11-30T21:51:20.25Z`.
fn second_of_day(text: &str) -> Option<f64> {
    let mut parts = text.get(11..)?.trim_end_matches('Z').splitn(3, ':').map(str::parse::<f64>);
    Some(parts.next()?.ok()? * 3_600.0 + parts.next()?.ok()? * 60.0 + parts.next()?.ok()?)
}

fn ratio(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{second_of_day, ticket_in};

    #[test]
    fn time_and_ticket_are_read_from_what_was_told() {
        assert_eq!(second_of_day("2026-11-30T01:02:03.5Z"), Some(3_723.5));
        assert_eq!(second_of_day("today"), None);
        let told = json!({"body": {"text": "Ticket 42: Aoba is a new customer\nSubject: Ticket 7: x"}});
        assert_eq!(ticket_in(&told), Some(42));
    }
}
