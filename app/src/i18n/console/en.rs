//! What the console says in English: the reference for the other languages.

use super::{Actor, ConsoleWords};

pub(super) static WORDS: ConsoleWords = ConsoleWords {
    pages: "Pages",
    admins_only: "The console is for admins",
    admins_only_why: "Ask an admin of this Zendesk account. Beside a ticket Deskside works for you as before.",

    archive: "Archive",
    archive_what: "What left Zendesk for your store, and who wanted it. Nothing here can be changed.",
    files_moved: "Files archived",
    bytes_moved: "Bytes archived",
    busiest_day: "Busiest day",
    in_days: |days| format!("in the last {days} days"),
    days: |days| format!("{days} days"),
    per_day: "Bytes archived per day (UTC)",
    nothing_moved: "Nothing left Zendesk in this time.",
    bar: |day, files, size| format!("{day}: {files} {}, {size}", if files == 1 { "file" } else { "files" }),

    ticket: "Ticket",
    what: "What was done",
    anything: "Anything",
    who: "Who",
    since: "From",
    until: "To",
    search: "Search",
    when: "Time (UTC)",
    file: "Attachment",
    sha256: "SHA-256",
    place: "In the archive",
    older: "Show older",
    loading: "Loading",
    rows: |count, more| {
        let rows = if count == 1 { "row" } else { "rows" };
        if more { format!("The latest {count} {rows}") } else { format!("{count} {rows}") }
    },
    nothing_found: "Nothing found",
    nothing_found_why: "No row of the ledger fits. Ask for less, or for a longer time.",
    nothing_yet: "Nothing was archived yet",
    nothing_yet_why: "Archive a ticket's attachments from its sidebar, by the tag, or with the command deskside archive; every step is written down here.",
    save: |format| format!("Save all as {format}"),
    saving: "Saving…",
    action: |action| {
        Some(match action {
            "requested" => "Requested",
            "joined" => "Joined a run",
            "planned" => "Planned",
            "stored" => "Copied",
            "verified" => "Checked",
            "redacted" => "Archived",
            "skipped" => "Kept in Zendesk",
            "held" => "On hold",
            "failed" => "Failed",
            "cancelled" => "Taken back",
            "run_cancelled" => "Run taken back",
            "nothing_to_archive" => "Nothing to archive",
            "gave_up" => "Given up",
            "opened" => "Opened",
            _ => return None,
        })
    },
    actor: |actor| match actor {
        Actor::Agent(id) => format!("Agent {id}"),
        Actor::Tag => "Tag".into(),
        Actor::Operator => "Command line".into(),
        Actor::Deskside => "Deskside".into(),
        Actor::Other(text) => text.into(),
    },
};
