//! What Flex's panel shows of a call beside its ticket and contract.

pub mod call;
pub mod log;
pub mod notes;
pub mod said;

#[cfg(test)]
mod tests;
