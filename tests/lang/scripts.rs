//! Functions of scripts: lowered where they are plain, sandboxed where they are not.

use usance::diag::{Place, Source, SourceText, Span};
use usance::lang::calendar::Calendar;
use usance::lang::expr::{Body, Kind};
use usance::lang::functions::{Rounding, RoundingMode};
use usance::lang::script::{Loaded, Signature, load};
use usance::lang::{Base, Expr, Failure, FunctionRef, Stop, Type, Value, evaluate};

use super::support::{Run, World, day, dec, shown};

fn declared(name: &str, at: u32, takes: &[Base], gives: Base) -> Signature {
    let source = Source::new("policy.yaml", format!("{name}: {{ }}"));
    Signature {
        name: name.to_owned(),
        takes: takes.iter().cloned().map(Type::of).collect(),
        gives: Type::of(gives),
        place: Place::new(&source, Span::new(0, name.len())),
        function: FunctionRef(at),
    }
}

fn loaded(script: &str, all: &[(&str, &[Base], Base)]) -> Loaded {
    let text = SourceText::whole(&Source::new("scripts/s.rhai", script));
    let declared: Vec<Signature> =
        all.iter().zip(0..).map(|((name, takes, gives), at)| self::declared(name, at, takes, gives.clone())).collect();
    let rounding = Rounding { unit: "0.01".parse().unwrap(), mode: RoundingMode::HalfEven };
    load(&text, &declared, &Calendar::default(), rounding)
}

/// How the first function runs, and what it gives.
fn call(script: &str, all: &[(&str, &[Base], Base)], arguments: &[Value]) -> (&'static str, Result<Value, String>) {
    let loaded = loaded(script, all);
    let found: Vec<String> = loaded.found.iter().map(shown).collect();
    assert!(found.is_empty(), "{found:#?}");
    let mut world = World::new();
    world.functions = loaded.functions.into_iter().map(|(_, f)| f).collect();
    let how = match &world.functions[0].body {
        Body::Lowered(_) => "lowered",
        Body::Script(_) => "script",
    };
    let literal =
        |value: &Value| Expr { kind: Kind::Lit(value.clone()), ty: Type::of(Base::Bool), span: Span::new(0, 0) };
    let arguments = arguments.iter().map(literal).collect();
    let kind = Kind::Function(FunctionRef(0), arguments);
    let expr = Expr { kind, ty: all[0].2.clone().into_type(), span: Span::new(0, 9) };
    let result = evaluate(&expr, &mut Run { world: &world, calendar: Calendar::default() }, &mut Vec::new());
    let result = result.map_err(|stop| match stop {
        Stop::Failed(Failure::Here { reason, span }) => {
            assert_eq!(span, Span::new(0, 9), "a failure shows at the call");
            reason
        }
        other => format!("{other:?}"),
    });
    (how, result)
}

trait IntoType {
    fn into_type(self) -> Type;
}

impl IntoType for Base {
    fn into_type(self) -> Type {
        Type::of(self)
    }
}

fn wrong(script: &str, all: &[(&str, &[Base], Base)]) -> Vec<String> {
    loaded(script, all).found.iter().map(shown).collect()
}

const FACTOR: (&str, &[Base], Base) = ("factor", &[Base::Int], Base::Number);

#[test]
fn a_plain_function_is_lowered() {
    let script =
        "// seasons\nfn factor(month) {\n  let high = month >= 9 && month <= 11;\n  if high { 1.2 } else { 1 }\n}";
    assert_eq!(call(script, &[FACTOR], &[Value::Int(10)]), ("lowered", Ok(dec("1.2"))));
    assert_eq!(call(script, &[FACTOR], &[Value::Int(1)]), ("lowered", Ok(dec("1"))));
}

#[test]
fn a_function_may_call_another() {
    let script = "fn factor(m) { half(m) + 1 } fn half(m) { to_number(m) / 2 }";
    let half = ("half", &[Base::Int][..], Base::Number);
    assert_eq!(call(script, &[FACTOR, half], &[Value::Int(5)]), ("lowered", Ok(dec("3.5"))));
}

