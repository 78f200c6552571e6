//! The plan, printed: each node with its subject, type and place; and the digest that names a policy by what it means.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::node::{ActionList, Aggregate, Choice, Emit, Form, Hit, Node, Over, Plan, Take, Walk};
use crate::hex::hex;
use crate::lang::FunctionRef;
use crate::lang::expr::Body;

impl Plan {
    /// A listing for people: one node a paragraph.
    pub fn listing(&self) -> String {
        let mut out = format!("policy {} {}, in {}\n", self.header.policy, self.header.version, self.money.currency);
        let _ = writeln!(out, "digest {}\n", self.digest());
        for (at, function) in (0u32..).map(FunctionRef).zip(&self.functions) {
            out.push_str(&self.show_function(at, function));
        }
        for (node, pass) in self.nodes.iter().zip(self.passes()) {
            let pass = if pass > 1 { format!(", in pass {pass} over the accounts") } else { String::new() };
            let label = crate::lang::plain(&node.label, "en", "");
            let label = if label.is_empty() { String::new() } else { format!(" ({label})") };
            let _ = writeln!(out, "{}\n    at {}{pass}{label}", self.show_node(node), node.place);
        }
        out
    }

    /// The name of the policy's content: the hash of everything it means, wherever its text stands.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.head());
        for function in &self.functions {
            let body = match &function.body {
                Body::Lowered(expr) => self.show(expr),
                Body::Script(_) => function.source.text.clone(),
            };
            let takes: Vec<String> = function.takes.iter().map(ToString::to_string).collect();
            hash.update(format!("{}({}) -> {}\n{body}\n", function.name, takes.join(", "), function.gives));
        }
        for node in &self.nodes {
            hash.update(self.show_node(node));
            hash.update("\n");
        }
        for output in &self.outputs {
            for column in &output.columns {
                hash.update(format!("{} {} {}\n", output.table, column.header, self.name(column.node)));
            }
        }
        // A policy that limits nothing has the name it had before anything could be limited.
        for of in self.limited() {
            hash.update(format!("limited {}\n", of.table.table));
            for column in of.output.iter().flat_map(|output| &output.columns) {
                hash.update(format!("{} {} {}\n", column.header, column.with_rule, column.with_reasons));
            }
            if let Some(only) = of.output.and_then(|output| output.only) {
                hash.update(format!("only {}\n", self.name(only)));
            }
        }
        if self.actions != ActionList::WHOLE {
            hash.update(format!("{:?}\n", self.actions));
        }
        hex(&hash.finalize())
    }

    /// Who the policy is, its money and its working days, a line each.
    fn head(&self) -> String {
        let header = &self.header;
        let mut head = format!("{} {}\n", header.policy, header.version);
        for (language, title) in &header.title {
            let _ = writeln!(head, "title {language} {title}");
        }
        for (word, day) in [("from", header.from), ("before", header.before)] {
            if let Some(day) = day {
                let _ = writeln!(head, "{word} {day}");
            }
        }
        let rounding = &self.money.rounding;
        let _ = writeln!(head, "{} {} {}", self.money.currency, rounding.unit.normalize(), rounding.mode.name());
        if self.money.converts {
            head.push_str("others convert\n");
        }
        for day in &self.calendar.weekend {
            let _ = writeln!(head, "weekend {day}");
        }
        for (word, days) in [("holiday", &self.calendar.holidays), ("working", &self.calendar.working)] {
            for day in days {
                let _ = writeln!(head, "{word} {day}");
            }
        }
        if let Some(years) = &self.calendar.covers {
            let years: Vec<String> = years.iter().map(ToString::to_string).collect();
            let _ = writeln!(head, "covers {}", years.join(" "));
        }
        head
    }

    /// A node without its place.
    fn show_node(&self, node: &Node) -> String {
        let subject = self.schema.get(node.subject).map_or("?", |r| r.name.as_str());
        let form = match &node.form {
            Form::Fact(_) if self.is_cut(node.subject) => "fact of the piece".to_string(),
            Form::Fact(_) => "fact of the book".to_string(),
            Form::Expr(expr) => self.show(expr),
            Form::Choice(choice) => self.show_choice(choice),
            Form::Aggregate(aggregate) => self.show_aggregate(aggregate),
            Form::Segments(segments) => {
                let relation = self.schema.get(segments.relation).map_or("?", |r| r.name.as_str());
                let after: Vec<String> = segments.after_days.iter().map(ToString::to_string).collect();
                let edges = if after.is_empty() { String::new() } else { format!(", after days {}", after.join(", ")) };
                let steady: Vec<String> =
                    segments.when_begun.iter().chain(&segments.on_the_day).map(|expr| self.show(expr)).collect();
                let steady =
                    if steady.is_empty() { String::new() } else { format!(", where changes {}", steady.join(", ")) };
                let kept = if segments.keep_empty { ", the empty ones kept" } else { "" };
                format!(
                    "cut into {relation} from {} to {}, balance {}{edges}{steady}{kept}",
                    self.show(&segments.from),
                    self.show(&segments.until),
                    self.show(&segments.balance)
                )
            }
            Form::Walk(walk) => self.show_walk(walk),
            Form::Emit(emit) => self.show_emit(emit),
        };
        format!("{}: {} of {subject} = {form}", node.name, node.ty)
    }

    /// Whether a relation's rows are pieces of something that is cut.
    fn is_cut(&self, relation: super::schema::RelationId) -> bool {
        self.nodes.iter().any(|node| matches!(&node.form, Form::Segments(s) if s.relation == relation))
    }

    fn show_choice(&self, choice: &Choice) -> String {
        let hit = match choice.hit {
            Hit::First => "first of",
            Hit::Unique => "the one of",
            Hit::List => "all of",
            Hit::Sum => "sum of",
            Hit::Max => "greatest of",
            Hit::Min => "least of",
        };
        let mut out = hit.to_string();
        for row in &choice.rows {
            let when = row.when.as_ref().map(|when| format!(" when {}", self.show(when))).unwrap_or_default();
            let _ = write!(out, "\n    {}: {}{when}", row.id, self.show(&row.gives));
            if !row.reason.is_empty() {
                let _ = write!(out, " because {}", self.show_words(&row.reason));
            }
        }
        if choice.complete {
            out.push_str("\n    otherwise failed");
        }
        out
    }

    /// What an aggregate takes together, in a line.
    pub fn show_aggregate(&self, a: &Aggregate) -> String {
        let of = self.schema.get(a.of).map_or("?", |r| r.name.as_str());
        let take = match &a.take {
            Take::Count => "count".to_string(),
            Take::Sum => "sum".into(),
            Take::Min => "min".into(),
            Take::Max => "max".into(),
            Take::Mean => "mean".into(),
            Take::Any => "any".into(),
            Take::Last(on) => format!("last by {}", self.show(on)),
            Take::Postpone { start, until, also } => {
                let mut out = format!("{} postponed by intervals until {}", self.show(start), self.show(until));
                for other in also {
                    let of = self.schema.get(other.of).map_or("?", |r| r.name.as_str());
                    let _ =
                        write!(out, " and of {of} from {} until {}", self.show(&other.first), self.show(&other.until));
                }
                out
            }
        };
        let mut out = format!("{take} of {of}");
        let parts = [("value", &a.value), ("where", &a.filter), ("weight", &a.weight), ("as at", &a.as_at)];
        for (word, expr) in parts {
            if let Some(expr) = expr {
                let _ = write!(out, ", {word} {}", self.show(expr));
            }
        }
        if let Some(window) = &a.window {
            let _ = write!(out, ", {} after {}", self.show(&window.on), self.show(&window.after));
            if let Some(first) = &window.not_before {
                let _ = write!(out, ", not before {}", self.show(first));
            }
        }
        out
    }

    /// What a walk goes through and what it knows on the way, in a line.
    pub fn show_walk(&self, walk: &Walk) -> String {
        let relation = |of| self.schema.get(of).map_or("?", |r: &super::schema::Relation| r.name.as_str());
        let mut out = match &walk.over {
            Over::Rows { of, filter, order } => {
                let mut out = format!("walk over {} of {}", relation(*of), relation(walk.under));
                for key in order {
                    let _ =
                        write!(out, ", by {}{}", self.show(&key.by), if key.descending { " descending" } else { "" });
                }
                if let Some(filter) = filter {
                    let _ = write!(out, ", where {}", self.show(filter));
                }
                out
            }
            Over::Dates { first, next, while_ } => {
                let mut out = format!("walk over dates from {}, then {}", self.show(first), self.show(next));
                if let Some(goes_on) = while_ {
                    let _ = write!(out, ", while {}", self.show(goes_on));
                }
                out
            }
        };
        for (slot, (start, step)) in walk.start.iter().zip(&walk.step).enumerate() {
            let _ = write!(out, "; ${slot} from {} to {}", self.show(start), self.show(step));
        }
        let _ = write!(out, "; gives {}", self.show(&walk.gives));
        out
    }

    fn show_emit(&self, emit: &Emit) -> String {
        let list = |exprs: &[crate::lang::Expr]| exprs.iter().map(|e| self.show(e)).collect::<Vec<_>>().join(", ");
        let mut out = format!("emit to {} when {}", emit.stream, self.show(&emit.when));
        let _ = write!(out, "\n    key {}; rank {}", list(&emit.key), emit.rank);
        if let Some(group) = &emit.group {
            let _ = write!(out, "; together by {}", list(group));
        }
        for (name, expr) in &emit.payload {
            let _ = write!(out, "\n    {name}: {}", self.show(expr));
        }
        if !emit.reason.is_empty() {
            let _ = write!(out, "\n    because {}", self.show_words(&emit.reason));
        }
        out
    }
}
