//! What `archive.store` names: a folder, by its path or as a `file:` URL, or a bucket. **Invariant:** no I/O.

use std::path::PathBuf;

use url::Url;

/// Where the archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// On this machine.
    Folder(PathBuf),
    /// In the network.
    Bucket {
        /// `s3`, `gs` or `az`.
        scheme: &'a str,
        bucket: &'a str,
        /// What every key begins with; may be empty.
        prefix: &'a str,
    },
}

impl<'a> Address<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, String> {
        if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:")) {
            return of_file_url(text).map(Self::Folder);
        }
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(Self::Folder(text.into())) };
        if !["s3", "gs", "az"].contains(&scheme) {
            return Err(format!("the scheme `{scheme}` is none of s3, gs, az, file"));
        }
        let rest = rest.trim_end_matches('/');
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err("it names no bucket".to_owned());
        }
        Ok(Self::Bucket { scheme, bucket, prefix })
    }
}

/// The folder on this machine that `archive.store` names; `None` where it names a bucket, or nothing.
pub fn local_folder(text: &str) -> Option<PathBuf> {
    match Address::read(text) {
        Ok(Address::Folder(folder)) => Some(folder),
        Ok(Address::Bucket { .. }) | Err(_) => None,
    }
}

/// A URL names its folder from the root on.
fn of_file_url(text: &str) -> Result<PathBuf, String> {
    const HOW: &str =
        "write the whole path after three slashes, like file:///var/lib/deskside, or a path without `file:`";
    let url = Url::parse(text).map_err(|_| format!("it is not a URL; {HOW}"))?;
    if !text[5..].starts_with('/') || url.host().is_some() {
        return Err(format!("a file: URL must be an absolute path without a host; {HOW}"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("in a file: URL `?` and `#` are written %3F and %23".to_owned());
    }
    url.to_file_path().map_err(|()| format!("it names no folder; {HOW}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_by_its_path_or_by_a_file_url() {
        for (text, expected) in [
            ("archive", Ok("archive")),
            ("/var/lib/archive", Ok("/var/lib/archive")),
            ("a folder#1", Ok("a folder#1")),
            ("file:///var/lib/archive", Ok("/var/lib/archive")),
            ("file:///var/lib/archive/", Ok("/var/lib/archive/")),
            ("FILE:///var/lib/archive", Ok("/var/lib/archive")),
            ("file:/var/lib/archive", Ok("/var/lib/archive")),
            ("file://localhost/var/lib/archive", Ok("/var/lib/archive")),
            ("file:///var/my files", Ok("/var/my files")),
            ("file:///var/my%20files/%E4%BF%9D", Ok("/var/my files/\u{4fdd}")),
            ("file:///a%23b%3Fc", Ok("/a#b?c")),
            ("file:///a#b", Err("`?` and `#`")),
            ("file:///a?b", Err("`?` and `#`")),
            ("file://archive", Err("must be an absolute path")),
            ("file://archive/x", Err("must be an absolute path")),
            ("file:archive", Err("must be an absolute path")),
            ("file:", Err("must be an absolute path")),
        ] {
            match (Address::read(text), expected) {
                (Ok(found), Ok(path)) => assert_eq!(found, Address::Folder(path.into()), "{text}"),
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (found, _) => panic!("{text}: {found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_bucket_is_named_with_what_its_keys_begin_with() {
        let bucket = |scheme, bucket, prefix| Ok(Address::Bucket { scheme, bucket, prefix });
        assert_eq!(Address::read("s3://files"), bucket("s3", "files", ""));
        assert_eq!(Address::read("gs://files/a/b/"), bucket("gs", "files", "a/b"));
        assert_eq!(Address::read("s3://"), Err("it names no bucket".to_owned()));
        assert_eq!(
            Address::read("ftp://x/y"),
            Err("the scheme `ftp` is none of s3, gs, az, file".to_owned())
        );
    }
}
