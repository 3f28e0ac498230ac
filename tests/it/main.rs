//! The one integration binary: the server's parts against real databases, and the whole over HTTP.

#[path = "../support/mod.rs"]
mod support; // what the suites share

// The server's parts, on both databases.
mod companies; // the contract copy
mod ledger; // what was written stays written
mod queue; // what we do later
mod queue_accounts; // for many companies at once
mod queue_clock; // and when, where clocks disagree
mod queue_model; // the same, against a model of it
mod queue_order; // which job goes first, and how many at a time
mod queue_stops; // how a long job stops
mod schedules; // what happens again and again
mod store; // what we remember
mod store_errors; // what a database can do to us
mod store_health; // what passes, and must leave nothing behind

// What integrations read from.
mod sources_sql; // customers' databases
mod sources_tls; // whose certificate they may have

// The whole over HTTP, with the sandbox's vendors.
mod accounts; // two companies on one server
mod accounts_apart; // and no way from one to the other
mod after_pop; // its tags, and the number in the task
mod archive; // attachments are put away
mod archive_by_tag; // the same, by a tag on the ticket
mod archive_deaths; // nothing is lost when the worker or the disk goes away
mod archive_decisions; // what changes before files are redacted
mod archive_faults; // nothing is lost when a vendor fails
mod archive_given_up; // the ticket hears of a run that died
mod archive_kept; // what an agent kept stays
mod archive_kinds; // what a file is, and what stands beside its copy
mod archive_next_run; // a wish that comes when files already leave
mod archive_notices; // who is told how a run ended
mod archive_odd; // what nobody expects: names, numbers, tickets, stores
mod archive_openers; // who opens what is archived
mod archive_outcomes; // what the ticket says of a run's end
mod archive_policy; // what the settings leave alone
mod archive_rights; // who may have files archived
mod archive_s3; // the same with an S3 server
mod archive_senders; // whose files go
mod archive_undo; // a run is undone
mod archive_view; // what the panel is shown
mod assignment; // whose its ticket becomes, whoever reports it
mod at_rest; // what lies on the disk
mod backfill; // what many tickets hold is put away
mod cards; // what the sidebar shows
mod command_databases; // which database a command takes
mod command_line; // the binary
mod connect; // how Zendesk is told to call us
mod connect_flex; // how Twilio is
mod connection_changes; // what meets a renewal
mod connection_consent;
mod connection_ends; // an admin's consent in a vendor's pages
mod connection_salesforce; // the same of Salesforce, and its other ways in
mod connection_tokens; // and their tokens, renewed once
mod connection_users; // and the integrations that use them
mod connections; // vendor accounts at rest
mod connections_console; // as admins use them
mod console_words; // what the console says of refusals
mod contract_cards; // cards and the contract copy
mod customers; // who reads a customer
mod dialled_calls; // what such a call becomes
mod dials; // an agent presses a number, and their Flex calls it
mod doors; // every route, and what is malformed
mod engagement_notes; // what is written into its ticket
mod engagements; // whose a call is, and what follows
mod fault_table; // everything that can go wrong while attachments are put away
mod flex_plugins; // from where Flex loads our plugin
mod flex_sessions; // who may come in from Flex
mod flex_settings; // what admins decide about calls
mod identity; // who is at the other end, whatever an agent writes
mod integration_faults; // everything that can go wrong meanwhile
mod integrations; // what is brought from where to where
mod integrations_addresses; // by which address a user is found
mod integrations_again; // what is decided by fresh facts, or not at all
mod integrations_asked; // how often addresses are asked for
mod integrations_cards; // contracts that would go
mod integrations_checked;
mod integrations_cleared; // what is looked at before one is kept or read
mod integrations_console; // what the console needs to know of them
mod integrations_destinations; // organizations are written and made
mod integrations_disk; // what they keep on the disk
mod integrations_due; // runs that a schedule starts
mod integrations_editing; // what is asked before one is kept, and how one went
mod integrations_exported; // a file that a team keeps
mod integrations_fields; // fields that are made at the destination
mod integrations_first; // how long a first run takes, and what it leaves to others
mod integrations_folder; // workers that do not share one
mod integrations_gone; // records that go meanwhile
mod integrations_held; // what waits for another run or for a record
mod integrations_invalid; // cells that could not be read are not empty
mod integrations_later; // what is decided again before it is written
mod integrations_order; // who comes first
mod integrations_places; // where its connections lead
mod integrations_refused; // what is no integration
mod integrations_rekeyed; // rows that get another key
mod integrations_runs; // runs as people use them
mod integrations_sources; // sources that fail
mod integrations_template; // the one that is shipped, from real databases
mod integrations_tickets; // tickets as a source, and what they say of companies
mod integrations_told; // who hears of trouble, and a dry run that says what would stop
mod integrations_truth; // what is known of a record, and by whom
mod integrations_values; // keys, values and SQL as people write them
mod integrations_whole; // what is kept together
mod jobs; // an operator lists, retries, cancels and pauses them
mod ledger_console; // admins look into the ledger
mod limits; // how much anybody may ask for
mod machine_keys; // an account's own machines start runs
mod machine_keys_bounds; // and do nothing else
mod newcomers; // customers who write for the first time
mod notice_faults; // everything that can befall a notice
mod notice_odd; // tickets, owners and accounts that are odd
mod notice_pages; // pages that end, come again, or do not get through
mod notice_takeover; // triggers that are nobody's, or another server's
mod notice_triggers; // what asks for notices in Zendesk
mod notices; // who is told of a customer's contract
mod notices_listed; // what admins find of that
mod odd_answers; // Zendesk answers in another form than it documents
mod oracle; // what models answer, beside another database
mod panel; // what the agent sees and notes of a call
mod pops; // which ticket a call is about
mod proofs; // one-time codes
mod reach; // what an agent may cause
mod reading_back; // what was put away is opened again
mod recordings; // calls are heard
mod recordings_whose; // by whose note
mod salesforce_reading; // what our client reads of Salesforce
mod sessions; // who may come in
mod streams; // what is followed
mod studio_flow; // the flow that the docs offer
mod top_bar; // Flex in Zendesk's top bar
mod trouble;
mod twilio_hooks; // who may tell what became of a task // the database is locked, read-only or gone
mod zendesk_bulk; // many customers are written at once
mod zendesk_exports; // customers that changed

use deskside_sandbox::{Fault, FaultRule, Matching};

/// From now on this vendor answers every call with this status.
fn trouble_with(host: &str, status: u16) -> FaultRule {
    let on = Matching { host: Some(host.to_owned()), ..Matching::default() };
    FaultRule { on, times: u32::MAX, skip: 0, fault: Fault::Status { status, retry_after: None } }
}

/// From now on calls whose path contains this are answered with this status.
fn trouble_at(path: &str, status: u16) -> FaultRule {
    let on = Matching { path_contains: Some(path.to_owned()), ..Matching::default() };
    FaultRule { on, ..trouble_with("zendesk", status) }
}
