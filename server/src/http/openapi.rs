//! `GET /openapi.json`: the list of all this, made from the handlers themselves.

mod refusals; // what each route refuses

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
        super::sessions::reopen,
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
    static JSON: LazyLock<String> = LazyLock::new(|| {
        let mut document = serde_json::to_value(Document::openapi()).expect("the description is plain data");
        for (route, refused) in refusals::ROUTES {
            let (method, path) = route.split_once(' ').expect("method and path");
            if let Some(responses) = document["paths"][path][method]["responses"].as_object_mut() {
                responses.remove("default"); // which only brought the envelope's schema along
                responses.extend(refusals::responses(refused));
            }
        }
        format!("{document:#}")
    });
    &JSON
}

/// `GET /openapi.json`.
pub async fn show() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "application/json")], document())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_route_that_is_described_says_what_it_refuses() {
        let document: Value = serde_json::from_str(document()).expect("JSON");
        let paths = document["paths"].as_object().expect("paths");
        let mut described = BTreeSet::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().expect("methods") {
                let responses = operation["responses"].as_object().expect("responses");
                assert!(
                    !responses.contains_key("default") && responses.contains_key("500"),
                    "{method} {path}"
                );
                described.insert(format!("{method} {path}"));
            }
        }
        let listed: BTreeSet<String> =
            refusals::ROUTES.iter().map(|(route, _)| (*route).to_owned()).collect();
        assert_eq!(described, listed);
    }

    #[test]
    fn a_refusal_is_described_with_its_codes() {
        let document: Value = serde_json::from_str(document()).expect("JSON");
        let check = |method: &str, path: &str, status: &str, codes: &[&str]| {
            let response = &document["paths"][path][method]["responses"][status];
            let schema = &response["content"]["application/json"]["schema"]["allOf"][1];
            assert_eq!(
                schema["properties"]["error"]["properties"]["code"]["enum"],
                serde_json::json!(codes),
                "{response}"
            );
        };
        check("get", "/api/tickets/{id}/card", "404", &["ticket_not_found"]);
        check(
            "post",
            "/api/session/renew",
            "401",
            &["session_expired", "session_invalid", "session_missing"],
        );
        check("put", "/api/settings/flex", "422", &["body_invalid", "setting_invalid", "setting_unknown"]);
        let schemas = &document["components"]["schemas"];
        assert!(schemas["ErrorEnvelope"].is_object());
        let codes = schemas["ErrorCode"]["enum"].as_array().expect("codes");
        let sent: Vec<_> = wire::ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes, &sent, "codes as they are sent");
    }
}
