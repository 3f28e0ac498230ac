//! From words to a query.

use super::{
    Condition, Item, Literal, Operator, Order, Path, Query, Refused,
    words::{Placed, Word, words},
};

/// Understands a query, or refuses it with the vendor's words.
pub(crate) fn parse(text: &str) -> Result<Query, Refused> {
    let mut reader = Reader { text, words: words(text)?, next: 0 };
    let query = reader.query()?;
    match reader.peek() {
        None => Ok(query),
        Some(_) => Err(reader.unexpected()),
    }
}

struct Reader<'a> {
    text: &'a str,
    words: Vec<Placed>,
    next: usize,
}

/// Words that end a list of names; none of them is an alias.
const KEYWORDS: [&str; 12] =
    ["from", "where", "group", "order", "limit", "offset", "having", "using", "with", "for", "all", "and"];

impl Reader<'_> {
    fn peek(&self) -> Option<&Word> {
        self.words.get(self.next).map(|(word, _)| word)
    }

    fn at(&self) -> usize {
        self.words.get(self.next).map_or(self.text.len(), |(_, at)| *at)
    }

    fn unexpected(&self) -> Refused {
        let token = match self.peek() {
            None => {
                return Refused::at(
                    "MALFORMED_QUERY",
                    self.text,
                    self.text.len(),
                    "unexpected token: '<EOF>'",
                );
            }
            Some(Word::Bare(text) | Word::Quoted(text)) => text.clone(),
            Some(Word::Sign(sign)) => (*sign).to_owned(),
        };
        Refused::malformed(self.text, self.at(), &token)
    }

    /// Whether the next word is this keyword.
    fn sees(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Word::Bare(word)) if word.eq_ignore_ascii_case(keyword))
    }

    fn take(&mut self, keyword: &str) -> bool {
        let seen = self.sees(keyword);
        self.next += usize::from(seen);
        seen
    }

    fn need(&mut self, keyword: &str) -> Result<(), Refused> {
        if self.take(keyword) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let seen = matches!(self.peek(), Some(Word::Sign(next)) if *next == sign);
        self.next += usize::from(seen);
        seen
    }

    fn need_sign(&mut self, sign: &str) -> Result<(), Refused> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn path(&mut self) -> Result<Path, Refused> {
        let at = self.at();
        let Some(Word::Bare(word)) = self.peek() else { return Err(self.unexpected()) };
        let named = word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        if !named || KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword)) {
            return Err(self.unexpected());
        }
        let parts = word.split('.').map(str::to_owned).collect();
        self.next += 1;
        Ok(Path { parts, at })
    }

    fn number(&mut self) -> Result<usize, Refused> {
        let Some(Word::Bare(word)) = self.peek() else { return Err(self.unexpected()) };
        let number = word.parse().map_err(|_| self.unexpected())?;
        self.next += 1;
        Ok(number)
    }

    fn query(&mut self) -> Result<Query, Refused> {
        self.need("select")?;
        let mut select = vec![self.item()?];
        while self.take_sign(",") {
            select.push(self.item()?);
        }
        self.need("from")?;
        let from = self.path()?;
        let alias = match self.peek() {
            Some(Word::Bare(word)) if !KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword)) => {
                let alias = word.clone();
                self.next += 1;
                Some(alias)
            }
            _ => None,
        };
        let condition = if self.take("where") { Some(self.conditions()?) } else { None };
        let mut group_by = Vec::new();
        if self.take("group") {
            self.need("by")?;
            group_by.push(self.path()?);
            while self.take_sign(",") {
                group_by.push(self.path()?);
            }
        }
        let mut order_by = Vec::new();
        if self.take("order") {
            self.need("by")?;
            order_by.push(self.order()?);
            while self.take_sign(",") {
                order_by.push(self.order()?);
            }
        }
        let limit = if self.take("limit") { Some(self.number()?) } else { None };
        let offset = if self.take("offset") { self.number()? } else { 0 };
        let text = self.text.to_owned();
        Ok(Query { text, select, from, alias, condition, group_by, order_by, limit, offset })
    }

    fn item(&mut self) -> Result<Item, Refused> {
        if self.take_sign("(") {
            let query = self.query()?;
            self.need_sign(")")?;
            return Ok(Item::Children(Box::new(query)));
        }
        let path = self.path()?;
        if !self.take_sign("(") {
            return Ok(Item::Field(path));
        }
        let function = path.parts.join(".").to_ascii_uppercase();
        if !["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"].contains(&function.as_str()) {
            self.next -= 1;
            return Err(self.unexpected());
        }
        let of = if self.take_sign(")") {
            None
        } else {
            let of = self.path()?;
            self.need_sign(")")?;
            Some(of)
        };
        if of.is_none() && function != "COUNT" {
            self.next -= 1;
            return Err(self.unexpected());
        }
        let named = matches!(self.peek(), Some(Word::Bare(_))) && !self.sees("from");
        let alias = if named { Some(self.path()?.parts.join(".")) } else { None };
        Ok(Item::Aggregate { function, of, alias })
    }

    fn order(&mut self) -> Result<Order, Refused> {
        let by = self.path()?;
        let descending = self.take("desc") || {
            self.take("asc");
            false
        };
        let mut nulls_last = false;
        if self.take("nulls") {
            nulls_last = self.take("last");
            if !nulls_last {
                self.need("first")?;
            }
        }
        Ok(Order { by, descending, nulls_last })
    }

    /// `a AND b AND c`, or `a OR b`; both only with brackets.
    fn conditions(&mut self) -> Result<Condition, Refused> {
        let first = self.condition()?;
        for (word, both) in [("and", true), ("or", false)] {
            if !self.sees(word) {
                continue;
            }
            let mut all = vec![first];
            while self.take(word) {
                all.push(self.condition()?);
            }
            if self.sees("and") || self.sees("or") {
                return Err(self.unexpected());
            }
            return Ok(if both { Condition::All(all) } else { Condition::Any(all) });
        }
        Ok(first)
    }

    fn condition(&mut self) -> Result<Condition, Refused> {
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.condition()?)));
        }
        if self.take_sign("(") {
            let inner = self.conditions()?;
            self.need_sign(")")?;
            return Ok(inner);
        }
        let path = self.path()?;
        if self.take("not") {
            self.need("in")?;
            return Ok(Condition::Among { path, values: self.literals()?, not: true });
        }
        if self.take("in") {
            return Ok(Condition::Among { path, values: self.literals()?, not: false });
        }
        for (word, not) in [("includes", false), ("excludes", true)] {
            if self.take(word) {
                return Ok(Condition::Includes { path, values: self.literals()?, not });
            }
        }
        if self.take("like") {
            let at = self.at();
            return Ok(Condition::Compare { path, operator: Operator::Like, value: self.literal()?, at });
        }
        let signs = [
            ("=", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (sign, operator) in signs {
            if self.take_sign(sign) {
                let at = self.at();
                return Ok(Condition::Compare { path, operator, value: self.literal()?, at });
            }
        }
        Err(self.unexpected())
    }

    fn literals(&mut self) -> Result<Vec<(Literal, usize)>, Refused> {
        self.need_sign("(")?;
        let mut all = Vec::new();
        loop {
            let at = self.at();
            all.push((self.literal()?, at));
            if !self.take_sign(",") {
                break;
            }
        }
        self.need_sign(")")?;
        Ok(all)
    }

    fn literal(&mut self) -> Result<Literal, Refused> {
        let literal = match self.peek() {
            Some(Word::Quoted(text)) => Some(Literal::Text(text.clone())),
            Some(Word::Bare(word)) => Literal::parse(word),
            _ => None,
        };
        let literal = literal.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(literal)
    }
}
