//! Decision tables by intervals: for each input its cut points in order, and for each interval between them the set of
//! rows that a value there allows. What hits is what all inputs allow.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::marks::{GIVEN, MISSING, Marks};
use super::pick::units_of;
use super::texts::Texts;
use super::units::Digits;
use super::vector::{Data, Vector};
use crate::lang::expr::CompareOp;
use crate::lang::{Base, Expr, Kind, NodeRef, Value, day_number};
use crate::plan::Choice;

/// Tables of fewer rows are gone through row by row.
const FEWEST: usize = 8;
/// How many words the sets of one input may take; an input with more is no input of an index.
const MOST: usize = 1 << 20;

/// A decision table made ready.
pub(super) struct Table {
    inputs: Vec<Input>,
    rows: usize,
}

/// Something that rows ask a value of.
struct Input {
    node: NodeRef,
    cuts: Cuts,
    /// For each position among the cut points, the rows that it allows.
    allows: Vec<Set>,
    /// Those that a missing value allows; none where a row needs a value.
    missing: Option<Set>,
}

/// A set of rows.
type Set = Box<[u64]>;

/// The cut points of an input, in order.
enum Cuts {
    Whole(Vec<i64>),
    Days(Vec<i32>),
    Decimals(Vec<Decimal>),
    /// Texts have no order: each stands for itself, and for all others the last position.
    Texts(HashMap<Arc<str>, usize>),
    Bools,
}

/// What a row asks of one input.
enum Asks<'e> {
    Compare(CompareOp, &'e Value),
    OneOf(Vec<&'e Value>),
    Is(bool),
    Given(bool),
    Or(Box<Asks<'e>>, Box<Asks<'e>>),
    And(Box<Asks<'e>>, Box<Asks<'e>>),
}

impl Table {
    /// The index of a table; `None` where a row asks more than what single values are.
    pub(super) fn of(choice: &Choice) -> Option<Self> {
        if choice.rows.len() < FEWEST {
            return None;
        }
        let mut asked: Vec<(NodeRef, Base, Vec<Option<Asks<'_>>>)> = Vec::new();
        for (number, row) in choice.rows.iter().enumerate() {
            let mut parts = Vec::new();
            if let Some(when) = &row.when {
                parts_of(when, &mut parts);
            }
            for part in parts {
                let (node, base, asks) = ask(part)?;
                let at = asked.iter().position(|(known, ..)| *known == node).unwrap_or_else(|| {
                    asked.push((node, base, Vec::new()));
                    asked.len() - 1
                });
                let of = &mut asked.get_mut(at)?.2;
                of.resize_with(of.len().max(number + 1), || None);
                let slot = of.get_mut(number)?;
                *slot = Some(match slot.take() {
                    Some(before) => Asks::And(Box::new(before), Box::new(asks)),
                    None => asks,
                });
            }
        }
        let rows = choice.rows.len();
        let inputs = asked.into_iter().map(|(node, base, asks)| Input::of(node, &base, &asks, rows));
        Some(Self { inputs: inputs.collect::<Option<_>>()?, rows })
    }

    /// What is asked about.
    pub(super) fn inputs(&self) -> impl Iterator<Item = NodeRef> + '_ {
        self.inputs.iter().map(|input| input.node)
    }

    /// For each lane the sets of rows that its values allow; none for a lane that has to be gone through row by row.
    pub(super) fn look(&self, values: &[Vector], len: usize, texts: &mut Texts) -> Looked<'_> {
        let mut sets: Vec<Vec<Option<&[u64]>>> = Vec::with_capacity(self.inputs.len());
        for (input, vector) in self.inputs.iter().zip(values) {
            sets.push(input.look(vector, len, texts));
        }
        Looked { sets, rows: self.rows }
    }
}

/// What the values of each lane allow, input by input.
pub(super) struct Looked<'t> {
    sets: Vec<Vec<Option<&'t [u64]>>>,
    rows: usize,
}

