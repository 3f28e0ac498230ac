//! Builds the app that the server embeds: `app/dist`. **Invariant:** never a debug build, never a half-written bundle:
//! files carry their content's hash, and `manifest.json`, which names them, comes last.

mod bindgen;
mod bundle;
mod inputs;
mod names;
mod sections;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::command::{self, cargo, command};
use crate::house;
use crate::problem::{Outcome, Problem};
use crate::setup;

pub(crate) use bundle::{Bundle, FIRST_LOAD};
pub(crate) use sections::{CODE, code_by_function, sections};

/// What today's browsers have, by name: `--all-features` writes modules that they refuse.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Small: all passes run until nothing gets smaller. Nothing lies below address 1024, where `--low-memory-unused` expects nothing:
/// rustc puts the stack first.
const SHRINK: &[&str] = &["-Oz", "-g", "--low-memory-unused", "--converge"];

/// Few functions, beside a ticket and a call: a browser compiles each when it first runs, on the thread that paints. A function with one
/// caller moves into it unless it is large. That the smallest are inlined costs 6 kB, and takes the first card from 1100 compilations
/// to 420.
const FEWER_FUNCTIONS: &[&str] =
    &["--one-caller-inline-max-function-size=100", "--always-inline-max-function-size=12"];

/// Nobody waits so for the console. Its control flow is made anew, and only small functions move.
const SMALLER: &[&str] = &["--flatten", "--rereloop", "--one-caller-inline-max-function-size=20"];

/// How esbuild treats a script: one file, still a module, whose functions the browser compiles while it loads, aside from the
/// thread that paints. Source: V8, "Explicit JavaScript compile hints".
const SCRIPT: &[&str] = &["--bundle", "--format=esm", "--banner:js=//# allFunctionsCalledOnLoad"];

/// The languages that travel as files.
pub(crate) const LANGUAGES: [&str; 2] = ["ja", "ko"];

/// Builds `app/dist`, or does nothing when its inputs have not changed.
pub(crate) fn build() -> Outcome<Bundle> {
    setup::npm_packages()?;
    let _one_at_a_time = lock()?;
    let inputs = inputs::fingerprint()?;
    if let Some(bundle) = Bundle::built().filter(|bundle| bundle.is_of(&inputs) && named_wasm().is_file()) {
        return Ok(bundle);
    }
    setup::wasm_target()?;
    println!("app: building (size profile; a minute or two when cold)");
    let work = house::target_dir("xtask/app")?;
    for pages in Pages::ALL {
        compile(&work, pages)?;
        shrink(&work, pages)?;
        minify(&work, &pages.part("js"), SCRIPT, &work.join(format!("{}_start.js", pages.name())))?;
        minify(&work, &pages.part("css"), &["--bundle"], &house::path(pages.looks()))?;
        words(&work, pages)?;
    }
    minify(&work, "loader", SCRIPT, &house::path("app/web/loader.js"))?;
    minify(&work, "top_bar_js", SCRIPT, &house::path("app/web/top_bar/main.js"))?;
    minify(&work, "top_bar_css", &["--bundle"], &house::path("app/web/top_bar/top_bar.css"))?;
    plugin(&work)?;
    let bundle = Bundle::write(&inputs, &work)?;
    println!("app: built into app/dist");
    Ok(bundle)
}

/// The agents' module, shrunk and with its functions' names, for `size`; the one that ships has none.
pub(crate) fn named_wasm() -> PathBuf {
    Pages::Agent.named_wasm()
}

/// Whose pages a bundle has: nobody loads what another place shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pages {
    Agent,
    Console,
    /// What the console loads when an integration is edited.
    Editor,
    Flex,
}

impl Pages {
    const ALL: [Self; 4] = [Self::Agent, Self::Console, Self::Editor, Self::Flex];

