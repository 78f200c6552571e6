//! A script file, held against what the policy declares of it.

use std::sync::Arc;

use rhai::{AST, Engine};

use super::{Script, calls, failure, lower, sandbox};
use crate::diag::{Code, Diagnostic, Place, SourceText, any_error, nearest};
use crate::lang::calendar::Calendar;
use crate::lang::check::counted;
use crate::lang::expr::{Body, Function, FunctionRef};
use crate::lang::functions::{Builtin, Rounding};
use crate::lang::syntax::ast::{At, Fun};
use crate::lang::syntax::parse::Parser;
use crate::lang::syntax::token::{self, Lexeme, Token};
use crate::lang::types::Type;

/// A function as the policy declares it.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub takes: Vec<Type>,
    /// What it gives.
    pub gives: Type,
    /// Where it is declared.
    pub place: Place,
    /// Its number in the plan.
    pub function: FunctionRef,
}

/// What came of a script.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The declared functions that can be used, each with its number in the plan; in the order declared.
    pub functions: Vec<(FunctionRef, Function)>,
    /// What is wrong.
    pub found: Vec<Diagnostic>,
}

/// A function of the file as we read it.
pub(super) struct Read {
    pub(super) fun: Fun,
    pub(super) found: Vec<Diagnostic>,
}

/// Reads a script and everything the policy declares of it.
pub fn load(source: &SourceText, declared: &[Signature], calendar: &Calendar, rounding: Rounding) -> Loaded {
    let mut loaded = Loaded::default();
    let (read, outside) = functions(source);
    let engine = sandbox::engine(calendar, rounding);
    let ast = match engine.compile(&source.text) {
        Ok(ast) => ast,
        Err(error) => {
            loaded.found = unreadable(source, declared, &read, outside, &error);
            return loaded;
        }
    };
    loaded.found.extend(outside.into_iter().filter(|d| d.code == Code::Script));
    let usable: Vec<&Signature> = declared.iter().filter(|s| exists(s, &ast, &mut loaded.found)).collect();
    let script = |signature: &Signature, beyond, engine: &Arc<Engine>, ast: &Arc<AST>| {
        let at =
            read.iter().find(|r| r.fun.name.text == signature.name).map_or(At { start: 0, end: 0 }, |r| r.fun.name.at);
        Body::Script(Arc::new(Script {
            engine: Arc::clone(engine),
            ast: Arc::clone(ast),
            name: signature.name.clone(),
            takes: signature.takes.len(),
            gives: signature.gives.clone(),
            place: source.place(at.start, at.end),
            beyond,
        }))
    };
    let (engine, ast) = (Arc::new(engine), Arc::new(ast));
    let lowered = lower::lower(source, &usable, &read, &mut loaded.found);
    for (signature, lowered) in usable.iter().zip(lowered) {
        let body = match lowered {
            lower::Lowered::Body(expr) => Body::Lowered(Arc::new(expr)),
            lower::Lowered::Outside(beyond) => script(signature, beyond, &engine, &ast),
            lower::Lowered::Wrong => continue,
        };
        let function = Function {
            name: signature.name.clone(),
            takes: signature.takes.clone(),
            gives: signature.gives.clone(),
            body,
            source: Arc::clone(&source.source),
        };
        loaded.functions.push((signature.function, function));
    }
    let outside = loaded.functions.iter().any(|(_, function)| matches!(function.body, Body::Script(_)));
    if outside {
        calls::unknown(source, &ast, &mut loaded.found);
    }
    loaded
}