impl Looked<'_> {
    /// Hands over the rows that a lane hits, in order, until `take` says that it has enough. `false` where the lane has to
    /// be gone through row by row.
    pub(super) fn hits(&self, lane: usize, take: &mut dyn FnMut(u16) -> bool) -> bool {
        let known = self.sets.iter().all(|of| matches!(of.get(lane), Some(Some(_))));
        if !known {
            return false;
        }
        for word in 0..self.rows.div_ceil(64) {
            let mut left = u64::MAX;
            for of in &self.sets {
                let set = of.get(lane).copied().flatten().and_then(|set| set.get(word)).copied();
                left &= set.unwrap_or(0);
                if left == 0 {
                    break;
                }
            }
            while left != 0 {
                let row = word * 64 + left.trailing_zeros() as usize;
                if row >= self.rows {
                    break;
                }
                if u16::try_from(row).is_ok_and(&mut *take) {
                    return true;
                }
                left &= left - 1;
            }
        }
        true
    }
}

impl Input {
    fn of(node: NodeRef, base: &Base, asks: &[Option<Asks<'_>>], rows: usize) -> Option<Self> {
        let mut constants = Vec::new();
        asks.iter().flatten().for_each(|asks| asks.constants(&mut constants));
        let cuts = Cuts::of(base, &constants)?;
        let words = rows.div_ceil(64);
        if cuts.positions().checked_mul(words)? > MOST {
            return None;
        }
        let set = |holds: &dyn Fn(&Asks<'_>) -> Option<bool>| -> Option<Set> {
            let mut set = vec![0u64; words];
            for row in 0..rows {
                let is_in = match asks.get(row) {
                    Some(Some(asks)) => holds(asks)?,
                    _ => true,
                };
                if is_in && let Some(word) = set.get_mut(row / 64) {
                    *word |= 1 << (row % 64);
                }
            }
            Some(set.into())
        };
        let allows = (0..cuts.positions()).map(|at| set(&|asks| asks.holds(&cuts, at)));
        Some(Self { node, allows: allows.collect::<Option<_>>()?, missing: set(&|asks| asks.holds_of_nothing()), cuts })
    }

    /// The set of each lane's value.
    fn look(&self, vector: &Vector, len: usize, texts: &mut Texts) -> Vec<Option<&[u64]>> {
        let at = |position: usize| self.allows.get(position).map(AsRef::as_ref);
        let positions: Option<Vec<usize>> = match (&self.cuts, vector.data()) {
            (Cuts::Whole(cuts), Data::Int(values)) => Some(values.iter().map(|value| place(cuts, value)).collect()),
            (Cuts::Days(cuts), Data::Date(days)) => Some(days.iter().map(|day| place(cuts, day)).collect()),
            (Cuts::Bools, Data::Bool(values)) => Some(values.iter().map(|value| usize::from(*value)).collect()),
            (Cuts::Texts(words), Data::Text(codes)) => {
                let places: HashMap<u32, usize> = words.iter().map(|(word, at)| (texts.code(word), *at)).collect();
                Some(codes.iter().map(|code| places.get(code).copied().unwrap_or(words.len())).collect())
            }
            (Cuts::Decimals(cuts), Data::Dec(_)) => units_of(vector).and_then(|units| {
                let deepest = cuts.iter().map(|cut| cut.normalize().scale()).max().unwrap_or(0);
                let units = units.at_scale(units.scale().max(deepest))?;
                let cuts: Option<Vec<i128>> = cuts.iter().map(|cut| units.in_units(*cut)).collect();
                let cuts = cuts?;
                match units.digits() {
                    Digits::Small(values) => {
                        let small: Option<Vec<i64>> = cuts.iter().map(|cut| i64::try_from(*cut).ok()).collect();
                        match small {
                            Some(cuts) => Some(values.iter().map(|value| place(&cuts, value)).collect()),
                            None => Some(values.iter().map(|value| place(&cuts, &i128::from(*value))).collect()),
                        }
                    }
                    Digits::Wide(values) => Some(values.iter().map(|value| place(&cuts, value)).collect()),
                    Digits::One(_) => None,
                }
            }),
            _ => None,
        };
        let given = |lane: usize| match &positions {
            Some(positions) => positions.get(lane).and_then(|position| at(*position)),
            None => vector.get(lane, texts).ok().and_then(|value| at(self.cuts.position(&value)?)),
        };
        let set = |lane: usize| match vector.marks() {
            Marks::Given => given(lane),
            marks => match marks.of(lane) {
                GIVEN => given(lane),
                MISSING => self.missing.as_deref(),
                _ => None,
            },
        };
        (0..len).map(set).collect()
    }
}

/// Where a value stands among cut points: between two of them, or on one.
fn place<T: Ord>(cuts: &[T], value: &T) -> usize {
    match cuts.binary_search(value) {
        Ok(at) => 2 * at + 1,
        Err(at) => 2 * at,
    }
}

impl Cuts {
    fn of(base: &Base, constants: &[&Value]) -> Option<Self> {
        let all = |of: &dyn Fn(&Value) -> bool| constants.iter().all(|value| of(value));
        Some(match base {
            Base::Bool => Cuts::Bools,
            base if base.is_whole() && all(&|v| matches!(v, Value::Int(_))) => {
                Cuts::Whole(sorted(constants, |v| match v {
                    Value::Int(number) => Some(*number),
                    _ => None,
                }))
            }
            Base::Date if all(&|v| matches!(v, Value::Date(_))) => Cuts::Days(sorted(constants, |v| match v {
                Value::Date(day) => Some(day_number(*day)),
                _ => None,
            })),
            base if base.is_decimal() && all(&|v| matches!(v, Value::Dec(_))) => {
                Cuts::Decimals(sorted(constants, |v| match v {
                    Value::Dec(number) => Some(*number),
                    _ => None,
                }))
            }
            base if base.is_text() && all(&|v| matches!(v, Value::Text(_))) => {
                let mut words = HashMap::new();
                for value in constants {
                    if let Value::Text(word) = value {
                        let next = words.len();
                        words.entry(Arc::clone(word)).or_insert(next);
                    }
                }
                Cuts::Texts(words)
            }
            _ => return None,
        })
    }

