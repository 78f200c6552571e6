//! Characters of other keyboards: what each stands for.

/// The ASCII form of a full-width or typographic character, where it has one.
pub(super) fn ascii(c: char) -> Option<char> {
    Some(match c {
        '“' | '”' | '„' | '«' | '»' | '「' | '」' => '"',
        '‘' | '’' => '\'',
        '，' | '、' => ',',
        '。' => '.',
        '【' => '[',
        '】' => ']',
        '−' | '–' | '—' => '-',
        '×' | '∗' => '*',
        '÷' => '/',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c).checked_sub(0xfee0)?)?,
        _ => return None,
    })
}

/// The operator a mathematical sign stands for.
pub(super) fn operator(c: char) -> Option<&'static str> {
    Some(match c {
        '≥' | '⩾' | '≧' => ">=",
        '≤' | '⩽' | '≦' => "<=",
        '≠' => "!=",
        '∧' => "&&",
        '∨' => "||",
        '¬' => "!",
        _ => return None,
    })
}

/// The closing quote that belongs to an opening one.
pub(super) fn closes(open: char, c: char) -> bool {
    match open {
        '“' | '”' | '„' => matches!(c, '“' | '”'),
        '‘' | '’' => matches!(c, '‘' | '’'),
        '«' => c == '»',
        '「' => c == '」',
        _ => c == open,
    }
}
