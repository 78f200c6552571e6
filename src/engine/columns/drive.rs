//! Going over a whole book block by block, on several threads.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError, mpsc};

use chrono::NaiveDate;

use super::block::Block;
use super::common::Common;
use super::decided::{Decided, Own, Units};
use super::pieces::Cutting;
use super::row_engine::{RowEngine, Whole};
use super::texts::Texts;
use super::weight::Weights;
use crate::book::Book;
use crate::engine::aggregate::Gathering;
use crate::engine::fault::Root;
use crate::engine::gather::{Gathered, Total};
use crate::engine::setting::Setting;
use crate::engine::sweep::{Leg, Route};
use crate::lang::{NodeRef, Value, day_number};
use crate::plan::{PORTFOLIO, Plan, RelationId, joined, spawn_deep};

/// How a book is gone over. Nothing that comes of it shows in the values.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many threads evaluate.
    pub threads: usize,
    /// About how many rows a block has, at most: with few of them what is done once a block costs more than the rows.
    pub rows: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { threads: std::thread::available_parallelism().map_or(1, usize::from), rows: 1 << 16 }
    }
}

impl Pace {
    /// Where memory is short: what a block comes to is kept until it is written, so blocks are small.
    pub fn sparing() -> Self {
        Self { rows: 1 << 13, ..Self::default() }
    }
}

/// With several threads each has at least so many blocks, unless they have fewer rows than these.
const BLOCKS: usize = 8;
const LEAST: usize = 1 << 12;

/// An evaluation of a plan over a whole book as of a date.
pub struct Columns<'a> {
    plan: &'a Plan,
    book: &'a Book,
    as_of: NaiveDate,
    pace: Pace,
    cutting: Cutting,
    common: Common,
    /// Found out when it is asked for: a share of a book has the route of the whole.
    route: OnceLock<Route>,
    share: Option<Share>,
}

/// The part of a book that is gone over, where it is a share of a larger one.
struct Share {
    groups: Range<u32>,
    /// Whether what lies under no group is gone over as well.
    rest: bool,
}

/// Units, and whether they are decided on.
pub(super) type Part = (Units, bool);

/// What a block came to for the portfolio: of each value what was gathered, or the first thing that failed.
type Gatherings = Vec<Result<Gathered, Root>>;

impl<'a> Columns<'a> {
    /// An evaluation of a plan over a book that was read with the plan's schema.
    pub fn new(Setting { plan, book, as_of }: Setting<'a>, pace: Pace) -> Self {
        Self {
            plan,
            book,
            as_of,
            pace,
            cutting: Cutting::of(plan),
            common: Common::of(plan),
            route: OnceLock::new(),
            share: None,
        }
    }

    /// The same for a share of a book: these of its credit groups are gone over, and what lies under no group if `rest`.
    pub fn of_share(self, groups: Range<u32>, rest: bool) -> Self {
        Self { share: Some(Share { groups, rest }), ..self }
    }

