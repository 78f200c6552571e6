//! Comparisons of whole vectors.

use super::expr::holds;
use super::marks::{FAILED, Marks};
use super::nodes::Evaluation;
use super::source::units_of;
use super::units::Holds;
use super::vector::{Data, Vector};
use crate::lang::eval::compare;
use crate::lang::expr::CompareOp;
use crate::lang::{Value, day_number};

impl Evaluation<'_, '_> {
    pub(super) fn compare(&mut self, op: CompareOp, a: &Vector, b: &Vector) -> Vector {
        let marks = a.marks().needed().then(&b.marks().needed());
        let len = a.len();
        if let Marks::All(_) = marks {
            return Vector::new(Data::One(Value::Missing), marks, len);
        }
        if let (Data::One(x), Data::One(y)) = (a.data(), b.data()) {
            return match compare(op, x, y) {
                Some(truth) => Vector::one(Value::Bool(truth), len).with_marks(marks),
                None => self.unfit(a, marks),
            };
        }
        let holds = holds(op);
        let truths = match (a.data(), b.data()) {
            (Data::Date(a), Data::Date(b)) => Some(holds.zip(a.iter().zip(b.iter()))),
            (Data::Date(a), Data::One(Value::Date(b))) => Some(holds.against(a, day_number(*b))),
            (Data::One(Value::Date(a)), Data::Date(b)) => Some(holds.turned().against(b, day_number(*a))),
            (Data::Int(a), Data::Int(b)) => Some(holds.zip(a.iter().zip(b.iter()))),
            (Data::Int(a), Data::One(Value::Int(b))) => Some(holds.against(a, *b)),
            (Data::One(Value::Int(a)), Data::Int(b)) => Some(holds.turned().against(b, *a)),
            (a, b) if is_equality(holds) => self.alike(a, b, holds),
            _ => None,
        };
        let truths = truths.or_else(|| units_of(a)?.compare(&units_of(b)?, len, holds));
        match truths {
            Some(truths) => Vector::bools(truths, marks),
            None => self.each_lane(&[a, b], len, |values| match values {
                [a, b] => compare(op, a, b).map(Value::Bool).ok_or(FAILED),
                _ => Err(FAILED),
            }),
        }
    }

    /// Texts and truths, which are alike or not.
    fn alike(&mut self, a: &Data, b: &Data, holds: Holds) -> Option<Vec<u8>> {
        Some(match (a, b) {
            (Data::Text(a), Data::Text(b)) => holds.zip(a.iter().zip(b.iter())),
            (Data::Text(each), Data::One(Value::Text(one))) | (Data::One(Value::Text(one)), Data::Text(each)) => {
                holds.against(each, self.texts.code(one))
            }
            (Data::Bool(a), Data::Bool(b)) => holds.zip(a.iter().zip(b.iter())),
            (Data::Bool(each), Data::One(Value::Bool(one))) | (Data::One(Value::Bool(one)), Data::Bool(each)) => {
                holds.against(each, u8::from(*one))
            }
            _ => return None,
        })
    }
}

/// `==` or `!=`.
fn is_equality(holds: Holds) -> bool {
    holds.less == holds.greater
}
