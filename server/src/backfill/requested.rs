//! Which tickets the operator names. **Invariant:** no I/O; what cannot be read is said, and the rest counts.

use std::collections::BTreeSet;

/// Tickets in the order in which they were named, each once; and what was named that is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requested {
    /// What to archive.
    pub tickets: Vec<u64>,
    /// Sentences about what could not be read.
    pub unread: Vec<String>,
    known: BTreeSet<u64>,
}

impl Requested {
    /// One ticket, as somebody wrote its number.
    pub fn add(&mut self, text: &str) {
        let digits = text.trim().trim_start_matches('#');
        if let Ok(id @ 1..) = digits.parse() {
            self.add_id(id);
        } else {
            let text: String = text.trim().chars().take(40).collect();
            self.unread.push(format!("{text:?} is not a ticket's number"));
        }
    }

    /// One ticket.
    pub fn add_id(&mut self, id: u64) {
        if self.known.insert(id) {
            self.tickets.push(id);
        }
    }

    /// All numbers in a file: one a line, or with spaces or commas between; what follows `//` is a remark.
    pub fn add_lines(&mut self, text: &str) {
        let lines = text.trim_start_matches('\u{feff}').lines();
        let lines = lines.map(|line| line.split_once("//").map_or(line, |(before, _)| before));
        for word in lines.flat_map(|line| line.split([',', ';', ' ', '\t'])).map(str::trim) {
            if !word.is_empty() {
                self.add(word);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them_and_the_rest_is_named() {
        let check = |text: &str, tickets: &[u64], unread: &[&str]| {
            let mut requested = Requested::default();
            requested.add_lines(text);
            assert_eq!(
                (requested.tickets.as_slice(), requested.unread.len()),
                (tickets, unread.len()),
                "{text:?}"
            );
            for (sentence, word) in requested.unread.iter().zip(unread) {
                assert_eq!(*sentence, format!("{word:?} is not a ticket's number"));
            }
        };
        check("1\n2\r\n3", &[1, 2, 3], &[]);
        check("\u{feff}7, 8;9\t10\n\n", &[7, 8, 9, 10], &[]);
        check("#42\n42\n42 // again", &[42], &[]);
        check("ticket_id\n5\n-6\n0\n1.5", &[5], &["ticket_id", "-6", "0", "1.5"]);
        check("18446744073709551616", &[], &["18446744073709551616"]);
        check("", &[], &[]);
    }
}