    const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Console => "console",
            Self::Editor => "editor",
            Self::Flex => "flex",
        }
    }

    /// Where its looks are.
    const fn looks(self) -> &'static str {
        match self {
            Self::Console => "app/web/console.css",
            Self::Editor => "app/web/editor.css",
            Self::Flex => "app/web/flex.css",
            Self::Agent => "app/web/agent.css",
        }
    }

    /// What the manifest calls its files.
    fn part(self, part: &str) -> String {
        match self {
            Self::Agent => part.to_owned(),
            Self::Console | Self::Editor | Self::Flex => format!("{}_{part}", self.name()),
        }
    }

    fn named_wasm(self) -> PathBuf {
        house::target().join(format!("xtask/app/{}-named.wasm", self.name()))
    }
}

/// Two bundlings at once would take each other's files.
fn lock() -> Outcome<File> {
    let path = house::target_dir("xtask")?.join("app.lock");
    let file = File::create(&path).map_err(|cause| Problem::file("create", &path, &cause))?;
    file.lock().map_err(|cause| Problem::file("lock", &path, &cause))?;
    Ok(file)
}

/// Cargo, then wasm-bindgen. Only the `cdylib`: with the `rlib` that tests link beside it, cargo drops the profile's
/// link-time optimization, and says nothing; so rustc is told itself, and refuses where it cannot.
fn compile(work: &Path, pages: Pages) -> Outcome {
    let target = house::target();
    let features = if pages == Pages::Agent { vec![] } else { vec!["--features", pages.name()] };
    command::run(
        cargo([
            "rustc",
            "--package",
            "app",
            "--lib",
            "--crate-type",
            "cdylib",
            "--profile",
            "wasm",
            "--target",
            setup::WASM,
        ])
        .args(features)
        .arg("--target-dir")
        .arg(&target)
        .args(["--", "-C", "lto=fat"]),
    )?;
    bindgen::bind(&target.join(setup::WASM).join("wasm/app.wasm"), work, pages.name())
}

/// What the pages say in other languages than English, which is in the code.
fn words(work: &Path, pages: Pages) -> Outcome {
    for language in LANGUAGES {
        let panels = || texts::words(language).packed();
        let own = match pages {
            Pages::Agent => panels(),
            Pages::Console => texts::console::words(language).packed(),
            Pages::Editor => {
                [texts::editor::words(language).packed(), texts::pages::words(language).packed()].concat()
            }
            Pages::Flex => [panels(), texts::panel::words(language).packed()].concat(),
        };
        let pack = [texts::shared(language).packed(), own, texts::loader::packed(language)].concat();
        house::write(&work.join(pages.part(language)), serde_json::json!(pack).to_string())?;
    }
    Ok(())
}

/// `wasm-opt -Oz`; names are kept aside for `size`, and left out of what ships.
fn shrink(work: &Path, pages: Pages) -> Outcome {
    let named = pages.named_wasm();
    command::run(
        command(
            "node_modules/.bin/wasm-opt",
            if matches!(pages, Pages::Console | Pages::Editor) { SMALLER } else { FEWER_FUNCTIONS },
        )
        .args(SHRINK)
        .args(FEATURES)
        .arg(work.join(format!("{}_bg.wasm", pages.name())))
        .arg("-o")
        .arg(&named),
    )?;
    let bare = sections::without_names(&house::read_bytes(&named)?)?;
    house::write(&work.join(pages.part("wasm")), bare)
}

/// esbuild; scripts bring along whatever they import.
fn minify(work: &Path, part: &str, how: &[&str], source: &Path) -> Outcome {
    let mut outfile = OsString::from("--outfile=");
    outfile.push(work.join(part));
    let options = ["--minify", "--log-level=warning", "--charset=utf8", "--target=es2022"];
    command::run(command("node_modules/.bin/esbuild", [source]).args(options).args(how).arg(outfile))
}

/// The Flex plugin has a build of its own.
fn plugin(work: &Path) -> Outcome {
    command::run(command("node", ["flex-plugin/build.mjs", "--outfile"]).arg(work.join("plugin")))
}
