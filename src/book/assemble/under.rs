//! Rows under what they name: one way for every table.

use arrow_array::builder::StringBuilder;
use arrow_array::{Int64Array, StringArray};
use rayon::prelude::*;

use super::items::{Items, parts};
use super::{Assembly, PART};
use crate::book::draft::{Draft, Keeping, Kept};
use crate::book::ids::{NONE, some};
use crate::book::rejects::Sift;
use crate::book::series::Builder;
use crate::book::tables::Table;
use crate::book::texts::{self, take_texts};
use crate::book::typed::Typed;
use crate::book::values::Mark;
use crate::book::{Data, Series};
use crate::lang::Value;
use crate::plan::RelationId;

/// Facts that are 0 where a book says nothing of them.
const ZERO_WHEN_BLANK: [(&str, &str); 1] = [("promise", "tolerance")];

/// The rows of a table on their way, and for each the row that it names as what it lies under.
pub(super) struct Named {
    pub(super) sift: Sift,
    /// [`NONE`] where it names none that is in the book.
    pub(super) rows: Vec<u32>,
}

impl Named {
    /// The row that a row names.
    pub(super) fn row(&self, row: u32) -> Option<u32> {
        self.rows.get(row as usize).copied().and_then(some)
    }
}

impl Assembly<'_> {
    /// The rows of a table become those of its relation; nothing where the book has no such table, or it was taken before.
    pub(super) fn plain(&mut self, name: &str) -> Option<()> {
        let table = Table::named(name)?;
        let Some(typed) = self.table(table.name) else { return Some(()) };
        let draft = self.rows_under(table, &typed)?;
        self.put(draft);
        Some(())
    }

    /// The rows of a table, each under what it names, unless they are refused.
    pub(super) fn rows_under(&mut self, table: &'static Table, typed: &Typed) -> Option<Draft> {
        let name = *table.relations.first()?;
        let mut draft = Draft::new(self.schema, name)?;
        let (parent, since) = {
            let relation = self.schema.get(draft.relation)?;
            let since = relation.exists_from.and_then(|fact| relation.facts.get(usize::from(fact.0)));
            (relation.parent?, since.map(|fact| fact.name.clone()))
        };
        let mut named = self.of_parents(typed, parent)?;
        let texts = typed.strings("id");
        let said = Said::of(table, since.as_deref(), typed);
        if table.needs("id") {
            named.sift.unique_texts(&mut self.ledger, typed, "id", &texts);
        } else {
            named.sift.unique(&mut self.ledger, typed, None, said.marks());
        }
        self.remember_refused(table.name, typed, &named.sift);
        let mut rows = named.sift.kept();
        let mut own = Vec::new();
        let items = if self.parent_is(parent, "item") { Some(Items::new(self)?) } else { None };
        let kept = if let Some(items) = &items {
            let (mut keeping, mut amounts) = (Keeping::default(), Builder::default());
            let ids = if table.needs("id") { vec![take_texts(&texts, &rows)] } else { said.ids(&rows) };
            for (row, id) in rows.into_iter().zip(ids.iter().flatten()) {
                if let Some(id) = id {
                    self.over_items(typed, &mut named, (items, row, id), &mut keeping, &mut amounts)?;
                }
            }
            own.push(("amount", amounts.finish()));
            keeping.done()
        } else if !table.needs("id") {
            let ids = said.ids(&rows);
            let keep = |(rows, ids): (&[u32], &StringArray)| {
                let mut keeping = Keeping::default();
                for (row, id) in rows.iter().zip(ids) {
                    if let (Some(id), Some(parent)) = (id, named.row(*row)) {
                        keeping.push(id, parent, *row);
                    }
                }
                keeping
            };
            let parts: Vec<Keeping> = rows.par_chunks(PART).zip(&ids).map(keep).collect();
            parts.into_iter().fold(Keeping::default(), Keeping::join).done()
        } else {
            rows.retain(|row| named.row(*row).is_some() && texts::text(&texts, *row).is_some());
            let parents = rows.iter().filter_map(|row| named.row(*row)).collect();
            Kept { ids: take_texts(&texts, &rows), parents, rows }
        };
        for (_, fact) in ZERO_WHEN_BLANK.iter().filter(|(relation, _)| *relation == name) {
            let values = typed.values(fact);
            let whole = kept.rows.iter().map(|row| values.whole(*row).unwrap_or(0));
            own.push((*fact, Series::new(Data::Int(Int64Array::from_iter_values(whole)))));
        }
        draft.append(typed, kept, own);
        if let Some(since) = since {
            let days = typed.values(&since);
            let undated = named.sift.kept().into_iter().filter(|row| !days.is_given(*row));
            self.undated(&format!("{}.{since}", table.name), typed, undated);
        }
        Some(draft)
    }

    fn parent_is(&self, parent: RelationId, name: &str) -> bool {
        self.schema.get(parent).is_some_and(|p| p.name == name)
    }

    /// A row of an invoice is of the instalment it names, or of each; its amount is spread over them.
    fn over_items(
        &mut self,
        typed: &Typed,
        named: &mut Named,
        (items, row, id): (&Items, u32, &str),
        kept: &mut Keeping,
        amounts: &mut Builder,
    ) -> Option<()> {
        let item_ids = self.relation("item")?;
        let Some(invoice) = named.row(row) else { return Some(()) };
        let covered = match self.covered(items, invoice, typed.whole("instalment", row)) {
            Ok(covered) => covered,
            Err(why) => {
                named.sift.reject(&mut self.ledger, typed, row, Some("instalment"), why);
                return Some(());
            }
        };
        let alone = covered.len() == 1;
        for (item, amount) in parts(typed.amount("amount", row), &covered) {
            if alone {
                kept.push(id, item.row, row);
            } else {
                kept.push(&format!("{id}#{}", self.book.id(item_ids, item.row)), item.row, row);
            }
            amounts.push(&amount.map_or(Value::Missing, Value::Dec));
        }
        Some(())
    }

    /// Refuses the rows with faults and those whose parent is not there.
    fn of_parents(&mut self, typed: &Typed, parent: RelationId) -> Option<Named> {
        let relation = self.schema.get(parent)?;
        match relation.name.as_str() {
            "account" => {
                let sift = self.of_customers(typed);
                let rows = sift.accounts.clone();
                Some(Named { sift, rows })
            }
            "item" => self.of_invoices(typed, |_| None),
            name => {
                let name = name.to_owned();
                self.of_rows(typed, parent, &name, |_| None)
            }
        }
    }

    /// Refuses the rows with faults, of unknown customers, and in other currencies.
    pub(super) fn of_customers(&mut self, table: &Typed) -> Sift {
        let customers = table.strings("customer");
        let accounts = self.ledger.accounts_of(&customers);
        let unknown: Vec<u32> =
            (0u32..).zip(&accounts).filter(|(_, account)| **account == NONE).map(|(row, _)| row).collect();
        let mut sift = Sift::strict(table, &mut self.ledger, accounts);
        for row in unknown {
            if !table.is_broken(row) && texts::text(&customers, row).is_some() {
                sift.reject(&mut self.ledger, table, row, Some("customer"), "no customer has this id".into());
            }
        }
        self.in_currencies(table, &mut sift);
        sift
    }

    /// Refuses the rows whose amounts are in a currency that is refused.
    pub(super) fn in_currencies(&mut self, table: &Typed, sift: &mut Sift) {
        let Some(series) = table.series("currency") else { return };
        let refused: Vec<(u32, String)> = match series.data() {
            Data::Text(codes, words) => {
                let reasons: Vec<Option<String>> = words.iter().map(|word| self.refuses(word)).collect();
                if reasons.iter().all(Option::is_none) {
                    return;
                }
                let why = |code: Option<u32>| reasons.get(code? as usize).cloned().flatten();
                (0u32..).zip(codes).filter_map(|(row, code)| Some((row, why(code)?))).collect()
            }
            _ => {
                let texts = table.strs("currency");
                (0..table.len()).filter_map(|row| Some((row, self.refuses(texts.get(row)?)?))).collect()
            }
        };
        for (row, why) in refused.into_iter().filter(|(row, _)| !table.is_broken(*row)) {
            sift.reject(&mut self.ledger, table, row, Some("currency"), why);
        }
    }

    /// Refuses the rows with faults and of unknown or refused invoices; where the invoice does not say whose a row
    /// is, `otherwise` may.
    pub(super) fn of_invoices(&mut self, table: &Typed, otherwise: impl Fn(u32) -> Option<u32>) -> Option<Named> {
        self.of_rows(table, self.relation("invoice")?, "invoice", otherwise)
    }

    fn of_rows(
        &mut self,
        table: &Typed,
        parent: RelationId,
        column: &str,
        otherwise: impl Fn(u32) -> Option<u32>,
    ) -> Option<Named> {
        let found = self.found(parent, Table::of_relation(column)?.name, table.strings(column));
        let mut accounts = self.accounts_of(&found);
        for (row, account) in (0u32..).zip(&mut accounts).filter(|(_, account)| **account == NONE) {
            *account = otherwise(row).unwrap_or(NONE);
        }
        let mut sift = Sift::strict(table, &mut self.ledger, accounts);
        for (row, _) in (0u32..).zip(&found.rows).filter(|(row, found)| **found == NONE && !table.is_broken(*row)) {
            if found.text(row).is_some() {
                let why = self.why_unknown(&found, row);
                sift.reject(&mut self.ledger, table, row, Some(column), why);
            }
        }
        Some(Named { sift, rows: found.rows })
    }
}

