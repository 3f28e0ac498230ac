//! What the bundle is made of. **Invariant:** equal fingerprints mean equal bundles; so everything counts that goes in.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::house;
use crate::problem::Outcome;

/// Folders and files whose change makes a new bundle, the bundler's own code among them.
const INPUTS: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "app",
    "flex-plugin",
    "package-lock.json",
    "texts",
    "wire",
    "xtask/src/app",
    "xtask/src/app.rs",
];

/// The hash of every input's path and bytes.
pub(super) fn fingerprint() -> Outcome<String> {
    let mut hash = Sha256::new();
    for input in INPUTS {
        let path = house::path(input);
        let files = if path.is_dir() { house::files(&path, &["dist", "node_modules"])? } else { vec![path] };
        for file in files {
            add(&mut hash, &file)?;
        }
    }
    Ok(hex::encode(hash.finalize()))
}

fn add(hash: &mut Sha256, file: &Path) -> Outcome {
    let bytes = house::read_bytes(file)?;
    let path = house::relative(file);
    for part in [path.as_bytes(), &bytes] {
        hash.update(part.len().to_le_bytes()); // so that no two lists of files read the same
        hash.update(part);
    }
    Ok(())
}
