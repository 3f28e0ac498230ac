//! What the console says in English: the reference for the other languages.

use super::ConsoleWords;

pub(super) static WORDS: ConsoleWords = ConsoleWords {
    pages: "Pages",
    admins_only: "The console is for admins",
    admins_only_why: "Ask an admin of this Zendesk account. Deskside beside your tickets works as before.",

    archive: "Archive",
    archive_what: "Files moved from Zendesk to your archive, and who asked. Read-only.",
    files_moved: "Files archived",
    bytes_moved: "Bytes archived",
    busiest_day: "Busiest day",
    in_days: |days| format!("in the last {days} days"),
    days: |days| format!("{days} days"),
    per_day: "Bytes archived per day (UTC)",
    nothing_moved: "No files were archived in this period.",
    bar: |day, files, size| format!("{day}: {files} {}, {size}", if files == 1 { "file" } else { "files" }),

    ticket: "Ticket",
    what: "Action",
    anything: "All actions",
    who: "Requested by",
    since: "From",
    until: "To",
    search: "Search",
    when: "Time (UTC)",
    file: "Attachment",
    sha256: "SHA-256",
    place: "In the archive",
    older: "Show older",
    loading: "Loading",
    rows: |count| format!("{count} {}", if count == 1 { "row" } else { "rows" }),
    latest_rows: |count| format!("The latest {count} {}", if count == 1 { "row" } else { "rows" }),
    nothing_found: "No entries match",
    nothing_found_why: "Remove a filter or widen the dates.",
    nothing_yet: "Nothing has been archived yet",
    nothing_yet_why: "Archive a ticket's attachments from its sidebar, by the tag, or with the command deskside archive; every step is recorded here.",
    save: |format| format!("Export {format}"),
    saving: "Exporting…",
    flex: "Calls and chats",
    flex_what: "What happens when an agent accepts a call or a chat in Twilio Flex. Changes apply from the next call or chat.",
    section: |section| match section {
        "general" => "General",
        "navigate" => "Open in Zendesk",
        "top_bar" => "Flex in Zendesk's top bar",
        "tickets" => "Tickets and customers",
        "log" => "Ticket notes",
        "outbound" => "Calls from Zendesk",
        _ => "",
    },
    setting: |setting| match setting {
        "enabled" => ("Status", "When off, no tickets open, and nothing is created or logged."),
        "contract_panel" => ("Show the contract in Flex", ""),
        "navigate_valid" => ("Valid ticket number", "On accept, and when the agent selects it again."),
        "navigate_invalid" => ("Invalid ticket number", ""),
        "navigate_none" => ("No ticket number", ""),
        "talk_partner" => (
            "Open through Talk Partner Edition",
            "Zendesk opens the page itself, even when the app is not loaded. For agents without a seat the app opens it.",
        ),
        "flex_url" => (
            "Flex URL",
            "Like https://flex.twilio.com/acme-1234?path=/agent-desktop. Empty: Flex stays in its own tab. Agents see a change after they reload Zendesk.",
        ),
        "flex_width" => ("Flex Widget width", "In pixels, from 300 to 1,600."),
        "flex_height" => ("Flex Widget height", "In pixels, from 300 to 1,200."),
        "without_number" => ("If no number was entered", "Which of the caller's open tickets is used."),
        "choose_first" => (
            "Require a ticket before completion",
            "If the agent must choose a ticket, Flex does not complete the call or chat until they have.",
        ),
        "create_ticket" => ("Create a ticket if there is none", ""),
        "create_user" => (
            "Create unknown customers",
            "By phone number, e-mail address or external ID; never creates duplicates.",
        ),
        "subject" => {
            ("New ticket subject", "A template over the task's attributes, like {{ channel }}: {{ caller }}")
        }
        "description" => ("New ticket description", "An internal note; it is not e-mailed to the customer."),
        "automatic_tag" => ("Tag for every ticket", "Empty: none."),
        "assign" => ("Assign the ticket to the agent who accepts", ""),
        "missed_ticket" => ("Create a ticket for missed calls", ""),
        "log_start" => ("Task start", "An internal note when an agent accepts."),
        "log_switch" => ("Task switch", "When the agent selects it again."),
        "log_complete" => ("Task complete", "At the end, with times and outcome."),
        "transcript" => ("Chat transcript", "Added to the last note."),
        "recording_inbound" => ("Recording of inbound calls", "As a link that needs no Twilio login."),
        "recording_outbound" => ("Recording of outbound calls", ""),
        "outcomes" => {
            ("Outcomes", "One per line. The agent chooses one at the end and can add their own notes.")
        }
        "logged_attributes" => {
            ("Logged attributes", "One name per line; use a dot for nested attributes. No others are logged.")
        }
        "outbound_caller_id" => {
            ("Outbound caller ID", "Like +815012345678. Leave these four empty to use Flex's own settings.")
        }
        "outbound_queue_sid" => ("Queue SID", "WQ…; the agents must be in it."),
        "outbound_workflow_sid" => ("Workflow SID", "WW…"),
        "outbound_task_channel_sid" => ("Task channel SID", "TC…; a voice channel."),
        "outbound_country" => {
            ("Default country code", "Like +81. Empty: numbers without a country code are not called.")
        }
        _ => ("", ""),
    },
    option: |option| match option {
        "ticket" => "The ticket",
        "user" => "The customer",
        "nothing" => "Nothing",
        "ask" => "The caller's open ticket (agent chooses if several)",
        "latest_open" => "The most recently updated open ticket",
        "always_new" => "Always a new ticket",
        _ => "",
    },
    save_settings: "Save",
    saved: "Saved. Applies from the next call or chat.",
    load_again: "Discard my changes and reload",
    conflict: |fields| {
        format!("These settings were changed after you opened them. Different from yours: {fields}.")
    },
    load_theirs: "Load the saved settings",
    save_mine: "Save mine over them",
    session_over: "Your session has ended. Sign in again; what you typed stays here.",
    session_gone: "Your session cannot be opened again. Copy what you typed, then open this page anew.",
    sign_in_again: "Sign in again",
    saving_settings: "Saving…",
    unsaved: "Unsaved changes",
    wrong_fields: |count| {
        if count == 1 {
            "Correct the marked field, then save again.".into()
        } else {
            format!("Correct the {count} marked fields, then save again.")
        }
    },
    not_in_range: |least, most| format!("Enter a whole number from {least} to {most}."),
    not_a_ticket: "Enter a ticket number, like 42.",
    not_accepted: |why| why.into(),
    rule: |rule| {
        Some(match rule {
            "too_long" => "Use at most 4,000 bytes.",
            "empty" => "Enter a text: Zendesk makes no ticket without it.",
            "tag" => "Use only letters, digits, -, _, : and /, and at most 255 bytes.",
            "own_tag" => "Deskside uses this tag itself. Choose another.",
            "many_outcomes" => "Use at most 30 lines.",
            "outcome" => "Leave no line empty, and use at most 100 characters per line.",
            "many_attributes" => "Name at most 50 attributes.",
            "attribute" => "Leave no line empty, and use at most 200 bytes per line.",
            "phone_number" => "Enter a number in E.164, like +815012345678.",
            "country" => "Enter a country's calling code, like +81.",
            "url" => "Enter an address, like https://flex.twilio.com.",
            "https" => "The address must begin with https://.",
            "url_credentials" => "Leave user name and password out of the address.",
            "agent_desktop" => {
                "Add ?path=/agent-desktop to the address, or Flex opens without its agent desktop for admins."
            }
            _ => return None, // the server's sentence says more
        })
    },
    leave_title: "Leave without saving?",
    leave_why: "Your changes on this page will be lost.",
    stay: "Stay on this page",
    leave: "Discard changes",
    only_ticket: |ticket| format!("Show only ticket {ticket}"),
    action: |action| {
        Some(match action {
            "requested" => "Requested",
            "joined" => "Added to a running archive",
            "planned" => "Planned",
            "stored" => "Copied",
            "verified" => "Checked",
            "redacted" => "Archived",
            "skipped" => "Kept in Zendesk",
            "held" => "On hold",
            "failed" => "Failed",
            "cancelled" => "Undone",
            "run_cancelled" => "Run undone",
            "copy_deleted" => "Copy deleted",
            "copy_kept" => "Copy kept",
            "nothing_to_archive" => "Nothing to archive",
            "gave_up" => "Stopped",
            "opened" => "Opened",
            "open_refused" => "Opening refused",
            "open_mismatch" => "Copy damaged",
            "recording_opened" => "Recording opened",
            _ => return None,
        })
    },
    reason: |code| {
        Some(match code {
            "archive_cancelled" => "Undone or cancelled",
            "archive_legal_hold" => "On hold by a tag",
            "archive_by_policy" => "Left by the settings",
            "archive_too_new" => "Too new",
            "archive_sent_by_us" => "Sent to the customer by an agent",
            "archive_sender_unknown" => "Nobody knows who sent it",
            "archive_admins_only" => "Asked for by somebody who is not an admin",
            "archive_read_only_role" => "Asked for by a role that may not change tickets",
            "archive_asker_inactive" => "Asked for by somebody who is no active agent",
            "archive_tag_setter_unknown" => "Nobody knows who set the tag",
            "ticket_out_of_reach" => "Asked for by somebody who may not see the ticket",
            "attachment_malware" => "Malware found",
            "attachment_not_scanned" => "Not yet scanned for malware",
            "attachment_too_large" => "Too large",
            "attachment_not_found" => "Not in Zendesk any more",
            "attachment_host_refused" => "On a host that the settings do not allow",
            "attachment_incomplete" => "Download incomplete",
            "attachment_unreadable" => "Zendesk's entry cannot be read",
            "archive_denied" => "Refused by the archive's store",
            "archive_full" => "The archive's store is full",
            "archive_unavailable" => "The archive's store does not answer",
            "archive_mismatch" => "The copy differs",
            "redaction_unproven" => "Zendesk did not prove the removal",
            "redaction_needs_workspace" => "Agent Workspace is needed on closed tickets",
            "redaction_image_not_found" => "An image in the text of a closed ticket",
            "zendesk_unavailable" | "zendesk_rate_limited" => "Zendesk does not answer",
            "zendesk_reconnect" => "Zendesk refuses the credentials",
            "zendesk_forbidden" | "zendesk_rejected" => "Refused by Zendesk",
            "undone" => "Its run was undone",
            "not_in_zendesk" => "The file is not in Zendesk any more",
            "gave_up" => "The store did not answer",
            "cancelled" => "Cancelled on the command line",
            _ => return None,
        })
    },
    agent: |id| format!("Agent {id}"),
    tag: "Tag",
    operator: "Command line",
    deskside: "Deskside",
};
