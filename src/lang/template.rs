//! Filling in templates: the same for a row and for a whole column.

use super::expr::{Expr, Template, TemplatePart};

impl Template {
    /// Its text, where no value is filled in.
    pub fn constant(&self) -> Option<String> {
        let part = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => Some(text.to_string()),
            TemplatePart::Value(_) => None,
        };
        self.0.iter().map(part).collect()
    }

    /// The values that are filled in, in order.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        self.0.iter().filter_map(|part| match part {
            TemplatePart::Text(_) => None,
            TemplatePart::Value(expr) => Some(expr),
        })
    }

    /// Appends the text; `value` appends the value of this number, from 0, as text.
    pub fn fill<'t>(&'t self, out: &mut Vec<u8>, mut value: impl FnMut(usize, &'t Expr, &mut Vec<u8>)) {
        let mut number = 0;
        for part in &self.0 {
            match part {
                TemplatePart::Text(text) => out.extend_from_slice(text.as_bytes()),
                TemplatePart::Value(expr) => {
                    value(number, expr, out);
                    number += 1;
                }
            }
        }
    }
}
