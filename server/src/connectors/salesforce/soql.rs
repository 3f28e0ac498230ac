//! What stands between SELECT and FROM of a query, and of which object. The rest goes to Salesforce as it is, which judges it.
//! Docs: <https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/>. **Invariant:** no I/O.

/// A query, as far as its columns need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Select {
    /// The object after FROM.
    pub(super) object: String,
    pub(super) items: Vec<Item>,
    /// It has an aggregate function or GROUP BY: rows are no records.
    pub(super) is_grouped: bool,
}

/// One selected thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Relationships and at last a field; empty for `COUNT()`.
    pub(super) path: Vec<String>,
    pub(super) function: Option<Function>,
    /// The function is about many records.
    pub(super) is_aggregate: bool,
    pub(super) alias: Option<String>,
}

/// What a function makes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// `COUNT`, `COUNT_DISTINCT`, `GROUPING`, parts of a date.
    Whole,
    /// `SUM`, `AVG`.
    Sum,
    /// `MIN`, `MAX`, `convertCurrency`: the field's own type.
    Same,
    /// `toLabel`, `FORMAT`.
    Text,
    /// `DAY_ONLY`.
    Day,
}

/// Why a query cannot be read. The sentence says what to write.
pub(super) type Problem = String;

/// Salesforce follows five relationships.
const MOST_STEPS: usize = 6;
const AFTER_OBJECT: [&str; 12] =
    ["WHERE", "USING", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL", "UPDATE", "AS"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Open,
    Close,
    Comma,
    /// A string, an operator, a number.
    Other,
}

/// Reads a query's columns.
pub(super) fn parse(soql: &str) -> Result<Select, Problem> {
    let tokens = tokens(soql)?;
    let mut reader = Reader { tokens: &tokens, at: 0 };
    if !reader.takes_word("SELECT") {
        return Err("write a query that begins with SELECT".to_owned());
    }
    let mut items = Vec::new();
    loop {
        items.push(reader.item()?);
        match reader.next() {
            Some(Token::Comma) => {}
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("FROM") => break,
            Some(Token::Word(word)) => return Err(format!("write a comma or FROM before `{word}`")),
            _ => return Err("write `FROM` and an object after the selected fields".to_owned()),
        }
    }
    let Some(Token::Word(object)) = reader.next() else {
        return Err("write the object's name after FROM".to_owned());
    };
    let object = object.to_owned();
    reader.takes_word("AS");
    let prefix = match reader.peek() {
        Some(Token::Word(word)) if !AFTER_OBJECT.iter().any(|after| word.eq_ignore_ascii_case(after)) => {
            reader.at += 1;
            Some(word.to_owned())
        }
        _ => None,
    };
    if reader.peek() == Some(Token::Comma) {
        return Err("write one object after FROM; fields of parents are read as `Owner.Name`".to_owned());
    }
    for item in &mut items {
        let is_prefix = |word: &String| {
            word.eq_ignore_ascii_case(&object)
                || prefix.as_ref().is_some_and(|prefix| word.eq_ignore_ascii_case(prefix))
        };
        if item.path.len() > 1 && is_prefix(&item.path[0]) {
            item.path.remove(0);
        }
    }
    let is_grouped = items.iter().any(|item| item.is_aggregate) || reader.has_group_by();
    Ok(Select { object, items, is_grouped })
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    /// A field or a function, and its alias.
    fn item(&mut self) -> Result<Item, Problem> {
        let word = match self.next() {
            Some(Token::Word(word)) => word,
            Some(Token::Open) => {
                return Err(
                    "queries inside the SELECT are not read; make a second source of the child records"
                        .to_owned(),
                );
            }
            _ => return Err("write a field's name after SELECT and after each comma".to_owned()),
        };
        if word.eq_ignore_ascii_case("TYPEOF") {
            return Err(
                "TYPEOF is not read; select the fields by their relationship, like `Owner.Name`".to_owned()
            );
        }
        if word.eq_ignore_ascii_case("FROM") {
            return Err("write a field's name before FROM".to_owned());
        }
        let (path, function, is_aggregate) = if self.peek() == Some(Token::Open) {
            let (function, is_aggregate) = function(word)?;
            (self.argument(word)?, Some(function), is_aggregate)
        } else {
            (path(word)?, None, false)
        };
        let alias = match self.peek() {
            Some(Token::Word(word)) if !word.eq_ignore_ascii_case("FROM") => {
                self.at += 1;
                Some(word.to_owned())
            }
            _ => None,
        };
        Ok(Item { path, function, is_aggregate, alias })
    }

    /// The field that a function is about; empty where it is about none.
    fn argument(&mut self, function: &str) -> Result<Vec<String>, Problem> {
        let (mut depth, mut last) = (0_u32, None);
        loop {
            match self.next() {
                Some(Token::Open) => depth += 1,
                Some(Token::Close) if depth <= 1 => break,
                Some(Token::Close) => depth -= 1,
                Some(Token::Word(word)) => last = Some(word),
                Some(_) => {}
                None => return Err(format!("close the parenthesis after `{function}`")),
            }
        }
        match last {
            Some(word) => path(word),
            None if function.eq_ignore_ascii_case("COUNT") => {
                Err("COUNT() has no rows; write COUNT(Id)".to_owned())
            }
            None => Err(format!("write a field's name inside `{function}()`")),
        }
    }

    /// Whether GROUP BY follows, outside of parentheses.
    fn has_group_by(&mut self) -> bool {
        let mut depth = 0_i32;
        while let Some(token) = self.next() {
            match token {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                Token::Word(word) if depth == 0 && word.eq_ignore_ascii_case("GROUP") => {
                    return matches!(self.peek(), Some(Token::Word(by)) if by.eq_ignore_ascii_case("BY"));
                }
                _ => {}
            }
        }
        false
    }
}

