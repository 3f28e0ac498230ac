//! A model whose state the screens read and whose effects are carried out.

use std::cell::RefCell;
use std::rc::Rc;

use super::state::State;
use crate::model::Model;
use crate::screens::Send;

type Perform<M> = Rc<dyn Fn(<M as Model>::Effect)>;

/// A model at work. A copy is the same model.
pub(super) struct Machine<M: Model> {
    /// What the screens read.
    pub state: State<M>,
    perform: &'static RefCell<Option<Perform<M>>>,
}

impl<M: Model> Clone for Machine<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Model> Copy for Machine<M> {}

impl<M: Model> Machine<M> {
    pub(super) fn new() -> Self {
        Self { state: State::new(M::default()), perform: Box::leak(Box::default()) }
    }

    /// Who carries out the effects.
    pub(super) fn perform(self, perform: impl Fn(M::Effect) + 'static) {
        self.perform.replace(Some(Rc::new(perform)));
    }

    /// Something happened.
    pub(super) fn send(self, event: M::Event) {
        let effects = self.state.update(|state| {
            let (next, effects) = std::mem::take(state).update(event);
            *state = next;
            effects
        });
        let Some(perform) = self.perform.borrow().clone() else { return };
        for effect in effects {
            perform(effect);
        }
    }

    /// The same, for a screen.
    pub(super) fn callback(self) -> Send<M::Event> {
        Rc::new(move |event| self.send(event))
    }
}
