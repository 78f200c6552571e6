//! usance: the policy engine for trade credit.
//!
//! ```text
//! policy  → lang → plan → engine → outcome
//!                    book ↗
//! ```

pub mod book;
pub mod check;
pub mod cli;
pub mod compare;
pub mod diag;
pub mod engine;
mod heap;
mod hex;
pub mod lang;
pub mod live;
pub mod outcome;
pub mod plan;
pub mod policy;
pub mod report;
pub mod sample;
pub mod start;
pub mod timings;