/// The functions of the file one by one, so that one outside the subset does not hide the others; and findings that
/// belong to none of them.
fn functions(source: &SourceText) -> (Vec<Read>, Vec<Diagnostic>) {
    let (tokens, mut found) = token::expression_tokens(source);
    let mut pieces: Vec<Vec<Lexeme>> = Vec::new();
    let mut between = Vec::new();
    let mut open = 0usize;
    for lexeme in tokens {
        match &lexeme.token {
            Token::Word(word) if word == "fn" && open == 0 => pieces.push(Vec::new()),
            Token::Sym("{" | "#{") => open += 1,
            Token::Sym("}") => open = open.saturating_sub(1),
            _ => {}
        }
        match pieces.last_mut() {
            Some(piece) => piece.push(lexeme),
            None if lexeme.token != Token::End => between.push(lexeme.at),
            None => {}
        }
    }
    let mut read = Vec::new();
    for piece in pieces {
        let (Some(first), Some(last)) = (piece.first().map(|l| l.at), piece.last().map(|l| l.at)) else { continue };
        let here = source.span(first.start, last.end);
        let (own, others) = found.into_iter().partition(|d: &Diagnostic| {
            d.place.as_ref().is_some_and(|p| p.span.start >= here.start && p.span.start < here.end)
        });
        found = others;
        let mut parser = Parser::new(source, piece, own);
        if let Some(fun) = parser.function() {
            parser.end();
            read.push(Read { fun, found: parser.found });
        } else {
            found.extend(parser.found);
        }
    }
    if let Some(at) = between.first() {
        let place = source.place(at.start, at.end);
        let message = "a script holds functions and nothing besides";
        found.push(Diagnostic::error(Code::Script, message, place).help("put it into a `fn`"));
    }
    (read, found)
}

/// Whether the script has the function as declared.
fn exists(signature: &Signature, ast: &AST, found: &mut Vec<Diagnostic>) -> bool {
    let name = &signature.name;
    let mut report = |message: String, help: String| {
        found.push(Diagnostic::error(Code::Script, message, signature.place.clone()).help(help));
        false
    };
    if Builtin::named(name).is_some() {
        return report(format!("`{name}` is a built-in function already"), "give the function another name".to_owned());
    }
    let arities: Vec<usize> = ast.iter_functions().filter(|f| f.name == name).map(|f| f.params.len()).collect();
    let Some(arity) = arities.first() else {
        let near = nearest(name, ast.iter_functions().map(|f| f.name)).map(str::to_owned);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `fn {name}(...) {{ ... }}` in it"),
        };
        return report(format!("the script has no function `{name}`"), help);
    };
    if !arities.contains(&signature.takes.len()) {
        let declared = signature.takes.len();
        let message = format!("`{name}` takes {} in the script, and the policy declares {declared}", counted(*arity));
        return report(message, "declare as many types under `takes:` as the function has parameters".to_owned());
    }
    if arities.len() > 1 {
        let help = "give each its own name".to_owned();
        return report(format!("the script has several functions called `{name}`"), help);
    }
    true
}

/// Why the script cannot be read, in our own words where we know them.
fn unreadable(
    source: &SourceText,
    declared: &[Signature],
    read: &[Read],
    outside: Vec<Diagnostic>,
    error: &rhai::ParseError,
) -> Vec<Diagnostic> {
    let own: Vec<Diagnostic> = read
        .iter()
        .flat_map(|r| r.found.iter().cloned())
        .chain(outside)
        .filter(|d| d.code != Code::OutsideSubset)
        .collect();
    if any_error(&own) {
        return own;
    }
    // A name that is nowhere stops Rhai too; the checker says more about it.
    let mut found = Vec::new();
    let as_declared =
        |s: &&Signature| read.iter().any(|r| r.fun.name.text == s.name && r.fun.parameters.len() == s.takes.len());
    let usable: Vec<&Signature> = declared.iter().filter(as_declared).collect();
    lower::lower(source, &usable, read, &mut found);
    if any_error(&found) {
        return found;
    }
    use rhai::ParseErrorType as P;
    let (message, help) = match error.err_type() {
        P::ExprTooDeep => ("the script nests too deeply here", "make several functions of it"),
        P::VariableUndefined(_) => {
            ("nothing of this name is known here", "a script sees only its arguments and its own `let`s")
        }
        P::TooManyFunctions | P::LiteralTooLarge(..) => ("the script is too large here", "make it smaller"),
        P::Reserved(_) => ("a word that a script cannot use", "leave out what is not among the functions of a policy"),
        P::AssignmentToConstant(_) => ("a constant cannot be changed", "write `let` instead of `const`"),
        _ => ("the script cannot be read from here on", "finish what stands before this place"),
    };
    let start = failure::offset(&source.text, error.position());
    let length = source.text.get(start..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
    vec![Diagnostic::error(Code::Script, message, source.place(start, start + length)).help(help)]
}
