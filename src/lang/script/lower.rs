//! Functions inside the subset: typed like any expression.

use super::beyond::Beyond;
use super::load::{Read, Signature};
use crate::diag::{Code, Diagnostic, Place, SourceText, Span, nearest};
use crate::lang::check::{Checker, Expected, Found, Local, Missing, Names, Raw};
use crate::lang::expr::{Expr, Kind};
use crate::lang::functions::Builtin;
use crate::lang::syntax::MAX_DEPTH;
use crate::lang::syntax::ast::{Ast, Node, Word};
use crate::lang::types::Type;

/// What came of a function.
pub(super) enum Lowered {
    /// It is typed.
    Body(Expr),
    /// It runs in Rhai.
    Outside(Beyond),
    /// An error was reported.
    Wrong,
}

/// Lowers what can be lowered, in the order declared.
pub(super) fn lower(
    source: &SourceText,
    declared: &[&Signature],
    read: &[Read],
    found: &mut Vec<Diagnostic>,
) -> Vec<Lowered> {
    let calls: Vec<Result<Calls<'_>, Beyond>> = declared.iter().map(|s| calls_of(source, s, declared, read)).collect();
    let outside: Vec<Option<Beyond>> = (0..declared.len()).map(|i| outside(i, declared, &calls)).collect();
    declared
        .iter()
        .zip(outside)
        .map(|(signature, outside)| {
            let fun = read.iter().find(|r| r.fun.name.text == signature.name).map(|r| &r.fun);
            match (fun, outside) {
                (_, Some(beyond)) => Lowered::Outside(beyond),
                (None, None) => Lowered::Wrong,
                (Some(fun), None) => {
                    let mut names = ScriptNames { declared, found };
                    let mut checker = Checker::new(source, &mut names, Missing::Refused, Vec::new());
                    for (word, ty) in fun.parameters.iter().zip(&signature.takes) {
                        let (slot, raw) = (checker.slots, Raw::of(&ty.base));
                        let name = word.text.clone();
                        checker.locals.push(Local { name, slot, ty: ty.clone(), raw, broken: false });
                        checker.slots += 1;
                    }
                    let expected = Expected::of(Some(signature.gives.clone()));
                    let body = checker.top(&fun.body, &expected);
                    checker.finish(body).map_or(Lowered::Wrong, Lowered::Body)
                }
            }
        })
        .collect()
}

/// The functions a body calls, and how high its tree is.
struct Calls<'a> {
    names: Vec<&'a Word>,
    depth: usize,
    place: Place,
}

/// What lies outside the subset in the function itself, or the helper it calls that is not declared, where there is one.
fn calls_of<'a>(
    source: &SourceText,
    signature: &Signature,
    declared: &[&Signature],
    read: &'a [Read],
) -> Result<Calls<'a>, Beyond> {
    let Some(this) = read.iter().find(|r| r.fun.name.text == signature.name) else {
        let what = format!("`{}` does not read like a function of the policy language", signature.name);
        let instead = "write `fn name(a, b) { … }` with one value at its end".to_owned();
        return Err(Beyond { what, place: signature.place.clone(), instead });
    };
    if let Some(beyond) = Beyond::first(&this.found) {
        return Err(beyond);
    }
    let mut names = Vec::new();
    collect(&this.fun.body, &mut names);
    let is_declared = |name: &str| declared.iter().any(|s| s.name == name);
    let is_helper = |name: &str| !is_declared(name) && read.iter().any(|r| r.fun.name.text == name);
    if let Some(helper) = names.iter().find(|name| is_helper(&name.text)) {
        let what = format!("it calls `{}`, which the policy does not declare", helper.text);
        let instead = format!("declare `{}` under `functions:` too, with what it takes and gives", helper.text);
        return Err(Beyond { what, place: source.place(helper.at.start, helper.at.end), instead });
    }
    names.retain(|name| is_declared(&name.text));
    let at = this.fun.name.at;
    Ok(Calls { names, depth: this.fun.body.depth, place: source.place(at.start, at.end) })
}

