//! Notices that were acted on already: Zendesk may deliver one twice.

use std::collections::VecDeque;

use wire::PopNotice;

/// How many are remembered; repeats come within seconds.
const MEMORY: usize = 64;

/// The names of recent notices.
#[derive(Debug, Default)]
pub struct Seen(VecDeque<String>);

impl Seen {
    /// Whether this is the first time; remembers it.
    pub fn first(&mut self, notice: &PopNotice) -> bool {
        if self.0.contains(&notice.notice) {
            return false;
        }
        if self.0.len() == MEMORY {
            self.0.pop_front();
        }
        self.0.push_back(notice.notice.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_counts_once() {
        let notice = |name: usize| PopNotice {
            task_sid: "WT1".into(),
            notice: name.to_string(),
            ticket_id: None,
            user_id: None,
        };
        let mut seen = Seen::default();
        assert!(seen.first(&notice(0)) && !seen.first(&notice(0)));
        assert!((1..=1000).all(|name| seen.first(&notice(name))));
        assert!(seen.0.len() <= MEMORY);
    }
}
