//! Of several branches each lane takes one; a branch is evaluated for those that take it.

use std::rc::Rc;

use super::expr::Scope;
use super::frames::NO_HIT;
use super::marks::{GIVEN, Mark, Marks};
use super::nodes::Evaluation;
use super::source::{Form, Source, bools, codes, dates, decimals, form, ints, put, small, units_of};
use super::texts::Texts;
use super::units::Units;
use super::vector::{Data, Truth, Vector};
use crate::lang::{Expr, Kind, Value};

/// For each lane the branch it takes.
#[derive(Clone, Debug)]
pub(super) struct Branches {
    taken: Vec<u16>,
    /// Of lanes that take none: why. Empty where every lane takes one.
    marks: Vec<Mark>,
}

impl Branches {
    /// Every lane takes one.
    pub(super) fn new(taken: Vec<u16>) -> Self {
        Self { taken, marks: Vec::new() }
    }

    /// No lane takes one yet; those marked never will.
    pub(super) fn none(len: usize, marks: &Marks) -> Self {
        let marks = if marks.is_given() { Vec::new() } else { marks.to_vec(len) };
        Self { taken: vec![NO_HIT; len], marks }
    }

    /// The first branch where something is true, else the second.
    pub(super) fn of_truth(truth: &Truth, marks: &Marks, len: usize) -> Self {
        let mut branches = Self::none(len, marks);
        match truth {
            Truth::All(all) => branches.rest(u16::from(!all)),
            Truth::Each(each) if branches.marks.is_empty() => {
                branches.taken = each.iter().map(|is| u16::from(*is == 0)).collect();
            }
            Truth::Each(_) => {
                branches.hit(truth, 0);
                branches.rest(1);
            }
        }
        branches
    }

    /// Lanes that take none yet take a branch where something is true.
    pub(super) fn hit(&mut self, truth: &Truth, branch: u16) {
        match truth {
            Truth::All(true) => self.rest(branch),
            Truth::All(false) => {}
            Truth::Each(each) if self.marks.is_empty() => {
                for (taken, is) in self.taken.iter_mut().zip(each.iter()) {
                    *taken = if *is != 0 && *taken == NO_HIT { branch } else { *taken };
                }
            }
            Truth::Each(each) => {
                for ((taken, is), mark) in self.taken.iter_mut().zip(each.iter()).zip(&self.marks) {
                    *taken = if *is != 0 && *taken == NO_HIT && *mark == GIVEN { branch } else { *taken };
                }
            }
        }
    }

    /// All lanes that take none yet take this one.
    pub(super) fn rest(&mut self, branch: u16) {
        if self.marks.is_empty() {
            self.taken.iter_mut().filter(|taken| **taken == NO_HIT).for_each(|taken| *taken = branch);
        } else {
            let open =
                self.taken.iter_mut().zip(&self.marks).filter(|(taken, mark)| **taken == NO_HIT && **mark == GIVEN);
            open.for_each(|(taken, _)| *taken = branch);
        }
    }

    /// Lanes that take none yet are marked where something is.
    pub(super) fn stop(&mut self, marks: &Marks) {
        if marks.is_given() {
            return;
        }
        self.own_marks();
        for (lane, (taken, mark)) in self.taken.iter().zip(&mut self.marks).enumerate() {
            if *taken == NO_HIT && *mark == GIVEN {
                *mark = marks.of(lane);
            }
        }
    }

    /// All lanes that take none yet are marked.
    pub(super) fn mark_rest(&mut self, with: Mark) {
        if !self.is_open() {
            return;
        }
        self.own_marks();
        for (taken, mark) in self.taken.iter().zip(&mut self.marks) {
            if *taken == NO_HIT && *mark == GIVEN {
                *mark = with;
            }
        }
    }

    fn own_marks(&mut self) {
        if self.marks.is_empty() {
            self.marks = vec![GIVEN; self.taken.len()];
        }
    }

    /// Lanes that take no branch and are not marked either.
    pub(super) fn open(&self) -> Vec<u32> {
        let is_open = |(lane, taken): (u32, &u16)| {
            (*taken == NO_HIT && self.marks.get(lane as usize).is_none_or(|mark| *mark == GIVEN)).then_some(lane)
        };
        (0u32..).zip(&self.taken).filter_map(is_open).collect()
    }

    /// A lane takes a branch.
    pub(super) fn set(&mut self, lane: usize, branch: u16) {
        if let Some(taken) = self.taken.get_mut(lane) {
            *taken = branch;
        }
    }

    /// Some lanes take the branches, and have the marks, that others were found for them.
    pub(super) fn set_some(&mut self, lanes: &[u32], found: &Branches) {
        for (lane, taken) in lanes.iter().zip(&found.taken) {
            self.set(*lane as usize, *taken);
        }
        if !found.marks.is_empty() {
            self.own_marks();
            for (lane, mark) in lanes.iter().zip(&found.marks) {
                self.marks.get_mut(*lane as usize).into_iter().for_each(|own| *own = *mark);
            }
        }
    }