#[test]
fn a_loop_runs_in_the_sandbox() {
    let script = "fn factor(n) { let t = 0.0; for i in 1..=n { t += i * 0.5; } t }";
    assert_eq!(call(script, &[FACTOR], &[Value::Int(4)]), ("script", Ok(dec("5"))));
    let script =
        "fn factor(n) { let all = [3, 1, 2]; all.push(n); let top = 0; for x in all { if x > top { top = x; } } top }";
    assert_eq!(call(script, &[FACTOR], &[Value::Int(9)]), ("script", Ok(dec("9"))));
}

#[test]
fn recursion_runs_in_the_sandbox() {
    let script = "fn factor(n) { if n <= 1 { 1 } else { n * factor(n - 1) } }";
    assert_eq!(call(script, &[FACTOR], &[Value::Int(5)]), ("script", Ok(dec("120"))));
    let (how, result) = call("fn factor(n) { factor(n + 1) }", &[FACTOR], &[Value::Int(5)]);
    assert_eq!(how, "script");
    assert!(result.unwrap_err().starts_with("the functions of the script call each other too deeply"));
}

#[test]
fn dates_and_our_functions_are_there_in_the_sandbox() {
    let next = ("next", &[Base::Date, Base::Months][..], Base::Date);
    let script = "fn next(d, n) { let i = 0; while i < n { d = add_months(d, 1); i += 1; } if d.month == 2 { d + 1 } else { d } }";
    let arguments = [Value::Date(day("2025-12-31")), Value::Int(2)];
    assert_eq!(call(script, &[next], &arguments), ("script", Ok(Value::Date(day("2026-03-01")))));
}

#[test]
fn the_traps_of_rhai_are_closed_in_the_sandbox() {
    for (body, reason) in [
        ("7 / n", "a whole number divided by a whole number would drop its remainder"),
        ("if \"5\" > n { 1 } else { 2 }", "two values of different kinds are compared"),
        ("if n == \"5\" { 1 } else { 2 }", "two values of different kinds are compared"),
        ("if () > n { 1 } else { 2 }", "two values of different kinds are compared"),
        ("let x = \"9\"; x += n; 1", "a value of another type than declared"),
        ("1.0 / (n - n)", "division by zero"),
        ("let x = 9223372036854775807; x + n", "the result is too large to hold"),
        ("throw \"no\"", "no"),
        ("n.what", "there is no part `what`"),
        ("abs(n, n)", "no function `abs` takes these values"),
        ("[1, 2][n]", "a list has nothing at this place"),
        ("\"text\"", "`factor` gives something else than the `number` it was declared with"),
    ] {
        let script = format!("fn factor(n) {{ let i = 0; i += 1; {body} }}");
        let (how, result) = call(&script, &[FACTOR], &[Value::Int(7)]);
        assert_eq!(how, "script", "{body}");
        let said = result.unwrap_err();
        assert_eq!(said.split(" (scripts/s.rhai:1:").next().unwrap(), reason, "{body}: {said}");
    }
}

#[test]
fn a_script_is_stopped_at_its_limits() {
    for (body, reason) in [
        ("while true { i += 1; } 1", "the script takes too many steps"),
        ("for x in 0..9000000000000000000 { i += 1; } 1", "the script takes too many steps"),
        ("let l = []; while true { l.push(1); } 1", "a list holds at most 1000 values"),
    ] {
        let script = format!("fn factor(n) {{ let i = 0; i += 1; {body} }}");
        let said = call(&script, &[FACTOR], &[Value::Int(7)]).1.unwrap_err();
        assert_eq!(said.split(" (scripts/s.rhai:1:").next().unwrap(), reason, "{body}: {said}");
    }
}

