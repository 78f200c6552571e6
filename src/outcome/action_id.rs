//! What an action is called.

use sha2::{Digest as _, Sha256};

use crate::hex::hex;

/// Appends `collection-C000001-1f00c0ffee00`: of policy, ladder and what each line is about, its rung and episode; never of
/// dates or amounts. A line is its subject, the subject's id and the parts of its key, the ladder first; lines are put
/// in order.
pub fn push_action_id(out: &mut String, policy: &str, account: &str, lines: &mut [&[&str]]) {
    let kind = lines.first().and_then(|line| line.get(2)).copied().unwrap_or_default();
    out.extend([kind, "-", account, "-"]);
    lines.sort_unstable();
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        // Lengths keep one id from running into the next.
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    text(policy);
    lines.iter().copied().flatten().for_each(|part| text(part));
    out.push_str(&hex(hash.finalize().get(..6).unwrap_or_default()));
}

#[cfg(test)]
mod tests {
    use super::push_action_id;

    fn id(lines: &mut [&[&str]]) -> String {
        let mut out = String::new();
        push_action_id(&mut out, "p", "C1", lines);
        out
    }

    #[test]
    fn an_id_is_of_its_lines_whatever_their_order() {
        let (a, b) = (["item", "I1", "dunning", "letter", "1"], ["item", "I2", "dunning", "phone", "1"]);
        assert_eq!(id(&mut [&a, &b]), id(&mut [&b, &a]));
        assert_ne!(id(&mut [&a]), id(&mut [&b]));
        assert_eq!(id(&mut [&a]).split_at(11).0, "dunning-C1-");
        // Where one part ends and the next begins is part of it.
        assert_ne!(id(&mut [&["item", "I", "1dunning"]]), id(&mut [&["item", "I1", "dunning"]]));
    }
}
