//! How the tables of a run are written.

/// How the tables of a run are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, UTF-8, one header line.
    #[default]
    Csv,
    /// JSON Lines: one object a record, its keys the headers in their order.
    Jsonl,
    /// Apache Parquet: typed columns, compressed.
    Parquet,
    /// Arrow IPC files: typed columns as they lie in memory.
    Arrow,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] = [Format::Csv, Format::Jsonl, Format::Parquet, Format::Arrow];

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// `csv`, `jsonl`, `parquet`, `arrow`: what names it and ends its files.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            Format::Parquet => "parquet",
            Format::Arrow => "arrow",
        }
    }
}
