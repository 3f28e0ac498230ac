//! A piece of a screen as a value, which Leptos renders and updates in place. **Invariant:** one type for every element.
//! `view!` makes a type, and the code to build and update it, of each combination of elements: the same screens weighed
//! a third more, and the bundle has a budget.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::{Mountable, Render};
use leptos::tachys::renderer::{Rndr, types};
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;

use super::value::Value;

/// What happens on a press.
pub type Press = Rc<dyn Fn()>;
type Text = Cow<'static, str>;

/// An element, or a text. Boxed: it is handed on many times, and a pointer is small.
pub struct Node(Box<Parts>);

struct Parts {
    /// Empty: a text.
    tag: &'static str,
    /// Of another key it is another thing.
    key: Text,
    text: Text,
    attributes: Vec<(&'static str, Text)>,
    children: Vec<Node>,
    on: Vec<(On, Press)>,
}

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Press,
    Escape,
    Submit,
    Input,
}

/// An element, still without anything.
#[must_use]
#[inline(never)]
pub fn el(tag: &'static str) -> Node {
    leaf(tag, Text::Borrowed(""))
}

fn leaf(tag: &'static str, text: Text) -> Node {
    let key = Text::Borrowed("");
    Node(Box::new(Parts { tag, key, text, attributes: vec![], children: vec![], on: vec![] }))
}

impl Node {
    /// With an attribute.
    #[must_use]
    pub fn attr(self, name: &'static str, value: impl Value) -> Self {
        value.set(self, name)
    }

    #[inline(never)]
    pub(super) fn set_known(self, name: &'static str, value: &'static str) -> Self {
        self.set(name, Text::Borrowed(value))
    }

    #[inline(never)]
    pub(super) fn set(mut self, name: &'static str, value: Text) -> Self {
        self.0.attributes.push((name, value));
        self
    }

    /// With classes.
    #[must_use]
    #[inline(never)]
    pub fn class(self, class: &'static str) -> Self {
        self.set_known("class", class)
    }

    /// With a name and a raw value for programs that look on.
    #[must_use]
    pub fn test(self, id: &'static str, value: impl Value) -> Self {
        value.set(self.named(id), "data-value")
    }

    #[inline(never)]
    fn named(self, id: &'static str) -> Self {
        self.set_known("data-testid", id)
    }

    /// With one more child.
    #[must_use]
    pub fn with(self, child: impl Into<Node>) -> Self {
        self.add(child.into())
    }

    #[inline(never)]
    fn add(mut self, child: Node) -> Self {
        self.0.children.push(child);
        self
    }

    /// With these children: some, or perhaps one.
    #[must_use]
    pub fn all(self, children: impl IntoIterator<Item = Node>) -> Self {
        children.into_iter().fold(self, Self::add)
    }

    /// Does something when pressed.
    #[must_use]
    pub fn press(self, press: Press) -> Self {
        self.on(On::Press, press)
    }

    /// Does something on Escape.
    #[must_use]
    pub fn escape(self, press: Press) -> Self {
        self.on(On::Escape, press)
    }

    /// A form: does something when it is submitted, in place of the browser.
    #[must_use]
    pub fn submit(self, press: Press) -> Self {
        self.on(On::Submit, press)
    }

    /// A form, or a field: does something whenever what it holds was changed by a person.
    #[must_use]
    pub fn input(self, press: Press) -> Self {
        self.on(On::Input, press)
    }

    /// Is made anew where there was one of another key: what a person typed there goes with it.
    #[must_use]
    pub fn key(mut self, key: String) -> Self {
        self.0.key = key.into();
        self
    }

    fn on(mut self, what: On, press: Press) -> Self {
        self.0.on.push((what, press));
        self
    }
}

impl Parts {
    /// Whether one can become the other in place.
    fn fits(&self, state: &NodeState) -> bool {
        self.tag == state.tag
            && self.key == state.key
            && self.on.len() == state.on.len()
            && self.on.iter().zip(&state.on).all(|((what, _), there)| *what == there.what)
    }
}

impl From<String> for Node {
    #[inline(never)]
    fn from(text: String) -> Self {
        leaf("", text.into())
    }
}

impl From<&'static str> for Node {
    #[inline(never)]
    fn from(text: &'static str) -> Self {
        leaf("", text.into())
    }
}

/// A node on the screen.
pub struct NodeState {
    tag: &'static str,
    key: Text,
    text: Text,
    attributes: Vec<(&'static str, Text)>,
    children: Vec<NodeState>,
    on: Vec<Listener>,
    dom: types::Node,
}

/// A listener stays where it is; what it does is replaced.
struct Listener {
    what: On,
    now: Rc<RefCell<Press>>,
    _attached: Closure<dyn FnMut(types::Event)>,
}

impl Listener {
    fn attach(element: &types::Element, what: On, press: Press) -> Self {
        let now = Rc::new(RefCell::new(press));
        let current = Rc::clone(&now);
        let listen = move |event: types::Event| {
            match what {
                On::Press | On::Input => {}
                On::Escape if key_of(&event) == "Escape" => {}
                On::Escape => return,
                On::Submit => event.unchecked_ref::<leptos::ev::SubmitEvent>().prevent_default(),
            }
            let press = Rc::clone(&current.borrow());
            press();
        };
        let event = match what {
            On::Press => "click",
            On::Escape => "keydown",
            On::Submit => "submit",
            On::Input => "input",
        };
        // Leptos' own would bring the standard library's threads, and with them its allocator beside ours.
        let attached = Closure::new(listen);
        let _ = element.add_event_listener_with_callback(event, attached.as_ref().unchecked_ref());
        Self { what, now, _attached: attached }
    }
}

impl Render for Node {
    type State = NodeState;

