//! What a side asked of Zendesk and its host of files, by template, as the stand-in's own log says.

use std::collections::BTreeMap;

use super::world::World;
use crate::http;
use crate::problem::Outcome;
use crate::session::json_of;

/// For a ticket of five files, whoever does it: what has to be asked, how often, and why.
const NEEDED: &[(&str, u32, &str)] = &[
    ("GET /attachments/token/{token}/", 5, "each file's address"),
    ("GET /attachment/{account}/{token}", 5, "each file's bytes"),
    ("PUT /api/v2/tickets/{id}/comments/{comment}/attachments/{attachment}/redact", 5, "each file's end"),
    ("GET /api/v2/tickets/{id}", 1, "closed? held? whose?"),
    ("GET /api/v2/tickets/{id}/comments", 2, "what is there; the proof that it is gone"),
    ("PUT /api/v2/tickets/{id}/tags", 1, "the answer's tag"),
    ("PUT /api/v2/tickets/{id}", 1, "the note"),
];

/// How often each template was asked.
#[derive(Clone, Default)]
pub(super) struct Calls(BTreeMap<String, u32>);

impl Calls {
    /// So far.
    pub(super) fn read(world: &World) -> Outcome<Self> {
        let log = json_of(&http::get(world.ports.zendesk, "/_sandbox/requests")?, "the log of calls")?;
        let mut calls = BTreeMap::new();
        for call in log["requests"].as_array().into_iter().flatten() {
            let field = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
            if field("host") == "notify" {
                continue; // Slack's, who is told how a run ended
            }
            *calls.entry(format!("{} {}", field("method"), field("path"))).or_default() += 1;
        }
        Ok(Self(calls))
    }

    /// What came since.
    pub(super) fn since(self, before: &Self) -> Self {
        let came = |(call, times): (String, u32)| {
            let times = times - before.0.get(&call).copied().unwrap_or_default();
            (times > 0).then_some((call, times))
        };
        Self(self.0.into_iter().filter_map(came).collect())
    }

    /// For one ticket.
    pub(super) fn each(&self, tickets: u32) -> f64 {
        f64::from(self.0.values().sum::<u32>()) / f64::from(tickets)
    }

    fn of(&self, call: &str, tickets: u32) -> f64 {
        f64::from(self.0.get(call).copied().unwrap_or_default()) / f64::from(tickets)
    }
}

/// How many of them are needed for a ticket of five files.
pub(super) fn needed() -> u32 {
    NEEDED.iter().map(|(_, times, _)| times).sum()
}

/// Both sides beside what is needed, for one ticket of five files.
pub(super) fn print(deskside: &Calls, script: &Calls, tickets: u32) {
    println!("\nCalls to Zendesk for a ticket of 5 files{:>38}{:>10}{:>9}", "needed", "Deskside", "script");
    let mut calls: Vec<(&str, u32, &str)> = NEEDED.to_vec();
    let known = |call: &String| !NEEDED.iter().any(|(needed, ..)| needed == call);
    let others = deskside.0.keys().chain(script.0.keys()).filter(|call| known(call));
    let mut others: Vec<_> = others.map(|call| (call.as_str(), 0, "")).collect();
    others.sort_unstable();
    others.dedup();
    calls.append(&mut others);
    for (call, times, why) in calls {
        let call_short = call.replace("/comments/{comment}/attachments/{attachment}", "…");
        let title = if why.is_empty() { call_short } else { format!("{call_short} ({why})") };
        println!(
            "{title:<72}{times:>6}{:>10.2}{:>9.2}",
            deskside.of(call, tickets),
            script.of(call, tickets)
        );
    }
    println!(
        "{:<72}{:>6}{:>10.2}{:>9.2}",
        "together",
        needed(),
        deskside.each(tickets),
        script.each(tickets)
    );
}
