//! `GET /openapi.json`: the list of all this, made from the handlers themselves.

use std::sync::LazyLock;

use axum::http::header;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// Every route an app, an agent or an admin may call.
#[derive(OpenApi)]
#[openapi(
    info(title = "Deskside", description = "What the company knows about a customer, beside every ticket and call."),
    paths(
        super::sessions::flex,
        super::sessions::renew,
        super::sessions::challenge,
        super::sessions::confirm,
        super::cards::of_ticket,
        super::cards::of_customer,
        super::cards::by_phone,
        super::archive::show,
        super::archive::start,
        super::archive::cancel,
        super::archive::events,
        super::files::link,
        super::files::file,
        super::dials::dial,
        super::dials::show,
        super::dials::take,
        super::dials::outcome,
        super::dials::events,
        super::cards::last_comment,
        super::engagements::show,
        super::engagements::note,
        super::engagements::pop,
        super::engagements::show_ticket,
        super::engagements::log,
        super::hooks::zendesk_archive,
        super::hooks::twilio_events,
        super::ledger::page,
        super::ledger::volume,
        super::ledger::export,
        super::settings::flex,
        super::settings::set_flex,
    ),
    modifiers(&Bearer)
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The description, as JSON.
pub fn document() -> &'static str {
    static JSON: LazyLock<String> =
        LazyLock::new(|| Document::openapi().to_pretty_json().expect("the description is plain data"));
    &JSON
}

/// `GET /openapi.json`.
pub async fn show() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "application/json")], document())
}
