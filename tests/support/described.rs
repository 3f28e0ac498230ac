//! Every answer that a test sees is one that `/openapi.json` describes: its status, and the code of a refusal.

use std::sync::LazyLock;

use serde_json::Value;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(deskside::http::document()).expect("JSON"));

/// Fails where the description does not have this answer. Routes that it does not describe are for browsers and operators.
pub fn check(method: &str, path: &str, status: u16, code: Option<&str>) {
    let Some((template, methods)) = described(path) else { return };
    let operation = &methods[method.to_lowercase()];
    if operation.is_null() || matches!(code, Some("route_not_found" | "method_not_allowed")) {
        return;
    }
    let response = &operation["responses"][status.to_string()];
    assert!(
        !response.is_null(),
        "{method} {template} answered {status} {code:?}: describe it in server/src/http/routes.rs"
    );
    if let Some(code) = code {
        let schema = &response["content"]["application/json"]["schema"]["allOf"][1];
        let codes = &schema["properties"]["error"]["properties"]["code"]["enum"];
        let is_known = codes.as_array().is_some_and(|codes| codes.iter().any(|known| known == code));
        assert!(
            is_known,
            "{method} {template} answered {status} {code}: describe it in server/src/http/routes.rs"
        );
    }
}

/// The template that has this path, spelled out before one with gaps.
fn described(path: &str) -> Option<(&'static String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let (mut ours, mut theirs) = (template.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their)) if our == their || our.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    paths.get_key_value(path).or_else(|| paths.iter().find(|(template, _)| fits(template)))
}
