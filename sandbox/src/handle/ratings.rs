//! What customers say of tickets.

use super::Handle;

impl Handle {
    /// The customer rates a ticket: `good` or `bad`. Nobody is told, and the ticket has changed.
    pub fn rate(&self, ticket: u64, score: &str) {
        let now = self.now();
        if let Some(ticket) = self.0.account().tickets.get_mut(&ticket) {
            ticket.satisfaction = Some(score.to_owned());
            ticket.updated_at = now;
        }
    }
}
