//! What a limit leaves: what is over it, what is left of it, and how much of it is used.

use super::{Limit, NOTHING};
use crate::diag::Place;
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer};
use crate::plan::node::Form;
use crate::policy::tree::Tree;

/// `<limit>.exceeded_by(x)`: *x* for no limit, what is over an amount, nothing for unlimited.
pub(super) fn declare_excess(low: &mut Lowerer<'_>, name: &str, place: &Place) {
    let text = format!(
        "if {name}.state == \"none\" {{ x }} else if {name}.state == \"unlimited\" {{ 0 }} \
         else {{ max(0, x - ({name}.amount ?? 0)) }}"
    );
    low.derive_with(&format!("{name}.exceeded_by"), &[("x", Base::Money)], place, &text);
}

/// `<limit>.left` and `.used_share`, where it is known what the limit is for.
pub(super) fn declare<'t>(
    low: &mut Lowerer<'t>,
    limit: &Limit<'t>,
    exposure: Option<&'t Tree>,
    otherwise: Option<&'static str>,
) {
    let (name, subject, place) = (limit.name.clone(), limit.subject, limit.place);
    let own = limit.part("exposure");
    let against = match (exposure, otherwise) {
        (Some(tree), _) => {
            low.define(vec![own.clone()], &tree.place, {
                let own = own.clone();
                move |low| {
                    let Some(found) = low.expr(tree, Home::At(subject), Some(Type::of(Base::Money))) else { return };
                    low.add(&own, subject, found.expr.ty.clone(), &tree.place, Form::Expr(found.expr));
                }
            });
            own
        }
        (None, Some(known)) => known.to_string(),
        (None, None) => return,
    };
    let names = [format!("{name}.left"), format!("{name}.used_share")].to_vec();
    low.define(names, place, move |low| {
        lower(low, &name, Home::At(subject), place, &against);
    });
}

fn lower(low: &mut Lowerer<'_>, name: &str, home: Home, place: &Place, exposure: &str) -> Option<()> {
    let Some(Ok(state)) = low.demand(&format!("{name}.state"), place) else { return None };
    let text = format!(
        "if {name}.state == \"unlimited\" {{ {NOTHING} }} else if {name}.state == \"none\" {{ 0 }} \
         else {{ max(0, ({name}.amount ?? 0) - {exposure}) }}"
    );
    let left = low.derive(&format!("{name}.left"), home, Some(Type::maybe(Base::Money)), place, &text)?;
    low.show_instead(left, state);
    let Home::At(subject) = home else { return None };
    let some = format!("is_given({name}.amount) && {name}.amount > 0");
    let share = format!("{exposure} / {name}.amount");
    low.derive_where(&format!("{name}.used_share"), subject, Base::Number, place, &some, &share)?;
    Some(())
}
