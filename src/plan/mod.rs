//! The plan: sections lowered to one graph of named typed nodes.

pub mod changes;
mod clauses;
mod listing;
mod lower;
pub mod node;
mod passes;
pub mod schema;
mod scripts;
mod sections;
mod shadowed;
mod show;
mod visit;

pub use clauses::{Clause, Clauses};
pub use node::*;
pub use schema::{Fact, FactId, PORTFOLIO, Relation, RelationId, Schema};
pub use show::literal;

use std::thread::{Scope, ScopedJoinHandle};

use crate::diag::{Diagnostic, Source, any_error};
use crate::heap;
use crate::policy::folder::Folder;
use crate::policy::yaml;
use crate::timings::Timings;

/// The standard facts: measures in the policy language itself.
pub const PRELUDE: &str = include_str!("prelude.yaml");

/// How much stack lowering may use: chains of decisions that need one another are followed by recursion, bounded there.
const STACK: usize = 64 << 20;

/// Lowers a policy to a plan. `None` when anything in it is in error; every finding goes to `sink`.
pub fn compile(folder: &Folder, sink: &mut Vec<Diagnostic>) -> Option<Plan> {
    compile_timing(folder, &Timings::off(), sink)
}

/// The same; how long it took goes to `timings`.
pub fn compile_timing(folder: &Folder, timings: &Timings, sink: &mut Vec<Diagnostic>) -> Option<Plan> {
    on_a_deep_stack(|| lower_folder(folder, timings, sink))
}

/// Runs something that recurses as deep as a policy's decisions need one another.
pub fn on_a_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| joined(spawn_deep(scope, work)))
}

/// A thread whose stack is as deep as decisions need one another. It must be [`joined`], not dropped: dropping detaches it,
/// and where it ends in that very moment, glibc 2.36 still reads its stack, which large as it is has been unmapped.
pub(crate) fn spawn_deep<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> ScopedJoinHandle<'scope, T> {
    let work = || {
        heap::widen();
        work()
    };
    let spawned = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
    // No thread to be had: the machine has nothing left to run on either.
    spawned.unwrap_or_else(|error| std::panic::resume_unwind(Box::new(error.to_string())))
}

/// What a thread came to; its panic goes on here.
pub(crate) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Findings as a reader meets them: file by file, `policy.yaml` first, each from its top; what has no place comes first.
fn in_reading_order(found: &mut [Diagnostic], folder: &Folder) {
    let manifest = folder.manifest().map(|source| source.name.as_str());
    found.sort_by(|a, b| {
        let key = |d: &Diagnostic| {
            d.place.as_ref().map(|p| (Some(p.source.name.as_str()) != manifest, p.source.name.clone(), p.span.start))
        };
        key(a).cmp(&key(b))
    });
}

fn lower_folder(folder: &Folder, timings: &Timings, sink: &mut Vec<Diagnostic>) -> Option<Plan> {
    let source = Source::new("prelude.yaml", PRELUDE);
    let prelude = timings.phase("read", || yaml::read(&source, sink))?;
    let mut low = lower::Lowerer::new(folder);
    timings.phase("type", || {
        if let Some(measures) = prelude.get("measures") {
            low.declare_measures(&measures.value, true);
        }
        // The prelude's own measures are lowered when a policy reads them.
        let standard = low.declared();
        sections::declare(&mut low);
        low.lower_from(standard);
    });
    timings.phase("plan", || {
        sections::declare_outputs(&mut low);
        let mut found = std::mem::take(&mut low.sink);
        in_reading_order(&mut found, folder);
        let failed = any_error(&found) || any_error(sink);
        if !failed {
            found.extend(shadowed::shadowed(&low.plan));
            in_reading_order(&mut found, folder);
        }
        sink.extend(found);
        (!failed).then_some(low.plan)
    })
}
