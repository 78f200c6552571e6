//! Text → tokens → syntax tree.