    fn positions(&self) -> usize {
        match self {
            Cuts::Whole(cuts) => 2 * cuts.len() + 1,
            Cuts::Days(cuts) => 2 * cuts.len() + 1,
            Cuts::Decimals(cuts) => 2 * cuts.len() + 1,
            Cuts::Texts(words) => words.len() + 1,
            Cuts::Bools => 2,
        }
    }

    /// Where a value stands.
    fn position(&self, value: &Value) -> Option<usize> {
        Some(match (self, value) {
            (Cuts::Whole(cuts), Value::Int(number)) => place(cuts, number),
            (Cuts::Days(cuts), Value::Date(day)) => place(cuts, &day_number(*day)),
            (Cuts::Decimals(cuts), Value::Dec(number)) => place(cuts, number),
            (Cuts::Texts(words), Value::Text(word)) => words.get(word).copied().unwrap_or(words.len()),
            (Cuts::Bools, Value::Bool(value)) => usize::from(*value),
            _ => return None,
        })
    }
}

fn sorted<T: Ord>(constants: &[&Value], of: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    let all: BTreeSet<T> = constants.iter().filter_map(|value| of(value)).collect();
    all.into_iter().collect()
}

impl<'e> Asks<'e> {
    fn constants(&self, all: &mut Vec<&'e Value>) {
        match self {
            Asks::Compare(_, value) => all.push(value),
            Asks::OneOf(values) => all.extend(values),
            Asks::Is(_) | Asks::Given(_) => {}
            Asks::Or(a, b) | Asks::And(a, b) => {
                a.constants(all);
                b.constants(all);
            }
        }
    }

