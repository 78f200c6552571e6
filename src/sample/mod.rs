//! A realistic book of any size, made from a seed: Chinese trade customers, good payers and bad ones, and everything
//! that can happen to an invoice.
//!
//! The files depend on the number of customers, the seed and the date, and on nothing else; a customer's rows do not
//! depend on how many others there are. Amounts are whole cents throughout.

mod customer;
mod names;
mod orders;
mod random;
mod sales;
mod tables;
mod workdays;

use std::io;
use std::path::Path;

use chrono::NaiveDate;

use customer::Customer;
use random::Random;
use sales::Sales;
use tables::Tables;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Each table and how many rows it has, headers not counted, in the order of `book.yaml`.
    pub rows: Vec<(&'static str, u64)>,
}

impl Summary {
    /// How many rows a table has; 0 for one that does not exist.
    pub fn count(&self, table: &str) -> u64 {
        self.rows.iter().find(|(name, _)| *name == table).map_or(0, |(_, rows)| *rows)
    }
}

/// Writes a book into a folder, which is made when it is not there; files of the same names are replaced.
///
/// # Errors
///
/// When the folder or a file cannot be written.
pub fn write(dir: &Path, customers: usize, seed: u64, as_of: NaiveDate) -> io::Result<Summary> {
    let mut out = Tables::create(dir, as_of)?;
    for number in (1u64..).take(customers) {
        let random = &mut Random::new(seed, number);
        let customer = Customer::write(number, seed, as_of, random, &mut out)?;
        if customer.never_bought {
            continue;
        }
        let planned = Sales::new(&customer, as_of, random, &mut out).plan();
        let orders = orders::write(&customer, &planned, as_of, random, &mut out)?;
        let mut sales = Sales::new(&customer, as_of, random, &mut out).numbered_from(planned.len());
        sales.write(&planned, &orders)?;
    }
    Ok(Summary { rows: out.finish()? })
}
