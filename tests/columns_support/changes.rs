//! What happens to a book between two runs.

use super::books::{Tables, Written};
use super::dice::Stream;

#[allow(dead_code, reason = "each test file uses its part")]
impl Tables {
    /// The same book after some changes: values, references, rows that come and go or can no longer be read.
    pub(crate) fn changed(&self, stream: &mut Stream) -> Self {
        let mut tables = self.clone();
        for _ in 0..1 + stream.pick(3) {
            let at = stream.pick(tables.0.len());
            change(&mut tables.0[at], stream);
        }
        if stream.chance(10) {
            // Rows further up in a file move the lines of all others.
            tables.0.iter_mut().flat_map(|table| &mut table.rows).for_each(|(line, _)| *line += 1);
        }
        if stream.chance(20) {
            tables = tables.shuffled(stream.next());
        }
        tables.0.retain(|table| !table.rows.is_empty());
        tables
    }
}

fn change(table: &mut Written, stream: &mut Stream) {
    if table.rows.is_empty() {
        return;
    }
    let (row, other) = (stream.pick(table.rows.len()), stream.pick(table.rows.len()));
    let column = stream.pick(table.columns.len());
    match stream.pick(8) {
        0 => drop(table.rows.remove(row)),
        1 | 2 => {
            // A row like another, under an id of its own or under the same.
            let (line, mut cells) = table.rows[row].clone();
            if let (Some(id), true) = (table.columns.iter().position(|name| name == "id"), stream.chance(85)) {
                cells[id] = format!("{}{}", cells[id], stream.one(&["a", "-2", "Z"]));
            }
            table.rows.push((line + 1000, cells));
        }
        3 => table.rows[row].1[column] = stream.one(&["?", "12,5x", "", "\u{0}", "31.4159"]).to_owned(),
        4 => table.rows[row].1[column] = stream.one(&["1", "0", "17.25", "2026-02-03", "true", "A"]).to_owned(),
        _ => table.rows[row].1[column] = table.rows[other].1[column].clone(),
    }
}
