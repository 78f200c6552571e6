//! What each phase of a run costs, beside the same work written by hand. `benches/README.md` says how to run and read it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::float_arithmetic,
    clippy::string_slice,
    missing_docs
)]

mod by_hand;
mod clock;
mod data;
mod ours;
mod phases;

use clock::{Round, Table};
use data::Data;
use phases::{PHASES, Stage};

/// What is asked for on the command line.
struct Args {
    customers: usize,
    rounds: usize,
    /// Only this phase, once, without a clock: for counting instructions.
    once: Option<String>,
    /// A line a phase, for machines.
    lines: bool,
    /// Only phases whose names hold this.
    only: String,
}

fn args() -> Args {
    let mut args = Args { customers: 20_000, rounds: 5, once: None, lines: false, only: String::new() };
    let mut given = std::env::args().skip(1);
    while let Some(key) = given.next() {
        let mut value = || given.next().unwrap_or_else(|| panic!("`{key}` needs a value"));
        match key.as_str() {
            "--customers" => args.customers = value().parse().expect("a number of customers"),
            "--rounds" => args.rounds = value().parse().expect("a number of rounds"),
            "--once" => args.once = Some(value()),
            "--only" => args.only = value(),
            "--lines" => args.lines = true,
            // What cargo says to every bench.
            "--bench" => {}
            other => panic!("`{other}` is no option: see benches/README.md"),
        }
    }
    args
}

fn main() {
    let args = args();
    usance::plan::on_a_deep_stack(|| match &args.once {
        Some(name) => once(&args, name),
        None => rounds(&args),
    });
}

/// One phase, once; what it needs is made ready before.
fn once(args: &Args, name: &str) {
    let data = Data::new(args.customers);
    let mut stage = Stage::new(&data);
    let phase = PHASES.iter().find(|phase| phase.name == name);
    let phase = phase.unwrap_or_else(|| panic!("there is no phase `{name}`"));
    phase.ready(&mut stage);
    phases::counted(phase.ours, &mut stage);
    println!("{} invoices", data.invoices());
}

fn rounds(args: &Args) {
    let data = Data::new(args.customers);
    let mut stage = Stage::new(&data);
    stage.agree();
    let mut table = Table::new(data.customers(), data.invoices(), args.rounds);
    for phase in PHASES.iter().filter(|phase| phase.name.contains(&args.only)) {
        phase.ready(&mut stage);
        // What is touched for the first time is slower.
        (phase.ours)(&mut stage);
        let mut rounds = Vec::new();
        for _ in 0..args.rounds {
            let before = clock::best(|| (phase.by_hand)(&mut stage));
            let ours = clock::timed(|| (phase.ours)(&mut stage));
            let after = clock::best(|| (phase.by_hand)(&mut stage));
            rounds.push(Round { before, ours, after });
        }
        table.add(phase.name, &rounds);
        if args.lines {
            println!("{}", clock::line(phase.name, &rounds));
        }
    }
    if !args.lines {
        print!("{}", table.show());
    }
}
