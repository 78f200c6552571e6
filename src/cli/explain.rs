//! `usance explain`

use clap::Args;

use super::load::{self, Inputs, Loaded};
use super::run::width;
use super::{Exit, Format, Speech, print};
use crate::diag::{Code, Diagnostic, nearest};
use crate::engine::Run;
use crate::outcome::{Focus, Misses, explain, explain_json};
use crate::plan::{RelationId, on_a_deep_stack};
use crate::timings::Timings;

#[derive(Args)]
pub(super) struct Explain {
    /// The customer's id.
    #[arg(value_name = "CUSTOMER")]
    customer: String,
    /// One invoice, or one of its instalments: charges, ages, and where it stands on its ladders.
    #[arg(long, value_name = "ID", conflicts_with = "order")]
    invoice: Option<String>,
    /// One order: every check and the values it saw.
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    #[command(flatten)]
    inputs: Inputs,
    /// The language of labels and reasons.
    #[arg(long, value_enum, default_value_t = Speech::En)]
    lang: Speech,
    /// Every rule that did not hit and each of its clauses, not only the nearest.
    #[arg(long)]
    why_not: bool,
    /// How the explanation is printed; as JSON it holds everything.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Explain {
    pub(super) fn run(&self) -> Exit {
        let loaded = match self.inputs.load(&Timings::off()) {
            Ok(loaded) => loaded,
            Err(exit) => return exit,
        };
        match on_a_deep_stack(|| self.text(&loaded)) {
            Ok(text) => {
                print::out(&text);
                Exit::Done
            }
            Err(finding) => {
                load::show(&[finding]);
                Exit::Usage
            }
        }
    }

    fn text(&self, loaded: &Loaded) -> Result<String, Diagnostic> {
        let mut run = Run::new(&loaded.plan, &loaded.book, loaded.as_of);
        let account = find(&run, "account", "customer", &self.customer, None)?;
        let under = Some((account, self.customer.as_str()));
        let rows;
        let focus = match (&self.invoice, &self.order) {
            (Some(id), _) => {
                let item = loaded.plan.schema.relation("item").unwrap_or(account.0);
                rows = match loaded
                    .book
                    .find(item, id)
                    .filter(|row| run.above(item, *row, account.0) == Some(account.1))
                {
                    Some(row) => vec![row],
                    None => {
                        let invoice = find(&run, "invoice", "invoice", id, under)?;
                        loaded.book.children(item, invoice.1).collect()
                    }
                };
                Focus::Rows(item, &rows)
            }
            (None, Some(id)) => {
                let order = find(&run, "order", "order", id, under)?;
                rows = vec![order.1];
                Focus::Rows(order.0, &rows)
            }
            (None, None) => Focus::Account,
        };
        if self.format == Format::Json {
            return Ok(format!("{:#}\n", explain_json(&mut run, account, focus, self.lang.code())));
        }
        let misses = if self.why_not { Misses::All } else { Misses::Nearest };
        Ok(explain(&mut run, account, focus, self.lang.code(), width(), misses))
    }
}

/// The row of an id, under a customer where one is named.
fn find(
    run: &Run<'_>,
    relation: &str,
    called: &str,
    id: &str,
    under: Option<((RelationId, u32), &str)>,
) -> Result<(RelationId, u32), Diagnostic> {
    let (schema, book) = (&run.plan().schema, run.book());
    let unknown = |message: String| Diagnostic::placeless(Code::UnknownValue, message);
    let Some(relation) = schema.relation(relation) else { return Err(unknown(format!("there is no {called}"))) };
    let rows = run.rows(relation);
    let belongs = |row: u32| under.is_none_or(|((above, at), _)| run.above(relation, row, above) == Some(at));
    match book.find(relation, id).filter(|row| run.exists(relation, *row)) {
        Some(row) if belongs(row) => Ok((relation, row)),
        Some(row) => {
            let account = under.and_then(|((above, _), _)| Some(book.id(above, run.above(relation, row, above)?)));
            let message = format!("the {called} `{id}` is not of customer `{}`", under.map_or("", |(_, id)| id));
            Err(unknown(message).help(format!("it is of customer `{}`", account.unwrap_or_default())))
        }
        None => {
            let known = rows.iter().filter(|row| belongs(**row)).map(|row| book.id(relation, *row));
            let whose = under.map(|(_, id)| format!(" of customer `{id}`")).unwrap_or_default();
            let finding = unknown(format!("there is no {called} `{id}`{whose} on {}", run.as_of()));
            Err(match nearest(id, known.clone()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => {
                    let some: Vec<String> = known.take(3).map(|id| format!("`{id}`")).collect();
                    finding.help(if some.is_empty() {
                        "there are none".into()
                    } else {
                        format!("ids look like {}", some.join(", "))
                    })
                }
            })
        }
    }
}
