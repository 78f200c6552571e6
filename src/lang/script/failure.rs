//! Rhai's errors in our words.

use rhai::{EvalAltResult, Position};

/// The reason in words, and the innermost place.
pub(super) fn reason(error: &EvalAltResult) -> (String, Position) {
    use EvalAltResult as E;
    let at = error.position();
    let words = match error {
        E::ErrorInFunctionCall(_, _, inner, outer) => {
            let (words, at) = reason(inner);
            return (words, if at.is_none() { *outer } else { at });
        }
        E::ErrorRuntime(value, _) => match value.clone().into_string() {
            Ok(text) if !text.is_empty() => text,
            _ => "the script stops with `throw`".to_owned(),
        },
        E::ErrorVariableNotFound(name, _) => format!("nothing is called `{name}`"),
        E::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split([' ', '(']).next().unwrap_or("");
            format!("no function `{name}` takes these values")
        }
        E::ErrorPropertyNotFound(name, _) => format!("there is no part `{name}`"),
        // Rhai hands the name over inside a sentence: Unknown property 'name' - …
        E::ErrorDotExpr(said, _) => format!("there is no part `{}`", said.split('\'').nth(1).unwrap_or("of this name")),
        E::ErrorIndexNotFound(..) | E::ErrorArrayBounds(..) | E::ErrorStringBounds(..) | E::ErrorIndexingType(..) => {
            "a list has nothing at this place".to_owned()
        }
        E::ErrorMismatchDataType(..) | E::ErrorMismatchOutputType(..) => {
            "a value of another kind than needed here".to_owned()
        }
        E::ErrorArithmetic(..) => "a number cannot be computed".to_owned(),
        E::ErrorTooManyOperations(_) => "the script takes too many steps".to_owned(),
        E::ErrorStackOverflow(_) => "the functions of the script call each other too deeply".to_owned(),
        E::ErrorDataTooLarge(..) | E::ErrorTooManyVariables(_) => {
            "the script makes a value that is too large".to_owned()
        }
        E::ErrorAssignmentToConstant(name, _) => format!("`{name}` cannot be changed"),
        E::ErrorFor(_) => "`for` needs a list or a range".to_owned(),
        _ => "the script cannot go on".to_owned(),
    };
    (words, at)
}

/// The byte at a line and column of a text.
pub(super) fn offset(text: &str, at: Position) -> usize {
    let Some(line) = at.line() else { return 0 };
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or("");
    let column = at.position().unwrap_or(1).saturating_sub(1);
    let line = rest.split('\n').next().unwrap_or("");
    start + line.chars().take(column).map(char::len_utf8).sum::<usize>()
}
