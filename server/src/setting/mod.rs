//! How a setting of the operator is read: the built-in manual, then a file, then the environment; which kinds of values there are;
//! everything that is wrong, at once. Each room has its own `Settings`, and `config` puts them together.
//! **Invariants:** knows no room; no value, which may be a secret, appears in an error.

mod audience; // a kind of value: some of the agents
mod error; // what is wrong
mod kinds; // kinds of values
mod layers; // manual, file, environment
mod manual; // `config.default.toml`
mod section; // from layers to a struct

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

pub use audience::{Audience, Standing, is_among, is_id};
pub use error::{ConfigError, InvalidKey, MissingKey, Problems, UnknownKey};
pub use kinds::{
    amount, days, header, list, optional, optional_socket_address, optional_url, ranges, seconds,
    socket_address, text, url, whole,
};

use layers::Layers;

/// Reads the sections that `T` names, and the rules between their settings; with it, the files that were read. `env` is the whole
/// environment; what is not ours is passed over.
pub fn read<T: DeserializeOwned>(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
    validate: impl FnOnce(&T, &mut Problems),
) -> Result<(T, Vec<PathBuf>), ConfigError> {
    let mut layers = Layers::read(file, env)?;
    let mut problems = Problems::new(&layers);
    let settings = section::take(&mut layers, &mut problems);
    validate(&settings, &mut problems);
    problems.finish(settings).map(|settings| (settings, layers.files))
}

/// What the manual says in one section, for tests of a room.
#[cfg(test)]
pub fn defaults<T: DeserializeOwned>(section: &'static str) -> T {
    section::defaults(section)
}