    /// Whether a value at a position is what is asked for; `None` where that cannot be told.
    fn holds(&self, cuts: &Cuts, at: usize) -> Option<bool> {
        Some(match self {
            Asks::Given(given) => *given,
            Asks::Is(wanted) => usize::from(*wanted) == at,
            Asks::OneOf(values) => values.iter().any(|value| cuts.position(value) == Some(at)),
            Asks::Compare(op, value) => {
                let cut = cuts.position(value)?;
                if matches!(cuts, Cuts::Texts(_) | Cuts::Bools) && !matches!(op, CompareOp::Equal | CompareOp::NotEqual)
                {
                    return None;
                }
                match op {
                    CompareOp::Equal => at == cut,
                    CompareOp::NotEqual => at != cut,
                    CompareOp::Less => at < cut,
                    CompareOp::LessOrEqual => at <= cut,
                    CompareOp::Greater => at > cut,
                    CompareOp::GreaterOrEqual => at >= cut,
                }
            }
            Asks::Or(a, b) => a.holds(cuts, at)? || b.holds(cuts, at)?,
            Asks::And(a, b) => a.holds(cuts, at)? && b.holds(cuts, at)?,
        })
    }

    /// The same of a missing value; `None` where a value is needed.
    fn holds_of_nothing(&self) -> Option<bool> {
        match self {
            Asks::Given(given) => Some(!given),
            Asks::Compare(..) | Asks::OneOf(_) | Asks::Is(_) => None,
            Asks::Or(a, b) => Some(a.holds_of_nothing()? || b.holds_of_nothing()?),
            Asks::And(a, b) => Some(a.holds_of_nothing()? && b.holds_of_nothing()?),
        }
    }
}

/// What a condition asks one after the other.
fn parts_of<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match &expr.kind {
        Kind::And(a, b) => {
            parts_of(a, parts);
            parts_of(b, parts);
        }
        Kind::Lit(Value::Bool(true)) => {}
        _ => parts.push(expr),
    }
}

/// What a part of a condition asks of a single value.
fn ask(expr: &Expr) -> Option<(NodeRef, Base, Asks<'_>)> {
    let of = |expr: &Expr, asks| match &expr.kind {
        Kind::Node(node) => Some((*node, expr.ty.base.clone(), asks)),
        _ => None,
    };
    match &expr.kind {
        Kind::Compare(op, a, b) => match (&a.kind, &b.kind) {
            (_, Kind::Lit(value)) if value.is_given() => of(a, Asks::Compare(*op, value)),
            (Kind::Lit(value), _) if value.is_given() => of(b, Asks::Compare(op.turned(), value)),
            _ => None,
        },
        Kind::In(item, list) => {
            let values = match &list.kind {
                Kind::List(items) => items.iter().map(|item| match &item.kind {
                    Kind::Lit(value) if value.is_given() => Some(value),
                    _ => None,
                }),
                _ => return None,
            };
            of(item, Asks::OneOf(values.collect::<Option<_>>()?))
        }
        Kind::IsGiven(inner) => of(inner, Asks::Given(true)),
        Kind::Not(inner) => match &inner.kind {
            Kind::IsGiven(inner) => of(inner, Asks::Given(false)),
            _ => of(inner, Asks::Is(false)),
        },
        Kind::Node(_) => of(expr, Asks::Is(true)),
        Kind::Or(a, b) | Kind::And(a, b) => {
            let ((node, base, a), (other, _, b)) = (ask(a)?, ask(b)?);
            let both = match &expr.kind {
                Kind::Or(..) => Asks::Or(Box::new(a), Box::new(b)),
                _ => Asks::And(Box::new(a), Box::new(b)),
            };
            (node == other).then_some((node, base, both))
        }
        _ => None,
    }
}

/// What is looked up once a thread for a decision table.
pub(super) struct Ready {
    pub(super) table: Option<Table>,
    /// What the rows give, where every one gives a constant.
    pub(super) gives: Option<Vector>,
}

impl Ready {
    pub(super) fn of(choice: &Choice, texts: &mut Texts) -> Rc<Self> {
        let constant = |row: &crate::plan::ChoiceRow| match &row.gives.kind {
            Kind::Lit(value) => Some(Ok(value.clone())),
            _ => None,
        };
        let constants: Option<Vec<_>> = choice.rows.iter().map(constant).collect();
        Rc::new(Self { table: Table::of(choice), gives: constants.map(|all| Vector::of_values(all, texts)) })
    }
}