/// What a row without an id of its own is known by: what it must say, and since when. Without one of the columns no row
/// says it.
struct Said<'t> {
    must: Option<Vec<&'t Series>>,
    since: Option<&'t Series>,
}

impl<'t> Said<'t> {
    fn of(table: &Table, since: Option<&str>, typed: &'t Typed) -> Self {
        let since = since.filter(|since| !table.needs(since)).and_then(|since| typed.series(since));
        Self { must: table.required.iter().map(|column| typed.series(column)).collect(), since }
    }

    /// By what rows are told apart.
    fn marks(&self) -> impl Fn(u32) -> Option<Vec<Mark<'t>>> + Sync {
        |row| {
            let must: Option<Vec<Mark<'t>>> = self.must.as_ref()?.iter().map(|series| series.mark_of(row)).collect();
            Some(must?.into_iter().chain(self.since.and_then(|series| series.mark_of(row))).collect())
        }
    }

    /// The ids of rows, made of what they say.
    fn ids(&self, rows: &[u32]) -> Vec<StringArray> {
        let append = |row: u32, id: &mut Vec<u8>| {
            id.clear();
            for series in self.must.as_ref()? {
                series.push_shown(row, id)?;
                id.push(b'#');
            }
            let has_since = self.since.is_some_and(|series| series.push_shown(row, id).is_some());
            if !has_since {
                id.pop();
            }
            Some(())
        };
        let ids = |rows: &[u32]| {
            let (mut ids, mut id) = (StringBuilder::new(), Vec::new());
            for row in rows {
                let is_said = append(*row, &mut id).is_some();
                ids.append_option(str::from_utf8(&id).ok().filter(|_| is_said));
            }
            ids.finish()
        };
        rows.par_chunks(PART).map(ids).collect()
    }
}