    fn build(self) -> NodeState {
        let Parts { tag, key, text, attributes, children, on } = *self.0;
        if tag.is_empty() {
            let dom = Rndr::create_text_node(&text).into();
            return NodeState { tag, key, text, attributes, children: vec![], on: vec![], dom };
        }
        let element = Rndr::create_element(tag, None);
        for (name, value) in &attributes {
            Rndr::set_attribute(&element, name, value);
        }
        let append = |child: Node| {
            let child = child.build();
            Rndr::insert_node(&element, &child.dom, None);
            child
        };
        let children = children.into_iter().map(append).collect();
        let on = on.into_iter().map(|(what, press)| Listener::attach(&element, what, press)).collect();
        NodeState { tag, key, text, attributes, children, on, dom: element.into() }
    }

    fn rebuild(self, state: &mut NodeState) {
        if !self.0.fits(state) {
            let next = self.build();
            if let Some(parent) = Rndr::get_parent(&state.dom) {
                Rndr::insert_node(as_element(&parent), &next.dom, Some(&state.dom));
                Rndr::remove(&state.dom);
            }
            *state = next;
            return;
        }
        let next = *self.0;
        if next.tag.is_empty() {
            if next.text != state.text {
                Rndr::set_text(as_text(&state.dom), &next.text);
                state.text = next.text;
            }
            return;
        }
        let element = as_element(&state.dom);
        for (name, _) in &state.attributes {
            if !next.attributes.iter().any(|(kept, _)| kept == name) {
                Rndr::remove_attribute(element, name);
            }
        }
        for attribute in &next.attributes {
            if !state.attributes.contains(attribute) {
                Rndr::set_attribute(element, attribute.0, &attribute.1);
            }
        }
        if KEYED && next.children.iter().any(|child| !child.0.key.is_empty()) {
            rebuild_by_key(element, next.children, &mut state.children);
        } else {
            rebuild_in_place(element, next.children, &mut state.children);
        }
        state.attributes = next.attributes;
        for (listener, (_, press)) in state.on.iter().zip(next.on) {
            listener.now.replace(press);
        }
    }
}

/// Whether rows are told apart by their keys: the sidebars and the panel have no tables, and do without the code.
const KEYED: bool = cfg!(any(feature = "console", not(target_arch = "wasm32")));

/// The first becomes the first, the second the second.
fn rebuild_in_place(element: &types::Element, next: Vec<Node>, state: &mut Vec<NodeState>) {
    for gone in state.drain(next.len().min(state.len())..) {
        Rndr::remove(&gone.dom);
    }
    for (index, child) in next.into_iter().enumerate() {
        if let Some(before) = state.get_mut(index) {
            child.rebuild(before);
        } else {
            let child = child.build();
            Rndr::insert_node(element, &child.dom, None);
            state.push(child);
        }
    }
}

/// A child becomes the one of its key. One that is where it belongs is not touched, so that the focus in it stays.
fn rebuild_by_key(element: &types::Element, next: Vec<Node>, state: &mut Vec<NodeState>) {
    let mut before: Vec<Option<NodeState>> = state.drain(..).map(Some).collect();
    let paired = next.into_iter().map(|child| {
        let fits = |there: &&mut Option<NodeState>| there.as_ref().is_some_and(|there| child.0.fits(there));
        let there = before.iter_mut().find(fits).and_then(Option::take);
        (child, there)
    });
    let paired: Vec<_> = paired.collect();
    for gone in before.into_iter().flatten() {
        Rndr::remove(&gone.dom);
    }
    let mut here = Rndr::first_child(element);
    for (child, there) in paired {
        let now = match there {
            Some(mut now) => {
                child.rebuild(&mut now);
                now
            }
            None => child.build(),
        };
        if here.as_ref() == Some(&now.dom) {
            here = here.as_ref().and_then(Rndr::next_sibling);
        } else {
            Rndr::insert_node(element, &now.dom, here.as_ref());
        }
        state.push(now);
    }
}

/// `NodeState` knows by its tag which it has.
fn as_element(node: &types::Node) -> &types::Element {
    node.unchecked_ref()
}

fn as_text(node: &types::Node) -> &types::Text {
    node.unchecked_ref()
}

/// Only keyboard events are asked for theirs.
fn key_of(event: &types::Event) -> String {
    event.unchecked_ref::<leptos::ev::KeyboardEvent>().key()
}

impl Mountable for NodeState {
    fn unmount(&mut self) {
        Rndr::remove(&self.dom);
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        Rndr::insert_node(parent, &self.dom, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let Some(parent) = Rndr::get_parent(&self.dom) else { return false };
        child.mount(as_element(&parent), Some(&self.dom));
        true
    }

    fn elements(&self) -> Vec<types::Element> {
        if self.tag.is_empty() { vec![] } else { vec![as_element(&self.dom).clone()] }
    }
}

/// As text, for tests: a screen is looked at without a browser.
#[cfg(test)]
impl Node {
    pub(crate) fn to_html(&self) -> String {
        let mut html = String::new();
        self.write(&mut html);
        html
    }

    fn write(&self, html: &mut String) {
        let Parts { tag, text, attributes, children, .. } = &*self.0;
        if tag.is_empty() {
            return escape(text, html);
        }
        html.extend(["<", tag]);
        for (name, value) in attributes {
            html.extend([" ", name, "=\""]);
            escape(value, html);
            html.push('"');
        }
        html.push('>');
        for child in children {
            child.write(html);
        }
        html.extend(["</", tag, ">"]);
    }
}

#[cfg(test)]
fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(character),
        }
    }
}
