//! The bundle on disk: `app/dist/manifest.json` and the files it names, each with its compressed siblings.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::house;
use crate::problem::{Outcome, Problem};

/// Part of the manifest, stem and extension of its file.
const PARTS: &[(&str, &str, &str)] = &[
    ("console_css", "console", "css"),
    ("console_ja", "console-ja", "json"),
    ("console_js", "console", "js"),
    ("console_ko", "console-ko", "json"),
    ("console_wasm", "console", "wasm"),
    ("css", "agent", "css"),
    ("editor_css", "editor", "css"),
    ("editor_ja", "editor-ja", "json"),
    ("editor_js", "editor", "js"),
    ("editor_ko", "editor-ko", "json"),
    ("editor_wasm", "editor", "wasm"),
    ("flex_css", "flex", "css"),
    ("flex_ja", "flex-ja", "json"),
    ("flex_js", "flex", "js"),
    ("flex_ko", "flex-ko", "json"),
    ("flex_wasm", "flex", "wasm"),
    ("ja", "agent-ja", "json"),
    ("js", "agent", "js"),
    ("ko", "agent-ko", "json"),
    ("loader", "loader", "js"),
    ("plugin", "plugin", "js"),
    ("top_bar_css", "top-bar", "css"),
    ("top_bar_js", "top-bar", "js"),
    ("wasm", "agent", "wasm"),
];

/// The parts that an agent's browser fetches before the first card: in Japanese and Korean the words, too. The plugin belongs to
/// Flex's own start.
pub(crate) const FIRST_LOAD: &[&str] = &["loader", "js", "wasm", "css"];

/// A complete bundle.
pub(crate) struct Bundle {
    files: BTreeMap<String, String>,
    inputs: String,
}

impl Bundle {
    /// The bundle in `app/dist`, when there is a complete one.
    pub(super) fn built() -> Option<Self> {
        let text = fs::read_to_string(dist().join(MANIFEST)).ok()?;
        let manifest: Map<String, Value> = serde_json::from_str(&text).ok()?;
        let name = |part: &str| manifest.get(part).and_then(Value::as_str).map(str::to_owned);
        let files =
            PARTS.iter().map(|(part, ..)| Some(((*part).to_owned(), name(part)?))).collect::<Option<_>>()?;
        let bundle = Self { files, inputs: name("inputs")? };
        bundle.all_files().iter().all(|file| file.is_file()).then_some(bundle)
    }

    /// Whether it was made of these inputs.
    pub(super) fn is_of(&self, inputs: &str) -> bool {
        self.inputs == inputs
    }

    /// Writes `app/dist` from the parts in `work`, and removes what an earlier bundle left.
    pub(super) fn write(inputs: &str, work: &Path) -> Outcome<Self> {
        let mut files = BTreeMap::new();
        for (part, stem, extension) in PARTS {
            let bytes = house::read_bytes(&work.join(part))?;
            let hash = hex::encode(&Sha256::digest(&bytes)[..8]);
            let name = format!("{stem}-{hash}.{extension}");
            house::write(&dist().join(&name), &bytes)?;
            house::write(&dist().join(format!("{name}.br")), brotli(&bytes)?)?;
            house::write(&dist().join(format!("{name}.gz")), gzip(&bytes)?)?;
            files.insert((*part).to_owned(), name);
        }
        let bundle = Self { files, inputs: inputs.to_owned() };
        house::write(&dist().join(MANIFEST), bundle.manifest())?;
        bundle.remove_others()?;
        Ok(bundle)
    }

    /// Where a part lies.
    pub(crate) fn file(&self, part: &str) -> PathBuf {
        dist().join(&self.files[part])
    }

    /// What a part weighs as a browser gets it, in bytes.
    pub(crate) fn compressed(&self, part: &str) -> Outcome<u64> {
        let path = dist().join(format!("{}.br", self.files[part]));
        fs::metadata(&path).map(|file| file.len()).map_err(|cause| Problem::file("weigh", &path, &cause))
    }

    fn manifest(&self) -> String {
        let mut manifest = json!(self.files);
        manifest["inputs"] = json!(self.inputs);
        format!("{manifest:#}\n")
    }

    fn all_files(&self) -> Vec<PathBuf> {
        let names = self.files.values().flat_map(|name| ["", ".br", ".gz"].map(|end| format!("{name}{end}")));
        names.map(|name| dist().join(name)).collect()
    }

    fn remove_others(&self) -> Outcome {
        let (keep, manifest) = (self.all_files(), dist().join(MANIFEST));
        for file in
            house::files(&dist(), &[])?.iter().filter(|file| !keep.contains(file) && **file != manifest)
        {
            fs::remove_file(file).map_err(|cause| Problem::file("remove", file, &cause))?;
        }
        Ok(())
    }
}

const MANIFEST: &str = "manifest.json";

fn dist() -> PathBuf {
    house::path("app/dist")
}

/// As small as brotli gets: written once, sent often.
pub(crate) fn brotli(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    let best = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &best).map_err(|cause| packing(&cause))?;
    Ok(out)
}

/// As small as gzip gets, and the same bytes every time: no name, no date.
pub(crate) fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|cause| packing(&cause))
}

fn packing(cause: &std::io::Error) -> Problem {
    Problem::new(format!("cannot compress a part of the app: {cause}"))
}