    /// What it is of.
    pub fn setting(&self) -> Setting<'a> {
        Setting { plan: self.plan, book: self.book, as_of: self.as_of }
    }

    /// How often a sweep goes over the book.
    pub fn legs(&self) -> u32 {
        self.route().legs
    }

    /// Whether a sweep gathers what the portfolio comes to.
    pub fn gathers(&self) -> bool {
        !self.route().wholes.is_empty()
    }

    fn route(&self) -> &Route {
        self.route.get_or_init(|| Route::of(self.plan))
    }

    /// Goes over the book. `of_block` is called on any thread, for every block as often as the plan needs, and for the
    /// portfolio itself at the end; what it gives is handed to `take` in the order of the blocks.
    ///
    /// # Errors
    ///
    /// What `take` returns.
    pub fn sweep<T: Send, E>(
        &self,
        of_block: &(dyn Fn(&mut Decided<'_, 'a>, Leg) -> T + Sync),
        take: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.sweep_parts(&self.everything(), of_block, take)
    }

    /// The same over parts of the book, each with whether it is decided on; the others are only gone over for what the
    /// portfolio comes to, on [`Leg::Before`].
    ///
    /// # Errors
    ///
    /// What `take` returns.
    pub fn sweep_parts<T: Send, E>(
        &self,
        parts: &[Part],
        of_block: &(dyn Fn(&mut Decided<'_, 'a>, Leg) -> T + Sync),
        take: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut portfolio = Portfolio::on(self.route().clone());
        for leg in 1..=portfolio.legs() {
            self.leg(leg, parts, &mut portfolio, of_block, take)?;
            self.arrive(&mut portfolio);
        }
        self.end(&portfolio, of_block, take)
    }

    /// Goes over parts of the book once, on the leg of this number, from 1. A book in shares is gone over leg by leg, on
    /// each share by share, before it is arrived.
    ///
    /// # Errors
    ///
    /// What `take` returns.
    pub fn leg<T: Send, E>(
        &self,
        leg: u32,
        parts: &[Part],
        portfolio: &mut Portfolio,
        of_block: &(dyn Fn(&mut Decided<'_, 'a>, Leg) -> T + Sync),
        take: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let nodes = portfolio.gathered_on(leg);
        let way = if leg == portfolio.legs() { Leg::Last } else { Leg::Before };
        let mut engine = RowEngine::new(self.plan, self.book, self.as_of, portfolio.whole.clone());
        let begin = |node: &NodeRef| Open { node: *node, gathering: engine.run().begin_whole(*node) };
        let mut open: Vec<Open<'a>> = nodes.iter().map(begin).collect();
        let mut blocks: Vec<Part> = Vec::new();
        let rows = self.block_rows(parts);
        for ((relation, units), decides) in parts {
            self.cut(*relation, units.clone(), rows, &mut |units| blocks.push(((*relation, units), *decides)));
        }
        let known = &portfolio.whole;
        let work = |worker: &mut Own<'a>, (units, decides): &Part| {
            let way = if *decides { way } else { Leg::Before };
            let mut decided = self.decide(worker, units);
            let gathered = nodes.iter().map(|node| gather(&mut decided, *node, units)).collect::<Gatherings>();
            (of_block(&mut decided, way), gathered)
        };
        self.each_block(&blocks, &|| self.own(known.clone()), &work, &mut |(made, gathered)| {
            for (open, gathered) in open.iter_mut().zip(gathered) {
                open.add(gathered, self.book);
            }
            take(made)
        })?;
        for Open { node, gathering } in open {
            let total = gathering.map(|gathering| {
                gathering.map(|gathering| gathering.total(self.book)).map_err(|root| self.named(root))
            });
            portfolio.add(node, total);
        }
        Ok(())
    }

    /// Works out what the portfolio comes to by what was gathered on a leg.
    pub fn arrive(&self, portfolio: &mut Portfolio) {
        let mut engine = RowEngine::new(self.plan, self.book, self.as_of, portfolio.whole.clone());
        for (node, total) in std::mem::take(&mut portfolio.totals) {
            let run = engine.run();
            let value = match total {
                None => Ok(Value::Missing),
                Some(Err(root)) => Err(root),
                Some(Ok(total)) => match run.begin_whole(node) {
                    Some(Ok(mut gathering)) => {
                        gathering.set(total);
                        run.close(gathering).map_err(|fault| (*fault).clone())
                    }
                    Some(Err(root)) => Err(root),
                    None => Ok(Value::Missing),
                },
            };
            portfolio.whole.insert(node, value);
        }
    }

    /// Meets the portfolio itself.
    ///
    /// # Errors
    ///
    /// What `take` returns.
    pub fn end<T: Send, E>(
        &self,
        portfolio: &Portfolio,
        of_block: &(dyn Fn(&mut Decided<'_, 'a>, Leg) -> T + Sync),
        take: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut own = self.own(portfolio.whole.clone());
        let mut decided = self.decide(&mut own, &(PORTFOLIO, 0..1));
        take(of_block(&mut decided, Leg::Last))
    }

    /// Other shares of a book do not know the numbers of this one's rows.
    fn named(&self, root: Root) -> Root {
        let of_row = self.share.as_ref().zip(self.plan.node(root.node));
        let id = of_row.map(|(_, node)| self.book.id(node.subject, root.row).to_owned());
        Root { elsewhere: root.elsewhere.or(id), ..root }
    }

    fn own(&self, whole: Whole) -> Own<'a> {
        let rows = RowEngine::new(self.plan, self.book, self.as_of, whole);
        Own { texts: Texts::default(), ready: HashMap::new(), weights: Weights::default(), rows }
    }

    fn decide<'e>(&'e self, own: &'e mut Own<'a>, units: &Units) -> Decided<'e, 'a> {
        Decided::new((self.plan, self.book, self.as_of), units, (&self.cutting, &self.common), own)
    }

    /// Every unit.
    pub fn everything(&self) -> Vec<Part> {
        let kinds = (0u16..).map(RelationId).zip(&self.plan.schema.relations);
        kinds
            .filter(|(_, relation)| relation.parent == Some(PORTFOLIO))
            .map(|(relation, _)| ((relation, self.gone_over(relation)), true))
            .collect()
    }

    /// How many of the rows that are gone over exist on the as-of date.
    pub fn count(&self, relation: RelationId) -> usize {
        if relation == PORTFOLIO {
            return usize::from(self.share.as_ref().is_none_or(|share| share.rest));
        }
        let today = day_number(self.as_of);
        let of_kind = |(units, _): Part| {
            let local = Block::new(&self.plan.schema, self.book, units).local(relation);
            (0u32..).take(local.len()).filter(|place| local.exists(*place, today)).count()
        };
        self.everything().into_iter().map(of_kind).sum()
    }

    /// How many rows a block has: with several threads as few as let each of them have some blocks.
    fn block_rows(&self, parts: &[Part]) -> usize {
        let most = self.pace.rows.max(1);
        if self.pace.threads < 2 {
            return most;
        }
        let all: usize = parts.iter().map(|((relation, units), _)| self.weight(*relation, units.clone())).sum();
        most.min((all / (self.pace.threads * BLOCKS)).max(LEAST))
    }

    /// Units that follow one another, as many as have so many rows.
    fn cut(&self, relation: RelationId, units: Range<u32>, wanted: usize, take: &mut dyn FnMut(Range<u32>)) {
        let rows = self.weight(relation, units.clone());
        // As many units as have enough rows on the average.
        let many = (wanted.saturating_mul(units.len()) / rows.max(1)).max(1);
        let many = u32::try_from(many).unwrap_or(u32::MAX);
        let mut first = units.start;
        while first < units.end {
            let end = first.saturating_add(many).min(units.end);
            self.halved(relation, first..end, wanted, take);
            first = end;
        }
    }

    /// The units of a kind that are gone over.
    fn gone_over(&self, relation: RelationId) -> Range<u32> {
        let all = 0..u32::try_from(self.book.count(relation)).unwrap_or(u32::MAX);
        let is_group = || self.plan.schema.relation("group") == Some(relation);
        match &self.share {
            None => all,
            Some(share) if is_group() => share.groups.clone(),
            Some(share) if share.rest => all,
            Some(_) => 0..0,
        }
    }

    /// One block, or several where these units have far more rows than others.
    fn halved(&self, relation: RelationId, units: Range<u32>, wanted: usize, take: &mut dyn FnMut(Range<u32>)) {
        let middle = units.start + (units.end - units.start) / 2;
        if middle > units.start && self.weight(relation, units.clone()) > wanted.saturating_mul(4) {
            self.halved(relation, units.start..middle, wanted, take);
            self.halved(relation, middle..units.end, wanted, take);
        } else {
            take(units);
        }
    }

    /// How many rows these are, with all that lies under them.
    fn weight(&self, relation: RelationId, rows: Range<u32>) -> usize {
        let below = (0u16..).map(RelationId).zip(&self.plan.schema.relations);
        let under = |below: RelationId| self.book.rows(below).map_or(0..0, |all| all.under(rows.clone()));
        let of = below.filter(|(_, other)| other.parent == Some(relation)).map(|(below, _)| (below, under(below)));
        let below: usize = of.filter(|(_, rows)| !rows.is_empty()).map(|(below, rows)| self.weight(below, rows)).sum();
        rows.len() + below
    }

    /// Evaluates every block and hands over what comes of them in their order. So that no more than a few wait, a block
    /// is begun only when those before it are not too far behind.
    fn each_block<T: Send, E>(
        &self,
        blocks: &[Part],
        worker: &(dyn Fn() -> Own<'a> + Sync),
        work: &(dyn Fn(&mut Own<'a>, &Part) -> T + Sync),
        take: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let threads = self.pace.threads.clamp(1, blocks.len().max(1));
        if threads == 1 {
            let mut own = worker();
            return blocks.iter().try_for_each(|block| take(work(&mut own, block)));
        }
        let gate = Gate::default();
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            let _ends = Ends(&gate);
            let mut spawned = Vec::with_capacity(threads);
            for _ in 0..threads {
                let (gate, sender) = (&gate, sender.clone());
                let run = move || {
                    let _ends = Ends(gate);
                    let mut own = worker();
                    while let Some((number, block)) = gate.next(blocks, 2 * threads) {
                        if sender.send((number, work(&mut own, block))).is_err() {
                            break;
                        }
                    }
                };
                spawned.push(spawn_deep(scope, run));
            }
            drop(sender);
            let taken = in_order(receiver, take, &gate);
            spawned.into_iter().for_each(joined);
            taken
        })
    }
}

