//! One object in a folder: written once, whole, and read back.

use bytes::Bytes;

use super::*;

fn folder() -> (tempfile::TempDir, Objects) {
    let dir = tempfile::tempdir().expect("a folder");
    let address = dir.path().to_str().expect("a path in UTF-8").to_owned();
    let settings = Settings { address, ..Settings::default() };
    let objects = Objects::open(&settings).expect("a folder opens");
    (dir, objects)
}

#[tokio::test]
async fn nothing_is_ever_overwritten() {
    let (_dir, objects) = folder();
    let put = |body: &'static [u8]| objects.put_new("v1/a/b.txt", PutPayload::from_static(body));
    assert_eq!(put(b"first").await.expect("writes"), Put::Written);
    assert_eq!(put(b"second").await.expect("answers"), Put::Existed);
    let (size, sha) = objects.read_back("v1/a/b.txt").await.expect("reads");
    assert_eq!((size, sha), (5, hex::encode(Sha256::digest(b"first"))));
}

#[tokio::test]
async fn what_a_killed_process_left_of_an_object_goes_when_it_is_written_again() {
    let (dir, objects) = folder();
    std::fs::create_dir(dir.path().join("v1")).expect("a folder");
    for left in ["small#1", "small#2", "large#1", "another#1"] {
        std::fs::write(dir.path().join("v1").join(left), b"half of i").expect("it is left");
    }
    objects.put_new("v1/small", PutPayload::from_static(b"whole")).await.expect("writes");
    objects.upload("v1/large", &About::default()).await.expect("starts").finish().await.expect("finishes");
    let mut names: Vec<_> = std::fs::read_dir(dir.path().join("v1"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    assert_eq!(names, ["another#1", "large", "small"]);
}

#[tokio::test]
async fn parts_become_one_object_under_its_final_name() {
    let (_dir, objects) = folder();
    let mut upload = objects.upload("v1/a/incoming", &About::default()).await.expect("starts");
    upload.part(vec![Bytes::from_static(b"one "), Bytes::from_static(b"two ")]).await.expect("writes");
    upload.part(vec![Bytes::from_static(b"three")]).await.expect("writes");
    upload.finish().await.expect("finishes");
    let bytes = hex::encode(Sha256::digest(b"one two three"));
    let renamed = objects.rename_new("v1/a/incoming", "v1/a/final", (13, &bytes)).await;
    assert_eq!(renamed.expect("renames"), Put::Written);
    let (_, sha) = objects.read_back("v1/a/final").await.expect("reads");
    assert_eq!(sha, hex::encode(Sha256::digest(b"one two three")));
    let gone = objects.read_back("v1/a/incoming").await;
    assert!(matches!(gone, Err(ObjectsError::NotFound { .. })), "{gone:?}");
}
