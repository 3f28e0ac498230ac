//! Every code of an error. Codes are for programs and for ever; `docs/errors.md` lists them.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Stable names of everything that can be refused or go wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
            /// A code of a newer server.
            #[serde(other)]
            Unknown,
        }

        impl ErrorCode {
            /// Every code there is, as written on the wire.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As written on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* Self::Unknown => "unknown" }
            }
        }
    };
}

/// Not derived: the derived one would list the names that the codes have here, not those that are sent.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ErrorCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let codes = Self::ALL.iter().map(|code| code.as_str());
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("Stable names of everything that can be refused or go wrong."))
            .enum_values(Some(codes))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ErrorCode {}

codes! {
    /// The path holds something that is not an id.
    PathInvalid = "path_invalid",
    /// The query is malformed.
    QueryInvalid = "query_invalid",
    /// The body is not the JSON this route takes.
    BodyInvalid = "body_invalid",
    /// The body is larger than this route takes.
    BodyTooLarge = "body_too_large",
    /// The file does not have the bytes that were asked for.
    RangeInvalid = "range_invalid",
    /// No such route.
    RouteNotFound = "route_not_found",
    /// The route exists, the method does not.
    MethodNotAllowed = "method_not_allowed",
    /// The request took longer than we allow.
    RequestTimeout = "request_timeout",
    /// Too many requests of this agent, session, link or address.
    TooManyRequests = "too_many_requests",

    /// No bearer.
    SessionMissing = "session_missing",
    /// A bearer that is not ours, or of another account.
    SessionInvalid = "session_invalid",
    /// A bearer older than 15 minutes.
    SessionExpired = "session_expired",
    /// The session is not yet tied to an agent.
    AgentUnproved = "agent_unproved",
    /// The route is for admins.
    AdminOnly = "admin_only",
    /// The one-time code is wrong or used up.
    ProofInvalid = "proof_invalid",
    /// The user behind the session is an end user, suspended or gone.
    AgentNotAllowed = "agent_not_allowed",

    /// The app page was opened without Zendesk's token.
    SignedTokenMissing = "signed_token_missing",
    /// Zendesk's token is forged or malformed.
    SignedTokenInvalid = "signed_token_invalid",
    /// Zendesk's token is too old, or from the future.
    SignedTokenExpired = "signed_token_expired",
    /// Zendesk's token is for another app.
    SignedTokenWrongAudience = "signed_token_wrong_audience",
    /// Zendesk's token is for another account.
    SignedTokenWrongAccount = "signed_token_wrong_account",
    /// Zendesk's token was already used.
    SignedTokenReplayed = "signed_token_replayed",
    /// Twilio says that the Flex token is not valid.
    FlexTokenInvalid = "flex_token_invalid",
    /// The Flex worker has no Zendesk agent with the same e-mail.
    FlexAgentUnknown = "flex_agent_unknown",
    /// Twilio is not set up on this server.
    TwilioNotConfigured = "twilio_not_configured",

    /// A vendor's delivery has no signature.
    WebhookUnsigned = "webhook_unsigned",
    /// The delivery's signature is not of the secret that we know.
    WebhookSignatureInvalid = "webhook_signature_invalid",
    /// The delivery was signed too long ago, or in the future.
    WebhookExpired = "webhook_expired",
    /// The delivery's signature came before under another name.
    WebhookReplayed = "webhook_replayed",
    /// The delivery is of another account.
    WebhookWrongAccount = "webhook_wrong_account",
    /// The vendor has no webhook that calls this server.
    WebhookNotConnected = "webhook_not_connected",

    /// The ticket does not exist or is hidden from the agent.
    TicketNotFound = "ticket_not_found",
    /// The ticket is closed: it can be read, not changed.
    TicketClosed = "ticket_closed",
    /// `zd_ticket_id` is not a ticket number.
    TicketNumberInvalid = "ticket_number_invalid",
    /// `zd_ticket_id` is absent or empty.
    TicketNumberMissing = "ticket_number_missing",
    /// The customer does not exist.
    CustomerNotFound = "customer_not_found",
    /// Only agents whom Zendesk lets view all customers may search for one.
    CustomersHidden = "customers_hidden",
    /// An engagement tells nothing of who is at the other end.
    CallerUnknown = "caller_unknown",
    /// Calls and chats are switched off in the console.
    FlexDisabled = "flex_disabled",
    /// A setting of the console cannot be gone by.
    SettingInvalid = "setting_invalid",
    /// Somebody else has changed the same settings.
    SettingsChanged = "settings_changed",
    /// There is no such setting.
    SettingUnknown = "setting_unknown",
    /// Nobody has asked about this engagement.
    EngagementNotFound = "engagement_not_found",
    /// The engagement is another agent's.
    EngagementNotYours = "engagement_not_yours",
    /// The caller has an open ticket that the agent may not see.
    OpenTicketHidden = "open_ticket_hidden",
    /// A ticket for this engagement would be, or is, hidden from the agent.
    TicketOutOfReach = "ticket_out_of_reach",
    /// Zendesk refused to make a ticket for this caller.
    TicketRefused = "ticket_refused",
    /// What an agent noted is too long.
    NotesTooLong = "notes_too_long",
    /// What an agent noted is in the ticket already.
    NotesWritten = "notes_written",
    /// A note could not be written into the ticket, and is not tried again.
    NoteGivenUp = "note_given_up",

    /// What is to be called is no phone number, or lacks its country.
    DialNumberInvalid = "dial_number_invalid",
    /// Another call of the same agent is being dialled.
    DialBusy = "dial_busy",
    /// The agent's Flex is not there to dial.
    DialFlexAbsent = "dial_flex_absent",
    /// The agent is offline in Flex.
    DialOffline = "dial_offline",
    /// The agent has a call in Flex.
    DialOnCall = "dial_on_call",
    /// Flex makes no outbound calls as it is set.
    DialNotEnabled = "dial_not_enabled",
    /// Flex could not make the call, or did not say.
    DialFailed = "dial_failed",
    /// No such dial of this agent, or another Flex page has taken it.
    DialGone = "dial_gone",

    /// Zendesk does not answer, or answers with a fault.
    ZendeskUnavailable = "zendesk_unavailable",
    /// Zendesk asks us to wait.
    ZendeskRateLimited = "zendesk_rate_limited",
    /// Zendesk refuses our credentials.
    ZendeskReconnect = "zendesk_reconnect",
    /// Zendesk does not know the scope that we ask for.
    ZendeskScope = "zendesk_scope",
    /// Our OAuth client in Zendesk is of a kind that cannot sign in by itself.
    ZendeskClientKind = "zendesk_client_kind",
    /// Zendesk refuses this call: a scope or a permission is missing.
    ZendeskForbidden = "zendesk_forbidden",
    /// Zendesk refused what we sent.
    ZendeskRejected = "zendesk_rejected",
    /// The time of a note's link to a recording is over.
    RecordingLinkExpired = "recording_link_expired",
    /// The link was changed, or is of another recording, ticket or server.
    RecordingLinkInvalid = "recording_link_invalid",
    /// Twilio does not have the recording, or not yet.
    RecordingNotFound = "recording_not_found",
    /// Twilio does not answer, or answers with a fault.
    TwilioUnavailable = "twilio_unavailable",
    /// Twilio refuses our credentials.
    TwilioReconnect = "twilio_reconnect",

    /// The ticket has nothing to archive.
    ArchiveNothing = "archive_nothing",
    /// The ticket is not (or no longer) being archived under this id.
    ArchiveRunNotFound = "archive_run_not_found",
    /// The time in which a run can be taken back is over, or it has none.
    ArchiveUndoOver = "archive_undo_over",
    /// An agent took it back.
    ArchiveCancelled = "archive_cancelled",
    /// Only admins may start a run here.
    ArchiveAdminsOnly = "archive_admins_only",
    /// The role of whoever asked may not change tickets in Zendesk.
    ArchiveReadOnlyRole = "archive_read_only_role",
    /// Whoever asked is suspended, deleted or an end user.
    ArchiveAskerInactive = "archive_asker_inactive",
    /// Only admins may start a run here, and Zendesk does not say who set the tag.
    ArchiveTagSetterUnknown = "archive_tag_setter_unknown",
    /// This agent may not open archived files.
    ArchiveOpenForbidden = "archive_open_forbidden",
    /// A tag of the ticket keeps its files where they are.
    ArchiveLegalHold = "archive_legal_hold",
    /// The account's settings leave such files alone.
    ArchiveByPolicy = "archive_by_policy",
    /// The account's settings leave files alone for some days; this one has not been there as long.
    ArchiveTooNew = "archive_too_new",
    /// Somebody of the company sent it to the customer, who would lose it.
    ArchiveSentByUs = "archive_sent_by_us",
    /// Nothing shows that a customer sent it, so the customer may have got it from the company.
    ArchiveSenderUnknown = "archive_sender_unknown",
    /// Zendesk has not scanned it for malware yet.
    AttachmentNotScanned = "attachment_not_scanned",
    /// The ticket has no such attachment.
    AttachmentNotFound = "attachment_not_found",
    /// Zendesk has marked the file as malware.
    AttachmentMalware = "attachment_malware",
    /// The download is not what Zendesk announced.
    AttachmentIncomplete = "attachment_incomplete",
    /// The download URL is on a host that is not allowed.
    AttachmentHostRefused = "attachment_host_refused",
    /// Zendesk lists the file in a form that cannot be read.
    AttachmentUnreadable = "attachment_unreadable",
    /// The file is larger than the archive takes.
    AttachmentTooLarge = "attachment_too_large",
    /// Zendesk did not redact, although it said so.
    RedactionUnproven = "redaction_unproven",
    /// Only Agent Workspace redacts in closed tickets, and we cannot use it here.
    RedactionNeedsWorkspace = "redaction_needs_workspace",
    /// The ticket is closed, and the image is not found in its comment's text, where Zendesk would redact it.
    RedactionImageNotFound = "redaction_image_not_found",
    /// Zendesk takes only so many changes of a ticket in ten minutes.
    RedactionLimit = "redaction_limit",
    /// The archive does not answer.
    ArchiveUnavailable = "archive_unavailable",
    /// The archive refuses writing.
    ArchiveDenied = "archive_denied",
    /// The archive's store is not where the settings say.
    ArchiveElsewhere = "archive_elsewhere",
    /// The archive's store does not accept our credentials, or there are none.
    ArchiveCredentials = "archive_credentials",
    /// The key that encrypts the archive cannot be used.
    ArchiveKey = "archive_key",
    /// The archive's bucket does not exist.
    ArchiveBucket = "archive_bucket",
    /// The clock of this server differs from the store's.
    ArchiveClock = "archive_clock",
    /// The archive is full.
    ArchiveFull = "archive_full",
    /// The archive has no such attachment.
    ArchiveFileNotFound = "archive_file_not_found",
    /// The attachment is not in the archive yet.
    ArchiveFilePending = "archive_file_pending",
    /// The file is infected, and only admins may open it.
    ArchiveFileQuarantined = "archive_file_quarantined",
    /// The attachment was archived, and the store does not hold it any more.
    ArchiveFileMissing = "archive_file_missing",
    /// The link to an archived file is older than a minute.
    ArchiveLinkExpired = "archive_link_expired",
    /// The link was changed, or is of another file or server.
    ArchiveLinkInvalid = "archive_link_invalid",
    /// The stored copy is not what was sent.
    ArchiveMismatch = "archive_mismatch",

    /// The account has no such connection.
    ConnectionNotFound = "connection_not_found",
    /// The connection is set in the settings file.
    ConnectionInFile = "connection_in_file",
    /// Somebody else has changed the connection meanwhile.
    ConnectionChanged = "connection_changed",
    /// Something uses the connection.
    ConnectionInUse = "connection_in_use",
    /// A value of the connection cannot be used.
    ConnectionInvalid = "connection_invalid",
    /// The new secret or setting did not pass the test; the old one stays.
    ConnectionTestFailed = "connection_test_failed",
    /// Connections are changed by those whom `integrations.editors` names.
    ConnectionEditorsOnly = "connection_editors_only",
    /// There is no seal key, so no secret can be kept.
    SealKeyMissing = "seal_key_missing",
    /// The consent is unknown, over, used, or another admin's.
    AuthorizationInvalid = "authorization_invalid",
    /// The number is not the one that the consent's page shows.
    AuthorizationNumberWrong = "authorization_number_wrong",
    /// The person at the vendor did not give consent.
    AuthorizationDenied = "authorization_denied",
    /// The vendor did not give its tokens.
    AuthorizationFailed = "authorization_failed",
    /// The vendor granted less than was asked.
    AuthorizationScope = "authorization_scope",
    /// The vendor's organization does not have the app.
    AppNotInstalled = "app_not_installed",
    /// There is no such integration.
    IntegrationNotFound = "integration_not_found",
    /// An integration cannot be saved as it is.
    IntegrationInvalid = "integration_invalid",
    /// Somebody else has changed, or made, the same integration.
    IntegrationChanged = "integration_changed",
    /// There is no such run.
    RunNotFound = "run_not_found",
    /// The run cannot be changed any more, or does not wait for that.
    RunEnded = "run_ended",
    /// Another run of the integration is live, and it does something else.
    RunInProgress = "run_in_progress",
    /// Nobody has accepted a dry run of what is to run.
    DryRunNeeded = "dry_run_needed",
    /// A machine starts an integration that is paused.
    IntegrationPaused = "integration_paused",
    /// What an integration wrote is to be emptied while it is enabled.
    IntegrationEnabled = "integration_enabled",
    /// A run has no rows to send again, or is still running.
    NothingToRetry = "nothing_to_retry",
    /// A model cannot be planned or run; where the SQL is at fault, its place is in the message.
    ModelInvalid = "model_invalid",
    /// The rows of a source cannot be read.
    SourceUnreadable = "source_unreadable",
    /// No run has read the account's tickets yet.
    TicketsNotKept = "tickets_not_kept",
    /// A machine brings no key.
    MachineKeyMissing = "machine_key_missing",
    /// A machine's key is none of this account, or was revoked.
    MachineKeyInvalid = "machine_key_invalid",
    /// The account has no such key for machines.
    MachineKeyNotFound = "machine_key_not_found",
    /// A key for machines cannot have this name.
    MachineKeyName = "machine_key_name",
    /// The account has as many keys for machines as it may have.
    MachineKeysFull = "machine_keys_full",
    /// No enabled integration brings the contracts.
    ContractNotIntegrated = "contract_not_integrated",
    /// Zendesk's triggers cannot compare what the triggers of notices need.
    TriggerFieldMissing = "trigger_field_missing",
    /// Zendesk takes no more triggers, or not these.
    TriggersRefused = "triggers_refused",

    /// The database is locked by another process.
    StoreBusy = "store_busy",
    /// The database cannot be written.
    StoreReadOnly = "store_read_only",
    /// The disk of the database is full.
    StoreFull = "store_full",
    /// The database does not answer.
    StoreUnavailable = "store_unavailable",
    /// The database is damaged.
    StoreCorrupt = "store_corrupt",

    /// A defect of ours; the log has the cause.
    Internal = "internal",

    /// The settings have an unknown key.
    ConfigUnknownKey = "config_unknown_key",
    /// A setting is missing.
    ConfigMissing = "config_missing",
    /// A setting has a value that cannot be used.
    ConfigInvalid = "config_invalid",
}
