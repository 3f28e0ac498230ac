//! A screen on the page: Leptos draws it, and again whenever something that it read has changed. Which screen reads what is kept here:
//! there are a few of each, and all live as long as the page, so Leptos' graph of signals, with its owners, locks and arenas, would
//! weigh 6 kB for nothing (ADR 5).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::{Mountable, Render};
use leptos::tachys::renderer::types::Element;

use crate::host::page::spawn;
use crate::ui::Node;

thread_local! {
    static DRAWN: RefCell<Option<Rc<Screen>>> = const { RefCell::new(None) };
}

/// A screen, for what it reads.
pub(super) struct Screen {
    root: Element,
    screen: Box<dyn Fn() -> Node>,
    now: RefCell<Option<<Node as Render>::State>>,
    is_due: Cell<bool>,
}

/// Puts it there for as long as the page lives.
pub(super) fn mount(root: impl AsRef<Element>, screen: impl Fn() -> Node + 'static) {
    let (root, screen) = (root.as_ref().clone(), Box::new(screen));
    let screen = Screen { root, screen, now: RefCell::default(), is_due: Cell::new(false) };
    Rc::new(screen).draw();
}

impl Screen {
    /// The screen that is being drawn reads what these screens read. It may not read it the next time; then it is drawn once too often.
    #[inline(never)]
    pub(super) fn reads(readers: &RefCell<Vec<Rc<Self>>>) {
        let Some(screen) = DRAWN.with_borrow(Clone::clone) else { return };
        let mut readers = readers.borrow_mut();
        if !readers.iter().any(|known| Rc::ptr_eq(known, &screen)) {
            readers.push(screen);
        }
    }

    /// What these screens read has changed: they are drawn once, after everything that changes now.
    #[inline(never)]
    pub(super) fn changed(readers: &RefCell<Vec<Rc<Self>>>) {
        for screen in &*readers.borrow() {
            if !screen.is_due.replace(true) {
                let screen = Rc::clone(screen);
                spawn(Box::pin(async move { screen.draw() }));
            }
        }
    }

    fn draw(self: Rc<Self>) {
        self.is_due.set(false);
        DRAWN.set(Some(Rc::clone(&self)));
        let node = (self.screen)();
        DRAWN.set(None);
        let mut now = self.now.borrow_mut();
        if let Some(now) = &mut *now {
            return node.rebuild(now);
        }
        let mut built = node.build();
        built.mount(&self.root, None);
        *now = Some(built);
    }
}
