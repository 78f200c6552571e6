//! Which rules made the values of a block, where they stand and why: what is the same for every row is written down once.

use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

use super::schema::LANGUAGES;
use super::tables::place;
use crate::lang::{Expr, NodeRef, Template, spoken};
use crate::plan::{Choice, Form, Plan};

/// The rules that made each value of a block, as numbers of rows of their decision table.
#[derive(Clone, Copy, Debug)]
pub enum Hits<'h> {
    /// One a value, or [`Hits::NONE`].
    One(&'h [u16]),
    /// Several: the hits of all values one behind another, and where those of each end.
    Several(&'h [u16], &'h [u32]),
}

/// A value that a reason shows.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'p> {
    /// Which value of the block the reason is for.
    pub lane: usize,
    /// The rule, as the number of its row.
    pub rule: usize,
    /// Which value of the reason, from 0.
    pub number: usize,
    /// What it is.
    pub expr: &'p Expr,
    /// The language of the reason: what is missing is said in it.
    pub language: &'static str,
}

/// The rules of a column, ready to be shown.
#[derive(Clone, Debug)]
pub struct Because<'p> {
    rules: Words,
    places: Words,
    reasons: Vec<Reasons<'p>>,
}

/// A text a rule.
#[derive(Clone, Debug)]
struct Words(Arc<StringArray>);

#[derive(Clone, Debug)]
struct Reasons<'p> {
    language: &'static str,
    /// One a rule, where it has any in the language.
    templates: Vec<Option<&'p Template>>,
    /// Their texts, where none shows a value.
    constant: Option<Words>,
}

impl<'p> Because<'p> {
    /// The rules that make a node's value; there are none where no decision table does.
    pub fn of(plan: &'p Plan, node: NodeRef) -> Self {
        let rows = match plan.node(plan.source(node)).map(|node| &node.form) {
            Some(Form::Choice(Choice { rows, .. })) => rows.as_slice(),
            _ => &[],
        };
        let reasons = LANGUAGES.map(|language| {
            let templates: Vec<Option<&Template>> = rows.iter().map(|row| spoken(&row.reason, language)).collect();
            let text = |template: &Option<&Template>| template.map_or(Some(String::new()), Template::constant);
            let constant = templates.iter().map(text).collect::<Option<Vec<String>>>().map(Words::of);
            Reasons { language, templates, constant }
        });
        Self {
            rules: Words::of(rows.iter().map(|row| row.id.clone())),
            places: Words::of(rows.iter().map(|row| place(&row.place))),
            reasons: reasons.into(),
        }
    }

    /// The rules' ids.
    ///
    /// # Errors
    ///
    /// When their text is too long for a batch.
    pub fn rules(&self, hits: Hits<'_>) -> Result<ArrayRef, ArrowError> {
        self.rules.of_hits(hits)
    }

    /// `file:line` of the rules.
    ///
    /// # Errors
    ///
    /// When their text is too long for a batch.
    pub fn places(&self, hits: Hits<'_>) -> Result<ArrayRef, ArrowError> {
        self.places.of_hits(hits)
    }

    /// Why, in one of [`LANGUAGES`] by its number. `value` appends a value that a reason shows, as text; it is called only
    /// for the rules that hit, value by value and in order.
    ///
    /// # Errors
    ///
    /// When the text is too long for a batch, or not UTF-8.
    pub fn reasons(
        &self,
        language: usize,
        hits: Hits<'_>,
        value: &mut dyn FnMut(Asked<'p>, &mut Vec<u8>),
    ) -> Result<ArrayRef, ArrowError> {
        let Some(reasons) = self.reasons.get(language) else { return texts(hits, &mut |_, _, _| ()) };
        if let Some(constant) = &reasons.constant {
            return constant.of_hits(hits);
        }
        texts(hits, &mut |lane, rule, out| {
            if let Some(template) = reasons.templates.get(rule).copied().flatten() {
                let language = reasons.language;
                template.fill(out, |number, expr, out| value(Asked { lane, rule, number, expr, language }, out));
            }
        })
    }
}

impl<'h> Hits<'h> {
    /// No rule.
    pub const NONE: u16 = u16::MAX;

    /// The hits of each value.
    fn each(self) -> Box<dyn Iterator<Item = &'h [u16]> + 'h> {
        match self {
            Hits::One(hits) => {
                Box::new(hits.iter().map(|hit| if *hit == Self::NONE { &[][..] } else { std::slice::from_ref(hit) }))
            }
            Hits::Several(hits, ends) => {
                let mut first = 0;
                Box::new(ends.iter().map(move |end| {
                    let of = hits.get(first..*end as usize).unwrap_or_default();
                    first = *end as usize;
                    of
                }))
            }
        }
    }
}

impl Words {
    fn of(texts: impl IntoIterator<Item = String>) -> Self {
        Self(Arc::new(texts.into_iter().map(Some).collect()))
    }

    fn text(&self, rule: usize) -> &str {
        if rule < self.0.len() { self.0.value(rule) } else { "" }
    }

    fn of_hits(&self, hits: Hits<'_>) -> Result<ArrayRef, ArrowError> {
        let Hits::One(rules) = hits else {
            return texts(hits, &mut |_, rule, out| out.extend_from_slice(self.text(rule).as_bytes()));
        };
        let key = |rule: &u16| (!self.text(usize::from(*rule)).is_empty()).then(|| i32::from(*rule));
        let keys: Int32Array = rules.iter().map(key).collect();
        Ok(Arc::new(DictionaryArray::try_new(keys, Arc::clone(&self.0) as ArrayRef)?))
    }
}

/// A text a value, those of several rules put apart by `; `.
fn texts(hits: Hits<'_>, push: &mut dyn FnMut(usize, usize, &mut Vec<u8>)) -> Result<ArrayRef, ArrowError> {
    let (mut bytes, mut offsets, mut given) = (Vec::new(), vec![0i32], BooleanBufferBuilder::new(0));
    for (lane, rules) in hits.each().enumerate() {
        let start = bytes.len();
        for rule in rules {
            let before = bytes.len();
            if before > start {
                bytes.extend_from_slice(b"; ");
            }
            let begun = bytes.len();
            push(lane, usize::from(*rule), &mut bytes);
            if bytes.len() == begun {
                bytes.truncate(before);
            }
        }
        given.append(bytes.len() > start);
        offsets.push(i32::try_from(bytes.len()).map_err(|_| ArrowError::OffsetOverflowError(bytes.len()))?);
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let array = StringArray::try_new(offsets, Buffer::from_vec(bytes), Some(NullBuffer::new(given.finish())))?;
    Ok(Arc::new(array))
}