/// What a function answers, and whether it is about many records.
fn function(name: &str) -> Result<(Function, bool), Problem> {
    let upper = name.to_ascii_uppercase();
    Ok(match upper.as_str() {
        "COUNT" | "COUNT_DISTINCT" | "GROUPING" => (Function::Whole, true),
        "SUM" | "AVG" => (Function::Sum, true),
        "MIN" | "MAX" => (Function::Same, true),
        "CONVERTCURRENCY" => (Function::Same, false),
        "TOLABEL" | "FORMAT" => (Function::Text, false),
        "DAY_ONLY" => (Function::Day, true),
        "HOUR_IN_DAY" => (Function::Whole, true),
        _ if ["CALENDAR_", "FISCAL_", "DAY_IN_", "WEEK_IN_"].iter().any(|part| upper.starts_with(part)) => {
            (Function::Whole, true)
        }
        "FIELDS" => return Err("FIELDS() is not read; name the fields".to_owned()),
        _ => return Err(format!("the function `{name}` is not read; select the field itself")),
    })
}

fn path(word: &str) -> Result<Vec<String>, Problem> {
    let steps: Vec<String> = word.split('.').map(str::to_owned).collect();
    let is_name = |step: &String| !step.is_empty() && !step.starts_with(|first: char| first.is_ascii_digit());
    if steps.len() > MOST_STEPS || !steps.iter().all(is_name) {
        return Err(format!("`{word}` is not a field's name; write it like `Name` or `Owner.Name`"));
    }
    Ok(steps)
}

fn tokens(soql: &str) -> Result<Vec<Token<'_>>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = soql;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
        let length = match first {
            '\'' => string(rest).ok_or("close the quote")?,
            _ if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        tokens.push(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            _ if first.is_whitespace() => continue,
            _ if is_word(first) => Token::Word(token),
            _ => Token::Other,
        });
    }
    Ok(tokens)
}

