//! What these pages say in English: the reference for the other languages.

use super::{PageWords, by_name};

pub(super) static WORDS: PageWords = PageWords {
    loading: "Loading…",
    working: "Working…",
    cancel: "Cancel",
    when: "Time",

    notices: "Notices",
    notices_what: "Who was told of a customer's ticket or renewal, and why somebody was not.",
    notice_kind: |kind| {
        by_name!(kind {
            "new_customer" => "New customer's ticket",
            "renewal_near" => "Ticket before a renewal",
            "page" => "Emergency",
            "page_over" => "End of an emergency",
            "renewal" => "Renewal, without a ticket",
        })
        .unwrap_or_default()
    },
    outcome: |outcome| {
        by_name!(outcome {
            "waiting" => "Not told yet",
            "sending" => "Being sent",
            "told" => "Told",
            "fallback" => "Somebody else was told",
            "not_told" => "Not told",
            "unsure" => "Perhaps told",
        })
        .unwrap_or_default()
    },
    channel: |channel| {
        by_name!(channel {
            "zendesk" => "in Zendesk",
            "notify" => "by the webhook",
            "pagerduty" => "by PagerDuty",
            "group" => "by a ticket for the group",
        })
        .unwrap_or_default()
    },
    role: |role| {
        by_name!(role {
            "sales" => "Sales",
            "success" => "Customer success",
        })
        .unwrap_or_default()
    },
    reason: |_| None,
    because: |reason| format!("because {reason}"),
    filter: "Filter notices",
    kind: "About",
    any_kind: "Everything",
    any_outcome: "Every outcome",
    about: "About",
    in_charge: "In charge",
    became: "Outcome",
    open_ticket: |ticket| format!("Open ticket {ticket} in a new tab"),
    no_ticket: "No ticket",
    resolved: |at| format!("Resolved {at}"),
    no_notices: "Nobody was told yet",
    no_notices_why: "Once the triggers below exist in Zendesk, the first ticket that fits one of them appears here.",
    none_found: "Nothing found",
    none_found_why: "No notice fits the filter.",
    refresh: "Refresh",
    older: "Show older notices",
    latest: |count| format!("{count} notices are shown"),

    triggers: "Triggers in Zendesk",
    triggers_what: "They see a ticket and ask Deskside to tell whoever is in charge. Only these triggers are ever changed.",
    trigger_state: |state| {
        by_name!(state {
            "created" => "Not created yet",
            "updated" => "Not up to date",
            "found" => "Up to date",
            "changed_by_hand" => "Changed in Zendesk",
        })
        .unwrap_or_default()
    },
    trigger_problem: |kind| format!("A trigger needs attention: {kind}"),
    checked: |at| format!("Checked {at}"),
    acts_when: "Acts when all of this holds",
    does: "Then it",
    calls: "Calls",
    details: "Details",
    part: |part| {
        by_name!(part {
            "state" => "State",
            "all of" => "All of",
            "one of" => "One of",
            "does" => "Does",
        })
        .unwrap_or_default()
    },
    in_zendesk: "In Zendesk",
    by_settings: "By the settings",
    triggers_up_to_date: "The triggers are up to date.",
    triggers_of_editors: "The operator's setting integrations.editors says who can create and update triggers.",
    no_triggers: "No trigger asks for notices yet.",
    compare_again: "Compare again",
    create_triggers: "Create triggers in Zendesk",
    update_triggers: "Update triggers in Zendesk",
    overwrite_triggers: "Overwrite changes made in Zendesk",
    make_why: |created, updated| {
        format!(
            "Deskside creates {created} and updates {updated} of the triggers and webhooks below. From then on, Zendesk calls Deskside when a trigger acts, and people are told."
        )
    },
    stays_by_hand: "What somebody changed in Zendesk stays as it is.",
    overwrite_title: "Overwrite what somebody changed in Zendesk?",
    overwrite_why: "The conditions and actions go back to what the settings say. Title and order stay. The changes that are lost:",
    overwrite: "Overwrite",
    triggers_made: |created, updated| format!("Done. Created: {created}. Updated: {updated}."),

    keys: "Machine keys",
    keys_what: "Airflow, dbt or cron start a run with a key and wait for its end. A key sees no row and accepts no change.",
    keys_denied: "You cannot manage keys",
    keys_denied_why: "The operator's setting integrations.editors says who can.",
    key_name: "Name of the machine",
    key_name_help: "Runs and the ledger name it, such as airflow. 40 characters at most.",
    key_create: "Create key",
    key_made: |name| format!("The key of {name}"),
    key_once: "Copy it now. Deskside keeps only its hash, so nobody can show it again.",
    key: "Key",
    copy: "Copy",
    copy_of: |what| format!("Copy: {what}"),
    copied: "Copied.",
    copy_by_hand: "It is selected. Press Ctrl+C or ⌘C to copy it.",
    key_use: "Start a run and wait up to 60 seconds for its end. Put the integration's ID in place of INTEGRATION, and the run's id of the first answer in place of RUN:",
    commands: "Commands",
    key_hide: "I have copied it, hide it",
    key_added: "Created",
    last_used: "Last used",
    never_used: "Never",
    key_state: "State",
    key_live: "In use",
    key_revoked: |at| format!("Revoked {at}"),
    agent: |id| format!("by agent {id}"),
    operator: "by command line",
    revoke: "Revoke",
    revoke_title: |name| format!("Revoke the key of {name}?"),
    revoke_why: "The machine's next request is refused. A run that it started goes on. A revoked key cannot be used again.",
    revoke_done: |name| format!("The key of {name} is revoked."),
    no_keys: "No keys yet",
    no_keys_why: "Create one for each machine, so that you can revoke one without the others.",

    tickets: "Tickets per week",
    tickets_what: "How many tickets customers wrote, by their plan or MRR. It names nobody.",
    weeks: |weeks| format!("{weeks} weeks"),
    span: "Weeks shown",
    group_by: "Grouped by",
    by_plan: "Plan",
    by_mrr: "MRR",
    no_plan: "No plan known",
    other_plans: "Other plans",
    band: |band| {
        by_name!(band {
            "none" => "No MRR known",
            "0" => "0",
            "below_100" => "Below 100",
            "100_to_1000" => "100 to 1,000",
            "1000_to_10000" => "1,000 to 10,000",
            "10000_or_more" => "10,000 or more",
        })
        .unwrap_or_default()
    },
    week: "Week from",
    total: "All",
    all_tickets: "All tickets",
    week_told: |week, tickets| format!("Week from {week}: {tickets}"),
    count_of_tickets: |tickets| {
        if tickets == 1 { "1 ticket".into() } else { format!("{tickets} tickets") }
    },
    known_until: |at| format!("Tickets are known until {at}. Weeks begin on Monday, UTC."),
    save_csv: "Save as CSV",
    saving: "Saving…",
    no_tickets: "No tickets in these weeks",
    no_tickets_why: "Choose more weeks, or let an integration that reads tickets run.",
    not_kept: "No tickets are read yet",
    not_kept_why: "Tickets are counted once an integration has read them: give it a source of the kind tickets, and let it run.",
    to_integrations: "Go to integrations",
};