/// Hands over what the threads make in the order of the blocks.
fn in_order<T, E>(
    receiver: mpsc::Receiver<(usize, T)>,
    take: &mut dyn FnMut(T) -> Result<(), E>,
    gate: &Gate,
) -> Result<(), E> {
    let mut early: BTreeMap<usize, T> = BTreeMap::new();
    let mut wanted = 0;
    for (number, made) in receiver {
        early.insert(number, made);
        while let Some(made) = early.remove(&wanted) {
            wanted += 1;
            take(made).inspect_err(|_| gate.close())?;
            gate.taken(wanted);
        }
    }
    Ok(())
}

/// A value of the portfolio while the blocks go by.
struct Open<'a> {
    node: NodeRef,
    gathering: Option<Result<Gathering<'a>, Root>>,
}

impl<'a> Open<'a> {
    /// Takes in what a block came to; what fails first fails the whole.
    fn add(&mut self, gathered: Result<Gathered, Root>, book: &Book) {
        if let Some(Ok(gathering)) = &mut self.gathering {
            match gathered {
                Ok(gathered) => gathering.merge(gathered, book),
                Err(root) => self.gathering = Some(Err(root)),
            }
        }
    }
}

/// What a sweep knows of the portfolio so far. It holds nothing of any book, so that a book may come in shares.
pub struct Portfolio {
    route: Route,
    whole: Whole,
    /// What is gathered on this leg; none where there is nothing to gather.
    totals: BTreeMap<NodeRef, Option<Result<Total, Root>>>,
}

