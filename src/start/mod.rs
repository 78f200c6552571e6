//! Policies to start from: a short one written for a manager, in English and in Chinese, and the packs that ship.

use std::fs;
use std::io;
use std::path::Path;

/// A file of a policy: its path within the folder, and its text.
pub type File = (&'static str, &'static str);

/// A policy that somebody may begin with.
#[derive(Debug)]
pub struct Pack {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// Its files.
    pub files: &'static [File],
}

macro_rules! files {
    ($root:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!($root, "/", $path)))),*]
    };
}

const STARTER_EN: &[File] = files!("starter/en":
    "README.md", "policy.yaml", "customers.yaml", "limits.yaml", "terms.yaml", "collection.yaml", "tests/first.yaml");
const STARTER_ZH: &[File] = files!("starter/zh":
    "README.md", "policy.yaml", "customers.yaml", "limits.yaml", "terms.yaml", "collection.yaml", "tests/first.yaml");

/// The packs that ship.
pub const PACKS: &[Pack] = &[
    Pack {
        name: "cn-progressive-limits",
        files: files!("../../policies/cn-progressive-limits":
            "README.md", "policy.yaml", "customers.yaml", "credit.yaml", "collection.yaml", "tests/customers.yaml",
            "tests/credit.yaml", "tests/collection.yaml"),
    },
    Pack {
        name: "cn-project-milestones",
        files: files!("../../policies/cn-project-milestones":
            "README.md", "policy.yaml", "credit.yaml", "collection.yaml", "tests/credit.yaml",
            "tests/collection.yaml"),
    },
    Pack {
        name: "cn-sme-abc",
        files: files!("../../policies/cn-sme-abc":
            "README.md", "policy.yaml", "customers.yaml", "credit.yaml", "collection.yaml", "tests/customers.yaml",
            "tests/collection.yaml"),
    },
    Pack {
        name: "cn-sme-payments",
        files: files!("../../policies/cn-sme-payments":
            "README.md", "policy.yaml", "payment.yaml", "rates/lpr_1y.csv", "tests/interest.yaml",
            "tests/limitation.yaml", "tests/periods.yaml"),
    },
    Pack {
        name: "cn-sme-standard",
        files: files!("../../policies/cn-sme-standard":
            "README.md", "policy.yaml", "customers.yaml", "credit.yaml", "collection.yaml", "tests/customers.yaml",
            "tests/money.yaml"),
    },
    Pack {
        name: "eu-late-payment",
        files: files!("../../policies/eu-late-payment":
            "README.md", "policy.yaml", "charges.yaml", "rates/at_basiszinssatz.csv", "rates/basiszinssatz.csv",
            "rates/ecb_half_years.csv", "tests/charges.yaml", "tests/periods.yaml"),
    },
    Pack {
        name: "ifrs9-provision-matrix",
        files: files!("../../policies/ifrs9-provision-matrix":
            "README.md", "policy.yaml", "provisions.yaml", "tests/matrix.yaml"),
    },
    Pack {
        name: "sme-trade",
        files: files!("../../policies/sme-trade":
            "README.md", "policy.yaml", "scoring.yaml", "limits.yaml", "terms.yaml", "orders.yaml",
            "collection.yaml", "charges.yaml", "provisions.yaml", "measures.yaml", "calendars/README.md",
            "calendars/cn.csv", "scripts/seasonal.rhai", "tables/industry_days.csv", "tests/collection.yaml",
            "tests/limits.yaml", "tests/every_rule.yaml", "tests/money.yaml", "tests/orders.yaml",
            "tests/scoring.yaml"),
    },
    Pack {
        name: "uk-late-payment",
        files: files!("../../policies/uk-late-payment":
            "README.md", "policy.yaml", "charges.yaml", "rates/bank_rate_half_years.csv", "tests/charges.yaml",
            "tests/periods.yaml"),
    },
    Pack {
        name: "us-net-terms",
        files: files!("../../policies/us-net-terms":
            "README.md", "policy.yaml", "tests/charges.yaml", "tests/duties.yaml", "tests/terms.yaml"),
    },
];

/// The short policy, its notes in a language (`en`, `zh`).
pub fn starter(language: &str) -> &'static [File] {
    if language == "zh" { STARTER_ZH } else { STARTER_EN }
}

/// The pack of a name.
pub fn pack(name: &str) -> Option<&'static Pack> {
    PACKS.iter().find(|pack| pack.name == name)
}

/// Writes a policy into a folder that does not exist or holds nothing.
///
/// # Errors
///
/// When the folder holds something ([`io::ErrorKind::AlreadyExists`]), or cannot be written.
pub fn write(files: &[File], dir: &Path) -> io::Result<()> {
    if dir.exists() && fs::read_dir(dir)?.next().is_some() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    for (path, text) in files {
        let file = dir.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, text)?;
    }
    Ok(())
}