    /// Whether a lane takes no branch and is not marked either.
    pub(super) fn is_open(&self) -> bool {
        match self.marks.is_empty() {
            true => self.taken.contains(&NO_HIT),
            false => self.taken.iter().zip(&self.marks).any(|(taken, mark)| *taken == NO_HIT && *mark == GIVEN),
        }
    }

    pub(super) fn taken(&self) -> &[u16] {
        &self.taken
    }

    /// Of one value a branch the one that each lane takes; a lane that takes none has its mark.
    pub(super) fn choose(&self, constants: &Vector) -> Vector {
        let taken: Vec<u32> = self.taken.iter().map(|branch| u32::from(*branch)).collect();
        let chosen = constants.take(&taken);
        let marks = self.marks().then(chosen.marks());
        chosen.with_marks(marks)
    }

    fn marks(&self) -> Marks {
        if self.marks.is_empty() { Marks::Given } else { Marks::each(self.marks.clone()) }
    }

    /// The lanes of each of so many branches.
    fn lanes(&self, branches: usize) -> Vec<Vec<u32>> {
        let mut lanes = vec![Vec::new(); branches];
        for (lane, taken) in (0u32..).zip(&self.taken) {
            if let Some(of) = lanes.get_mut(usize::from(*taken)) {
                of.push(lane);
            }
        }
        lanes
    }
}

impl Evaluation<'_, '_> {
    /// The value of the branch that each lane takes; a lane that takes none has no value.
    pub(super) fn pick(&mut self, scope: &Scope, branches: Branches, gives: &[&Expr]) -> Vector {
        if let [a, b] = gives
            && branches.marks.is_empty()
            && let Some(vector) = self.one_of_two(scope, &branches.taken, a, b)
        {
            return vector;
        }
        if let Some(vector) = self.constants(&branches, gives) {
            return vector;
        }
        if let [only] = gives
            && self.is_light(scope.frame, only)
        {
            let vector = self.eval(scope, only);
            let marks = branches.marks().then(vector.marks());
            return vector.with_marks(marks);
        }
        let lanes = branches.lanes(gives.len());
        let mut parts: Vec<(Rc<[u32]>, Vector)> = Vec::new();
        for (gives, lanes) in gives.iter().zip(lanes) {
            if lanes.is_empty() {
                continue;
            }
            if lanes.len() == scope.len {
                return self.eval(scope, gives);
            }
            let lanes: Rc<[u32]> = lanes.into();
            let vector = if self.is_light(scope.frame, gives) {
                self.eval(scope, gives).take(&lanes)
            } else {
                let part = self.part(scope, &lanes);
                self.eval(&part, gives)
            };
            parts.push((lanes, vector));
        }
        self.scatter(scope.len, &parts, &branches.marks())
    }

    /// Branches that are constants are looked up.
    fn constants(&mut self, branches: &Branches, gives: &[&Expr]) -> Option<Vector> {
        let constant = |gives: &&Expr| match &gives.kind {
            Kind::Lit(value) => Some(Ok(value.clone())),
            _ => None,
        };
        let constants = Vector::of_values(gives.iter().map(constant).collect::<Option<_>>()?, self.texts);
        Some(branches.choose(&constants))
    }

    /// Of two branches that are hardly any work both are evaluated for all lanes.
    fn one_of_two(&mut self, scope: &Scope, taken: &[u16], a: &Expr, b: &Expr) -> Option<Vector> {
        if !self.is_light(scope.frame, a) || !self.is_light(scope.frame, b) {
            return None;
        }
        if !taken.contains(&1) {
            return Some(self.eval(scope, a));
        }
        if !taken.contains(&0) {
            return Some(self.eval(scope, b));
        }
        let (a, b) = (self.eval(scope, a), self.eval(scope, b));
        if !a.marks().is_given() || !b.marks().is_given() {
            return self.blend_marked(taken, &a, &b);
        }
        let data = blend(taken, a.data(), b.data(), self.texts)?;
        Some(Vector::new(data, Marks::Given, scope.len))
    }

    fn blend_marked(&mut self, taken: &[u16], a: &Vector, b: &Vector) -> Option<Vector> {
        let marks =
            taken.iter().enumerate().map(|(lane, t)| if *t == 0 { a.marks().of(lane) } else { b.marks().of(lane) });
        let marks = Marks::each(marks.collect());
        let data = match (a.data(), b.data()) {
            (Data::One(Value::Missing), _) => b.data().clone(),
            (_, Data::One(Value::Missing)) => a.data().clone(),
            _ => blend(taken, a.data(), b.data(), self.texts)?,
        };
        Some(Vector::new(data, marks, taken.len()))
    }

