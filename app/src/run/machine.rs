//! A model whose state is a signal and whose effects are carried out.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;

use crate::model::Model;
use crate::screens::Send;

type Perform<M> = Rc<dyn Fn(<M as Model>::Effect)>;

/// A model at work. A copy is the same model.
pub(super) struct Machine<M: Model> {
    /// What the screens read.
    pub state: RwSignal<M>,
    perform: StoredValue<Option<Perform<M>>, LocalStorage>,
}

impl<M: Model> Clone for Machine<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Model> Copy for Machine<M> {}

impl<M: Model> Machine<M> {
    pub(super) fn new() -> Self {
        Self { state: RwSignal::new(M::default()), perform: StoredValue::new_local(None) }
    }

    /// Who carries out the effects.
    pub(super) fn perform(self, perform: impl Fn(M::Effect) + 'static) {
        self.perform.set_value(Some(Rc::new(perform)));
    }

    /// Something happened.
    pub(super) fn send(self, event: M::Event) {
        let step = |state: &mut M| {
            let (next, effects) = std::mem::take(state).update(event);
            *state = next;
            effects
        };
        let effects = self.state.try_update(step).unwrap_or_default();
        let Some(Some(perform)) = self.perform.try_get_value() else { return };
        for effect in effects {
            perform(effect);
        }
    }

    /// The same, for a screen.
    pub(super) fn callback(self) -> Send<M::Event> {
        Arc::new(move |event| self.send(event))
    }
}
