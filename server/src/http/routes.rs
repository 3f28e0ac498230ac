//! Every route there is, and what it refuses: the router, `/openapi.json` and the tests read this one list. A route belongs to
//! the group of those who may call it, and of the limit that its requests count against.

mod of_integrations;

use std::sync::Arc;

use axum::routing::options;
use utoipa_axum::{router::OpenApiRouter, routes};
#[allow(clippy::enum_glob_use, reason = "the table is made of codes; Clippy minds only outside tests")]
use wire::ErrorCode::*;

use super::{
    AppState, archive, assets, cards, connections, consent, dials, engagements, files, health, hooks, ledger,
    openapi, page, plugins, recordings, sessions, settings,
};

use super::openapi::refusals::{
    ADMIN, AGENT, ANY, BODY, CONNECTION, CONSENT, COUNTED, CUSTOMER, DELIVERY, DIRECTORY, ENGAGEMENT, FILE,
    FLEX_TOKEN, KEY, PATH, QUERY, SEARCH, SESSION, STORE, TICKET, ZENDESK, refusing,
};

type Routes = OpenApiRouter<Arc<AppState>>;

/// The groups.
pub(super) struct Table {
    /// Without a session; each says what it asks for instead.
    pub open: Routes,
    /// Renewals of a session.
    pub renewals: Routes,
    /// Customers, looked up by number or id.
    pub customers: Routes,
    /// What is answered from what was read a moment ago.
    pub kept: Routes,
    /// What is answered anew each time.
    pub fresh: Routes,
}

impl Table {
    /// All of them.
    pub(super) fn new() -> Self {
        Self { open: open(), renewals: renewals(), customers: customers(), kept: kept(), fresh: fresh() }
    }

    /// As one.
    pub(super) fn merged(self) -> Routes {
        let Self { open, renewals, customers, kept, fresh } = self;
        open.merge(renewals).merge(customers).merge(kept).merge(fresh)
    }
}

fn open() -> Routes {
    OpenApiRouter::new()
        // From browsers: signed pages, and their files.
        .routes(routes!(page::zendesk, page::not_signed))
        .routes(routes!(page::flex))
        .routes(routes!(assets::plugin))
        .route("/flex/plugin.js", options(plugins::preflight_file))
        .routes(routes!(assets::file))
        .route("/app/{file}", options(plugins::preflight_file))
        // From Flex: refused tokens are counted by `limits::SignIn`.
        .routes(routes!(plugins::list))
        .route("/flex/plugins.json", options(plugins::preflight))
        .routes(refusing(routes!(sessions::flex), &[ANY, COUNTED, BODY, FLEX_TOKEN, DIRECTORY, ZENDESK]))
        .routes(refusing(
            routes!(sessions::flex_of_key),
            &[ANY, COUNTED, BODY, FLEX_TOKEN, DIRECTORY, ZENDESK, KEY, STORE],
        ))
        // From the sidebar, with a bearer that has expired; counted in the same way.
        .routes(refusing(routes!(sessions::reopen), &[ANY, SESSION]))
        // By signed links: whoever holds one is counted by the feature, when it has read the link.
        .routes(refusing(
            routes!(files::file),
            &[
                ANY,
                SESSION,
                AGENT,
                PATH,
                QUERY,
                FILE,
                TICKET,
                ZENDESK,
                STORE,
                &[
                    (403, &[ArchiveLinkExpired, ArchiveLinkInvalid]),
                    (416, &[RangeInvalid]),
                    (
                        502,
                        &[
                            ArchiveFileMissing,
                            ArchiveMismatch,
                            ArchiveUnavailable,
                            ArchiveDenied,
                            ArchiveElsewhere,
                            ArchiveCredentials,
                            ArchiveKey,
                            ArchiveBucket,
                            ArchiveClock,
                            ArchiveFull,
                        ],
                    ),
                ],
            ],
        ))
        .routes(routes!(recordings::hear))
        // By browsers that a vendor sends back: `state` is the key, and nothing is connected by it alone.
        .routes(routes!(consent::callback))
        // From vendors: a signature is checked without asking anyone. An address without a key is the settings file's account's.
        .nest("/hooks", of_vendors())
        .nest("/hooks/{key}", of_vendors())
        // For operators.
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(openapi::show))
}

