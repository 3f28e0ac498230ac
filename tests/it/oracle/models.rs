//! The models that are compared: those that the shipped integration runs, and those that admins write.

/// A file of integrations.
pub const TEMPLATE: &str = include_str!("../../../server/templates/contracts-to-zendesk-users.toml");

/// What admins write every day.
pub const EVERYDAY: [&str; 7] = [
    // Who left: nobody of the newest day. A null in the list makes `NOT IN` answer nothing.
    "SELECT z.id FROM zendesk_users z WHERE z.email_key NOT IN (SELECT email_key FROM service_users)",
    "SELECT z.id FROM zendesk_users z WHERE z.email_key IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM service_users s WHERE s.email_key = z.email_key AND s.day = (SELECT max(day) FROM service_users))",
    // A line per company.
    "SELECT a.backendid__c AS account, count(*) AS contracts, sum(a.mrr__c) AS mrr, min(a.contract_start__c) AS first,
            max(a.renewal_date__c) AS last, string_agg(a.name, ', ' ORDER BY a.id) AS names
       FROM accounts a GROUP BY a.backendid__c HAVING count(*) > 0",
    // The newest line of each person, whenever that was.
    "SELECT email_key, account_id, day FROM (
        SELECT *, row_number() OVER (PARTITION BY email_key ORDER BY day DESC NULLS LAST, account_id NULLS LAST) AS place
          FROM service_users) AS lines WHERE place = 1",
    "SELECT z.id, s.email_key, s.account_id FROM zendesk_users z FULL OUTER JOIN (SELECT DISTINCT email_key, account_id FROM service_users) s
         ON s.email_key = z.email_key",
    "SELECT id, upper(name) AS name, coalesce(nullif(trim(type), ''), 'none') AS type, CAST(CAST(mrr__c AS DECIMAL(30, 2)) * 0.105 AS DECIMAL(38, 2)) AS fee,
            CASE WHEN mrr__c > 1000 THEN 'large' WHEN mrr__c IS NULL THEN 'unknown' ELSE 'small' END AS size,
            renewal_date__c < contract_start__c AS is_odd FROM accounts",
    "SELECT count(*) AS rows, count(email_key) AS addresses, count(DISTINCT email_key) AS people, count(DISTINCT account_id) AS accounts,
            min(email_key) AS first, max(email_key) AS last FROM service_users",
];

/// The SQL of the shipped integration, which is [`TEMPLATE`]: what goes into fields, and what cards show.
pub fn shipped(template: &toml::Table) -> Vec<String> {
    let integration = &template["integration"][0];
    let sql = |part: &str| integration[part]["sql"].as_str().expect("SQL").to_owned();
    vec![sql("model"), sql("contract")]
}
