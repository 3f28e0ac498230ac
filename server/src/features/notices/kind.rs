//! What notices are about: the trigger's word, its tag, and for whom it is. **Invariant:** each trigger has a tag of its own, which
//! keeps it from acting again.

use crate::store::companies::OwnerRole;
pub use crate::store::notices::NoticeKind as Kind;

/// Makes triggers look at a ticket whose requester was not known when they wrote.
pub const NEWCOMER_TAG: &str = "deskside_contract";
const NEW_CONTRACT_TAG: &str = "deskside_new_contract";
const RENEWAL_TAG: &str = "deskside_renewal_near";
const PAGED_TAG: &str = "deskside_paged";

/// All tags that ask for notices, or say that they were asked for.
pub const TAGS: [&str; 4] = [NEWCOMER_TAG, NEW_CONTRACT_TAG, RENEWAL_TAG, PAGED_TAG];

/// The kinds that Zendesk's triggers ask for.
pub const OF_TRIGGERS: [Kind; 4] = [Kind::NewCustomer, Kind::RenewalNear, Kind::Page, Kind::PageOver];

/// The tag of a kind's trigger; the one that ends a page takes the page's tag off.
pub const fn tag(kind: Kind) -> &'static str {
    match kind {
        Kind::NewCustomer => NEW_CONTRACT_TAG,
        Kind::RenewalNear | Kind::Renewal => RENEWAL_TAG,
        Kind::Page | Kind::PageOver => PAGED_TAG,
    }
}

/// The title that a trigger is made with.
pub const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::NewCustomer => "Deskside: tell sales of a new customer's ticket",
        Kind::RenewalNear | Kind::Renewal => "Deskside: tell customer success of a ticket before a renewal",
        Kind::Page => "Deskside: page on an emergency of a customer with a high MRR",
        Kind::PageOver => "Deskside: end the page when the ticket is solved",
    }
}

/// Who is in charge.
pub const fn role(kind: Kind) -> OwnerRole {
    match kind {
        Kind::NewCustomer => OwnerRole::Sales,
        Kind::RenewalNear | Kind::Renewal | Kind::Page | Kind::PageOver => OwnerRole::Success,
    }
}

/// Their role in words.
pub const fn role_in_words(role: OwnerRole) -> &'static str {
    match role {
        OwnerRole::Sales => "sales",
        OwnerRole::Success => "customer success",
    }
}

/// A role as it is kept.
pub const fn role_word(role: OwnerRole) -> &'static str {
    match role {
        OwnerRole::Sales => "sales",
        OwnerRole::Success => "success",
    }
}

/// The kind that a trigger's body names.
pub fn of_trigger(word: &str) -> Option<Kind> {
    OF_TRIGGERS.into_iter().find(|kind| kind.as_str() == word)
}
