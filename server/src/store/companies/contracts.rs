//! Contracts of many people at once, as reports group them.

use std::collections::BTreeMap;

use super::{Db, PersonKind, StoreError, json, query, read_json};

/// What a report needs of a contract.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contract {
    /// What the integration calls `plan`, else the account's type.
    pub plan: Option<String>,
    /// Monthly recurring revenue, near enough to be put into a band.
    pub mrr: Option<f64>,
}

/// `$2` is a JSON list of `[kind, value]`, in the database's own way.
macro_rules! find {
    ($asked:literal) => {
        concat!(
            "WITH asked AS (",
            $asked,
            ")
            SELECT p.kind AS found_by, p.value AS found, m.account_type, m.mrr, m.extra
              FROM contract_copies c
              JOIN asked a ON TRUE
              JOIN company_people p ON p.account = c.account AND p.integration = c.integration AND p.run = c.run
                                   AND p.kind = a.kind AND p.value = a.value
              JOIN companies m ON m.account = c.account AND m.integration = c.integration AND m.run = c.run
                              AND m.company_id = p.company_id
             WHERE c.account = $1 AND c.run IS NOT NULL"
        )
    };
}

/// The contract of each of these people that has one in the account's copy; of several, the one with the highest MRR.
pub async fn contracts_of(
    on: &Db,
    account: &str,
    people: &[(PersonKind, String)],
) -> Result<BTreeMap<(PersonKind, String), Contract>, StoreError> {
    let statement = if on.is_postgres() {
        find!(
            "SELECT DISTINCT value->>0 AS kind, value->>1 AS value
               FROM jsonb_array_elements(CAST($2 AS JSONB)) AS t(value)"
        )
    } else {
        find!("SELECT DISTINCT value->>0 AS kind, value->>1 AS value FROM json_each($2)")
    };
    let asked: Vec<_> = people.iter().map(|(kind, value)| (kind.as_str(), value)).collect();
    let mut found: BTreeMap<(PersonKind, String), Contract> = BTreeMap::new();
    for row in query(statement).bind(account).bind(json(&asked)).all(on).await? {
        let extra: BTreeMap<String, String> = read_json(&row, "extra")?;
        let plan = extra.get("plan").cloned().or(row.get("account_type")?);
        let mrr: Option<String> = row.get("mrr")?;
        let mrr = mrr.and_then(|mrr| mrr.parse().ok());
        let contract = found.entry((row.get("found_by")?, row.get("found")?)).or_default();
        if *contract == Contract::default() || mrr > contract.mrr {
            *contract = Contract { plan, mrr };
        }
    }
    Ok(found)
}
