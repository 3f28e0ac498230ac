//! What the panel says of a call in English: the reference for the other languages.

use wire::{LogStage, LogState};

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
            "canceled" | "rescinded" | "timeout" => "Gone",
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
    no_comment: "Nothing public was written yet.",
    comment_unread: "The comment could not be read.",
    customer: "customer",

    choose_first: "Choose a ticket first. Until then this cannot be completed.",
    choose_hint: "The arrow keys go from one to the next.",
    new_ticket: |name| format!("A new ticket for {name}"),

    wrap_up: "Wrap-up",
    outcome: "Outcome",
    no_outcome: "Not said",
    notes: "Notes",
    notes_hint: "They go into the ticket when this is completed.",
    saving: "Saving…",
    saved: "Saved",
    unsaved: "Not saved yet. It is tried again until it is; leave this page open.",
    owed: "Notes of an earlier one are not saved yet; leave this page open.",
    left: |left| format!("{left} characters left"),

    log: "Written into the ticket",
    last_log: "The last one",
    stage: |stage| match stage {
        LogStage::Start => "Start",
        LogStage::Switch => "Switch",
        LogStage::Complete => "End",
        LogStage::Missed => "Missed",
    },
    log_state: |state| match state {
        LogState::Off => "Off by the settings",
        LogState::Ahead => "To come",
        LogState::Waiting => "Waiting",
        LogState::Written => "Written",
        LogState::GivenUp => "Not written",
        LogState::Unknown => "…",
    },
    log_waits_for_choice: "Waits for your choice",
    written_into: |ticket| format!("Written into {ticket}"),

    lost: "Connection to Deskside lost. What is shown may be old; reconnecting…",
    shown: |ticket| format!("Ticket {ticket}"),
};
