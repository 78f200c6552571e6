//! What a column looks like, from its texts.

use std::collections::{BTreeMap, BTreeSet};

use super::aliases;
use crate::book::dates::DateFormat;
use crate::book::numbers::{self, NumberFormat};

/// The patterns that are tried, the commonest first.
const DAYS: &[&str] = &[
    "YYYY-MM-DD",
    "YYYYMMDD",
    "DD.MM.YYYY",
    "D.M.YYYY",
    "M/D/YYYY",
    "D/M/YYYY",
    "YYYY/M/D",
    "YYYY年M月D日",
    "D-MMM-YYYY",
    "YYYYMMDD.f",
];
const TIMES: &[&str] = &["", " HH:mm", " HH:mm:ss", " H:mm", " h:mm:ss AM", "THH:mm:ss", "THH:mm:ssZ", " HH:mm:ss.f"];
/// Decimal mark and thousands mark, the commonest first.
const MARKS: &[(char, Option<char>)] = &[
    ('.', None),
    ('.', Some(',')),
    (',', Some('.')),
    (',', None),
    (',', Some(' ')),
    ('.', Some(' ')),
    ('.', Some('\'')),
];
/// How many different texts of a column are kept.
const KEPT: usize = 10_000;
/// How many of them decide which forms are worth trying on all.
const TRIED: usize = 200;
/// How many are shown.
const FEW: usize = 8;

/// A column of a file.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its header.
    pub header: String,
    /// What its texts are.
    pub looks: Looks,
    /// How many rows it was looked at in.
    pub rows: usize,
    /// How many of them are blank in it.
    pub blank: usize,
    /// How many different texts it has; at most 10,000 are counted.
    pub distinct: usize,
    /// The different texts with how often each stands, where they are few.
    pub few: Vec<(String, usize)>,
    /// The least and the greatest.
    pub range: Option<(String, String)>,
    /// The first different texts.
    pub examples: Vec<String>,
    /// A text that is 1 January 1900 and stands for no date: some programs have no blank one.
    pub unset: Option<String>,
    /// The column of the book it is taken for.
    pub taken_for: Option<String>,
}

/// What the texts of a column are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looks {
    /// There are none.
    Blank,
    /// Texts.
    Text,
    /// One of two answers.
    YesNo,
    /// Numbers: the decimal and thousands marks that read them all, the simplest first, and their currency signs.
    Number {
        /// The ways.
        marks: Vec<(char, Option<char>)>,
        /// The signs.
        signs: Vec<String>,
    },
    /// Dates: the patterns that read them all. Two of them read a text as different days where `doubtful`.
    Date {
        /// The patterns, the commonest first.
        patterns: Vec<String>,
        /// Whether the texts do not say which is meant.
        doubtful: bool,
    },
}

impl Looks {
    /// As people say it.
    pub(super) fn shown(&self, word: &dyn Fn(&str) -> &'static str) -> String {
        match self {
            Self::Blank => word("blank").to_owned(),
            Self::Text => word("text").to_owned(),
            Self::YesNo => word("yes_no").to_owned(),
            Self::Number { marks, signs }
                if signs.is_empty() && [('.', None), (',', None)].iter().all(|m| marks.contains(m)) =>
            {
                word("whole").to_owned()
            }
            Self::Number { marks, signs } => {
                let one = |(decimal, thousands): &(char, Option<char>)| match thousands {
                    Some(mark) => format!("1{mark}234{decimal}50"),
                    None => format!("1234{decimal}50"),
                };
                let marks = marks.first().map(one).unwrap_or_default();
                format!(
                    "{} {marks}{}",
                    word("number"),
                    if signs.is_empty() { String::new() } else { format!(" {}", signs.join(" ")) }
                )
            }
            Self::Date { patterns, doubtful } => {
                let most = if *doubtful { 2 } else { 1 };
                let patterns: Vec<&str> = patterns.iter().take(most).map(String::as_str).collect();
                format!("{} {}", word("date"), patterns.join(if *doubtful { " ? " } else { " " }))
            }
        }
    }
}

/// The texts of a column while they are read.
#[derive(Default)]
pub(super) struct Texts {
    rows: usize,
    blank: usize,
    seen: BTreeMap<String, usize>,
    first: Vec<String>,
}

impl Texts {
    pub(super) fn add(&mut self, text: &str) {
        self.rows += 1;
        let text = text.trim();
        if text.is_empty() {
            self.blank += 1;
            return;
        }
        if let Some(times) = self.seen.get_mut(text) {
            *times += 1;
        } else {
            if self.seen.len() < KEPT {
                self.seen.insert(text.to_owned(), 1);
            }
            if self.first.len() < 3 {
                self.first.push(text.to_owned());
            }
        }
    }

