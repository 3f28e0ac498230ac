//! What the panel says of a call in English: the reference for the other languages.

use wire::{ErrorCode, LogStage, LogState};

use super::PanelWords;

pub(super) static WORDS: PanelWords = PanelWords {
    channel: |channel| {
        Some(match channel {
            "voice" => "Call",
            "web" | "chat" => "Chat",
            "sms" => "SMS",
            "whatsapp" => "WhatsApp",
            "email" => "E-mail",
            _ => return None,
        })
    },
    inbound: "inbound",
    outbound: "outbound",
    state: |state| {
        Some(match state {
            "pending" => "Ringing",
            "accepted" => "Live",
            "wrapping" => "Wrapping up",
            "completed" => "Completed",
            "timeout" => "Missed",
            "rescinded" => "Taken by another agent",
            "canceled" => "Canceled",
            _ => return None,
        })
    },
    from: "From",
    to: "To",
    queue: "Queue",
    waited: "Waited",
    duration: "Duration",

    last_comment: "Last public comment",
    loading_comment: "Loading the last comment",
    no_comment: "No public comments yet.",
    comment_unread: "The comment could not be read.",
    customer: "customer",

    choose_first: "Choose a ticket before you complete the call or chat.",
    choose_hint: "Use the arrow keys to move between tickets.",
    new_ticket: |name| format!("New ticket for {name}"),

    wrap_up: "Wrap-up",
    outcome: "Outcome",
    no_outcome: "No outcome",
    notes: "Notes",
    notes_hint: "Added to the ticket when you complete the call or chat.",
    saving: "Saving…",
    saved: "Saved",
    unsaved: "Not saved yet. Trying again; leave this page open.",
    owed: "Notes of an earlier call or chat are not saved yet; leave this page open.",
    left: |left| format!("{left} characters left"),

    log: "Ticket notes",
    last_log: "Previous call or chat",
    stage: |stage| match stage {
        LogStage::Start => "Started",
        LogStage::Switch => "Selected again",
        LogStage::Complete => "Ended",
        LogStage::Missed => "Missed",
    },
    log_state: |state| match state {
        LogState::Off => "Off in the settings",
        LogState::Ahead => "Later",
        LogState::Waiting => "Waiting",
        LogState::Written => "Written",
        LogState::GivenUp => "Could not be saved",
        LogState::Unknown => "…",
    },
    log_waits_for_choice: "Waiting for your choice",
    log_reason: |code| {
        Some(match code {
            ErrorCode::TicketClosed => "The ticket is closed. Add the note to a follow-up ticket.",
            ErrorCode::TicketNotFound => "The ticket was deleted. Add the note to another ticket.",
            ErrorCode::CallerUnknown => {
                "There is no ticket for the note. Search for the customer in Zendesk."
            }
            _ => return None,
        })
    },
    log_refused: "Zendesk did not accept the note. Add it to the ticket by hand, and tell an admin.",
    written_into: |ticket| format!("Written to {ticket}"),

    lost: "Connection to Deskside lost. The data shown may be old. Reconnecting…",
    shown: |ticket| format!("Ticket {ticket}"),
};
