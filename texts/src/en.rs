//! What the panel says in English: the reference for the other languages. **Invariant:** words only; dates, money and
//! numbers are `format`'s.

use wire::{BadgeName, ErrorCode, ItemState, Sender, TicketStatus};

use super::{SharedWords, Words};

pub(crate) static SHARED: SharedWords = SharedWords {
    try_again: "Try again",
    checking_agent: "Checking who you are…",
    agent_unproved: "We could not check who you are, so nothing is shown.",
    offline: "Deskside cannot be reached. Check your connection.",
    silent: "Deskside took too long to answer.",
    unreadable: "The answer was damaged on the way. Try again.",
    host_silent: "The workspace is not answering. Reload the page.",
    error: |_| None,
};

pub(crate) static WORDS: Words = Words {
    loading: "Loading",
    trying_again_in: |seconds| format!("Trying again in {seconds} s."),

    no_requester: "Choose a requester to see their contract.",
    no_contract: "No contract",
    no_contract_why: "No contract was found for this customer.",
    look_again: "Look again",
    companies_match: |count| format!("{count} companies match"),
    choose_company: "Choose the company for this ticket.",
    show: "Show",
    other_company: "Another company",
    unknown_company: "Unnamed company",
    unknown_customer: "Unknown customer",
    unknown_customer_why: "The requester no longer exists in Zendesk.",
    suspended: "Suspended",
    suspended_why: "This customer is suspended: Zendesk holds their messages for review.",
    deleted: "Deleted",
    deleted_why: "This customer was deleted in Zendesk.",

    mrr: "MRR",
    since: "Since",
    renewal: "Renewal",
    contract_status: |_| None,
    owner: "Owner",
    call: |name| format!("Call {name}"),
    dialling: |number| format!("Starting the call to {number}…"),
    calling: |number| format!("Flex is calling {number}."),
    from: |source, when| format!("From {source}, {when}"),
    as_of: |when| format!("As of {when}"),
    refresh: "Refresh",
    refreshing: "Refreshing…",
    stale: |when| format!("Zendesk is not answering. Showing data from {when}."),
    contracts_old: |when| format!("Last contract import: {when}. These values may be out of date."),
    in_zendesk: |value| format!("In Zendesk: {value}"),
    empty_in_zendesk: "Empty in Zendesk",
    badge: |badge| match badge {
        BadgeName::NewCustomer => Some("New customer"),
        BadgeName::RenewalNear => Some("Renews soon"),
        BadgeName::HighMrr => Some("High MRR"),
        BadgeName::Vip => Some("VIP"),
        BadgeName::Unknown => None,
    },
    renews: |when| format!("Renews {when}"),
    other_tickets: "Other open tickets",
    status: |status| match status {
        TicketStatus::New => "New",
        TicketStatus::Open => "Open",
        TicketStatus::Pending => "Pending",
        TicketStatus::Hold => "On hold",
        TicketStatus::Solved => "Solved",
        TicketStatus::Closed => "Closed",
        TicketStatus::Deleted => "Deleted",
        TicketStatus::Unknown => "",
    },
    priority: |priority| match priority {
        "urgent" => Some("Urgent"),
        "high" => Some("High"),
        _ => None,
    },

    attachments: |count| if count == 1 { "1 attachment".into() } else { format!("{count} attachments") },
    in_and_out: |left, archived| format!("{left} in Zendesk · {archived} archived"),
    all_archived: |archived| format!("{archived} archived"),
    no_attachments: "No attachments on this ticket",
    unreadable_files: |count| {
        if count == 1 {
            "1 file could not be read and stays in Zendesk.".into()
        } else {
            format!("{count} files could not be read and stay in Zendesk.")
        }
    },
    archive_all: "Archive all",
    archive_some: |some, all| format!("Archive {some} of {all}"),
    archive: "Archive",
    none_can_go: "None of these files can be archived now.",
    may_not_start: "Your role cannot archive files here. Ask an admin.",
    open: "Open",
    confirm_title: |count| {
        if count == 1 { "Archive 1 file?".into() } else { format!("Archive {count} files?") }
    },
    confirm: |count| if count == 1 { "Archive 1 file".into() } else { format!("Archive {count} files") },
    confirm_how: |count| {
        if count == 1 {
            "It is copied and checked, then removed from this ticket."
        } else {
            "They are copied and checked, then removed from this ticket."
        }
    },
    confirm_undo: |time| format!("You can undo for {time}."),
    confirm_final: "This cannot be undone.",
    cancel: "Cancel",
    starting: "Starting…",
    copying: |done, total| format!("Copying · {done} of {total}"),
    archiving: |done, total| format!("Archiving · {done} of {total}"),
    copied: |count| {
        if count == 1 {
            "1 file copied and checked".into()
        } else {
            format!("{count} files copied and checked")
        }
    },
    leaves_in: |count, time| {
        if count == 1 {
            format!("It leaves Zendesk in {time}.")
        } else {
            format!("They leave Zendesk in {time}.")
        }
    },
    can_undo: "You can still undo.",
    last_minute: "Less than a minute is left to undo.",
    item: |state| match state {
        ItemState::InZendesk => "In Zendesk",
        ItemState::Planned => "Waiting",
        ItemState::Stored => "Copied",
        ItemState::Verified => "Checked",
        ItemState::Redacted => "Archived",
        ItemState::Skipped => "Kept",
        ItemState::Held => "On hold",
        ItemState::Failed => "Failed",
        ItemState::Unknown => "…",
    },
    ready: "Ready",
    stays: |code| match code {
        ErrorCode::ArchiveCancelled => Some("Cancelled"),
        ErrorCode::ArchiveLegalHold => Some("Legal hold"),
        ErrorCode::ArchiveSentByUs => Some("Sent to customer: stays"),
        ErrorCode::ArchiveSenderUnknown => Some("Sender unknown: stays"),
        ErrorCode::ArchiveByPolicy => Some("By policy"),
        ErrorCode::ArchiveTooNew => Some("Too new"),
        ErrorCode::AttachmentNotScanned => Some("Waiting for malware scan"),
        ErrorCode::AttachmentMalware => Some("Malware"),
        ErrorCode::AttachmentTooLarge => Some("Too large"),
        _ => None,
    },
    goes_from: |when| format!("Can be archived from {when}."),
    sender: |sender| match sender {
        Sender::Customer => Some("customer"),
        Sender::Agent => Some("agent"),
        Sender::Unknown => None,
    },
    reconnecting: "Connection lost. Archiving continues in the background. Reconnecting…",
    archived: |count| if count == 1 { "1 file archived.".into() } else { format!("{count} files archived.") },
    still_in_zendesk: |count| {
        if count == 1 {
            "1 file is still in Zendesk.".into()
        } else {
            format!("{count} files are still in Zendesk.")
        }
    },
    undone: "Undone. Nothing was removed.",
    not_noted: "No note was added because the ticket is closed.",
    retry_failed: "Try the failed files again",
    undo_all: "Undo all",
    keep: "Keep",
    undoing: "Undoing…",
    undo_lost: "Undo did not reach the server. Trying again…",
    undo_not_reached: "Undo did not reach the server in time.",
    undo_too_late: "Too late: already removed from Zendesk.",
    undo_over: "Too late: the time to undo is over.",
    open_copy: "Open the copy",
    arrived: |count| {
        if count == 1 { "1 new file arrived".into() } else { format!("{count} new files arrived") }
    },
    zendesk_silent: "Zendesk is not answering.",
    list_unreadable: "The list cannot be read right now.",
    list_of: |time| format!("Showing the list from {time}."),

    session_over: "Your session has ended. Reload to continue.",
    reload: "Reload",
    signing_in: "Signing you in again…",

    idle: "No call or chat selected",
    idle_hint: "Accept a call or chat to see its ticket and contract.",
    looking: "Looking for the ticket…",
    show_in_zendesk: "Show in Zendesk",
    created: "New for this call",
    nothing_found: "No ticket to show",
    which_ticket: "Which ticket is it?",
};
