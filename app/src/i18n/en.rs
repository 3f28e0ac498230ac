//! What the panel says in English: the reference for the other languages. **Invariant:** words only; dates, money and
//! numbers are `format`'s.

use wire::{BadgeName, ItemState, TicketStatus};

use super::Words;

pub(super) static WORDS: Words = Words {
    loading: "Loading",
    try_again: "Try again",
    trying_again_in: |seconds| format!("Trying again in {seconds} s."),

    no_requester: "Choose a requester, and their contract shows here.",
    no_contract: "No contract",
    no_contract_why: "This customer belongs to no company that we know.",
    look_again: "Look again",
    companies_match: |count| format!("{count} companies match"),
    choose_company: "The card shows none of them until you choose one for this ticket.",
    show: "Show",
    other_company: "Another company",
    unknown_company: "Unnamed company",
    unknown_customer: "Unknown customer",
    unknown_customer_why: "The requester no longer exists in Zendesk.",
    suspended: "Suspended",
    suspended_why: "This customer is suspended: Zendesk holds back what they write.",
    deleted: "Deleted",
    deleted_why: "This customer was deleted in Zendesk.",

    mrr: "MRR",
    since: "Since",
    renewal: "Renewal",
    owner: "Owner",
    call: |name| format!("Call {name}"),
    dialling: |number| format!("Asking your Flex to call {number}…"),
    calling: |number| format!("Your Flex is calling {number}."),
    from: |source, when| format!("From {source}, {when}"),
    as_of: |when| format!("As of {when}"),
    refresh: "Refresh",
    refreshing: "Refreshing…",
    stale: |when| format!("Zendesk is not answering. This is what we knew {when}."),
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
    no_attachments: "No attachments on this ticket",
    archive_all: "Archive all",
    archive: "Archive",
    open: "Open",
    confirm: |count| if count == 1 { "Archive 1 file".into() } else { format!("Archive {count} files") },
    confirm_for_good: "They leave Zendesk for good.",
    confirm_how: "Each file is copied to your archive and checked; then it is redacted here. Redaction is permanent.",
    cancel: "Cancel",
    starting: "Starting…",
    archiving: |done, total| format!("Archiving · {done} of {total}"),
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
    reconnecting: "Connection lost. The files go on moving; reconnecting…",
    archived: |count| {
        if count == 1 { "1 file is archived.".into() } else { format!("{count} files are archived.") }
    },
    some_failed: |count| {
        if count == 1 {
            "1 file is still in Zendesk.".into()
        } else {
            format!("{count} files are still in Zendesk.")
        }
    },
    cancelled: "Stopped. The remaining files stay in Zendesk.",
    not_noted: "The ticket is closed, so it carries no note of this.",
    retry_failed: "Try the failed ones again",
    undo: "Undo",
    kept_until: |until| ["Nothing leaves Zendesk before ", until, "."].concat(),

    checking_agent: "Checking who you are…",
    agent_unproved: "We could not check who you are, so the attachments stay hidden.",
    session_over: "Your session has ended. Reload this panel to go on.",
    signing_in: "Signing you in again…",

    idle: "No call or chat selected",
    idle_hint: "Accept one, and its ticket and contract show here.",
    looking: "Looking for the ticket…",
    show_in_zendesk: "Show in Zendesk",
    created: "New for this call",
    nothing_found: "No ticket to show",
    which_ticket: "Which ticket is it?",

    offline: "Deskside cannot be reached. Check your connection.",
    silent: "Nobody answered in time.",
    unreadable: "Something between you and Deskside garbled the answer.",
    host_silent: "The workspace around this panel is not answering. Reload the page.",
    error: |_| None,
};
