//! A value that screens read. **Invariant:** it lives as long as the page, as the screens do.

use std::cell::RefCell;
use std::rc::Rc;

use super::mount::Screen;

/// A value and who reads it. A copy is the same value.
pub(super) struct State<T: 'static>(&'static Cell<T>);

struct Cell<T> {
    value: RefCell<T>,
    readers: RefCell<Vec<Rc<Screen>>>,
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

impl<T> State<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Box::leak(Box::new(Cell { value: RefCell::new(value), readers: RefCell::default() })))
    }

    /// Reads it; the screen that asks is drawn again when it changes.
    pub(super) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        Screen::reads(&self.0.readers);
        self.with_untracked(read)
    }

    /// Reads it once.
    pub(super) fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.0.value.borrow())
    }

    /// Changes it.
    pub(super) fn update<R>(self, change: impl FnOnce(&mut T) -> R) -> R {
        let answer = change(&mut self.0.value.borrow_mut());
        Screen::changed(&self.0.readers);
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
