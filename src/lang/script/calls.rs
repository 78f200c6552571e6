//! Calls of functions that are not there, in scripts that only Rhai can read: it would find out when they run.

use rhai::AST;

use crate::diag::{Code, Diagnostic, SourceText, nearest};
use crate::lang::functions::Builtin;
use crate::lang::syntax::token::{self, Token};

/// What scripts may do with lists besides.
const OF_LISTS: [&str; 3] = ["len", "push", "contains"];
/// Words that an opening parenthesis may follow without a call.
const WORDS: [&str; 12] =
    ["if", "while", "for", "in", "switch", "return", "fn", "let", "else", "until", "throw", "loop"];

/// Reports every call of a function that neither the script nor the language has, unless its place is reported already.
pub(super) fn unknown(source: &SourceText, ast: &AST, found: &mut Vec<Diagnostic>) {
    let own: Vec<&str> = ast.iter_functions().map(|function| function.name).collect();
    let builtins = || Builtin::ALL.iter().map(|builtin| builtin.name());
    let (tokens, _) = token::expression_tokens(source);
    for pair in tokens.windows(2) {
        let [word, open] = pair else { continue };
        let (Token::Word(name), Token::Sym("(")) = (&word.token, &open.token) else { continue };
        let name = name.as_str();
        let known = own.contains(&name) || OF_LISTS.contains(&name) || WORDS.contains(&name);
        if known || Builtin::named(name).is_some() {
            continue;
        }
        let place = source.place(word.at.start, word.at.end);
        if found.iter().any(|d| d.place.as_ref() == Some(&place)) {
            continue;
        }
        let help = match nearest(name, builtins().chain(own.iter().copied())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a script has the built-in functions and its own: no clock, no files, no chance".to_owned(),
        };
        found.push(Diagnostic::error(Code::Script, format!("no function is called `{name}`"), place).help(help));
    }
}
