//! Names as people write them: with or without capitals, in full-width forms, with spaces more or less.

/// Whether two names are one.
pub(super) fn same(a: &str, b: &str) -> bool {
    plain(a) == plain(b)
}

fn plain(name: &str) -> String {
    let half: String = name.chars().map(half_width).collect();
    half.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The ASCII form of a full-width letter, digit or sign. The full-width space is whitespace as it is.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn a_name_is_the_same_however_it_is_typed() {
        for other in ["ann lee", " ANN  LEE ", "Ａｎｎ　Ｌｅｅ", "Ann\u{a0}Lee"] {
            assert!(same("Ann Lee", other), "{other}");
        }
        for other in ["AnnLee", "Ann Li", ""] {
            assert!(!same("Ann Lee", other), "{other}");
        }
        assert!(same("王芳", "　王芳 "));
    }
}
