//! The Zendesk app as a zip, as Admin Center takes it. **Invariant:** the same folder and address make the same bytes, and no
//! package leaves here whose pages lead nowhere.

use std::fmt::Display;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::house;
use crate::problem::{Outcome, Problem};

/// What stands in the manifest in place of the server's address.
const PLACEHOLDER: &str = "https://deskside.example";

/// The folder as a zip, with the server's address in its manifest.
pub(super) fn pack(folder: &Path, public_url: &str) -> Outcome<Vec<u8>> {
    let manifest = folder.join("manifest.json");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packing = |cause: &dyn Display| Problem::new(format!("cannot pack the Zendesk app: {cause}"));
    // No dates: the same files make the same package.
    let how = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for file in house::files(folder, &[])? {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = if file == manifest {
            filled(&house::read(&file)?, public_url)?.into_bytes()
        } else {
            house::read_bytes(&file)?
        };
        zip.start_file(name, how).map_err(|cause| packing(&cause))?;
        zip.write_all(&bytes).map_err(|cause| packing(&cause))?;
    }
    Ok(zip.finish().map_err(|cause| packing(&cause))?.into_inner())
}

fn filled(manifest: &str, public_url: &str) -> Outcome<String> {
    if !manifest.contains(PLACEHOLDER) {
        return Err(Problem::new(format!(
            "zendesk-manifest/manifest.json does not name {PLACEHOLDER}: its pages would lead nowhere"
        )));
    }
    Ok(manifest.replace(PLACEHOLDER, public_url))
}

#[cfg(test)]
mod tests;
