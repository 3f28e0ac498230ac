//! One call to a vendor.
/// Tries.
#[derive(Debug)]
pub struct Exchange;
/// Answer.
#[derive(Debug)]
pub struct Answer;
/// Error.
#[derive(Debug)]
pub struct CallError;
/// Repeat.
#[derive(Debug)]
pub struct Repeat;
