//! An S3 server in the test's process, on a folder of its own. It computes the SHA-256 of what it is sent, refuses what does
//! not match, and keeps `If-None-Match`; so it can prove a store wrong that only says that it checks.

use std::path::PathBuf;

use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::testbed::Plan;

const KEY: &str = "AKIDESKSIDE";
const SECRET: &str = "between the store and us";
const BUCKET: &str = "files";

/// The server; its files go with it.
pub struct S3 {
    url: String,
    folder: TempDir,
}

impl S3 {
    /// With an empty bucket.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(folder.path()).expect("it serves folders");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let server = Builder::new(hyper_util::rt::TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { url, folder }
    }

    /// A world whose archive is this server.
    pub fn holds_the_archive_of(&self, plan: Plan) -> Plan {
        plan.setting("archive.store", format!("s3://{BUCKET}/deskside"))
            .setting("archive.s3_endpoint", self.url.as_str())
            .setting("archive.s3_region", "us-east-1")
            .setting("archive.s3_access_key_id", KEY)
            .setting("archive.s3_secret_access_key", SECRET)
            .setting("archive.s3_allow_http", "true")
    }

    /// What is kept beside every object.
    pub fn labels(&self) -> Vec<serde_json::Value> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder").flatten();
        let labels = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".metadata.json"));
        let read = |path| serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
        labels.map(|entry| read(entry.path())).collect()
    }

    /// Where objects are that came from a ticket, as files.
    pub fn files_of(&self, ticket: u64) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join(BUCKET)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().contains(&format!("/{ticket}/")) {
                    files.push(path);
                }
            }
        }
        files.retain(|path| !path.to_string_lossy().contains("/manifests/"));
        files
    }
}
