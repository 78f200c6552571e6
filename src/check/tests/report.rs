//! What came of a policy's tests.

use std::fmt;

use crate::diag::{Code, Diagnostic, Place};

/// What came of all of them.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One a test that could be run, in the order of the files.
    pub verdicts: Vec<Verdict>,
    /// How many tests cannot be run as written.
    pub unusable: usize,
    /// Why not; or that there is no test.
    pub findings: Vec<Diagnostic>,
}

/// What came of one.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The test's name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What came out otherwise than expected; a test without any has passed.
    pub mismatches: Vec<Mismatch>,
}

/// Something that came out otherwise.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// What was asked for: `limit.amount`, `actions`.
    pub name: String,
    /// Where it is expected.
    pub place: Place,
    /// What the test says.
    pub expected: String,
    /// What came out.
    pub got: String,
    /// What made it.
    pub made_by: Option<MadeBy>,
}

/// The part of the policy that made a value.
#[derive(Clone, Debug)]
pub struct MadeBy {
    /// The rule, or the name of what it stands under.
    pub rule: String,
    /// Where it was written.
    pub place: Place,
}

impl Report {
    /// How many tests passed.
    pub fn passed(&self) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.mismatches.is_empty()).count()
    }

    /// How many came out otherwise than expected.
    pub fn failed(&self) -> usize {
        self.verdicts.len() - self.passed()
    }

    /// Whether there was nothing to run: no test was written.
    pub fn has_no_tests(&self) -> bool {
        self.verdicts.is_empty()
            && self.unusable == 0
            && self.findings.iter().all(|finding| finding.code == Code::Nothing)
    }

    /// Whether there are tests, all could be run and all passed.
    pub fn is_green(&self) -> bool {
        self.findings.is_empty() && self.failed() == 0 && !self.verdicts.is_empty()
    }
}

/// The failures, each with what was expected and what came out; then the count.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for verdict in self.verdicts.iter().filter(|verdict| !verdict.mismatches.is_empty()) {
            writeln!(f, "failed: {}", verdict.name)?;
            for wrong in &verdict.mismatches {
                writeln!(f, "  {}: {}", wrong.place, wrong.name)?;
                writeln!(f, "    expected  {}", wrong.expected)?;
                writeln!(f, "    got       {}", wrong.got)?;
                if let Some(made_by) = &wrong.made_by {
                    writeln!(f, "    made by   {} ({})", made_by.rule, made_by.place)?;
                }
            }
            writeln!(f)?;
        }
        write!(f, "{} passed, {} failed", self.passed(), self.failed())?;
        match self.unusable {
            0 => writeln!(f),
            n => writeln!(f, ", {n} cannot be run"),
        }
    }
}