    pub(super) fn column(self, header: &str) -> Column {
        let yes_no = |text: &String| aliases::rank("yes", text).is_some() || aliases::rank("no", text).is_some();
        let texts: Vec<&str> = self.seen.keys().map(String::as_str).collect();
        let (dates, days) = dates(&texts);
        let (marks, signs, amounts) = marks(&texts);
        let (looks, range) = if texts.is_empty() {
            (Looks::Blank, None)
        } else if !dates.is_empty() {
            let reads =
                |start: &str| dates.iter().find(|(pattern, _)| pattern.starts_with(start)).map(|(_, format)| format);
            let doubtful = match (reads("M/D/"), reads("D/M/")) {
                (Some(one), Some(other)) => texts.iter().any(|text| one.read(text).ok() != other.read(text).ok()),
                _ => false,
            };
            (Looks::Date { patterns: dates.into_iter().map(|(pattern, _)| pattern).collect(), doubtful }, days)
        } else if self.seen.keys().all(yes_no) {
            (Looks::YesNo, None)
        } else if !marks.is_empty() {
            (Looks::Number { marks, signs }, amounts)
        } else {
            (Looks::Text, None)
        };
        let unset = match &looks {
            Looks::Date { patterns, .. } => patterns.first().and_then(|pattern| {
                let format = DateFormat::parse(pattern).ok()?;
                self.seen
                    .keys()
                    .find(|text| format.read(text).is_ok_and(|day| day.to_string() == "1900-01-01"))
                    .cloned()
            }),
            _ => None,
        };
        let distinct = self.seen.len();
        let few = if distinct <= FEW { self.seen.into_iter().collect() } else { Vec::new() };
        let (rows, blank) = (self.rows, self.blank);
        Column {
            header: header.to_owned(),
            looks,
            rows,
            blank,
            distinct,
            few,
            range,
            examples: self.first,
            unset,
            taken_for: None,
        }
    }
}

/// The forms that read the most texts; none where those are less than four fifths.
fn best<F: Clone>(forms: Vec<F>, texts: &[&str], reads: impl Fn(&F, &str) -> bool) -> Vec<F> {
    let sift = |forms: Vec<F>, texts: &[&str], least: bool| {
        let fails = |form: &F| texts.iter().filter(|text| !reads(form, text)).count();
        let counted: Vec<(usize, F)> = forms.into_iter().map(|form| (fails(&form), form)).collect();
        let fewest = counted.iter().map(|(fails, _)| *fails).min().unwrap_or(0);
        let most = if least { fewest } else { texts.len() };
        let kept = counted.into_iter().filter(|(fails, _)| fails * 5 <= texts.len() && *fails <= most);
        kept.map(|(_, form)| form).collect::<Vec<F>>()
    };
    let step = texts.len().div_ceil(TRIED).max(1);
    let some: Vec<&str> = texts.iter().step_by(step).copied().collect();
    sift(sift(forms, &some, false), texts, true)
}

type Range = Option<(String, String)>;

/// Decimal mark and thousands mark.
type Marks = (char, Option<char>);

fn range<T: Ord + ToString>(values: impl Iterator<Item = T> + Clone) -> Range {
    Some((values.clone().min()?.to_string(), values.max()?.to_string()))
}

fn dates(texts: &[&str]) -> (Vec<(String, DateFormat)>, Range) {
    let all = DAYS.iter().flat_map(|day| TIMES.iter().map(move |time| format!("{day}{time}")));
    let all = all.filter_map(|pattern| Some((pattern.clone(), DateFormat::parse(&pattern).ok()?))).collect();
    let found = best(all, texts, |(_, format), text| format.read(text).is_ok());
    let days = found.first().and_then(|(_, format)| range(texts.iter().filter_map(|text| format.read(text).ok())));
    (found, days)
}

fn marks(texts: &[&str]) -> (Vec<Marks>, Vec<String>, Range) {
    let signs: BTreeSet<&str> = texts.iter().filter_map(|text| numbers::currency_sign(text)).collect();
    let mut signs: Vec<String> =
        if signs.len() > 5 { Vec::new() } else { signs.into_iter().map(str::to_owned).collect() };
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.len()));
    let format = |(decimal, thousands): &(char, Option<char>)| NumberFormat {
        decimal: *decimal,
        thousands: *thousands,
        signs: signs.clone(),
    };
    let forms: Vec<((char, Option<char>), NumberFormat)> = MARKS.iter().map(|marks| (*marks, format(marks))).collect();
    let found = best(forms, texts, |(_, format), text| numbers::read(text, format).is_ok());
    let amounts =
        found.first().and_then(|(_, format)| range(texts.iter().filter_map(|text| numbers::read(text, format).ok())));
    (found.into_iter().map(|(marks, _)| marks).collect(), signs, amounts)
}
