//! All users of the account, found by id, by address, by external id, and in the order in which they changed.
//! **Invariant:** nobody changes a user but through here, so the indexes are true; a lookup takes no longer where there are a million.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::User;

/// The users and their indexes.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "each is one way to find the same users")]
pub(crate) struct Users {
    by_id: BTreeMap<u64, User>,
    by_change: BTreeSet<(i64, u64)>,
    by_address: HashMap<String, u64>,
    by_external_id: HashMap<String, u64>,
}

impl std::ops::Deref for Users {
    type Target = BTreeMap<u64, User>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

impl Users {
    /// Puts a user in, in place of the one that has had this id.
    pub(crate) fn put(&mut self, user: User) {
        self.remove(user.id);
        self.by_change.insert(changed(&user));
        if user.active {
            let addresses = user.identities.iter().filter(|identity| identity.kind == "email");
            self.by_address.extend(addresses.map(|identity| (identity.value.to_ascii_lowercase(), user.id)));
            self.by_external_id
                .extend(user.external_id.as_ref().map(|id| (id.to_ascii_lowercase(), user.id)));
        }
        self.by_id.insert(user.id, user);
    }

    /// Takes a user out, as if they had never been there.
    pub(crate) fn remove(&mut self, id: u64) {
        let Some(user) = self.by_id.remove(&id) else { return };
        self.by_change.remove(&changed(&user));
        for identity in &user.identities {
            remove_if(&mut self.by_address, &identity.value, id);
        }
        if let Some(external_id) = &user.external_id {
            remove_if(&mut self.by_external_id, external_id, id);
        }
    }

    /// Changes a user; nothing, where there is none with this id.
    pub(crate) fn edit<T>(&mut self, id: u64, change: impl FnOnce(&mut User) -> T) -> Option<T> {
        let mut user = self.by_id.get(&id)?.clone();
        let answer = change(&mut user);
        self.put(user);
        Some(answer)
    }

    /// Changes the values of everybody's fields, or their organization; nothing that an index is about.
    pub(crate) fn edit_all(&mut self, change: impl FnMut(&mut User)) {
        self.by_id.values_mut().for_each(change);
    }

    /// The active user with this e-mail address; case does not matter.
    pub(crate) fn with_address(&self, address: &str) -> Option<&User> {
        self.by_id.get(self.by_address.get(&address.to_ascii_lowercase())?)
    }

    /// The active user with this external id; case does not matter.
    pub(crate) fn with_external_id(&self, external_id: &str) -> Option<&User> {
        self.by_id.get(self.by_external_id.get(&external_id.to_ascii_lowercase())?)
    }

    /// Second of the last change and id, in this order, of those that come after `after`.
    pub(crate) fn changed_after(&self, after: (i64, u64)) -> impl Iterator<Item = (i64, u64)> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.by_change.range((Excluded(after), Unbounded)).copied()
    }
}

fn changed(user: &User) -> (i64, u64) {
    (user.updated_at.timestamp(), user.id)
}

fn remove_if(index: &mut HashMap<String, u64>, name: &str, id: u64) {
    let name = name.to_ascii_lowercase();
    if index.get(&name) == Some(&id) {
        index.remove(&name);
    }
}
