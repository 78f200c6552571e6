//! The terminal sessions of the pages: what they show is what the program prints.
//!
//! The blocks of a page run one after another, in a folder that is empty at the start of the page.
//!
//! - ```` ```console ````: a line `$ usance …` is run, and the lines below it are all that it prints. A line `…` stands for
//!   any number of lines, and `…` within a line for any text.
//! - ```` ```yaml edit FILE ````: each line takes the place of the line in FILE with the same key at the same depth; a line
//!   whose key is new there, and what lies deeper below it, is put behind the line before it. The first line is found
//!   anywhere in the file, whatever its depth. A key is what stands before the colon, or the first pair of a list's row.
//! - ```` ```yaml new FILE ```` (or any other language) writes FILE.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::blocks::{Block, blocks};
use crate::{pages, text};

const ANY: &str = "…";

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn key(line: &str) -> &str {
    let line = line.trim();
    let ends: &[char] = if line.starts_with("- ") { &[',', '，', '}'] } else { &[':', '：'] };
    line.split(ends).next().unwrap_or_default().trim_end()
}

fn edit(file: &str, change: &str) -> Result<String, String> {
    let mut lines: Vec<&str> = file.lines().collect();
    let mut at = 0;
    let mut added = None;
    for (number, line) in change.lines().enumerate() {
        let inside = |have: &&&str| number == 0 || have.trim().is_empty() || depth(have) >= depth(line);
        let is_it = |have: &&str| key(have) == key(line) && (number == 0 || depth(have) == depth(line));
        let is_below_added = added.is_some_and(|above| depth(line) > above);
        let found = lines[at..].iter().take_while(inside).position(is_it).filter(|_| !is_below_added);
        if let Some(below) = found {
            at += below;
            lines[at] = line;
            added = None;
        } else if number == 0 {
            return Err(format!("no line begins with `{}`", key(line)));
        } else {
            at += lines[at..].iter().take_while(|have| depth(have) > depth(line)).count();
            lines.insert(at, line);
            added = added.filter(|_| is_below_added).or(Some(depth(line)));
        }
        at += 1;
    }
    Ok(lines.join("\n") + "\n")
}

/// A line as shown is the one printed.
fn is_line(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split(ANY);
    let Some(mut rest) = printed.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

fn is_shown(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line.trim() == ANY => (0..=printed.len()).any(|n| is_shown(rest, &printed[n..])),
        Some((line, rest)) => {
            printed.split_first().is_some_and(|(first, more)| is_line(line, first) && is_shown(rest, more))
        }
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}

/// Runs the commands of a session; what is not as shown is told.
fn session(dir: &Path, body: &str) -> Result<(), String> {
    let mut parts = format!("\n{body}");
    let told = parts.find("\n$ ").map_or(parts.clone(), |at| parts.split_off(at + 1));
    for part in format!("\n{told}").split("\n$ ").skip(1) {
        let (command, shown) = part.split_once('\n').unwrap_or((part, ""));
        let mut words = command.split_whitespace();
        if words.next() != Some("usance") {
            return Err(format!("only `usance` is run, not `{command}`"));
        }
        let output = Command::new(env!("CARGO_BIN_EXE_usance")).args(words).current_dir(dir).output().unwrap();
        let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !is_shown(&lines(shown), &lines(&printed)) {
            return Err(format!("`{command}` prints\n{printed}"));
        }
    }
    Ok(())
}

fn step(dir: &Path, block: &Block) -> Result<(), String> {
    match block.kind.split_whitespace().collect::<Vec<_>>()[..] {
        ["console"] => session(dir, &block.body),
        [_, "edit", path] => {
            let path = dir.join(path);
            let file = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            fs::write(path, edit(&file, &block.body)?).map_err(|error| error.to_string())
        }
        [_, "new", path] => {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap_or(dir)).map_err(|error| error.to_string())?;
            fs::write(path, &block.body).map_err(|error| error.to_string())
        }
        _ => Ok(()),
    }
}

#[test]
fn every_session_of_a_page_is_what_happens() {
    let mut wrong = Vec::new();
    for page in pages().into_iter().chain(["README.md".to_owned()]) {
        let dir = tempfile::tempdir().unwrap();
        for block in blocks(&text(&page)) {
            if let Err(told) = step(dir.path(), &block) {
                wrong.push(format!("{page}:{}: {told}", block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_edit_replaces_and_adds() {
    let file = "a:\n  b: 1\n  c:\n    - { id: x, n: 1 }\n    - id: y\n      n: 2\nd: 3\n";
    let changed = |change: &str| edit(file, change).unwrap();
    assert_eq!(changed("  b: 2\n"), file.replace("b: 1", "b: 2"));
    assert_eq!(changed("a:\n  e: 5\n"), file.replace("a:\n", "a:\n  e: 5\n"));
    assert_eq!(changed("    - id: y\n      n: 4\n"), file.replace("n: 2", "n: 4"));
    assert_eq!(
        changed("    - id: y\n    - id: z\n      n: 3\n      m: 4\n"),
        file.replace("n: 2\n", "n: 2\n    - id: z\n      n: 3\n      m: 4\n")
    );
    assert_eq!(changed("\t- { id: x, n: 7 }\n"), file.replace("    - { id: x, n: 1", "\t- { id: x, n: 7"));
    assert!(edit(file, "nothing: 1\n").is_err());
}

#[test]
fn what_is_left_out_may_be_anything_and_the_rest_may_not() {
    let printed = ["one", "two 2", "three"];
    for shown in [&["one", "two 2", "three"][..], &["…", "three"], &["one", "two …", "…"], &["…e", "…", "t…e"]]
    {
        assert!(is_shown(shown, &printed), "{shown:?}");
    }
    for shown in [&["one", "two 2"][..], &["…", "two 2"], &["one", "two", "…"], &["one", "two …x", "three"]] {
        assert!(!is_shown(shown, &printed), "{shown:?}");
    }
}
