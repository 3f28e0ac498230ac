//! How a setting of the operator is read: the built-in manual, then a file, then the environment; which kinds of values there are;
//! everything that is wrong, at once. Each room has its own `Settings`, and `config` puts them together.
//! **Invariants:** knows no room; no value, which may be a secret, appears in an error.

mod audience; // a kind of value: some of the agents
mod error; // what is wrong
mod kinds; // kinds of values
mod layers; // manual, file, environment
mod manual; // `config.default.toml`
mod orchestrator; // variables that only share our name
mod renamed; // names that settings had
mod section; // from layers to a struct
mod sources; // where settings were read

use std::path::Path;

use serde::de::DeserializeOwned;

pub use audience::{Audience, Standing, is_among, is_id};
pub use error::{ConfigError, InvalidKey, MissingKey, Problems, Refused, UnknownKey};
pub use kinds::{
    amount, days, header, list, optional, optional_socket_address, optional_url, ranges, seconds,
    socket_address, text, url, whole,
};
pub use sources::Sources;

use layers::Layers;

/// Reads the sections that `T` names, and the rules between their settings; with it, where they were read. `env` is the whole
/// environment; what is not ours is passed over.
pub fn read<T: DeserializeOwned>(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
    validate: impl FnOnce(&mut T, &Sources, &mut Problems),
) -> Result<(T, Sources), ConfigError> {
    let mut layers = Layers::read(file, env)?;
    let mut problems = Problems::of(&mut layers);
    let mut settings = section::take(&mut layers, &mut problems);
    validate(&mut settings, &layers.sources, &mut problems);
    problems.finish(settings).map(|settings| (settings, layers.sources))
}

/// What the manual says in one section, for tests of a room.
#[cfg(test)]
pub fn defaults<T: DeserializeOwned>(section: &'static str) -> T {
    section::defaults(section)
}
