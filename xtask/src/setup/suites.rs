//! Suites whose npm packages lie in folders of their own. **Invariant:** only who asks for such a suite by name has its packages
//! downloaded; everybody else runs it where they are at hand.

use std::process::Command;

use super::{npm_packages_by, npm_packages_in};
use crate::command;
use crate::problem::Outcome;

/// The packages of one suite.
pub(crate) struct Packages {
    folder: &'static str,
}

/// The real Flex UI (640 MB), for the suite that runs our plugin in it.
pub(crate) const FLEX_UI: Packages = Packages { folder: "tests/flex" };
/// Public clients of the vendors, for the suite that runs them against the sandbox.
pub(crate) const PUBLIC_CLIENTS: Packages = Packages { folder: "tests/clients" };

impl Packages {
    /// Installs them, from wherever npm finds them.
    pub(crate) fn install(&self) -> Outcome {
        npm_packages_in(self.folder)
    }

    /// Whether they are here, or are now because npm had all of them in its cache.
    pub(crate) fn are_here(&self) -> bool {
        let from_cache = |npm: &mut Command| command::output(npm.arg("--offline")).map(drop);
        npm_packages_by(self.folder, from_cache).is_ok()
    }
}
