//! A screen on the page: Leptos draws it, and again whenever something that it read has changed.

use any_spawner::Executor;
use leptos::prelude::{Mountable, Render, RenderEffect};
use leptos::tachys::renderer::types::Element;

use crate::ui::Node;

/// Puts it there for as long as the page lives. `leptos::mount::mount_to` would do the same, and build a view of every kind
/// that it knows: with streams, hydration and attributes, which a `Node` does not have.
pub(super) fn mount(root: impl AsRef<Element>, screen: impl Fn() -> Node + 'static) {
    let root = root.as_ref().clone();
    let _ = Executor::init_wasm_bindgen(); // refused only where it has been done
    let drawn = RenderEffect::new(move |before: Option<<Node as Render>::State>| {
        let node = screen();
        if let Some(mut now) = before {
            node.rebuild(&mut now);
            return now;
        }
        let mut now = node.build();
        now.mount(&root, None);
        now
    });
    std::mem::forget(drawn);
}