impl Portfolio {
    /// Nothing is known yet.
    pub fn new(plan: &Plan) -> Self {
        Self::on(Route::of(plan))
    }

    fn on(route: Route) -> Self {
        Self { route, whole: Whole::new(), totals: BTreeMap::new() }
    }

    /// How many legs a sweep has.
    pub fn legs(&self) -> u32 {
        self.route.legs
    }

    fn gathered_on(&self, leg: u32) -> Vec<NodeRef> {
        self.route.wholes.iter().filter(|(of, _)| *of == leg).map(|(_, node)| *node).collect()
    }

    /// Takes in what a share came to; what fails first fails the whole.
    fn add(&mut self, node: NodeRef, total: Option<Result<Total, Root>>) {
        match (self.totals.entry(node).or_insert(None), total) {
            (Some(Ok(known)), Some(Ok(total))) => known.merge(total),
            (Some(Err(_)), _) | (_, None) => {}
            (known, total) => *known = total,
        }
    }
}

/// What a block comes to for a value of the portfolio; where it fails, the row engine says why.
fn gather(decided: &mut Decided<'_, '_>, node: NodeRef, units: &Units) -> Result<Gathered, Root> {
    match decided.gather(node) {
        Some(gathered) => Ok(gathered),
        None => decided.rows().gather_units(node, units),
    }
}

/// A thread that ends for want of its senses lets no other wait for it.
struct Ends<'g>(&'g Gate);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}

/// Which block is next.
#[derive(Default)]
struct Gate {
    at: Mutex<At>,
    moved: Condvar,
}

#[derive(Default)]
struct At {
    next: usize,
    taken: usize,
    is_closed: bool,
}

impl Gate {
    /// The next block; waits while more than so many are under way.
    fn next<'b>(&self, blocks: &'b [Part], most: usize) -> Option<(usize, &'b Part)> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        while !at.is_closed && at.next >= at.taken + most {
            at = self.moved.wait(at).unwrap_or_else(PoisonError::into_inner);
        }
        if at.is_closed {
            return None;
        }
        let number = at.next;
        at.next += 1;
        blocks.get(number).map(|block| (number, block))
    }

    fn taken(&self, taken: usize) {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).taken = taken;
        self.moved.notify_all();
    }

    fn close(&self) {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).is_closed = true;
        self.moved.notify_all();
    }
}
