//! Policies of every shape, as pieces of one line each: a piece that is refused is taken out, and the rest stays.

use std::collections::BTreeMap;

use usance::diag::{Diagnostic, Severity};
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

use super::dice::Dice;
use super::formulas::{Formulas, Said};
use super::measures;
use super::sections;
use super::world::{Level, Name, OWNERS, TYPES, Ty, declared_facts, standard};

/// The functions every policy has: one that is an expression, one that needs Rhai.
const SCRIPT: &str = "\
fn stepped(n, x) { let y = if n > 10 { x * 2 } else { x }; switch n { 1 | 2 => y, 0 => 0.5, _ => y + n } }
fn looped(n, x) { let left = min(max(n, 0), 6); let sum = x; while left > 0 { sum += x; left -= 1; } sum }
";

/// A line of a section.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// The section it stands in.
    pub(crate) section: &'static str,
    /// What it is an example of, for counting.
    pub(crate) sort: &'static str,
    /// `- { … }`, `name: …`, or the whole of a section, which is one line then.
    pub(crate) text: String,
    pub(crate) whole: bool,
}

/// A policy on its way.
pub(crate) struct Draft<'d> {
    pub(crate) dice: &'d mut Dice,
    pub(crate) names: Vec<Name>,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) said: Said,
    count: usize,
}

impl Draft<'_> {
    /// A formula about a subject, as a text of YAML.
    pub(crate) fn formula(&mut self, level: Level, ty: Ty) -> String {
        Formulas::of(self.dice, &self.names, &mut self.said, level).quoted(ty)
    }

    /// One that may be missing.
    pub(crate) fn maybe(&mut self, level: Level, ty: Ty) -> String {
        Formulas::of(self.dice, &self.names, &mut self.said, level).maybe_quoted(ty)
    }

    /// A condition with `when:` before it and a comma behind, or nothing.
    pub(crate) fn when(&mut self, level: Level, percent: usize) -> String {
        match self.dice.chance(percent) {
            true => format!("when: {}, ", self.formula(level, Ty::Bool)),
            false => String::new(),
        }
    }

    /// A condition of a rule that says what a missing fact means: bare, or one that may be missing.
    pub(crate) fn rule(&mut self, level: Level) -> String {
        let missing = self.dice.one(&["reject", "pass", "refer"]);
        match Formulas::of(self.dice, &self.names, &mut self.said, level).maybe(Ty::Bool) {
            Some(name) if self.dice.chance(35) => format!("when: {name}, missing: {missing}"),
            _ => format!("when: {}", self.formula(level, Ty::Bool)),
        }
    }

    /// A name nobody has.
    pub(crate) fn id(&mut self, stem: &str) -> String {
        self.count += 1;
        format!("{stem}_{}", self.count)
    }

    pub(crate) fn add(&mut self, section: &'static str, sort: &'static str, text: String) {
        self.pieces.push(Piece { section, sort, text, whole: false });
    }

    pub(crate) fn add_whole(&mut self, section: &'static str, text: String) {
        self.pieces.push(Piece { section, sort: section, text, whole: true });
    }

    /// From now on formulas may read it.
    pub(crate) fn know(&mut self, text: &str, ty: Ty, optional: bool, level: Level) {
        self.names.push(Name { text: text.to_owned(), ty, optional, level });
    }

    /// Has a value put out, exactly.
    pub(crate) fn show(&mut self, name: &str, ty: Ty, optional: bool, level: Level) {
        let subject = match level {
            Level::Portfolio if self.dice.chance(50) => "portfolio",
            Level::Portfolio | Level::Group | Level::Account => "account",
            Level::Invoice | Level::Item => "item",
            Level::Order => "order",
            _ => return,
        };
        let id = self.id("shown");
        let text = match (ty, optional) {
            // Not rounded, as an amount would be.
            (Ty::Money, false) => format!("type: number, gives: {name} / params.one"),
            (Ty::Money, true) => {
                let row = format!("{{ id: there, when: is_given({name}), gives: {name} / params.one }}");
                format!("type: number, rows: [ {row} ]")
            }
            _ => format!("{}, gives: {name}", ty.declared()),
        };
        self.add("decide", "shown", format!("- {{ id: {id}, for: {subject}, {text} }}"));
    }
}

