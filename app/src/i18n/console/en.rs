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
    flex: "Calls and chats",
    flex_what: "What happens when an agent accepts a call or a chat in Twilio Flex. A change counts from the next one on.",
    section: |section| match section {
        "general" => "In general",
        "navigate" => "What Zendesk shows",
        "top_bar" => "Flex in Zendesk's top bar",
        "tickets" => "Tickets and customers",
        "log" => "What is written into the ticket",
        "outbound" => "Calls from Zendesk",
        _ => "",
    },
    setting: |setting| match setting {
        "enabled" => ("Status", "Off: nothing is popped, created or written."),
        "contract_panel" => ("Show the contract in Flex", ""),
        "navigate_valid" => ("With a valid ticket number", "On accept, and when the agent selects it again."),
        "navigate_invalid" => ("With a number that is no ticket", ""),
        "navigate_none" => ("Without a number", ""),
        "talk_partner" => (
            "Show it through Talk Partner Edition",
            "Zendesk itself opens it, even where the app is not loaded. Agents without a seat are shown it by the app.",
        ),
        "flex_url" => (
            "Flex URL",
            "Like https://flex.twilio.com/acme-1234?path=/agent-desktop. Empty: Flex is in a tab of its own. Agents see it once they load Zendesk again.",
        ),
        "flex_width" => ("Flex Widget width", "In pixels, from 300 to 1,600."),
        "flex_height" => ("Flex Widget height", "In pixels, from 300 to 1,200."),
        "without_number" => ("Which ticket it is without a number", "Among the caller's open tickets."),
        "choose_first" => (
            "Complete only after a ticket was chosen",
            "Where the agent has to choose, Flex does not complete the call or chat before.",
        ),
        "create_ticket" => ("Create a ticket where there is none", ""),
        "create_user" => (
            "Create customers who are not known",
            "By phone number, e-mail address or external id; nobody twice.",
        ),
        "subject" => {
            ("New ticket subject", "A template over the task's attributes, like {{ channel }}: {{ caller }}")
        }
        "description" => ("New ticket description", "An internal note: it is not mailed to the customer."),
        "automatic_tag" => ("Tag for every ticket", "Empty: none."),
        "assign" => ("Assign the ticket to the agent who accepts", ""),
        "missed_ticket" => ("Create a ticket for calls that nobody took", ""),
        "log_start" => ("Task start", "An internal note when an agent accepts."),
        "log_switch" => ("Task switch", "When he selects it again."),
        "log_complete" => ("Task complete", "When it is over, with times and outcome."),
        "transcript" => ("Chat transcript", "In the last note."),
        "recording_inbound" => ("Recording of inbound calls", "As a link that needs no Twilio login."),
        "recording_outbound" => ("Recording of outbound calls", ""),
        "outcomes" => (
            "Outcomes to choose from",
            "One a line. The agent chooses one at the end, beside notes of his own.",
        ),
        "logged_attributes" => (
            "Attributes to write down",
            "One name a line; a dot leads into nested ones. No others are written.",
        ),
        "outbound_caller_id" => {
            ("Outbound caller ID", "Like +815012345678. Empty, as the next three: as Flex itself is set.")
        }
        "outbound_queue_sid" => ("Queue SID", "WQ…; the agents must be in it."),
        "outbound_workflow_sid" => ("Workflow SID", "WW…"),
        "outbound_task_channel_sid" => ("Task channel SID", "TC…; a channel that Flex treats as calls."),
        "outbound_country" => (
            "Country of numbers that do not say theirs",
            "Its calling code, like +81. Empty: such numbers are not dialled.",
        ),
        _ => ("", ""),
    },
    option: |option| match option {
        "ticket" => "The ticket",
        "user" => "The customer",
        "nothing" => "Nothing",
        "ask" => "The open one; of several the agent chooses",
        "latest_open" => "The open one that changed last",
        "always_new" => "Always a new one",
        _ => "",
    },
    save_settings: "Save",
    saved: "Saved. It counts from the next call or chat on.",
    load_again: "Load what is set now",
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
            "recording_opened" => "Recording opened",
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
