//! One side's world: the stand-in for Zendesk without rate limits, an S3 server with an empty bucket, and Deskside's
//! settings for both. Each side of each round gets a fresh one. **Invariant:** it is gone when dropped, files included.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::bench::{ports, process};
use crate::command::command;
use crate::demo::{Binaries, Ports, Running, Stage};
use crate::problem::{Outcome, Problem};
use crate::session::json_of;
use crate::{house, http};

pub(super) const BUCKET: &str = "files";
/// The S3 server's own, as `bench/s3` knows it.
pub(super) const KEY: &str = "bench";
pub(super) const SECRET: &str = "a key of this benchmark alone";

/// What every world is made of.
pub(super) struct Scene<'a> {
    pub(super) binaries: &'a Binaries,
    pub(super) place: &'a Path,
}

pub(super) struct World<'a> {
    pub(super) ports: Ports,
    scene: &'a Scene<'a>,
    s3_port: u16,
    data: PathBuf,
    sandbox: Running,
    s3: Running,
}

impl<'a> World<'a> {
    /// Each call to Zendesk, its host of files and the store takes at least so long.
    pub(super) fn start(scene: &'a Scene<'a>, latency_ms: u32) -> Outcome<Self> {
        let ports = ports()?;
        let mut s3_port = http::free_port()?;
        while ports.all().contains(&s3_port) {
            s3_port = http::free_port()?; // what nobody uses yet may be given twice
        }
        let data = scene.place.join(format!("data-{}", std::process::id()));
        let folder = data.join("s3");
        house::make_dir(&folder.join(BUCKET))?;
        let (latency, port) = (latency_ms.to_string(), s3_port.to_string());
        let sandbox =
            Running::sandbox(scene.binaries, &ports, scene.place, &["--relaxed", "--latency-ms", &latency])?;
        let mut serve = bench_s3(["serve", "--port", &port, "--latency-ms", &latency, "--folder"]);
        serve.arg(&folder);
        let mut s3 = Running::start("the S3 server", serve, &scene.place.join("s3.log"))?;
        s3.wait_for(s3_port, "/", 403)?; // it wants a signature
        Stage::settings(&ports, scene.place, &data, 0)?;
        Ok(Self { ports, scene, s3_port, data, sandbox, s3 })
    }

    /// Deskside's command line, with the store in its environment.
    pub(super) fn deskside<'b>(&self, arguments: impl IntoIterator<Item = &'b str>) -> Command {
        let mut deskside = command(&self.scene.binaries.server.to_string_lossy(), arguments);
        deskside.arg("--config").arg(self.scene.place.join("deskside.toml")).current_dir(&self.data);
        deskside
            .env("DESKSIDE_ARCHIVE__STORE", format!("s3://{BUCKET}/deskside"))
            .env("DESKSIDE_ARCHIVE__S3_ENDPOINT", self.s3_url())
            .env("DESKSIDE_ARCHIVE__S3_REGION", "us-east-1")
            .env("DESKSIDE_ARCHIVE__S3_ACCESS_KEY_ID", KEY)
            .env("DESKSIDE_ARCHIVE__S3_SECRET_ACCESS_KEY", SECRET)
            .env("DESKSIDE_ARCHIVE__S3_ALLOW_HTTP", "true");
        deskside
    }

    /// The server, ready.
    pub(super) fn serve(&self) -> Outcome<Running> {
        let log = self.scene.place.join("server.log");
        let mut server = Running::start("the server", self.deskside(["serve"]), &log)?;
        server.wait_for(self.ports.server, "/readyz", 200)?;
        Ok(server)
    }

    pub(super) fn s3_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.s3_port)
    }

    /// Seconds of a core that Zendesk and the store have used.
    pub(super) fn cpu_seconds(&self) -> Outcome<f64> {
        Ok(process::cpu_seconds(self.sandbox.process())? + process::cpu_seconds(self.s3.process())?)
    }

    pub(super) fn place(&self) -> &Path {
        self.scene.place
    }

    /// Where the bucket's objects are, as files.
    pub(super) fn objects(&self) -> Outcome<Vec<PathBuf>> {
        house::files(&self.data.join("s3").join(BUCKET), &["manifests"])
    }

    /// Hangs a file of this size on a ticket; the attachment.
    pub(super) fn attach(&self, ticket: u64, file_name: &str, size: u64) -> Outcome<Value> {
        let wish = json!({"file_name": file_name, "size": size}).to_string();
        let path = format!("/_sandbox/tickets/{ticket}/attachments");
        let answer = json_of(&http::post(self.ports.zendesk, &path, &wish)?, "the new attachment")?;
        Ok(answer["attachment"].clone())
    }

    /// The address that an attachment's own leads to.
    pub(super) fn link(&self, attachment: &Value, token: &str) -> Outcome<String> {
        let url = attachment["content_url"].as_str().unwrap_or_default();
        let hop = http::get_as(self.ports.zendesk, path_of(url), token)?;
        let link = hop.header("location").map(str::to_owned);
        link.ok_or_else(|| Problem::new(format!("an attachment's address answered {}", hop.status)))
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        let _next_time = std::fs::remove_dir_all(&self.data);
    }
}

/// The store, and the plain copy into it.
pub(super) fn bench_s3<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    command(&house::target().join("release/bench-s3").to_string_lossy(), arguments)
}

/// What follows the host.
pub(super) fn path_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    url[host..].find('/').map_or("/", |path| &url[host + path..])
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_path_is_what_follows_the_host() {
        assert_eq!(path_of("http://127.0.0.1:9/a/b?c=d/e"), "/a/b?c=d/e");
        assert_eq!(path_of("http://localhost"), "/");
    }
}
