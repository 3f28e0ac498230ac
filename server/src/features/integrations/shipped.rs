//! Integrations that are shipped, for people who begin. **Invariant:** they are the files in `server/templates`, unchanged.

use serde::Deserialize;
use wire::{Definition, IntegrationDocument};

const SHIPPED: [&str; 3] = [
    include_str!("../../../templates/contracts-to-zendesk-users.toml"),
    include_str!("../../../templates/contracts-to-zendesk-organizations.toml"),
    include_str!("../../../templates/support-health-to-zendesk-organizations.toml"),
];

#[derive(Deserialize)]
struct File {
    integration: Vec<Shipped>,
}

#[derive(Deserialize)]
struct Shipped {
    id: String,
    name: String,
    enabled: bool,
    #[serde(flatten)]
    definition: Definition,
}

/// All of them, in the order in which they are offered.
pub fn templates() -> Vec<IntegrationDocument> {
    let read = |text: &&str| toml::from_str::<File>(text).map(|file| file.integration).unwrap_or_default();
    let document = |Shipped { id, name, enabled, definition }| IntegrationDocument {
        id,
        name,
        enabled,
        definition,
        version: None,
    };
    SHIPPED.iter().flat_map(read).map(document).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::integrations::definition::faults;

    #[test]
    fn what_is_shipped_is_whole() {
        let all = templates();
        let ids: Vec<_> = all.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["contracts", "organizations", "support-health"]);
        for one in &all {
            assert_eq!(faults(&one.definition), [], "{}", one.id);
        }
    }
}
