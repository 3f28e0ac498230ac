//! When a run stops before its first write, and when an end is not a good one. **Invariant:** no I/O.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::RunCounts;

/// How much a run may change without a person who has seen it, in per cent of the matched rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Harm {
    pub changed_percent: u8,
    pub cleared_percent: u8,
}

/// Waits for a person who accepts a dry run.
pub(super) const DRY_RUN_NEEDED: &str = "dry_run_needed";

/// How many people of one kind of identifier have a contract on cards, before a run and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// `user`, `email`, `external_id`, `organization`.
    pub by: &'static str,
    pub before: u64,
    pub after: u64,
}

impl Shown {
    /// How many lose it.
    pub fn lost(&self) -> u64 {
        self.before.saturating_sub(self.after)
    }
}

/// Why a person must see the contract copy first: so many people would lose the contract that cards show.
pub(super) fn hides(shown: &[Shown], most: Harm) -> Option<String> {
    let worst = shown.iter().max_by_key(|shown| shown.lost())?;
    let is_all = worst.after == 0 && worst.before > 0;
    if !is_all && !exceeds(worst.lost(), worst.before, most.cleared_percent) {
        return None;
    }
    Some(format!(
        "{} of {} people (by `{}`) would lose the contract that cards show, more than {} % (`limits.max_cleared_percent`); if that is \
         right, confirm",
        worst.lost(),
        worst.before,
        worst.by,
        most.cleared_percent
    ))
}

/// What is known before the first write.
pub(super) struct Facts<'a> {
    /// The people whom cards find in the contract copy, and would find.
    pub shown: &'a [Shown],
    /// Of this run.
    pub plan: &'a str,
    /// Whose dry run somebody has seen.
    pub accepted: Option<&'a str>,
    /// Of the last complete run.
    pub last_plan: Option<&'a str>,
    pub is_resend: bool,
    /// Fields and options that it would make.
    pub lacking: &'a [String],
    pub matched: u64,
    pub pending: u64,
    /// Rows that would lose a value.
    pub clearing: u64,
    pub staged: &'a BTreeMap<String, u64>,
    pub staged_before: &'a BTreeMap<String, u64>,
    pub most: Harm,
}

/// Code and sentence, where a person must see this first.
pub(super) fn stops(facts: &Facts<'_>) -> Option<(&'static str, String)> {
    if facts.accepted != Some(facts.plan) {
        let why = "its model, key or mapping is new, and nobody has accepted a dry run of it; look at the rows, and confirm";
        return Some((DRY_RUN_NEEDED, why.to_owned()));
    }
    // A dry run announced what the first run makes; what is lacking later was deleted by somebody.
    if let Some(lacking) = facts.lacking.first().filter(|_| facts.last_plan == Some(facts.plan)) {
        let why = format!(
            "{lacking} is not in Zendesk any more, and would be created again; if that is right, confirm, otherwise take it out of \
             the mapping"
        );
        return Some(("field_missing", why));
    }
    let shrunk = facts
        .staged_before
        .iter()
        .find(|(table, before)| facts.staged.get(*table).is_some_and(|now| now.saturating_mul(2) < **before));
    if let Some((table, before)) = shrunk {
        let now = facts.staged[table];
        let why = format!("the source `{table}` has {now} rows and had {before}; if that is right, confirm");
        return Some(("source_shrank", why));
    }
    if exceeds(facts.clearing, facts.matched.max(facts.clearing), facts.most.cleared_percent) {
        let why = format!(
            "{} of {} rows would lose a value, more than {} % (`limits.max_cleared_percent`); if that is right, confirm",
            facts.clearing,
            facts.matched.max(facts.clearing),
            facts.most.cleared_percent
        );
        return Some(("clears_too_much", why));
    }
    if let Some(why) = hides(facts.shown, facts.most) {
        return Some(("clears_too_much", why));
    }
    // The first run of a plan changes everything, and its dry run said so.
    let is_known = facts.last_plan == Some(facts.plan) && !facts.is_resend;
    if is_known && exceeds(facts.pending, facts.matched, facts.most.changed_percent) {
        let why = format!(
            "{} of {} rows would change, more than {} % (`limits.max_changed_percent`); if that is right, confirm",
            facts.pending, facts.matched, facts.most.changed_percent
        );
        return Some(("changes_too_much", why));
    }
    None
}

/// What a run that stopped would have changed: a person who confirms it has seen that, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Allowed {
    pub rows: u64,
    /// Rows that would lose a value.
    pub losses: u64,
    /// People who would lose the contract that cards show.
    #[serde(default)]
    pub people: u64,
}