    /// A vector that stands for branch 0, and the values of an expression for the lanes of branch 1.
    pub(super) fn pick_with(&mut self, scope: &Scope, branches: Branches, first: Vector, other: &Expr) -> Vector {
        let mut lanes = branches.lanes(2).into_iter();
        let (Some(own), Some(others)) = (lanes.next(), lanes.next()) else { return first };
        if others.is_empty() {
            return first;
        }
        if self.is_light(scope.frame, other) {
            let other = self.eval(scope, other);
            if let Some(vector) = self.blend_marked(&branches.taken, &first, &other) {
                return vector;
            }
        }
        let others: Rc<[u32]> = others.into();
        let part = self.part(scope, &others);
        let other = self.eval(&part, other);
        let own: Rc<[u32]> = own.into();
        let first = first.take(&own);
        self.scatter(scope.len, &[(own, first), (others, other)], &Marks::Given)
    }

    /// Values put where their lanes are; a lane of none has its mark.
    pub(super) fn scatter(&mut self, len: usize, parts: &[(Rc<[u32]>, Vector)], marks: &Marks) -> Vector {
        let marks = if marks.is_given() && parts.iter().all(|(_, part)| part.marks().is_given()) {
            Marks::Given
        } else {
            let mut own = marks.to_vec(len);
            for (lanes, part) in parts {
                for (at, lane) in lanes.iter().enumerate() {
                    if let Some(mark) = own.get_mut(*lane as usize) {
                        *mark = part.marks().of(at);
                    }
                }
            }
            Marks::each(own)
        };
        let valued: Vec<&(Rc<[u32]>, Vector)> =
            parts.iter().filter(|(_, part)| !matches!(part.data(), Data::One(Value::Missing))).collect();
        let data = self.scattered(len, &valued).unwrap_or_else(|| {
            let mut values = vec![Value::Missing; len];
            for (lanes, part) in &valued {
                for (at, lane) in lanes.iter().enumerate() {
                    if let (Some(slot), Ok(value)) = (values.get_mut(*lane as usize), part.get(at, self.texts)) {
                        *slot = value;
                    }
                }
            }
            Data::Any(values.into())
        });
        Vector::new(data, marks, len)
    }

    /// All parts in one form; `None` where they have none in common.
    fn scattered(&mut self, len: usize, parts: &[&(Rc<[u32]>, Vector)]) -> Option<Data> {
        let Some((_, first)) = parts.first() else { return Some(Data::One(Value::Missing)) };
        let lanes = || parts.iter().map(|(lanes, _)| &**lanes);
        let data = || parts.iter().map(|(_, part)| part.data());
        fn all<'s, T>(sources: impl Iterator<Item = Option<Source<'s, T>>>) -> Option<Vec<Source<'s, T>>> {
            sources.collect()
        }
        Some(match form(first.data()) {
            Form::Bool => Data::Bool(put(len, lanes(), &all(data().map(bools))?).into()),
            Form::Int => Data::Int(put(len, lanes(), &all(data().map(ints))?).into()),
            Form::Date => Data::Date(put(len, lanes(), &all(data().map(dates))?).into()),
            Form::Text => Data::Text(put(len, lanes(), &all(data().map(|data| codes(data, self.texts)))?).into()),
            Form::Dec => {
                let units: Vec<Units> = parts.iter().map(|(_, part)| units_of(part)).collect::<Option<_>>()?;
                let scale = units.iter().map(Units::scale).max().unwrap_or(0);
                let units: Vec<Units> = units.iter().map(|units| units.at_scale(scale)).collect::<Option<_>>()?;
                Data::Dec(Units::small(put(len, lanes(), &all(units.iter().map(small))?).into(), scale))
            }
            Form::Any => return None,
        })
    }
}

/// Of two values a lane the one it takes; `None` where they have no form in common.
fn blend(taken: &[u16], a: &Data, b: &Data, texts: &mut Texts) -> Option<Data> {
    Some(match form(a) {
        Form::Bool => Data::Bool(either(taken, &bools(a)?, &bools(b)?).into()),
        Form::Int => Data::Int(either(taken, &ints(a)?, &ints(b)?).into()),
        Form::Date => Data::Date(either(taken, &dates(a)?, &dates(b)?).into()),
        Form::Text => Data::Text(either(taken, &codes(a, texts)?, &codes(b, texts)?).into()),
        Form::Dec => {
            let (a, b) = (decimals(a)?, decimals(b)?);
            let scale = a.scale().max(b.scale());
            let (a, b) = (a.at_scale(scale)?, b.at_scale(scale)?);
            Data::Dec(Units::small(either(taken, &small(&a)?, &small(&b)?).into(), scale))
        }
        Form::Any => return None,
    })
}

fn either<T: Copy>(taken: &[u16], a: &Source<'_, T>, b: &Source<'_, T>) -> Vec<T> {
    a.zip_with(b, taken, |taken, a, b| if *taken == 0 { a } else { b })
}
