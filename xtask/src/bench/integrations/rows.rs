//! 10,000 changed rows to Zendesk, where each call takes 100 ms and each job a second: Deskside beside a script, in turns on one sandbox;
//! each round changes every row. Meanwhile agents ask for cards. **Invariant:** a side counts only when every user holds what its file says.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::last_line;
use super::world::World;
use crate::bench::agents::{Cards, p95};
use crate::bench::{Verdict, median, process};
use crate::command::command;
use crate::demo::Binaries;
use crate::problem::{Outcome, Problem};
use crate::session::{self, json_of};
use crate::{house, http};

const ROWS: u64 = 10_000;
const CALLS: f64 = 100.0;
const FASTER: f64 = 10.0;
/// How much more 95 of 100 cards may take while rows are on their way, ms.
const CARD_MS: f64 = 20.0;
const FILE: &str = "contracts.csv";
/// Zendesk allows ten calls of an export in a minute; the first one takes them all.
const EXPORT: Duration = Duration::from_secs(61);
const SOURCES: &str = r#"
[[integration.sources]]
as = "contracts"
connection = "service"
read = { kind = "file", path = "contracts.csv", emails = ["email"] }
"#;
const MODEL: &str = "
SELECT z.id AS zendesk_user_id, c.company, c.mrr, c.start AS contract_start
  FROM zendesk_users z JOIN contracts c ON c.email_key = z.email_key";
const CHOICES: [&str; 5] = ["--relaxed", "--latency-ms", "100", "--job-ms", "1000"];

struct Rows<'a> {
    world: World<'a>,
    /// The number of the first user that was made.
    first: u64,
}

pub(super) fn measure(
    binaries: &Binaries,
    place: &Path,
    python: &Path,
    rounds: usize,
) -> Outcome<Vec<Verdict>> {
    let world = World::start(binaries, place, &CHOICES, (SOURCES, MODEL))?;
    let state = json_of(&http::get(world.ports.zendesk, "/_sandbox/state")?, "the sandbox's state")?;
    let first =
        state["users"].as_u64().ok_or_else(|| Problem::new("the sandbox does not count its users"))?;
    let wish = json!({"count": ROWS}).to_string();
    json_of(&http::post(world.ports.zendesk, "/_sandbox/users/make", &wish)?, "new users")?;
    Rows { world, first }.measure(python, rounds)
}

impl Rows<'_> {
    fn measure(&self, python: &Path, rounds: usize) -> Outcome<Vec<Verdict>> {
        let world = &self.world;
        self.changes(0)?;
        let dry = world.run(&["--dry-run"])?;
        dry.counts("to be written", ROWS)?;
        let bearer = session::bearer(&world.ports)?;
        let (mut ours, mut script, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        let quiet = Cards::asked(world.ports.server, &bearer).after(Duration::from_secs(10));
        let mut busy = Vec::new();
        for round in 0..rounds {
            let (mine, theirs) = (2 * round, 2 * round + 1);
            thread::sleep(EXPORT);
            self.changes(mine)?;
            let before = self.updates()?;
            let cards = Cards::asked(world.ports.server, &bearer);
            let since = Instant::now();
            let run = world.run(&["--accept", &dry.id])?;
            ours.push(since.elapsed().as_secs_f64());
            busy.extend(cards.until_now());
            calls.push(self.updates()? - before);
            run.counts("updated", ROWS)?;
            self.holds(mine)?;
            self.changes(theirs)?;
            script.push(self.script(python)?);
            self.holds(theirs)?;
        }
        let faster = median(script.iter().zip(&ours).map(|(script, ours)| script / ours).collect());
        println!(
            "\n{ROWS} changed rows, 100 ms for each call and 1 s for each job, median of {rounds} rounds"
        );
        println!("{:<34}{:>10.1} s   update calls {calls:?}", "Deskside", median(ours));
        println!("{:<34}{:>10.1} s", "a script, one after the other", median(script));
        let (quiet, busy) = (p95(quiet)?, p95(busy)?);
        println!(
            "Cards of agents, p95: {quiet:.1} ms before, {busy:.1} ms meanwhile; server at most {:.0} MB",
            process::peak_mb(world.server.process())?
        );
        let most = calls.iter().copied().fold(0.0, f64::max);
        let least = calls.iter().copied().fold(f64::INFINITY, f64::min);
        Ok(vec![
            Verdict::at_least("10,000 rows: times faster than the script", faster, FASTER),
            Verdict::at_most("10,000 rows: update calls at most", most, CALLS),
            Verdict::at_least("10,000 rows: update calls at least", least, CALLS),
            Verdict::at_most("cards meanwhile, p95 above before, ms", busy - quiet, CARD_MS),
        ])
    }

    /// The file in which every row is another one than in the round before.
    fn changes(&self, round: usize) -> Outcome {
        let mut text = "email,company,mrr,start\n".to_owned();
        for place in self.first..self.first + ROWS {
            let (mrr, day) = (1000 + round, 1 + place % 28);
            writeln!(text, "Customer.{place}@Example.com,Company {place},{mrr}.50,2026-04-{day:02}")
                .expect("text");
        }
        house::write(&self.world.reports().join(FILE), text)
    }

    fn updates(&self) -> Outcome<f64> {
        let log = json_of(&http::get(self.world.ports.zendesk, "/_sandbox/requests")?, "the log of calls")?;
        let all = log["requests"].as_array().into_iter().flatten();
        let updates =
            all.filter(|call| call["path"].as_str().is_some_and(|path| path.contains("update_many")));
        Ok(f64::from(u32::try_from(updates.count()).unwrap_or(u32::MAX)))
    }

    fn script(&self, python: &Path) -> Outcome<f64> {
        let config = json!({
            "zendesk_url": format!("http://127.0.0.1:{}", self.world.ports.zendesk),
            "client_id": "deskside", "client_secret": "sandbox-client-secret",
            "file": self.world.reports().join(FILE),
        });
        let given = self.world.place.join("script.json");
        house::write(&given, config.to_string())?;
        let mut script = command(&python.to_string_lossy(), [house::path("bench/integrations/script.py")]);
        let stdin = std::fs::File::open(&given).map_err(|cause| Problem::file("read", &given, &cause))?;
        let answer = last_line(script.env("NO_PROXY", "127.0.0.1,localhost").stdin(Stdio::from(stdin)))?;
        if answer["rows"] != ROWS {
            return Err(Problem::new(format!("the script sent {} rows of {ROWS}", answer["rows"])));
        }
        Ok(answer["seconds"].as_f64().unwrap_or(f64::INFINITY))
    }

    /// Whether Zendesk has the file's rows; the first, the last and one between are looked at.
    fn holds(&self, round: usize) -> Outcome {
        let token = session::zendesk_token(&self.world.ports)?;
        let answer = |path: &str| json_of(&http::get_as(self.world.ports.zendesk, path, &token)?, "users");
        for place in [self.first, self.first + ROWS / 2, self.first + ROWS - 1] {
            let found = answer(&format!("/api/v2/users/search.json?external_id=made-{place}"))?;
            let held = &found["users"][0]["user_fields"]["sfdc_mrr"];
            let wanted = format!("{}.5", 1000 + round);
            if !is_number(held, &wanted) {
                return Err(Problem::new(format!("user made-{place} holds {held} and should hold {wanted}")));
            }
        }
        Ok(())
    }
}

fn is_number(held: &Value, wanted: &str) -> bool {
    let held = held.as_f64().or_else(|| held.as_str()?.parse().ok());
    held.is_some() && held == wanted.parse::<f64>().ok()
}