/// Below `/hooks`.
fn of_vendors() -> Routes {
    OpenApiRouter::new()
        .routes(refusing(
            routes!(hooks::zendesk_archive),
            &[ANY, BODY, DELIVERY, ZENDESK, STORE, KEY, &[(503, &[ZendeskUnavailable])]],
        ))
        .routes(refusing(routes!(hooks::twilio_events), &[ANY, BODY, DELIVERY, STORE, KEY]))
}

fn renewals() -> Routes {
    OpenApiRouter::new().routes(refusing(routes!(sessions::renew), &[ANY, SESSION, DIRECTORY, ZENDESK]))
}

fn customers() -> Routes {
    OpenApiRouter::new()
        .routes(refusing(
            routes!(cards::of_customer),
            &[ANY, SESSION, AGENT, PATH, QUERY, CUSTOMER, TICKET, SEARCH, ZENDESK, STORE],
        ))
        .routes(refusing(routes!(cards::by_phone), &[ANY, SESSION, AGENT, QUERY, SEARCH, ZENDESK, STORE]))
}

fn kept() -> Routes {
    OpenApiRouter::new()
        .routes(refusing(
            routes!(cards::of_ticket),
            &[ANY, SESSION, AGENT, PATH, QUERY, TICKET, ZENDESK, STORE],
        ))
        .routes(refusing(routes!(archive::show), &[ANY, SESSION, AGENT, PATH, QUERY, TICKET, ZENDESK, STORE]))
        .routes(refusing(
            routes!(archive::start),
            &[
                ANY,
                SESSION,
                AGENT,
                PATH,
                BODY,
                TICKET,
                ZENDESK,
                STORE,
                &[
                    (
                        403,
                        &[
                            ArchiveAdminsOnly,
                            ArchiveReadOnlyRole,
                            ArchiveAskerInactive,
                            ArchiveTagSetterUnknown,
                        ],
                    ),
                    (404, &[AttachmentNotFound]),
                    (409, &[ArchiveNothing]),
                ],
            ],
        ))
}

