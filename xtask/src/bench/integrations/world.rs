//! A server with one integration, whose sources are the sandbox's Zendesk and CSV files in a folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::bench::ports;
use crate::command::{self, command};
use crate::demo::{Binaries, Ports, Running, Stage};
use crate::house;
use crate::problem::{Outcome, Problem};

/// The integration's id.
pub(in crate::bench) const ID: &str = "contracts";

pub(in crate::bench) struct World<'a> {
    binaries: &'a Binaries,
    pub(in crate::bench) place: &'a Path,
    data: PathBuf,
    pub(in crate::bench) ports: Ports,
    pub(in crate::bench) server: Running, // stops first: it calls the sandbox
    _sandbox: Running,
}

/// What a command said of the run that it waited for.
pub(in crate::bench) struct Ran {
    pub(in crate::bench) id: String,
    said: String,
}

impl<'a> World<'a> {
    /// `choices` are the sandbox's; `sources` and `model` are those of the integration.
    pub(in crate::bench) fn start(
        binaries: &'a Binaries,
        place: &'a Path,
        choices: &[&str],
        (sources, model): (&str, &str),
    ) -> Outcome<Self> {
        Self::start_with(binaries, place, (choices, ""), (sources, model))
    }

    /// The same, with more of the server's settings: tables in TOML.
    pub(in crate::bench) fn start_with(
        binaries: &'a Binaries,
        place: &'a Path,
        (choices, settings): (&[&str], &str),
        (sources, model): (&str, &str),
    ) -> Outcome<Self> {
        let data = place.join(format!("data-{}", std::process::id()));
        let _of_an_earlier_round = std::fs::remove_dir_all(&data);
        house::make_dir(&data.join("reports"))?;
        let ports = ports()?;
        let sandbox = Running::sandbox(binaries, &ports, place, choices)?;
        let file = Stage::settings(&ports, place, &data, 0)?;
        house::write(&file, format!("{}\n{settings}", house::read(&file)?))?;
        let mut serve = deskside(binaries, place, &data, &["serve"]);
        serve.env("DESKSIDE_LIMITS__MAX_CHANGED_PERCENT", "100"); // every row changes
        let mut server = Running::start("the server", serve, &place.join("server.log"))?;
        server.wait_for(ports.server, "/readyz", 200)?;
        let world = Self { binaries, place, data, ports, server, _sandbox: sandbox };
        world.connect(sources, model)?;
        Ok(world)
    }

    fn connect(&self, sources: &str, model: &str) -> Outcome {
        let folder = json!({"folder": self.reports()}).to_string();
        let mut add =
            self.deskside(&["connections", "add", "service", "--kind", "report", "--name", "Report"]);
        add.args(["--environment", "production", "--settings", &folder]);
        command::output_given(&mut add, "{}")?;
        let file = self.place.join("contracts.toml");
        house::write(&file, integration(sources, model))?;
        command::output(&mut self.deskside(&["integrations", "import", &file.to_string_lossy()])).map(drop)
    }

    /// A command of the server's.
    pub(in crate::bench) fn deskside(&self, arguments: &[&str]) -> Command {
        deskside(self.binaries, self.place, &self.data, arguments)
    }

    /// Where the files of its sources lie.
    pub(in crate::bench) fn reports(&self) -> PathBuf {
        self.data.join("reports")
    }

    /// The file of all users that it keeps; there is one after a run.
    pub(in crate::bench) fn export(&self) -> Outcome<PathBuf> {
        let folder = self.data.join("staging/acme/exports/zendesk");
        let is_users = |file: &PathBuf| {
            file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("users-"))
        };
        match house::files(&folder, &[])?.into_iter().filter(is_users).collect::<Vec<_>>().as_slice() {
            [file] => Ok(file.clone()),
            files => Err(Problem::new(format!(
                "{} has {} files of users and should have one",
                folder.display(),
                files.len()
            ))),
        }
    }

    /// Starts a run and waits for its end.
    pub(in crate::bench) fn run(&self, how: &[&str]) -> Outcome<Ran> {
        let said = command::output(&mut self.deskside(&[&["integrations", "run", ID], how].concat()))?;
        let id =
            said.split_once("run ").and_then(|(_, rest)| rest.split_once(':')).map(|(id, _)| id.to_owned());
        match id {
            Some(id) => Ok(Ran { id, said }),
            None => Err(Problem::new(format!("a run said nothing of itself: {said}"))),
        }
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        let _next_time = std::fs::remove_dir_all(&self.data);
    }
}

impl Ran {
    /// A problem where the run did not count exactly so many rows as `what`.
    pub(in crate::bench) fn counts(&self, what: &str, expected: u64) -> Outcome {
        let counts = self.said.split([',', ';', '\n']).filter_map(|part| part.trim().rsplit_once(' '));
        let found =
            counts.filter(|(name, _)| name.rsplit(": ").next() == Some(what)).map(|(_, count)| count).next();
        if found == Some(&expected.to_string()) {
            return Ok(());
        }
        Err(Problem::new(format!("{expected} rows should be counted as {what}: {}", self.said.trim_end())))
    }
}

fn deskside(binaries: &Binaries, place: &Path, data: &Path, arguments: &[&str]) -> Command {
    let mut deskside = command(&binaries.server.to_string_lossy(), arguments.iter().copied());
    deskside.arg("--config").arg(place.join("deskside.toml")).current_dir(data);
    deskside
}

fn integration(sources: &str, model: &str) -> String {
    format!(
        r#"
[[integration]]
id = "{ID}"
name = "Contracts"
enabled = true

[[integration.sources]]
as = "zendesk_users"
connection = "zendesk"
read = {{ kind = "users" }}
{sources}
[integration.model]
sql = """{model}"""

[integration.destination]
connection = "zendesk"
object = "users"
mode = "update"

[integration.key]
column = "zendesk_user_id"
field = "id"

[[integration.mapping]]
column = "company"
field = "sfdc_company_name"

[[integration.mapping]]
column = "mrr"
field = "sfdc_mrr"

[[integration.mapping]]
column = "contract_start"
field = "sfdc_contract_start"
"#
    )
}
