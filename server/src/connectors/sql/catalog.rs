//! Which tables a user may read, and their columns: what a person needs who writes the SELECT.

use super::{CallFailure, Dialect, SHORT, SqlSource};

/// A table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// As a query names it, with its schema where that is not the default.
    pub name: String,
    pub is_view: bool,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// As the database names it: `varchar(255)`.
    pub kind: String,
    pub is_nullable: bool,
    pub is_key: bool,
}

impl SqlSource {
    /// The tables that the user may read, by name; at most 2,000.
    pub async fn objects(&self) -> Result<Vec<Object>, CallFailure> {
        let sql = match self.dialect {
            Dialect::MySql => {
                "SELECT table_name, CASE WHEN table_type LIKE '%VIEW' THEN 'view' ELSE 'table' END
                 FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1 LIMIT 2000"
            }
            // `information_schema` knows neither materialised views nor what the user may read by a role.
            Dialect::Postgres => {
                "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname,
                        CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
                   AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                   AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
                 ORDER BY 1 LIMIT 2000"
            }
        };
        let rows = self.session(SHORT).await?.texts(sql, &[]).await?;
        let object = |row: Vec<Option<String>>| {
            let [name, kind] = row.try_into().ok()?;
            Some(Object { name: name?, is_view: kind.as_deref() == Some("view") })
        };
        Ok(rows.into_iter().filter_map(object).collect())
    }

    /// The columns of one of [`SqlSource::objects`], in their order; none where there is no such table.
    pub async fn fields(&self, object: &str) -> Result<Vec<Field>, CallFailure> {
        let sql = match self.dialect {
            Dialect::MySql => {
                "SELECT column_name, column_type, is_nullable, CASE column_key WHEN 'PRI' THEN 'YES' ELSE 'NO' END
                 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?
                 ORDER BY ordinal_position"
            }
            Dialect::Postgres => {
                "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END,
                        CASE WHEN i.indrelid IS NULL THEN 'NO' ELSE 'YES' END
                 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                 LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey)
                 WHERE CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname = $1::text
                   AND a.attnum > 0 AND NOT a.attisdropped AND has_table_privilege(c.oid, 'SELECT')
                 ORDER BY a.attnum"
            }
        };
        let rows = self.session(SHORT).await?.texts(sql, &[object]).await?;
        let field = |row: Vec<Option<String>>| {
            let [name, kind, nullable, key] = row.try_into().ok()?;
            let is_yes = |word: Option<String>| word.as_deref() == Some("YES");
            Some(Field { name: name?, kind: kind?, is_nullable: is_yes(nullable), is_key: is_yes(key) })
        };
        Ok(rows.into_iter().filter_map(field).collect())
    }
}
