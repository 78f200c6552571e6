//! The plan: sections lowered to one graph of named typed nodes.
pub mod node;
pub mod schema;
pub use node::*;
pub use schema::{Fact, FactId, Relation, RelationId, Schema};