/// Code and sentence, where a confirmed run would change more than was seen.
pub(super) fn grew(allowed: Allowed, now: Allowed) -> Option<(&'static str, String)> {
    let grew = |now: u64, before: u64| now > before + FEW.max(before / 10);
    if grew(now.losses, allowed.losses) {
        let why = format!(
            "{} rows would lose a value by now, and there were {} when the run stopped; if that is right, confirm again",
            now.losses, allowed.losses
        );
        return Some(("clears_too_much", why));
    }
    if grew(now.people, allowed.people) {
        let why = format!(
            "{} people would lose the contract that cards show by now, and there were {} when the run stopped; if that is right, \
             confirm again",
            now.people, allowed.people
        );
        return Some(("clears_too_much", why));
    }
    if grew(now.rows, allowed.rows) {
        let why = format!(
            "{} rows would change by now, and there were {} when the run stopped; if that is right, confirm again",
            now.rows, allowed.rows
        );
        return Some(("changes_too_much", why));
    }
    None
}

/// Small tables change by large parts.
const FEW: u64 = 10;

fn exceeds(part: u64, of: u64, percent: u8) -> bool {
    part > FEW && u128::from(part) * 100 > u128::from(of) * u128::from(percent)
}

/// Code and sentence, where a run that came to its end has failed all the same.
pub(super) fn wrong_end(counts: &RunCounts) -> Option<(&'static str, String)> {
    let RunCounts { read, matched, unmatched, ambiguous, duplicate, .. } = *counts;
    let ends = counts.unchanged + counts.adopted + counts.created + counts.updated + counts.cleared;
    let ends = ends + counts.kept + counts.rejected + counts.waiting;
    if read != matched + unmatched + ambiguous + duplicate || matched > ends {
        return Some(("counts_differ", format!("the rows do not add up: {counts:?}; report this")));
    }
    let written = counts.created + counts.updated + counts.cleared;
    if counts.rejected > 0 && written + counts.unchanged + counts.adopted + counts.kept == 0 {
        return Some((
            "all_rejected",
            format!("all {} rows were refused; the rows say why", counts.rejected),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Harm = Harm { changed_percent: 50, cleared_percent: 5 };

    /// `rows` of the source, which had 110 before; `None`: it could not be read this time.
    #[track_caller]
    fn check(rows: Option<u64>, change: impl FnOnce(&mut Facts<'_>), expected: Option<&str>) {
        let staged: BTreeMap<_, _> = rows.map(|rows| ("users".to_owned(), rows)).into_iter().collect();
        let before = BTreeMap::from([("users".to_owned(), 110)]);
        let mut facts = Facts {
            shown: &[],
            plan: "a",
            accepted: Some("a"),
            last_plan: Some("a"),
            is_resend: false,
            lacking: &[],
            matched: 100,
            pending: 40,
            clearing: 0,
            staged: &staged,
            staged_before: &before,
            most: MOST,
        };
        change(&mut facts);
        assert_eq!(stops(&facts).map(|(code, _)| code), expected);
    }

    #[test]
    fn a_run_that_a_person_must_see_stops_before_its_first_write() {
        check(Some(100), |_| {}, None);
        check(Some(100), |facts| facts.accepted = Some("b"), Some("dry_run_needed"));
        check(Some(100), |facts| facts.pending = 51, Some("changes_too_much"));
        check(Some(100), |facts| (facts.pending, facts.last_plan) = (100, None), None);
        check(Some(100), |facts| (facts.pending, facts.is_resend) = (100, true), None);
        let lacking: &[String] = vec!["the field `plan`".to_owned()].leak();
        check(Some(100), |facts| facts.lacking = lacking, Some("field_missing"));
        check(Some(100), |facts| (facts.lacking, facts.last_plan) = (lacking, None), None);
        check(Some(100), |facts| facts.clearing = 11, Some("clears_too_much"));
        check(Some(100), |facts| facts.clearing = 4, None);
        let shown = |before, after| -> &[Shown] { vec![Shown { by: "user", before, after }].leak() };
        check(Some(100), |facts| facts.shown = shown(1_000, 951), None);
        check(Some(100), |facts| facts.shown = shown(1_000, 949), Some("clears_too_much"));
        check(Some(100), |facts| facts.shown = shown(8, 3), None);
        check(Some(100), |facts| facts.shown = shown(8, 0), Some("clears_too_much"));
        check(Some(100), |facts| facts.shown = shown(0, 5), None);
        check(Some(54), |_| {}, Some("source_shrank"));
        check(None, |_| {}, None);
    }

    #[test]
    fn a_run_that_does_not_add_up_or_wrote_nothing_has_failed() {
        let good =
            RunCounts { read: 5, matched: 4, unmatched: 1, unchanged: 1, updated: 3, ..RunCounts::default() };
        assert_eq!(wrong_end(&good), None);
        assert_eq!(wrong_end(&RunCounts { read: 6, ..good }).map(|(code, _)| code), Some("counts_differ"));
        assert_eq!(wrong_end(&RunCounts { updated: 2, ..good }).map(|(code, _)| code), Some("counts_differ"));
        let refused = RunCounts { updated: 0, unchanged: 0, rejected: 4, ..good };
        assert_eq!(wrong_end(&refused).map(|(code, _)| code), Some("all_rejected"));
    }
}
