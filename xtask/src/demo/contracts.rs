//! Contracts in the demonstration: the service's own database as a file, the sandbox's Salesforce, and the integration that is shipped,
//! with its first run done before anybody looks.

use std::path::Path;

use super::{Binaries, Ports};
use crate::{
    command::{self, command},
    house, http,
    problem::{Outcome, Problem},
};

/// What is shipped for this; its database becomes a file.
const TEMPLATE: &str = include_str!("../../../server/templates/contracts-to-zendesk-users.toml");
const REPORT: &str = "user_accounts.csv";
pub(super) const SALESFORCE_CLIENT: &str =
    "3MVG9sandboxdesksideclient0000000000000000000000000000000000000000000000000000000000";
pub(super) const SALESFORCE_SECRET: &str = "SANDBOX0SALESFORCE0SECRET";
/// Whoever is told of tickets, as agents of the sandbox.
const IN_CHARGE: &str = "AS zendesk_user_id, m.email, a.*, 'agent@example.com' AS sales_email,
       'Ren Restricted' AS success_name, 'ren.restricted@example.com' AS success_email";

/// Connects, imports and runs.
pub(super) fn bring(binaries: &Binaries, ports: &Ports, place: &Path, data: &Path) -> Outcome {
    let reports = data.join("reports");
    house::make_dir(&reports)?;
    let report = http::get(ports.salesforce, "/_sandbox/service/user_accounts.csv")?;
    house::write(&reports.join(REPORT), report.body)?;
    let deskside = |arguments: &[&str], input: Option<&str>| {
        let mut run = command(&binaries.server.to_string_lossy(), arguments.iter().copied());
        run.arg("--config").arg(place.join("deskside.toml")).current_dir(data);
        match input {
            Some(text) => command::output_given(&mut run, text),
            None => command::output(&mut run),
        }
    };
    let known = deskside(&["connections", "list"], None)?;
    if !known.contains("Acme Sales") {
        let folder = serde_json::json!({ "folder": reports }).to_string();
        let add = |id, kind, name, settings: &str, secret: &str| {
            let named =
                ["connections", "add", id, "--kind", kind, "--name", name, "--environment", "production"];
            deskside(&[&named[..], &["--settings", settings]].concat(), Some(secret))
        };
        add("service", "report", "Service database, daily report", &folder, "{}")?;
        let org = serde_json::json!({
            "host": "acme.my.salesforce.com", "flow": "client_credentials", "client_id": SALESFORCE_CLIENT,
        });
        let secret = serde_json::json!({ "client_secret": SALESFORCE_SECRET }).to_string();
        add("sales", "salesforce", "Acme Sales", &org.to_string(), &secret)?;
    }
    let file = place.join("contracts.toml");
    house::write(&file, integration()?)?;
    deskside(&["integrations", "import", &file.to_string_lossy()], None)?;
    let dry = deskside(&["integrations", "run", "contracts", "--dry-run"], None)?;
    let id = dry.split_once("run ").and_then(|(_, rest)| rest.split_once(':')).map(|(id, _)| id.to_owned());
    let id = id.ok_or_else(|| Problem::new(format!("a dry run said nothing of itself: {dry}")))?;
    let ran = deskside(&["integrations", "run", "contracts", "--accept", &id], None)?;
    println!("Contracts:      {}", ran.lines().next().unwrap_or_default());
    Ok(())
}

/// The shipped integration over the report. The sandbox's org has several currencies, and its owners of accounts are no agents of the desk:
/// they have the address of one, and another agent looks after everybody's success.
fn integration() -> Outcome<String> {
    let begin = TEMPLATE.find("kind = \"sql\"");
    let end = TEMPLATE.find("emails = [\"email\"]");
    let (Some(begin), Some(end)) = (begin, end) else {
        return Err(Problem::new("the template of contracts has no database in it"));
    };
    let read = format!("kind = \"file\"\npath = \"{REPORT}\"\n");
    let mut text = [&TEMPLATE[..begin], &read, &TEMPLATE[end..]].concat();
    for (shipped, here) in [
        ("MRR__c, Contract", "MRR__c, CurrencyIsoCode, Contract"),
        ("mrr = \"mrr__c\"\n", "mrr = \"mrr__c\"\ncurrency = \"currencyisocode\"\n"),
        ("AS zendesk_user_id, m.email, a.*", IN_CHARGE),
        (
            r#"owners = [{ role = "sales", name = "owner_name", email = "owner_email" }]"#,
            r#"owners = [
    { role = "sales", name = "owner_name", email = "sales_email" },
    { role = "success", name = "success_name", email = "success_email" },
]"#,
        ),
    ] {
        if text.matches(shipped).count() != 1 {
            return Err(Problem::new(format!("the template of contracts has `{}` not once", shipped.trim())));
        }
        text = text.replace(shipped, here);
    }
    Ok(text)
}
