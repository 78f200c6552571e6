//! The stable codes. Each is listed in `docs/diagnostics.md` with an example.

macro_rules! codes {
    ($($variant:ident $text:literal $meaning:literal)*) => {
        /// What kind of finding a diagnostic is; its text never changes once released.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// Every code, for the documentation and its test.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as people see it: `usance::unknown-name`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => concat!("usance::", $text),)* }
            }

            /// What it means, in one line.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    // reading files
    UnreadableFile "unreadable-file" "a file or folder cannot be opened or is not UTF-8 text"
    OutsideFolder "outside-folder" "a path leads out of the policy folder"
    TooLarge "too-large" "a file, an expansion or a nesting is beyond the fixed bounds"
    Yaml "yaml" "the text is not YAML"
    YamlTrap "yaml-trap" "YAML would read this as something else than what was meant"
    NoBase "no-base" "no policy to extend has this name, or nothing extends one that is there"
    Override "override" "what is written over another policy changes nothing there, or meets nothing there"
    DuplicateKey "duplicate-key" "a key stands twice in one mapping, or a section in two files"
    // the shape of a policy
    UnknownKey "unknown-key" "a key that this place does not know"
    MissingKey "missing-key" "a key that this place needs"
    WrongShape "wrong-shape" "a list, mapping or text where another was needed"
    BadNumber "bad-number" "a number that cannot be held exactly, or is not one"
    BadDate "bad-date" "a date that does not exist or is not written YYYY-MM-DD"
    BadId "bad-id" "an id that is not an ASCII identifier, or is a reserved word"
    DuplicateId "duplicate-id" "an id used twice where it must be one of a kind"
    UnknownValue "unknown-value" "a text that is not one of the values allowed here"
    OutOfBounds "out-of-bounds" "a number outside the bounds declared for it"
    Overlap "overlap" "two windows, bins or bands cover the same value"
    Unreachable "unreachable" "a row that can never hit"
    Gap "gap" "a value that no window, bin or band covers"
    // expressions
    Syntax "syntax" "the expression cannot be read"
    UnknownName "unknown-name" "no fact, decision, parameter or function has this name"
    WrongType "wrong-type" "two types or units that do not go together"
    MissingNotHandled "missing-not-handled" "a value that may be missing is used without saying what then"
    WholeDivision "whole-division" "a whole number divided by a whole number would drop its remainder"
    OutsideSubset "outside-subset" "Rhai that is not part of the policy language"
    Below "below" "a rule reads something below its own subject"
    Circle "circle" "decisions that need each other, or policies that extend each other, in a circle"
    Script "script" "a script that cannot be used as declared"
    // tests, books and runs
    Test "test" "a policy test that cannot be run as written"
    Book "book" "a book that cannot be used as it is"
    Redeclared "redeclared" "a name of the standard facts declared again"
    NotInForce "not-in-force" "the policy is not in force on the as-of date"
    Outcome "outcome" "the folder of a run cannot be used as it is"
    Nothing "nothing" "nothing was found where something was expected"
}
