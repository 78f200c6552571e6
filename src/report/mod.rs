//! One page that a finance director forwards: made from nothing but the folder a run wrote.
//!
//! ```text
//! manifest → read → gather (aggregates and the top few) → page (HTML, charts)
//! ```

mod chart;
mod gather;
mod html;
mod manifest;
mod number;
mod page;
mod read;
mod top;
mod trouble;
mod words;

use std::path::Path;

pub use trouble::Trouble;

/// The page for a run's folder in a language (`en`, `zh`): one HTML text that needs nothing else.
///
/// # Errors
///
/// When it is not the folder of a run, a table cannot be read, or the tables and the manifest do not agree.
pub fn page(dir: &Path, language: &str) -> Result<String, Trouble> {
    let manifest = manifest::Manifest::read(dir)?;
    let picture = gather::Picture::of(dir, &manifest)?;
    Ok(page::html(&manifest, &picture, words::Words::new(language, &manifest)))
}