/// Makes a policy out of choices.
pub(crate) fn draft(dice: &mut Dice) -> Vec<Piece> {
    let mut draft = Draft { dice, names: standard(), pieces: Vec::new(), said: Said::new(), count: 0 };
    header(&mut draft);
    let first = draft.dice.pick(5);
    measures::some(&mut draft, first);
    sections::scoring(&mut draft);
    let more = 1 + draft.dice.pick(5);
    sections::decisions(&mut draft, more);
    sections::amounts(&mut draft);
    sections::documents(&mut draft);
    let last = draft.dice.pick(4);
    measures::some(&mut draft, last);
    sections::decisions(&mut draft, 1);
    sections::over_time(&mut draft);
    limits(&mut draft);
    let mut pieces = draft.pieces;
    let read: String =
        pieces.iter().filter(|piece| piece.section != "facts").map(|piece| piece.text.as_str()).collect();
    // What nobody reads only takes time.
    pieces.retain(|piece| piece.section != "facts" || read.contains(piece.text.split(':').next().unwrap_or_default()));
    pieces
}

/// What of each table leaves.
fn limits(draft: &mut Draft<'_>) {
    let columns = |draft: &mut Draft<'_>, of: &[&'static str], level: Level| {
        let mut named: Vec<String> =
            of.iter().filter(|_| draft.dice.chance(60)).map(|name| (*name).to_owned()).collect();
        let readable: Vec<String> =
            draft.names.iter().filter(|name| name.level == level).map(|n| n.text.clone()).collect();
        for _ in 0..draft.dice.pick(3) {
            if let Some(name) =
                readable.get(draft.dice.pick(readable.len().max(1))).filter(|name| !named.contains(name))
            {
                named.push(name.clone());
            }
        }
        named.retain(|name| !name.contains(['(', ' ', '\'']));
        format!("columns: [{}]", named.join(", "))
    };
    let tables: [(&str, Level, &[&str]); 4] = [
        ("decisions", Level::Account, &["exposure", "overdue", "receivables", "name"]),
        ("invoices", Level::Item, &["open", "customer", "days_past_due", "settled_on"]),
        ("orders", Level::Order, &["amount", "customer"]),
        ("portfolio", Level::Portfolio, &["receivables", "overdue"]),
    ];
    for (table, level, of) in tables {
        if !draft.dice.chance(30) {
            continue;
        }
        if draft.dice.chance(12) {
            draft.add("outputs", "outputs off", format!("{table}: off"));
            continue;
        }
        let mut parts = Vec::new();
        if draft.dice.chance(60) {
            parts.push(columns(draft, of, level));
        }
        if draft.dice.chance(70) {
            parts.push(format!("where: {}", draft.formula(level, Ty::Bool)));
        }
        if draft.dice.chance(60) {
            parts.push(format!("reasons: {}", draft.dice.one(&["none", "rules", "full"])));
        }
        draft.add("outputs", "outputs", format!("{table}: {{ {} }}", parts.join(", ")));
    }
    if draft.dice.chance(15) {
        let actions = draft.dice.one(&["off", "{ reasons: none }", "{ reasons: rules }"]).to_owned();
        draft.add("outputs", "outputs of actions", format!("actions: {actions}"));
    }
}

fn header(draft: &mut Draft<'_>) {
    let unit = draft.dice.one(&["0.01", "0.05", "1", "0.001"]);
    let modes = ["half_even", "half_up", "half_down", "up", "down", "ceiling", "floor"];
    let mode = draft.dice.one(&modes);
    let others = if draft.dice.chance(25) { "convert" } else { "refuse" };
    draft.add_whole("money", format!("{{ currency: EUR, round_to: {unit}, mode: {mode}, others: {others} }}"));
    let calendar =
        ["{ weekend: [sat, sun] }", "{ weekend: [fri], holidays: [2026-06-29, 2026-05-01], covers: [2026] }"];
    if draft.dice.chance(40) {
        let calendar = draft.dice.one(&calendar).to_owned();
        draft.add_whole("calendar", calendar);
    }
    if draft.dice.chance(40) {
        draft.add_whole("ageing", "[0, 30, 60, 90]".to_owned());
        if draft.dice.chance(60) {
            for (age, rate) in
                [("current", "0.3%"), ("[d1_30, d31_60]", "1.6%"), ("d61_90", "2000.0 / 23000"), ("over_90", "50%")]
            {
                draft.add("provisions", "provisions", format!("- {{ age: {age}, rate: {rate} }}"));
            }
        }
    }
    for (prefix, level) in OWNERS {
        for (fact, ty, optional) in declared_facts(level) {
            let optional = if optional { ", optional: true" } else { "" };
            draft.add("facts", "facts", format!("{prefix}.{fact}: {{ {}{optional} }}", ty.declared()));
        }
    }
    draft.add("params", "params", "one: { value: 1, type: money }".to_owned());
    draft.add("params", "params", "rate: { value: 5%, min: 0, max: 1 }".to_owned());
    draft.add("params", "params", "edge: { value: 92233720368547758.07, type: money }".to_owned());
    draft.add("params", "params", "late: { value: 30, type: days }".to_owned());
    for function in ["stepped", "looped"] {
        let text = format!("{function}: {{ script: scripts/all.rhai, takes: [int, number], gives: number }}");
        draft.add("functions", "functions", text);
    }
}

