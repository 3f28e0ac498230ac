//! Which page is shown, by the URL, and that nobody leaves unsaved changes by accident. **Invariant:** the URL is the
//! truth: links, a typed address, back and forward all come here as [`NavigationEvent::Address`].

use crate::model::Model;

/// Which page is shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Navigation {
    /// Its place in the list of pages.
    pub shown: usize,
    /// The page that the admin wants to go to, while they are asked about their unsaved changes.
    pub wanted: Option<usize>,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NavigationEvent {
    /// The session has begun, or the URL names another page.
    Address {
        /// Which; nothing where the URL names none.
        page: Option<usize>,
        /// Whether the page that is shown has unsaved changes.
        unsaved: bool,
    },
    /// The admin stays with their changes.
    Stay,
    /// The admin gives them up.
    Leave,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NavigationEffect {
    /// Open this page.
    Open(usize),
    /// The changes on this page are given up.
    Discard(usize),
    /// Put this page's address back into the URL.
    Restore(usize),
    /// Ask the admin: the focus goes to the question.
    Ask,
}

impl Model for Navigation {
    type Event = NavigationEvent;
    type Effect = NavigationEffect;

    fn update(mut self, event: NavigationEvent) -> (Self, Vec<NavigationEffect>) {
        use NavigationEffect as Do;
        let effects = match (event, self.wanted) {
            (NavigationEvent::Address { page, unsaved }, _) => {
                let page = page.unwrap_or_default();
                self.wanted = None;
                if page == self.shown {
                    vec![]
                } else if unsaved {
                    self.wanted = Some(page);
                    vec![Do::Ask]
                } else {
                    self.shown = page;
                    vec![Do::Open(page)]
                }
            }
            (NavigationEvent::Stay, Some(_)) => {
                self.wanted = None;
                vec![Do::Restore(self.shown)]
            }
            (NavigationEvent::Leave, Some(page)) => {
                let left = std::mem::replace(&mut self.shown, page);
                self.wanted = None;
                vec![Do::Discard(left), Do::Open(page)]
            }
            (NavigationEvent::Stay | NavigationEvent::Leave, None) => vec![],
        };
        (self, effects)
    }
}

#[cfg(test)]
mod tests {
    use super::NavigationEffect::{Ask, Discard, Open, Restore};
    use super::NavigationEvent::{Leave, Stay};
    use super::*;

    fn to(page: usize, unsaved: bool) -> NavigationEvent {
        NavigationEvent::Address { page: Some(page), unsaved }
    }

    /// The page that is shown in the end, and what was done.
    #[track_caller]
    fn check(events: &[NavigationEvent], shown: usize, expected: &[NavigationEffect]) {
        let mut all = vec![];
        let model = events.iter().fold(Navigation::default(), |model, event| {
            let (model, effects) = model.update(*event);
            all.extend(effects);
            model
        });
        assert_eq!((model.shown, all.as_slice()), (shown, expected));
    }

    #[test]
    fn the_url_decides_which_page_is_shown() {
        check(&[to(1, false)], 1, &[Open(1)]);
        check(&[to(1, false), to(0, false)], 0, &[Open(1), Open(0)]);
        check(
            &[to(1, false), NavigationEvent::Address { page: None, unsaved: false }],
            0,
            &[Open(1), Open(0)],
        );
        check(&[to(0, true)], 0, &[]);
    }

    #[test]
    fn unsaved_changes_are_given_up_only_when_the_admin_says_so() {
        check(&[to(1, true)], 0, &[Ask]);
        check(&[to(1, true), Stay], 0, &[Ask, Restore(0)]);
        check(&[to(1, true), Leave], 1, &[Ask, Discard(0), Open(1)]);
        check(&[to(1, true), to(0, true), Leave], 0, &[Ask]);
        check(&[Stay, Leave], 0, &[]);
    }
}
