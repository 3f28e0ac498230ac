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
    section: |section| {
        by_name!(section {
            "general" => "General",
            "navigate" => "Open in Zendesk",
            "top_bar" => "Flex in Zendesk's top bar",
            "tickets" => "Tickets and customers",
            "log" => "Ticket notes",
            "outbound" => "Calls from Zendesk",
        })
        .unwrap_or_default()
    },
    setting: |setting| {
        by_name!(setting {
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
            "subject" => ("New ticket subject", "A template over the task's attributes, like {{ channel }}: {{ caller }}"),
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
            "outcomes" => ("Outcomes", "One per line. The agent chooses one at the end and can add their own notes."),
            "logged_attributes" => ("Logged attributes", "One name per line; use a dot for nested attributes. No others are logged."),
            "outbound_caller_id" => ("Outbound caller ID", "Like +815012345678. Leave these four empty to use Flex's own settings."),
            "outbound_queue_sid" => ("Queue SID", "WQ…; the agents must be in it."),
            "outbound_workflow_sid" => ("Workflow SID", "WW…"),
            "outbound_task_channel_sid" => ("Task channel SID", "TC…; a voice channel."),
            "outbound_country" => ("Default country code", "Like +81. Empty: numbers without a country code are not called."),
            "name" => ("Name", "For you and your colleagues."),
            "environment" => ("Environment", ""),
            "base_url" => ("Zendesk account", "Its address, like acme.zendesk.com."),
            "flow" => ("Sign-in", ""),
            "client_id" => ("Client ID", "In Salesforce: the consumer key."),
            "client_secret" => ("Client secret", ""),
            "my_domain" => ("My Domain", "Empty: Salesforce's general sign-in page."),
            "host" => ("Host", ""),
            "port" => ("Port", "Empty: the usual one."),
            "database" => ("Database", ""),
            "user" => ("User", ""),
            "password" => ("Password", ""),
            "tls" => ("Encryption", ""),
            "ca" => ("Certificate authority", "PEM. Empty: the public authorities."),
            "folder" => ("Folder", "A whole path on Deskside's server, in a folder that the operator allows."),
            "username" => ("User name", "The Salesforce user that Deskside acts as."),
            "private_key" => ("Private key", "PEM, an RSA key."),
            "number" => ("Number from the other tab", "Six digits."),
        }).unwrap_or_default()
    },
    option: |option| {
        by_name!(option {
            "ticket" => "The ticket",
            "user" => "The customer",
            "nothing" => "Nothing",
            "ask" => "The caller's open ticket (agent chooses if several)",
            "latest_open" => "The most recently updated open ticket",
            "always_new" => "Always a new ticket",
            "production" => "Production",
            "sandbox" => "Sandbox",
            "web" => "Consent in the browser",
            "client_credentials" => "Client credentials",
            "jwt" => "JWT bearer",
            "verify-full" => "TLS, certificate checked",
            "require" => "TLS, certificate not checked",
            "disable" => "None",
        })
        .unwrap_or_default()
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
    // Of others the server says more.
    rule: |rule| {
        by_name!(rule {
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
            "agent_desktop" => "Add ?path=/agent-desktop to the address, or Flex opens without its agent desktop for admins.",
        })
    },
    leave_title: "Leave without saving?",
    leave_why: "Your changes on this page will be lost.",
    stay: "Stay on this page",
    leave: "Discard changes",
    only_ticket: |ticket| format!("Show only ticket {ticket}"),
    action: |action| {
        by_name!(action {
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
            "connection_added" => "connection added",
            "connection_changed" => "connection changed",
            "connection_disconnected" => "connection disconnected",
            "connection_deleted" => "connection deleted",
        })
    },
    reason: |code| {
        by_name!(code {
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
        })
    },
    agent: |id| format!("Agent {id}"),
    tag: "Tag",
    operator: "Command line",
    deskside: "Deskside",

    connections: "Connections",
    connections_what: "The vendor accounts and databases that Deskside may use.",
    connection_add: "Add a connection",
    connections_read_only: "You can see the connections. The operator's setting integrations.editors says who may change them.",
    no_seal_key: "Deskside cannot store secrets yet: the operator has to set server.seal_keys.",
    connection: "Connection",
    connection_state: "State",
    used_by: "Used by",
    connection_acts: "Actions",
    no_connections: "No connections yet",
    kind: |key| {
        by_name!(key {
            "zendesk" => ("Zendesk", "Users and organizations, read and written"),
            "salesforce" => ("Salesforce", "Accounts, contracts and other objects"),
            "mysql" => ("MySQL or MariaDB", "A database, read only"),
            "postgres" => ("PostgreSQL", "A database, read only"),
            "report" => ("Files", "CSV or JSON lines in a folder of Deskside's server"),
            "twilio" => ("Twilio", ""),
            "objects" => ("Archive store", ""),
            "notify" => ("Notification webhook", ""),
        })
        .unwrap_or_default()
    },
    connection_states: |key| {
        by_name!(key {
            "connected" => "Connected",
            "needs_attention" => "Needs attention",
            "disconnected" => "Disconnected",
        })
        .unwrap_or_default()
    },
    set_in_file: "Set in the settings file",
    checked: |it| format!("Checked {it}"),
    unused: "Not used yet",
    connection_test: "Test",
    connect_again: "Connect again",
    connection_change: "Change",
    disconnect: "Disconnect",
    delete: "Delete",
    choose_kind: "Kinds of connections",
    cancel: "Cancel",
    close: "Close",
    continue_: "Continue",
    connect: "Connect",
    trying: "Trying…",
    secret_stays: "Leave empty to keep the stored one.",
    callback_url: "Redirect or callback URL for the OAuth client",
    recipe: |key| {
        by_name!(key {
            "zendesk" => "In Zendesk, an admin opens Admin Center, Apps and integrations, APIs, OAuth clients, and adds a confidential client. Enter its identifier and secret here. For consent in the browser, the client also needs the redirect URL below.",
            "salesforce" => "In Salesforce Setup, an admin makes an External Client App in this organization: enable OAuth, enter the callback URL below, add the scopes api and refresh_token, and require PKCE. Enter its consumer key and secret here.",
            "client_credentials" => "In Salesforce Setup, an admin makes an External Client App in this organization, enables the client credentials flow and chooses a Run As user. It works with My Domain only.",
            "jwt" => "In Salesforce Setup, an admin makes an External Client App in this organization, enables the JWT bearer flow, uploads the certificate of this private key, and pre-authorizes the user.",
            "database" => "Use a database user that may only read. Deskside opens read-only transactions in any case.",
        }).unwrap_or_default()
    },
    consent_open: |it| format!("Open {it} in a new tab"),
    consent_how: |it| {
        format!(
            "{it} opens in a new tab. Sign in there as the user that Deskside shall act as, and allow access. Then come back here."
        )
    },
    consent_trouble: |key| {
        by_name!(key {
            "zendesk" => "If Zendesk refuses the redirect URL, it is not exactly the one that the OAuth client has.",
            "salesforce" => "If Salesforce shows OAUTH_APPROVAL_ERROR_GENERIC or OAUTH_EC_APP_NOT_FOUND, the External Client App belongs to another organization than the one that you sign in to. If it shows redirect_uri_mismatch, the app has another callback URL. Cancel, and correct it.",
        }).unwrap_or_default()
    },
    consent_waiting: "Waiting for your consent in the other tab…",
    consent_as: |organization, user| {
        format!(
            "Consent was given by {user} of {organization}. Is this the right account? Then enter the number that the other tab shows."
        )
    },
    test_of: |it| format!("Test of {it}"),
    test_step: |key| {
        by_name!(key {
            "secret" => "Secret",
            "token" => "Access token",
            "user" => "User",
            "address" => "Host name",
            "connection" => "Connection",
            "folder" => "Folder",
            "sign_in" => "Sign-in",
            "read" => "Reading",
            "write" => "Writing",
            "version" => "Version",
            "scopes" => "Scopes",
        })
        .unwrap_or_default()
    },
    step_ok: "Passed",
    step_failed: "Failed",
    test_ok: "The connection works.",
    test_failed: "The connection does not work yet.",
    disconnect_title: |it| format!("Disconnect {it}?"),
    disconnect_why: "The vendor revokes the access, and Deskside forgets the secret. What uses the connection is paused.",
    delete_title: |it| format!("Delete {it}?"),
    delete_why: "Deskside forgets the connection and its secret.",
    used_by_these: |it| format!("Used by {it}."),
    connection_saved: "Saved.",
    connection_connected: "Connected.",
    connection_disconnected: "Disconnected. Deskside has no access any more.",
    connection_not_revoked: |it| {
        format!("Disconnected here, but the vendor has not revoked the access: {it}.")
    },
    connection_deleted: "Deleted.",
    connection_deleted_not_revoked: |it| {
        format!("Deleted here, but the vendor has not revoked the access: {it}.")
    },
    integrations: "Integrations",
    integrations_what: "What Deskside brings from your systems into Zendesk, and when.",
    no_integrations: "No integrations yet",
    no_integrations_why: "An operator keeps one with `deskside integrations import`.",
    integration: "Integration",
    last_run: "Last run",
    integration_acts: "Actions",
    disabled: "Disabled",
    never_ran: "Never run",
    never_ran_why: "Start with a dry run: it writes nothing and lists what would change.",
    object: |key| {
        by_name!(key {
            "users" => "Zendesk users",
            "organizations" => "Zendesk organizations",
        })
        .unwrap_or_default()
    },
    run_now: "Run now",
    dry_run: "Dry run",
    runs: "Runs",
    run: "Run",
    run_of: |it| format!("Run of {it} (UTC)"),
    run_kind_head: "Kind",
    run_state_head: "State",
    run_sum: "Result",
    run_kind: |key| {
        by_name!(key {
            "run" => "Run",
            "resend" => "Resend all",
            "dry" => "Dry run",
            "row" => "One row",
        })
        .unwrap_or_default()
    },
    run_state: |key| {
        by_name!(key {
            "queued" => "Queued",
            "running" => "Running",
            "stopped" => "Waiting for confirmation",
            "completed" => "Completed",
            "failed" => "Failed",
            "cancelled" => "Cancelled",
        })
        .unwrap_or_default()
    },
    run_problem: |key| {
        by_name!(key {
            "dry_run_needed" => "Nobody has accepted a dry run of this model, key or mapping.",
            "source_shrank" => "A source has far fewer rows than last time.",
            "clears_too_much" => "Many rows would lose a value.",
            "changes_too_much" => "Many rows would change.",
            "all_rejected" => "Every row was refused.",
            "counts_differ" => "The rows do not add up.",
            "integration_gone" => "The integration was deleted.",
            "run_failed" => "The run has failed.",
        })
    },
    phase: |key| {
        by_name!(key {
            "reading" => "Reading the sources",
            "comparing" => "Comparing with the destination",
            "delivering" => "Writing to the destination",
            "copying" => "Updating the contracts that cards show",
        })
        .unwrap_or_default()
    },
    accept_and_run: "Accept and run",
    confirm_run: "Confirm and go on",
    cancel_run: "Cancel run",
    outcome: |key| {
        by_name!(key {
            "read" => "read",
            "matched" => "matched",
            "unmatched" => "unmatched",
            "ambiguous" => "ambiguous",
            "duplicate" => "duplicate",
            "unchanged" => "unchanged",
            "adopted" => "already there",
            "created" => "created",
            "updated" => "updated",
            "cleared" => "cleared",
            "kept" => "left as changed there",
            "rejected" => "rejected",
            "pending" => "to be written",
            "waiting" => "waiting",
            "drifted" => "changed there",
            "removed" => "no longer in the model",
        })
        .unwrap_or_default()
    },
    rows_of_run: "Rows of this run",
    row_key: "Key",
    row_outcome: "Outcome",
    row_changes: "Before → after",
    row_reason: "Reason",
    no_rows: "No rows to show: rows that did not change are only counted.",
    more_rows: "More rows",
    empty_value: "(empty)",
};
