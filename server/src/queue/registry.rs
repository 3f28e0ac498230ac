//! From a row's kind to the job that it is.