/// What came of compiling.
pub(crate) struct Compiled {
    pub(crate) text: String,
    pub(crate) plan: Plan,
    /// What is left of it.
    pub(crate) pieces: Vec<Piece>,
    /// What was taken out: sort and the first words said.
    pub(crate) refused: Vec<(&'static str, String)>,
}

/// Lowers what can be lowered; lines with an error are taken out and the rest is tried again.
pub(crate) fn compile(mut pieces: Vec<Piece>) -> Result<Compiled, String> {
    let mut refused = Vec::new();
    for _ in 0..12 {
        let (text, lines) = render(&pieces);
        let mut sink = Vec::new();
        let files = [("policy.yaml", text.as_str()), ("scripts/all.rhai", SCRIPT)];
        let files = files.into_iter().map(|(n, t)| (n.to_owned(), t.to_owned())).collect();
        let plan = Folder::from_memory(files, &mut sink).and_then(|folder| plan::compile(&folder, &mut sink));
        if let Some(plan) = plan {
            return Ok(Compiled { text, plan, pieces, refused });
        }
        let mut bad: BTreeMap<usize, String> = BTreeMap::new();
        for error in sink.iter().filter(|found| found.severity == Severity::Error) {
            for line in lines_of(error) {
                if let Some(Some(piece)) = lines.get(line - 1) {
                    bad.entry(*piece).or_insert_with(|| error.message.clone());
                }
            }
        }
        if bad.is_empty() {
            let said: Vec<&str> = sink.iter().map(|found| found.message.as_str()).collect();
            return Err(format!("{}\n{text}", said.join("\n")));
        }
        for (piece, said) in bad.into_iter().rev() {
            refused.push((pieces[piece].sort, said));
            pieces.remove(piece);
        }
    }
    Err(format!("still refused: {refused:?}"))
}

/// The lines of the policy that an error is about: its own, where that is one of a piece.
fn lines_of(error: &Diagnostic) -> Vec<usize> {
    let own = error.place.iter();
    own.filter(|place| place.source.name == "policy.yaml").map(|place| place.line_column().0).collect()
}

/// The text, and for each of its lines the piece it is.
fn render(pieces: &[Piece]) -> (String, Vec<Option<usize>>) {
    let mut text = String::from(super::MANIFEST);
    let mut lines: Vec<Option<usize>> = vec![None; text.lines().count()];
    let mut sections: Vec<&str> = Vec::new();
    for piece in pieces {
        if !sections.contains(&piece.section) {
            sections.push(piece.section);
        }
    }
    for section in sections {
        let mut begun = false;
        for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.section == section) {
            if piece.whole {
                text += &format!("{section}: {}\n", piece.text);
            } else {
                if !begun {
                    text += &format!("{section}:\n");
                    lines.push(None);
                    begun = true;
                }
                text += &format!("  {}\n", piece.text);
            }
            lines.push(Some(at));
        }
    }
    (text, lines)
}

/// A type, those that are summed twice as often.
pub(crate) fn any_type(dice: &mut Dice) -> Ty {
    let summed = [Ty::Money, Ty::Money, Ty::Number, Ty::Int, Ty::Days];
    match dice.pick(TYPES.len() + summed.len()) {
        at if at < summed.len() => summed[at],
        at => TYPES[at - summed.len()],
    }
}
