//! The real Flex UI, for the suite that runs our plugin in it. **Invariant:** its 640 MB of npm packages lie in a folder of their
//! own, and only who asks for them by name has them downloaded.

use std::process::Command;

use super::{npm_packages_by, npm_packages_in};
use crate::command;
use crate::problem::Outcome;

/// The suite's folder.
const FOLDER: &str = "tests/flex";

/// Installs it, from wherever npm finds it.
pub(crate) fn flex_ui() -> Outcome {
    npm_packages_in(FOLDER)
}

/// Whether it is here, or is now because npm had all of it in its cache.
pub(crate) fn has_flex_ui() -> bool {
    let from_cache = |npm: &mut Command| command::output(npm.arg("--offline")).map(drop);
    npm_packages_by(FOLDER, from_cache).is_ok()
}
