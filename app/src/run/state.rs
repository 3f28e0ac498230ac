//! A value that screens read. **Invariant:** it lives as long as the page, as the screens do.

use std::cell::RefCell;

use leptos::prelude::{ArcTrigger, Notify, Track};

/// A value and who reads it. A copy is the same value. It is not `State<T>`, which brings its own arena, locks and guards
/// for every `T`: the code for all of the models' was 3 kB of the bundle.
pub(super) struct State<T: 'static>(&'static Cell<T>);

struct Cell<T> {
    value: RefCell<T>,
    changed: ArcTrigger,
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

impl<T> State<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Box::leak(Box::new(Cell { value: RefCell::new(value), changed: ArcTrigger::new() })))
    }

    /// Reads it; the screen that asks is drawn again when it changes.
    pub(super) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.0.changed.track();
        self.with_untracked(read)
    }

    /// Reads it once.
    pub(super) fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.0.value.borrow())
    }

    /// Changes it.
    pub(super) fn update<R>(self, change: impl FnOnce(&mut T) -> R) -> R {
        let answer = change(&mut self.0.value.borrow_mut());
        self.0.changed.notify();
        answer
    }
}

impl<T: Clone> State<T> {
    pub(super) fn get(self) -> T {
        self.with(T::clone)
    }

    pub(super) fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }

    pub(super) fn set(self, value: T) {
        self.update(|now| *now = value);
    }
}
