//! However deep or long a text is, it is read or refused, on a stack of 2 MB.

use super::support::{a, any, check, run};
use usance::lang::{Base, Value};

fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(test).unwrap().join().unwrap();
}

fn else_ifs(n: usize) -> String {
    let branches: Vec<String> = (0..n).map(|i| format!("if account.invoices == {i} {{ {i} }} else ")).collect();
    format!("{}{{ 0 }}", branches.concat())
}

#[test]
fn what_is_too_deep_is_refused() {
    on_a_small_stack(|| {
        let n = 20_000;
        for text in [
            "(".repeat(n),
            format!("{}1{}", "(".repeat(n), ")".repeat(n)),
            "!".repeat(n) + "true",
            "-".repeat(n) + "account.invoices",
            "[".repeat(n),
            "{".repeat(n),
            "if true { ".repeat(n),
            "switch 1 { 1 => ".repeat(n),
            "max(1, ".repeat(n),
            format!("1{}", " + 1".repeat(n)),
            format!("true{}", " && true".repeat(n)),
            format!("account.exposure{}", ".floor()".repeat(n)),
            format!("{}1", "let x = 1; ".repeat(n)),
            else_ifs(n),
        ] {
            let found = check(&text, &any()).unwrap_err();
            let start: String = text.chars().take(20).collect();
            assert!(found.iter().any(|f| f.starts_with("usance::too-large")), "{start}: {:?}", &found[0]);
        }
    });
}

#[test]
fn what_is_just_deep_enough_is_evaluated() {
    on_a_small_stack(|| {
        assert_eq!(run(&check(&else_ifs(150), &a(Base::Int)).unwrap()), Ok(Value::Int(7)));
        let sum = format!("1{}", " + 1".repeat(190));
        assert_eq!(run(&check(&sum, &a(Base::Int)).unwrap()), Ok(Value::Int(191)));
        let nested = format!("{}1{}", "(".repeat(190), ")".repeat(190));
        assert_eq!(run(&check(&nested, &a(Base::Int)).unwrap()), Ok(Value::Int(1)));
        let blocks = format!("{}1{}", "{ ".repeat(190), " }".repeat(190));
        assert_eq!(run(&check(&blocks, &a(Base::Int)).unwrap()), Ok(Value::Int(1)));
    });
}
