//! What an attribute can hold. Most are texts of the code: they are handed on as they are, which is half of the code of a call.

use super::Node;

/// What an attribute can hold.
pub trait Value {
    /// Sets the attribute to it.
    fn set(self, node: Node, name: &'static str) -> Node;
}

impl Value for &'static str {
    fn set(self, node: Node, name: &'static str) -> Node {
        node.set_known(name, self)
    }
}

impl Value for String {
    fn set(self, node: Node, name: &'static str) -> Node {
        node.set(name, self.into())
    }
}
