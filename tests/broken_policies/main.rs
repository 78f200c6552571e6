//! Broken policies, and exactly what is said about each. `BLESS=1` writes it anew, to be read before it is kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::type_complexity
)]

mod case;
mod mutations;

#[test]
fn every_broken_policy_is_told_exactly_what_is_wrong() {
    let cases = case::all();
    assert!(cases.len() >= 45, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        if std::env::var_os("BLESS").is_some() {
            case.bless();
        } else if case.said() != case.expected {
            wrong.push(format!("{} gave\n{}", case.name(), case.said()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The house style of messages: lower case, no full stop, one line, no names of our own types, and somewhere to look.
#[test]
fn messages_are_written_for_people() {
    for case in case::all() {
        let (found, _) = case::compile(case.files());
        assert!(!found.is_empty(), "{} passes", case.name());
        for (number, d) in found.iter().enumerate() {
            let at = format!("{}: {}", case.name(), d.message);
            let first = d.message.chars().next().unwrap();
            assert!(!first.is_uppercase(), "a capital: {at}");
            assert!(!d.message.ends_with('.') && !d.message.contains('\n'), "{at}");
            for ours in ["Dec(", "Some(", "OneOf", "Base::", "NodeRef", "RelationId", "piece_"] {
                assert!(!d.message.contains(ours), "a name of ours: {at}");
            }
            if let Some(help) = &d.help {
                assert!(!help.ends_with('.') && !help.contains('\n'), "help: {at}");
            }
            let again = found.iter().skip(number + 1).any(|other| other.message == d.message && other.place == d.place);
            assert!(!again, "said twice: {at}");
        }
    }
}
