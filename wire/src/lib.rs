//! What crosses app, server and plugin. **Invariant:** promises only: no logic, no I/O, nothing but serde.
//!
//! Unknown fields are ignored on reading so that an app and a server of neighbouring versions understand each other;
//! request bodies of the server's own routes are strict.

mod archive;
mod bridge;
mod card;
mod connection;
mod dial;
mod editing;
mod engagement;
mod envelope; // how an error is sent
mod error;
mod ids;
mod integrations;
mod ledger;
mod machine;
mod notices;
mod pop;
mod preview;
mod problem;
mod report;
mod row_reason;
mod runs;
mod session;
mod settings;
mod words;

pub use archive::{
    ArchiveItem, ArchiveView, FileLink, ItemReason, ItemState, Listing, RunRef, RunState, RunView, Sender,
    StartArchive, StartedRun,
};
pub use bridge::{CallFacts, EngagementFacts, FromApp, FromTopBar, Stage, ToApp, ToTopBar};
pub use card::{
    Badge, BadgeName, Card, Contract, ContractPart, ContractState, Customer, CustomerState, Difference,
    TicketStatus, TicketSummary,
};
pub use connection::{
    Authorization, AuthorizationStart, AuthorizationState, Connection, ConnectionAnswer, ConnectionList,
    ConnectionProblem, ConnectionState, ConnectionTest, Disconnected, TestStep,
};
pub use dial::{Dial, DialOrder, DialOutcome, DialReport, DialRequest, DialState, DialWaiting};
pub use editing::{
    AskModelPreview, IntegrationOverview, NextRuns, OverviewBudget, OverviewDay, OverviewRun, TemplateList,
};
pub use engagement::{
    EngagementView, LastComment, LogFacts, LogLine, LogRequest, LogStage, LogState, PublicComment, WrapUp,
};
pub use envelope::{ErrorBody, ErrorEnvelope};
pub use error::ErrorCode;
pub use ids::{AttachmentId, CommentId, TicketId, UserId};
pub use integrations::{
    Alert, ContractColumns, Definition, Destination, FieldToCreate, FileFormat, Key, Mapping, Missing, Mode,
    Model, OnAmbiguous, OnDrift, OnFailedSource, OptionToCreate, OwnerColumns, PeopleColumns, Read, Removed,
    Schedule, Source,
};
pub use ledger::{LedgerAction, LedgerDay, LedgerLine, LedgerPage, LedgerVolume};
pub use machine::{
    MachineKey, MachineKeyList, MachineRun, MachineRunKind, MachineStart, MadeMachineKey, NewMachineKey,
    ProgressUnit, RunProgress,
};
pub use notices::{
    ConnectTriggers, KeptTrigger, NoticeLine, NoticeList, NoticeOutcome, NoticeReason, NoticeWhy,
    TriggerDifference, TriggerReport, TriggerState, TriggerView, WebhookView,
};
pub use pop::{Choice, PopNotice, PopOutcome, PopRequest, PopResult, Problem, ShowRequest};
pub use preview::{
    AskPreview, AskSample, ConnectionObject, FieldList, ObjectField, ObjectList, Preview, PreviewColumn,
    PreviewSource,
};
pub use problem::FieldProblem;
pub use report::{TicketGroup, TicketReport};
pub use row_reason::RowReason;
pub use runs::{
    Exchange, ExchangedField, FieldChange, IntegrationDocument, IntegrationList, IntegrationRunKind,
    IntegrationRunState, IntegrationSummary, OldSource, PhaseTime, RowList, RowOutcome, RunCounts,
    RunDocument, RunList, RunProblem, RunSummary, StartRun, SwitchIntegration,
};
pub use session::{
    FlexLogin, HostName, ProofChallenge, ProofNotice, ProofReply, ProofRequest, Role, SessionDocument,
};
pub use settings::{FieldRule, FlexSettings, FlexSettingsDocument, Navigate, WithoutNumber};
