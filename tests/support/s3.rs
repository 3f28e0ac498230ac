//! An S3 server in the test's process, on a folder of its own. It computes the SHA-256 of what it is sent, refuses what does
//! not match, and keeps `If-None-Match`; so it can prove a store wrong that only says that it checks. In front of it stands
//! somebody who makes trouble when asked to: by call, as the sandbox does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use deskside_sandbox::{Fault, FaultId, FaultRule, Faults};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
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
    front: Front,
}

/// What stands before it.
#[derive(Clone)]
struct Front {
    behind: S3Service,
    faults: Arc<Mutex<Faults>>,
    says: Arc<Mutex<BTreeMap<&'static str, (u16, String)>>>,
    asked: Arc<Mutex<BTreeMap<&'static str, u32>>>,
}

impl S3 {
    /// With an empty bucket.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(folder.path()).expect("it serves folders");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let front = Front {
            behind: service.build(),
            faults: Arc::default(),
            says: Arc::default(),
            asked: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let router = Router::new().fallback(serve).with_state(front.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { url, folder, front }
    }

    /// Makes trouble. The host of a rule is the call's name: `put`, `start`, `part`, `complete`, `abort`, `copy`, `delete`, `head`,
    /// `get`, `manifest`; with `sent ` before it the trouble befalls what is sent, and can only be a flipped byte.
    pub fn fault(&self, rule: FaultRule) -> FaultId {
        self.front.faults().add(rule)
    }

    /// From now on every call of this name has this answer, and no effect.
    pub fn says(&self, call: &'static str, status: u16, body: &str) {
        self.front.says.lock().expect("nobody panics with it").insert(call, (status, body.to_owned()));
    }

    /// How many calls of this name there were.
    pub fn asked(&self, call: &'static str) -> u32 {
        self.front.asked.lock().expect("nobody panics with it").get(call).copied().unwrap_or_default()
    }

    /// How many calls met this trouble.
    pub fn met(&self, fault: FaultId) -> u32 {
        self.front.faults().met(fault)
    }

    /// No more of this trouble.
    pub fn mend(&self, fault: FaultId) {
        self.front.faults().mend(fault);
    }

    /// How many of them have had their effect.
    pub fn effected(&self, fault: FaultId) -> u32 {
        self.front.faults().effected(fault)
    }

    /// Parts of uploads that nobody has finished or given up.
    pub fn unfinished(&self) -> usize {
        let root = std::fs::read_dir(self.folder.path()).expect("a folder").flatten();
        root.filter(|entry| entry.file_name().to_string_lossy().contains(".part-")).count()
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

    /// Where all objects are, as files.
    pub fn files(&self) -> Vec<PathBuf> {
        files_below(&self.folder.path().join(BUCKET))
    }

    /// Where objects are that came from a ticket, as files.
    pub fn files_of(&self, ticket: u64) -> Vec<PathBuf> {
        let mut files = self.files();
        files.retain(|path| {
            let path = path.to_string_lossy();
            path.contains(&format!("/{ticket}/")) && !path.contains("/manifests/")
        });
        files
    }
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

impl Front {
    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().expect("nobody panics with it")
    }
}

async fn serve(State(front): State<Front>, mut request: Request) -> Response {
    let (name, method) = (name(&request), request.method().clone());
    *front.asked.lock().expect("nobody panics with it").entry(name).or_default() += 1;
    if let Some((status, body)) = front.says.lock().expect("nobody panics with it").get(name) {
        let status = StatusCode::from_u16(*status).expect("a status");
        return (status, [("content-type", "application/xml")], body.clone()).into_response();
    }
    let mut path = request.uri().path().to_owned();
    if name == "delete" {
        // Several at a time, named in the body.
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("what was sent arrives");
        path += String::from_utf8_lossy(&bytes).split_once("<Key>").map_or("", |(_, rest)| rest);
        request = Request::from_parts(parts, Body::from(bytes));
    }
    let sent = front.faults().take(&format!("sent {name}"), &method, &path);
    if let Some((_, Fault::FlipByte { flip_byte })) = sent {
        let (parts, body) = request.into_parts();
        let mut bytes = axum::body::to_bytes(body, usize::MAX).await.expect("what was sent arrives").to_vec();
        bytes[usize::try_from(flip_byte).expect("a place")] ^= 1;
        request = Request::from_parts(parts, Body::from(bytes));
    }
    let fault = front.faults().take(name, &method, &path);
    if let Some((id, _)) = fault {
        let mended = front.faults().until_mended(id);
        mended.await;
    }
    let of_upload = request.uri().query().is_some_and(|query| query.contains("uploadId="));
    let answered = async {
        let request = request.map(s3s::Body::http_body_unsync);
        let answer = front.behind.call(request).await.expect("it answers").map(Body::new);
        if let Some((id, _)) = fault {
            front.faults().note_effect(id);
        }
        // It says so of an upload that it does not know, where S3 says that there is none.
        if of_upload && answer.status() == StatusCode::FORBIDDEN {
            refusal(StatusCode::NOT_FOUND)
        } else {
            answer
        }
    };
    match fault.map(|(_, fault)| fault) {
        None => answered.await,
        Some(Fault::Status { status, .. }) => refusal(StatusCode::from_u16(status).expect("a status")),
        Some(Fault::LostAnswer { lost_answer }) => {
            answered.await;
            refusal(StatusCode::from_u16(lost_answer).expect("a status"))
        }
        Some(fault) => fault.befall(&path, answered).await,
    }
}

/// What a run asks for, by its name.
fn name(request: &Request) -> &'static str {
    let uri = request.uri();
    let query = uri.query().unwrap_or_default();
    match *request.method() {
        Method::PUT if query.contains("uploadId=") => "part",
        Method::PUT if request.headers().contains_key("x-amz-copy-source") => "copy",
        Method::PUT if uri.path().contains("/manifests/") => "manifest",
        Method::PUT => "put",
        Method::POST if query.contains("uploadId=") => "complete",
        Method::POST if query.contains("uploads") => "start",
        Method::POST => "delete",
        Method::DELETE => "abort",
        Method::HEAD => "head",
        _ => "get",
    }
}

/// As S3 words it; with 200 it is a failure that shows in the body only, as copies and completions may fail.
fn refusal(status: StatusCode) -> Response {
    let code = match status.as_u16() {
        401 => "ExpiredToken",
        403 => "AccessDenied",
        404 => "NoSuchUpload",
        503 => "SlowDown",
        507 => "XMinioStorageFull",
        _ => "InternalError",
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>trouble</Message></Error>"
    );
    (status, [("content-type", "application/xml")], body).into_response()
}