/// Why a function cannot be lowered: it lies outside the subset, calls itself in a circle, or is too deep with all it calls.
fn outside(at: usize, declared: &[&Signature], calls: &[Result<Calls<'_>, Beyond>]) -> Option<Beyond> {
    fn height(at: usize, declared: &[&Signature], calls: &[Result<Calls<'_>, Beyond>], left: usize) -> Option<usize> {
        let Some(Ok(own)) = calls.get(at) else { return Some(0) };
        let left = left.checked_sub(own.depth + 1)?;
        let mut highest = 0;
        for name in &own.names {
            if let Some(next) = declared.iter().position(|s| s.name == name.text) {
                highest = highest.max(height(next, declared, calls, left)?);
            }
        }
        Some(own.depth + 1 + highest)
    }
    match calls.get(at)? {
        Err(beyond) => Some(beyond.clone()),
        Ok(_) if height(at, declared, calls, 2 * MAX_DEPTH).is_some() => None,
        Ok(own) => Some(Beyond {
            what: "it calls itself, or nests too deep with all that it calls".to_owned(),
            place: own.place.clone(),
            instead: "write the steps one behind another, each as a `let`".to_owned(),
        }),
    }
}

fn collect<'a>(node: &'a Node, names: &mut Vec<&'a Word>) {
    let mut all = |nodes: &mut dyn Iterator<Item = &'a Node>| nodes.for_each(|n| collect(n, names));
    match &node.ast {
        Ast::Broken | Ast::Int(_) | Ast::Dec(_) | Ast::Text(_) | Ast::Bool(_) | Ast::Date(_) | Ast::Name(_) => {}
        Ast::Call(name, arguments) => {
            all(&mut arguments.iter());
            if Builtin::named(&name.text).is_none() && !names.iter().any(|known| known.text == name.text) {
                names.push(name);
            }
        }
        Ast::Property(of, _) | Ast::Not(of) | Ast::Negate(of) => collect(of, names),
        Ast::Method(on, _, arguments) => all(&mut arguments.iter().chain([on.as_ref()])),
        Ast::Arith(_, a, b)
        | Ast::Compare(_, a, b)
        | Ast::And(a, b)
        | Ast::Or(a, b)
        | Ast::Coalesce(a, b)
        | Ast::In(a, b) => all(&mut [a.as_ref(), b.as_ref()].into_iter()),
        Ast::List(items) => all(&mut items.iter()),
        Ast::If(c, a, b) => all(&mut [c.as_ref(), a.as_ref(), b.as_ref()].into_iter()),
        Ast::Switch(subject, cases) => {
            all(&mut cases.iter().flat_map(|c| c.values.iter().chain([&c.gives])).chain([subject.as_ref()]));
        }
        Ast::Block(lets, value) => all(&mut lets.iter().map(|(_, n)| n).chain([value.as_ref()])),
    }
}

/// A script sees its arguments and the other functions declared of it.
struct ScriptNames<'a> {
    declared: &'a [&'a Signature],
    found: &'a mut Vec<Diagnostic>,
}

impl Names for ScriptNames<'_> {
    fn find(&mut self, _: &str, _: Span) -> Found {
        Found::Nothing
    }

    fn signature(&mut self, name: &str) -> Option<Vec<Type>> {
        self.declared.iter().find(|s| s.name == name).map(|s| s.takes.clone())
    }

    fn call(&mut self, name: &str, arguments: Vec<Expr>, at: Span) -> Option<Expr> {
        let signature = self.declared.iter().find(|s| s.name == name)?;
        let kind = Kind::Function(signature.function, arguments);
        Some(Expr { kind, ty: signature.gives.clone(), span: at })
    }

    fn nearest(&self, name: &str) -> Option<String> {
        nearest(name, self.declared.iter().map(|s| s.name.as_str())).map(str::to_owned)
    }

    fn report(&mut self, mut diagnostic: Diagnostic) {
        if diagnostic.code == Code::UnknownName {
            diagnostic.help = diagnostic
                .help
                .filter(|h| h.starts_with("did"))
                .or(Some("a script sees only its arguments, its own `let`s and the functions declared".to_owned()));
        }
        self.found.push(diagnostic);
    }
}
