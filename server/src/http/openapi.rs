//! `GET /openapi.json`: the list of all this, made from the handlers themselves.

pub(super) mod refusals; // what routes refuse

use std::{collections::BTreeSet, sync::LazyLock};

use axum::http::header;
use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        PathItem,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::routes::Table;

/// The frame of the description; its routes are the router's own.
#[derive(OpenApi)]
#[openapi(
    info(title = "Deskside", description = "What the company knows about a customer, beside every ticket and call."),
    modifiers(&Bearer)
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("deskside_mk_…").build();
        components.add_security_scheme("machine_key", SecurityScheme::Http(key));
    }
}

/// The description, as JSON.
pub fn document() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| {
        let mut whole = Document::openapi();
        whole.merge(Table::new().merged().into_openapi());
        // Pages and files are for browsers, and what is left is for operators.
        whole.paths.paths.retain(|path, _| path.starts_with("/api/") || path.starts_with("/hooks/"));
        let mut document = serde_json::to_value(whole).expect("the description is plain data");
        name_keys(&mut document["paths"]);
        format!("{document:#}")
    });
    &JSON
}

/// The same handlers serve addresses with and without an account's key, so they do not name that parameter themselves.
fn name_keys(paths: &mut Value) {
    let key = json!({
        "name": "key", "in": "path", "required": true, "schema": {"type": "string"},
        "description": "The account's, as `deskside accounts` prints it",
    });
    let paths = paths
        .as_object_mut()
        .expect("paths")
        .iter_mut()
        .filter(|(path, _)| path.starts_with("/hooks/{key}/"));
    for operation in paths.flat_map(|(_, methods)| methods.as_object_mut().expect("methods").values_mut()) {
        operation["parameters"].as_array_mut().expect("each has one of its own").push(key.clone());
    }
}

/// Verb and path of every route, pages and files among them: `GET /flex/panel`.
pub fn every_route() -> BTreeSet<String> {
    let paths = Table::new().merged().into_openapi().paths.paths;
    let verbs = |(path, item): (String, PathItem)| {
        let verbs = [
            ("GET", item.get),
            ("POST", item.post),
            ("PUT", item.put),
            ("DELETE", item.delete),
            ("PATCH", item.patch),
        ];
        verbs.into_iter().filter_map(move |(verb, operation)| operation.map(|_| format!("{verb} {path}")))
    };
    paths.into_iter().flat_map(verbs).collect()
}

/// `GET /openapi.json`.
#[utoipa::path(get, path = "/openapi.json", tag = "pages", responses((status = 200)))]
pub async fn show() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "application/json")], document())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_that_is_described_says_what_it_refuses() {
        let document: Value = serde_json::from_str(document()).expect("JSON");
        let paths = document["paths"].as_object().expect("paths");
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().expect("methods") {
                let responses = operation["responses"].as_object().expect("responses");
                assert!(
                    !responses.contains_key("default") && responses.contains_key("500"),
                    "{method} {path}"
                );
            }
        }
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