#[test]
fn a_script_cannot_reach_out() {
    for body in [
        "import \"x\" as x; 1",
        "eval(\"1\")",
        "print(\"1\"); 1",
        "debug(1)",
        "let f = |x| x; 1",
        "let m = #{a: 1}; 1",
        "try { 1 } catch { 2 }",
        "Fn(\"factor\"); 1",
        "2 ** 3",
    ] {
        let found = wrong(&format!("fn factor(n) {{ let i = 0; i += 1; {body} }}"), &[FACTOR]);
        assert!(!found.is_empty(), "{body}");
    }
    for body in
        ["timestamp()", "sleep(1)", "rand()", "exit(1)", "open_file(\"/etc/passwd\")", "parse_json(\"1\")", "nope(n)"]
    {
        let found = wrong(&format!("fn factor(n) {{ let i = 0; i += 1; {body} }}"), &[FACTOR]);
        assert!(found[0].starts_with("usance::script at `"), "{body}: {found:?}");
    }
}

#[test]
fn a_failure_names_its_place_in_the_script() {
    let script = "fn factor(n) {\n  inner(n)\n}\nfn inner(n) {\n  let i = 0;\n  i += 1;\n  1.0 / (n - n)\n}";
    let said = call(script, &[FACTOR], &[Value::Int(7)]).1.unwrap_err();
    assert_eq!(said, "division by zero (scripts/s.rhai:7:7)");
    let said = call("fn factor(n) {\n  1.0 / (n - n)\n}", &[FACTOR], &[Value::Int(7)]);
    assert_eq!(said, ("lowered", Err("division by zero (scripts/s.rhai:2:3)".to_owned())));
}

#[test]
fn a_script_must_be_as_declared() {
    let two = ("factor", &[Base::Int, Base::Int][..], Base::Number);
    let text = ("factor", &[Base::Int][..], Base::Text);
    let abs = ("abs", &[Base::Int][..], Base::Int);
    for (script, function, said) in [
        (
            "fn fctor(n) { 1.0 }",
            &FACTOR,
            "usance::script at `factor`: the script has no function `factor`; did you mean `fctor`?",
        ),
        (
            "fn other(n) { 1.0 }",
            &FACTOR,
            "usance::script at `factor`: the script has no function `factor`; write `fn factor(...) { ... }` in it",
        ),
        (
            "fn factor(n) { 1.0 }",
            &two,
            "usance::script at `factor`: `factor` takes 1 value in the script, and the policy declares 2; declare as many types under `takes:` as the function has parameters",
        ),
        (
            "fn factor(n) { n }",
            &text,
            "usance::wrong-type at `n`: `text` is asked for here, and `n` is an `int`; write something that gives `text`",
        ),
        (
            "fn abs(n) { n }",
            &abs,
            "usance::script at `abs`: `abs` is a built-in function already; give the function another name",
        ),
        (
            "fn factor(n) { m }",
            &FACTOR,
            "usance::unknown-name at `m`: nothing is called `m`; a script sees only its arguments, its own `let`s and the functions declared",
        ),
        (
            "fn factor(n) { n + }",
            &FACTOR,
            "usance::syntax at `}`: a value is missing before `}`; write the value, or take out what waits for it",
        ),
        (
            "fn factor(n) { n / 2 }",
            &FACTOR,
            "usance::whole-division at `n / 2`: `n / 2` divides whole numbers, which would drop the remainder; write `to_number(n) / 2`",
        ),
        (
            "let x = 1; fn factor(n) { 1.0 }",
            &FACTOR,
            "usance::script at `let`: a script holds functions and nothing besides; put it into a `fn`",
        ),
    ] {
        assert_eq!(wrong(script, std::slice::from_ref(function)), [said], "{script}");
    }
}

#[test]
fn deep_recursion_stays_on_a_small_stack() {
    let test = || {
        let script =
            format!("fn factor(n) {{ let i = 0; i += 1; {} factor(n) {} }}", "(1 + ".repeat(19), ")".repeat(19));
        let said = call(&script, &[FACTOR], &[Value::Int(1)]).1.unwrap_err();
        assert!(said.starts_with("the functions of the script call each other too deeply"), "{said}");
    };
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(test).unwrap().join().unwrap();
}