/// The length of a string with its quotes.
fn string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\'' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The object, `grouped`, and the columns as `path=function alias`.
    #[track_caller]
    fn check(soql: &str, expected: &str) {
        let read = match parse(soql) {
            Err(problem) => problem,
            Ok(Select { object, items, is_grouped }) => {
                let item = |item: &Item| {
                    let function = item.function.map_or(String::new(), |function| format!("={function:?}"));
                    let alias = item.alias.as_ref().map_or(String::new(), |alias| format!(" {alias}"));
                    format!("{}{function}{alias}", item.path.join("."))
                };
                let items: Vec<_> = items.iter().map(item).collect();
                format!("{object}{}: {}", if is_grouped { " grouped" } else { "" }, items.join(", "))
            }
        };
        assert_eq!(read, expected, "{soql}");
    }

    #[test]
    fn the_selected_fields_are_found_whatever_follows() {
        check("SELECT Id FROM Account", "Account: Id");
        check(
            "select id,Name , Owner.Name\nfrom Account where Name = 'x, FROM Y (' limit 5",
            "Account: id, Name, Owner.Name",
        );
        check("SELECT a.Id, a.Owner.Name FROM Account a WHERE a.Id != null", "Account: Id, Owner.Name");
        check("SELECT Account.Id FROM Account AS a", "Account: Id");
        check("SELECT Account.Id FROM Contact USING SCOPE mine", "Contact: Account.Id");
        check(
            "SELECT Id FROM Account WHERE Name IN ('it\\'s', 'b') AND (Id IN (SELECT AccountId FROM Contact GROUP BY AccountId))",
            "Account: Id",
        );
        check("SELECT toLabel(Status), FORMAT(Amount) amt FROM Case", "Case: Status=Text, Amount=Text amt");
    }

    #[test]
    fn sums_and_groups_are_recognised() {
        check("SELECT COUNT(Id) FROM Account", "Account grouped: Id=Whole");
        check(
            "SELECT AccountId a, MAX(CloseDate) last, SUM(Amount) FROM Opportunity GROUP BY AccountId",
            "Opportunity grouped: AccountId a, CloseDate=Same last, Amount=Sum",
        );
        check("SELECT Name FROM Account GROUP BY Name", "Account grouped: Name");
        check(
            "SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)) h FROM Case GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate))",
            "Case grouped: CreatedDate=Whole h",
        );
    }

    #[test]
    fn what_is_not_read_says_what_to_write() {
        check("DELETE Account", "write a query that begins with SELECT");
        check("SELECT FROM Account", "write a field's name before FROM");
        check("SELECT Id, FROM Account", "write a field's name before FROM");
        check("SELECT Id Account", "write `FROM` and an object after the selected fields");
        check("SELECT Id FROM", "write the object's name after FROM");
        check("SELECT Id x y FROM Account", "write a comma or FROM before `y`");
        check("SELECT Id FROM Account WHERE Name = 'x", "close the quote");
        check(
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            "queries inside the SELECT are not read; make a second source of the child records",
        );
        check(
            "SELECT TYPEOF What WHEN Account THEN Phone END FROM Event",
            "TYPEOF is not read; select the fields by their relationship, like `Owner.Name`",
        );
        check("SELECT FIELDS(ALL) FROM Account", "FIELDS() is not read; name the fields");
        check("SELECT COUNT() FROM Account", "COUNT() has no rows; write COUNT(Id)");
        check(
            "SELECT DISTANCE(Location__c, GEOLOCATION(1,2), 'km') FROM Account",
            "the function `DISTANCE` is not read; select the field itself",
        );
        check(
            "SELECT a..b FROM Account",
            "`a..b` is not a field's name; write it like `Name` or `Owner.Name`",
        );
        check("SELECT SUM(Amount FROM Opportunity", "close the parenthesis after `SUM`");
        check(
            "SELECT Id FROM Account a, a.Contacts c",
            "write one object after FROM; fields of parents are read as `Owner.Name`",
        );
        check("", "write a query that begins with SELECT");
    }
}