fn fresh() -> Routes {
    OpenApiRouter::new()
        // Which agent it is; codes are counted by the feature, too.
        .routes(refusing(routes!(sessions::challenge), &[ANY, SESSION, BODY, DIRECTORY, ZENDESK, STORE]))
        .routes(refusing(
            routes!(sessions::confirm),
            &[ANY, SESSION, BODY, DIRECTORY, &[(403, &[ProofInvalid])], ZENDESK, STORE],
        ))
        // From the sidebar.
        .routes(refusing(
            routes!(archive::cancel),
            &[
                ANY,
                SESSION,
                AGENT,
                PATH,
                BODY,
                TICKET,
                ZENDESK,
                STORE,
                &[(404, &[ArchiveRunNotFound, AttachmentNotFound]), (409, &[ArchiveUndoOver])],
            ],
        ))
        .routes(refusing(
            routes!(archive::events),
            &[ANY, SESSION, AGENT, PATH, TICKET, ZENDESK, STORE, &[(404, &[ArchiveRunNotFound])]],
        ))
        .routes(refusing(routes!(files::link), &[ANY, SESSION, AGENT, PATH, FILE, TICKET, ZENDESK, STORE]))
        .routes(refusing(
            routes!(dials::dial),
            &[
                ANY,
                SESSION,
                AGENT,
                BODY,
                TICKET,
                ZENDESK,
                STORE,
                &[
                    (404, &[TwilioNotConfigured]),
                    (409, &[DialBusy, FlexDisabled]),
                    (422, &[DialNumberInvalid]),
                ],
            ],
        ))
        .routes(refusing(routes!(dials::show), &[ANY, SESSION, AGENT, PATH, STORE, &[(404, &[DialGone])]]))
        // From Flex.
        .routes(refusing(routes!(dials::events), &[ANY, SESSION, AGENT]))
        .routes(refusing(routes!(dials::take), &[ANY, SESSION, AGENT, PATH, STORE, &[(404, &[DialGone])]]))
        .routes(refusing(
            routes!(dials::outcome),
            &[ANY, SESSION, AGENT, PATH, BODY, STORE, &[(404, &[DialGone])]],
        ))
        .routes(refusing(routes!(cards::last_comment), &[ANY, SESSION, AGENT, PATH, TICKET, ZENDESK, STORE]))
        .routes(refusing(
            routes!(engagements::show),
            &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, TICKET, ZENDESK, STORE, &[(404, &[EngagementNotFound])]],
        ))
        .routes(refusing(
            routes!(engagements::note),
            &[
                ANY,
                SESSION,
                AGENT,
                ENGAGEMENT,
                PATH,
                BODY,
                TICKET,
                ZENDESK,
                STORE,
                &[(409, &[NotesWritten]), (422, &[NotesTooLong])],
            ],
        ))
        .routes(refusing(
            routes!(engagements::pop),
            &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, BODY, TICKET, CUSTOMER, ZENDESK, STORE],
        ))
        .routes(refusing(
            routes!(engagements::show_ticket),
            &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, BODY, TICKET, ZENDESK, STORE],
        ))
        .routes(refusing(
            routes!(engagements::log),
            &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, BODY, ZENDESK, STORE],
        ))
        // From the console.
        .routes(refusing(routes!(ledger::page), &[ANY, SESSION, ADMIN, QUERY, STORE]))
        .routes(refusing(routes!(ledger::volume), &[ANY, SESSION, ADMIN, QUERY, STORE]))
        .routes(refusing(routes!(ledger::export), &[ANY, SESSION, ADMIN, QUERY, STORE]))
        .routes(refusing(routes!(settings::flex), &[ANY, SESSION, ADMIN, STORE]))
        .routes(refusing(
            routes!(settings::set_flex),
            &[
                ANY,
                SESSION,
                ADMIN,
                BODY,
                STORE,
                &[(409, &[SettingsChanged]), (422, &[SettingInvalid, SettingUnknown])],
            ],
        ))
        .merge(of_connections())
        .merge(of_integrations::routes())
}

fn of_connections() -> Routes {
    OpenApiRouter::new()
        .routes(refusing(routes!(connections::list), &[ANY, SESSION, ADMIN, STORE]))
        .routes(refusing(routes!(connections::create), &[ANY, SESSION, ADMIN, BODY, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::change), &[ANY, SESSION, ADMIN, PATH, BODY, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::test), &[ANY, SESSION, ADMIN, PATH, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::disconnect), &[ANY, SESSION, ADMIN, PATH, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::delete), &[ANY, SESSION, ADMIN, PATH, CONNECTION, STORE]))
        .routes(refusing(routes!(consent::begin), &[ANY, SESSION, ADMIN, PATH, BODY, CONNECTION, STORE]))
        .routes(refusing(routes!(consent::show), &[ANY, SESSION, ADMIN, PATH, CONSENT, STORE]))
        .routes(refusing(
            routes!(consent::confirm),
            &[
                ANY,
                SESSION,
                ADMIN,
                PATH,
                BODY,
                CONNECTION,
                CONSENT,
                STORE,
                &[(422, &[AuthorizationNumberWrong])],
            ],
        ))
        .routes(refusing(routes!(consent::give_up), &[ANY, SESSION, ADMIN, PATH, CONSENT, STORE]))
}
