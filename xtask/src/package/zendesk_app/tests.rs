//! What Zendesk looks for in a package, in ours. Source: `zendesk/zendesk_apps_support` 4.52, its own validator.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use serde_json::Value;
use zip::ZipArchive;

use super::{filled, pack};
use crate::house;

const URL: &str = "https://deskside.acme.example";
/// Pictures and texts alone: of scripts and pages of its own the package has none.
const KINDS: &[&str] = &["json", "png", "svg"];

/// What is in the zip, by its name there.
struct Package(BTreeMap<String, Vec<u8>>);

impl Package {
    fn new() -> Self {
        let bytes = pack(&house::path("zendesk-manifest"), URL).expect("it packs");
        let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
        let files = (0..zip.len()).map(|nth| {
            let mut file = zip.by_index(nth).expect("a file");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("whole");
            (file.name().expect("UTF-8").into_owned(), bytes)
        });
        Self(files.collect())
    }

    fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name).unwrap_or_else(|| panic!("{name} is in the package"))
    }

    fn text(&self, name: &str) -> &str {
        str::from_utf8(self.bytes(name)).expect("UTF-8")
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(self.text(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    fn locations(&self) -> Vec<(String, Value)> {
        let manifest = self.json("manifest.json");
        let support = manifest["location"]["support"].as_object().expect("locations").clone();
        support.into_iter().collect()
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn each_page_is_the_servers_and_signed() {
    let package = Package::new();
    let manifest = package.json("manifest.json");
    assert_eq!(manifest["frameworkVersion"], "2.0");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!([&manifest["signedUrls"], &manifest["singleInstall"], &manifest["private"]], [true; 3]);
    assert_eq!(manifest["author"]["url"], URL);
    for (name, location) in package.locations() {
        assert_eq!(location["url"], format!("{URL}/zendesk/{name}"));
    }
    assert!(!package.text("manifest.json").contains(super::PLACEHOLDER));
}

#[test]
fn whoever_lists_the_app_has_its_pictures() {
    let package = Package::new();
    for (name, side) in [("logo.png", 320_u32), ("logo-small.png", 128)] {
        let png = package.bytes(&format!("assets/{name}"));
        assert_eq!(png[1..4], *b"PNG", "{name}");
        assert_eq!(png[16..24], [side.to_be_bytes(), side.to_be_bytes()].concat(), "{name}");
    }
    let bars = package.locations().into_iter().filter(|(name, _)| name.ends_with("_bar"));
    for (name, _) in bars {
        let icon = package.text(&format!("assets/icon_{name}.svg"));
        assert!(icon.starts_with("<svg xmlns=") && icon.contains("viewBox"), "{name}: {icon}");
    }
    // What `app/web/top_bar/main.js` sets; Zendesk begins with the first.
    for symbol in ["default", "ringing"] {
        let named = format!("<symbol id=\"{symbol}\" viewBox=");
        assert!(package.text("assets/icon_top_bar.svg").contains(&named), "{symbol}");
    }
    for file in package.0.keys() {
        assert!(KINDS.iter().any(|kind| file.ends_with(&format!(".{kind}"))), "{file}");
    }
}

#[test]
fn every_language_says_the_same_things() {
    let package = Package::new();
    let manifest = package.json("manifest.json");
    assert_eq!(manifest["defaultLocale"], "en");
    let english = package.json("translations/en.json");
    for language in ["en", "ja", "ko"] {
        let texts = package.json(&format!("translations/{language}.json"));
        assert_eq!(keys(&texts["app"]), keys(&english["app"]), "{language}");
        for (key, text) in texts["app"].as_object().expect("texts") {
            assert!(text.as_str().is_some_and(|text| !text.trim().is_empty()), "{language}: {key}");
        }
    }
}

#[test]
fn the_package_has_the_fields_that_the_server_reads() {
    let package = Package::new();
    let requirements = package.json("requirements.json");
    assert_eq!(keys(&requirements), BTreeSet::from(["user_fields"]));
    let manual: toml::Table =
        house::read(&house::path("config.default.toml")).expect("the manual").parse().expect("TOML");
    let read = manual["contracts"].as_table().expect("a section").iter();
    let read = read.filter(|(key, _)| key.starts_with("field_")).filter_map(|(_, field)| field.as_str());
    assert_eq!(keys(&requirements["user_fields"]), read.collect());
    for (id, field) in requirements["user_fields"].as_object().expect("fields") {
        assert_eq!(field["key"].as_str(), Some(id.as_str()));
        assert!(field["title"].is_string(), "{id}");
        for language in ["en", "ja", "ko"] {
            assert!(package.text(&format!("translations/{language}.json")).contains(id), "{language}: {id}");
        }
    }
}

#[test]
fn the_same_folder_makes_the_same_package() {
    let once = || pack(&house::path("zendesk-manifest"), URL).expect("it packs");
    assert!(once() == once());
}

#[test]
fn a_manifest_that_would_lead_nowhere_is_refused() {
    let page = "{\"url\":\"https://deskside.example/zendesk/x\"}";
    assert_eq!(
        filled(page, "https://a.example").ok().as_deref(),
        Some("{\"url\":\"https://a.example/zendesk/x\"}")
    );
    assert!(filled("{}", "https://a.example").is_err());
}
