//! Bars on the error stream, where a person looks and there is something to wait for.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Rows below which a run is over before a bar would be read.
const WORTH_A_BAR: usize = 20_000;

/// For rows that are decided on.
pub(super) fn deciding(rows: usize) -> ProgressBar {
    if rows <= WORTH_A_BAR || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(rows as u64), ProgressDrawTarget::stderr_with_hz(5));
    styled(bar, "{bar:40} {percent:>3} %  {human_pos} of {human_len} rows  {eta} left")
}

/// For the shares of a book that are decided one after another.
pub(super) fn shares(count: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr_with_hz(5));
    styled(bar, "{bar:40} {pos} of {len} shares  {elapsed}")
}

/// For files that are read, of which nobody knows how long they take; its message is what is being done.
pub(super) fn reading() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
    let bar = styled(bar, "{spinner} {msg}  {elapsed}");
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
