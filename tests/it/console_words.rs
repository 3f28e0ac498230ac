//! What an admin reads in Japanese and Korean when the server refuses something.

use serde_json::Value;
use texts::shared;
use wire::ErrorCode;

#[test]
fn every_refusal_of_a_console_route_has_words_in_every_language() {
    let document: Value = serde_json::from_str(deskside::http::document()).expect("JSON");
    let operations =
        document["paths"].as_object().expect("paths").values().filter_map(Value::as_object).flatten();
    let mut routes = 0;
    for (_, operation) in operations {
        let responses = operation["responses"].as_object().into_iter().flatten();
        let codes: Vec<&Value> = responses
            .flat_map(|(_, response)| {
                let schema = &response["content"]["application/json"]["schema"]["allOf"][1];
                schema["properties"]["error"]["properties"]["code"]["enum"].as_array().into_iter().flatten()
            })
            .collect();
        if !codes.iter().any(|code| *code == "admin_only") {
            continue;
        }
        routes += 1;
        for code in codes {
            let known: ErrorCode = serde_json::from_value(code.clone()).expect("a code");
            for tag in ["ja", "ko"] {
                assert!(
                    (shared(tag).error)(known).is_some(),
                    "{tag}: {code} of {}",
                    operation["operationId"]
                );
            }
        }
    }
    assert!(routes >= 5, "{routes} routes are for admins alone");
}
