//! Policies that extend others: what stays, what is written over, where everything stands, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    unreachable_pub
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use usance::check::tests;
use usance::diag::{Diagnostic, Severity, Style, render_all};
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

const GROUP: &str = "usance: 1\npolicy: group\nversion: \"7\"\ntitle: Group\neffective: { from: 2026-01-01, before: 2028-01-01 }\n\
    money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }\n\
    params: { share: { value: 50%, min: 10%, max: 60% }, after: { value: 6, type: months } }\n\
    facts: { customer.turnover: { type: money }, customer.sector: { type: text, optional: true } }\n\
    functions: { factor: { script: scripts/f.rhai, takes: [int], gives: number } }\n";
const GROUP_LIMITS: &str = "tiers:\n  - { id: A, when: account.months_trading >= params.after }\n  - { id: B }\n\
    limit:\n  start: [ { id: usual, amount: customer.turnover * params.share } ]\n  steps:\n    \
    - { id: by_month, multiply_by: factor(as_of.month) }\n    \
    - { id: small, when: 'tier == \"B\"', at_most: 100000 }\n    - { id: house_cap, at_most: 2000000 }\n\
    terms:\n  hit: first\n  rows: tables/terms.csv\n";
const OWN: &str = "usance: 1\npolicy: own\nversion: \"1\"\nextends: group\n";

fn group(prefix: &str) -> Vec<(String, String)> {
    let files = [
        ("policy.yaml", GROUP),
        ("limits.yaml", GROUP_LIMITS),
        ("scripts/f.rhai", "fn factor(month) { if month == 12 { 0.5 } else { 1.0 } }"),
        ("tables/terms.csv", "id,tier,net_days\nlong,A,60\nshort,,30\n"),
    ];
    files.map(|(name, text)| (format!("{prefix}{name}"), text.to_owned())).into()
}

fn texts(own: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = own.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    own.chain(group("extends/group/")).collect()
}

fn read(texts: BTreeMap<String, String>) -> (Option<(Folder, Plan)>, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let folder = Folder::from_memory(texts, &mut sink);
    let plan = folder.as_ref().and_then(|folder| plan::compile(folder, &mut sink));
    (folder.zip(plan), sink)
}

fn loaded(own: &[(&str, &str)]) -> (Folder, Plan) {
    let (found, sink) = read(texts(own));
    assert!(sink.is_empty(), "{}", render_all(&sink, Style::Plain));
    found.unwrap()
}

fn refused(own: &[(&str, &str)]) -> String {
    let (_, sink) = read(texts(own));
    assert!(sink.iter().any(|finding| finding.severity == Severity::Error), "nothing was refused");
    render_all(&sink, Style::Plain)
}

/// What a test in a policy says of a customer of 30 months that turns over 3,000,000.
fn limit_is(own: &str, expected: &str) {
    let test = format!(
        "- name: t\n  as_of: 2026-06-08\n  customer: {{ id: C1, since: 2024-01-01, turnover: 3000000 }}\n  expect: {expected}\n"
    );
    let (folder, plan) = loaded(&[("policy.yaml", OWN), ("own.yaml", own), ("tests/t.yaml", &test)]);
    let report = tests::run(&folder, &plan);
    assert!(report.is_green(), "{}{report}", render_all(&report.findings, Style::Plain));
}

fn place(plan: &Plan, name: &str) -> String {
    plan.node(plan.find(name).unwrap()).unwrap().place.to_string()
}

#[test]
fn what_is_not_mentioned_stays_scripts_and_tables_included() {
    limit_is("", "{ limit.amount: 1500000, terms.net_days: 60, tier: A }");
}

#[test]
fn a_parameter_is_written_over_by_its_bare_value_and_keeps_its_bounds() {
    limit_is("params: { share: 30% }\n", "{ limit.amount: 900000 }");
    limit_is("params: { share: { value: 70%, max: 100% } }\n", "{ limit.amount: 2000000 }");
    let said = refused(&[("policy.yaml", OWN), ("own.yaml", "params: { share: 70% }\n")]);
    assert!(said.contains("`70%` is outside what `max: 60%` allows"), "{said}");
    assert!(said.contains("own.yaml:1:18") && said.contains("extends/group/policy.yaml"), "{said}");
}

#[test]
fn an_entry_is_written_over_key_by_key_where_it_stands() {
    limit_is("limit: { steps: [ { id: house_cap, at_most: 500000 } ] }\n", "{ limit.amount: 500000 }");
    limit_is(
        "limit: { steps: [ { id: small, when: 'tier == \"A\"' } ] }\n",
        "{ limit.amount: 100000, limit.steps.small: 100000 }",
    );
    limit_is("limit: { steps: [ { id: small, when: { remove: true } } ] }\n", "{ limit.amount: 100000 }");
    limit_is(
        "limit: { steps: [ { id: house_cap, replace: true, at_least: 1800000 } ] }\n",
        "{ limit.amount: 1800000 }",
    );
}

#[test]
fn entries_come_and_go_by_their_ids() {
    limit_is("limit: { steps: [ { id: half, multiply_by: 0.5, before: house_cap } ] }\n", "{ limit.amount: 750000 }");
    limit_is(
        "limit: { start: [ { id: none_yet, when: customer.turnover > 1, none: true, before: usual } ] }\n",
        "{ limit.state: none }",
    );
    // 3,000,000 x 60 % without the cap of 2,000,000 for which 1.5 more is too much
    limit_is(
        "params: { share: 60% }\nlimit: { steps: [ { id: house_cap, remove: true }, { id: more, multiply_by: 1.5 } ] }\n",
        "{ limit.amount: 2700000 }",
    );
    limit_is("limit: { start: [ { replace: true }, { id: flat, amount: 70000 } ] }\n", "{ limit.amount: 70000 }");
    limit_is("limit: { steps: [ { id: house_cap, after: by_month, at_most: 900000 } ] }\n", "{ limit.amount: 900000 }");
}

#[test]
fn a_section_goes_and_a_table_becomes_a_list() {
    limit_is("terms: { rows: [ { id: all, net_days: 15 } ] }\n", "{ terms.net_days: 15 }");
    let (_, plan) = loaded(&[("policy.yaml", OWN), ("own.yaml", "terms: { remove: true }\n")]);
    assert!(plan.find("terms.net_days").is_none());
}

#[test]
fn every_value_keeps_the_place_it_was_written_at() {
    let own = "limit:\n  steps:\n    - { id: house_cap, at_most: 500000 }\n";
    let (folder, plan) = loaded(&[("policy.yaml", OWN), ("own.yaml", own)]);
    assert_eq!(place(&plan, "params.after"), "extends/group/policy.yaml:7:61");
    assert!(place(&plan, "limit.steps.small").starts_with("extends/group/limits.yaml:8"));
    assert!(place(&plan, "limit.steps.house_cap").starts_with("own.yaml:3"));
    let [change] = folder.overrides.as_slice() else { panic!("{:?}", folder.overrides) };
    assert_eq!(change.path, "limit.steps.house_cap.at_most");
    let (old, new) = (change.old.as_ref().unwrap(), change.new.as_ref().unwrap());
    assert_eq!((old.text.as_str(), old.place.to_string().as_str()), ("2000000", "extends/group/limits.yaml:9:33"));
    assert_eq!((new.text.as_str(), new.place.to_string().as_str()), ("500000", "own.yaml:3:33"));
}

#[test]
fn the_same_rules_are_the_same_wherever_they_stand() {
    let flat = group("").into_iter().map(|(name, text)| (name, text.replace("policy: group", "policy: own")));
    let flat = flat.map(|(name, text)| (name, text.replace("\"7\"", "\"1\"").replace("title: Group\n", ""))).collect();
    let flat = read(flat).0.unwrap().1;
    assert_eq!(loaded(&[("policy.yaml", OWN)]).1.digest(), flat.digest());
}

#[test]
fn a_policy_says_itself_who_it_is() {
    let said = refused(&[("policy.yaml", "extends: group\n")]);
    assert!(said.contains("the policy does not say `usance:`, `policy:`, `version:`"), "{said}");
    let (_, plan) = loaded(&[("policy.yaml", OWN)]);
    assert_eq!((plan.header.policy.as_str(), plan.header.title.len()), ("own", 0));
    assert_eq!((plan.header.bases[0].policy.as_str(), plan.header.bases[0].version.as_str()), ("group", "7"));
}

#[test]
fn it_is_in_force_while_all_that_it_extends_is() {
    let own = format!("{OWN}effective: {{ from: 2026-07-01 }}\n");
    let header = loaded(&[("policy.yaml", &own)]).1.header;
    assert_eq!(header.from.unwrap().to_string(), "2026-07-01");
    assert_eq!(header.before.unwrap().to_string(), "2028-01-01");
    let own = format!("{OWN}effective: {{ from: 2026-07-01, before: 2030-01-01 }}\n");
    let (found, sink) = read(texts(&[("policy.yaml", &own)]));
    assert_eq!(found.unwrap().1.header.before.unwrap().to_string(), "2028-01-01");
    assert!(sink[0].message.contains("cannot be wider"), "{sink:?}");
}

#[test]
fn later_ones_override_earlier_and_a_shared_base_stands_once() {
    let base = |extends: &str, share: &str| {
        format!("usance: 1\npolicy: p\nversion: \"1\"\nextends: {extends}\nparams: {{ share: {share} }}\n")
    };
    let mut texts = texts(&[("policy.yaml", "usance: 1\npolicy: own\nversion: \"1\"\nextends: [one, two]\n")]);
    texts.insert("extends/one/policy.yaml".into(), base("group", "20%"));
    texts.insert("extends/two/policy.yaml".into(), "usance: 1\npolicy: two\nversion: \"1\"\nextends: group\n".into());
    let names = |folder: &Folder| folder.bases.iter().map(|base| base.name.clone()).collect::<Vec<_>>();
    let (found, sink) = read(texts.clone());
    assert!(sink.is_empty(), "{}", render_all(&sink, Style::Plain));
    let (folder, plan) = found.unwrap();
    assert_eq!(names(&folder), ["group", "one", "two"]);
    assert!(place(&plan, "params.share").starts_with("extends/one/"));
    texts.insert("extends/two/policy.yaml".into(), base("group", "25%"));
    let (folder, plan) = read(texts).0.unwrap();
    assert!(place(&plan, "params.share").starts_with("extends/two/"));
    assert_eq!(folder.overrides.iter().map(|change| change.by.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn circles_depth_paths_and_unknown_names_are_refused() {
    let with = |files: &[(&str, &str)], own: &str| {
        let mut texts = texts(&[("policy.yaml", own)]);
        for (name, text) in files {
            texts.insert((*name).to_owned(), (*text).to_owned());
        }
        render_all(&read(texts).1, Style::Plain)
    };
    let policy = |extends: &str| format!("usance: 1\npolicy: p\nversion: \"1\"\nextends: {extends}\n");
    let said = with(&[("extends/a/policy.yaml", &policy("b")), ("extends/b/policy.yaml", &policy("a"))], &policy("a"));
    assert!(said.contains("`a` extends itself: a → b → a"), "{said}");
    let chain: Vec<(String, String)> = (1..12)
        .map(|n| {
            (format!("extends/p{n}/policy.yaml"), if n < 11 { policy(&format!("p{}", n + 1)) } else { GROUP.into() })
        })
        .collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(with(&chain, &policy("p1")).contains("a chain of more than 8 policies"));
    for path in ["../group", "/etc/policy", "extends/group", "..", "~"] {
        assert!(with(&[], &policy(&format!("\"{path}\""))).contains("is a path"), "{path}");
    }
    let said = with(&[], &policy("gruop"));
    assert!(said.contains("there is no policy `gruop` to extend"), "{said}");
    assert!(said.contains("did you mean `group`? `extends/` has `group`; what ships has `cn-"), "{said}");
}

#[test]
fn what_changes_nothing_or_meets_nothing_is_said() {
    let said = |own: &str| render_all(&read(texts(&[("policy.yaml", OWN), ("own.yaml", own)])).1, Style::Plain);
    let idle = said("limit: { steps: [ { id: house_cap, at_most: 2000000 } ] }\n");
    assert!(idle.contains("warning") && idle.contains("`limit.steps.house_cap` says what the policy it extends says"));
    assert!(said("params: { share: 50% }\n").contains("`params.share` says what"));
    let gone = said("limit: { steps: [ { id: house_cpa, remove: true } ] }\n");
    assert!(gone.contains("error") && gone.contains("no `limit.steps.house_cpa` to take out"), "{gone}");
    assert!(gone.contains("did you mean `house_cap`?"), "{gone}");
    let near = said("limit: { steps: [ { id: house_cpa, at_most: 500000 } ] }\n");
    assert!(near.contains("warning") && near.contains("`house_cap` of the policy it extends stays as it is"), "{near}");
    assert!(said("limit: { steps: [ { id: house_cpa, after: house_cap, at_most: 500000 } ] }\n").is_empty());
    let lost = said("limit: { steps: [ { id: half, multiply_by: 0.5, after: house_cup } ] }\n");
    assert!(lost.contains("there is no `house_cup` to put `half` after it"), "{lost}");
    let twice = said("limit: { steps: [ { id: small, at_most: 5 }, { id: small, at_most: 6 } ] }\n");
    assert!(twice.contains("`limit.steps.small` is written twice"), "{twice}");
}

#[test]
fn what_fails_in_an_entry_of_two_files_is_told_where_the_entry_stands() {
    let own = "limit:\n  steps:\n    - { id: by_month, when: as_of.month > 0, multiply_by: 1 / customer.turnover }\n";
    let own = own.replace("1 / customer.turnover", "1000 / customer.turnover");
    let said = render_all(&read(texts(&[("policy.yaml", OWN), ("own.yaml", &own)])).1, Style::Plain);
    assert!(said.contains("own.yaml:3"), "{said}");
}

fn usance(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_usance")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn write(dir: &Path, files: impl IntoIterator<Item = (String, String)>) {
    for (name, text) in files {
        fs::create_dir_all(dir.join(&name).parent().unwrap()).unwrap();
        fs::write(dir.join(&name), text).unwrap();
    }
}

#[test]
fn a_folder_of_policies_is_looked_in_and_the_run_names_what_was_extended() {
    let desk = tempfile::tempdir().unwrap();
    let own = "usance: 1\npolicy: own\nversion: \"1\"\nextends: group\nfacts: { customer.turnover: { optional: true } }\n\
               limit: { start: [ { id: usual, amount: 'customer.turnover ?? 0' } ] }\n";
    write(desk.path(), group("group/").into_iter().chain([("own/policy.yaml".into(), own.into())]));
    let (policy, all) = (desk.path().join("own"), desk.path());
    let (policy, all) = (policy.to_str().unwrap(), all.to_str().unwrap());
    assert_eq!(usance(&["check", "--policy", policy]).status.code(), Some(3));
    let check = usance(&["check", "--policy", policy, "--policies", all]);
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(check.status.success(), "{said}{}", String::from_utf8_lossy(&check.stderr));
    assert!(said.contains("extends group: group 7\n") && said.contains("limit.start.usual.amount"), "{said}");
    assert!(said.contains("group/limits.yaml:5:33") && said.contains("policy.yaml:6:40"), "{said}");
    let json = usance(&["check", "--policy", policy, "--policies", all, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json[0]["code"], "usance::override");
    let out = desk.path().join("out");
    let run = usance(&["run", "--policy", policy, "--policies", all, "--out", out.to_str().unwrap()]);
    assert!(run.status.code() == Some(0) || run.status.code() == Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    let run: serde_json::Value = serde_json::from_str(&fs::read_to_string(out.join("run.json")).unwrap()).unwrap();
    assert_eq!(
        (&run["policy"]["extends"][0]["id"], &run["policy"]["extends"][0]["version"]),
        (&"group".into(), &"7".into())
    );
    assert_eq!(run["policy"]["files"].as_str().unwrap().len(), 64);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_of_policies_is_refused() {
    let (desk, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(elsewhere.path(), group("group/"));
    write(desk.path(), [("own/policy.yaml".to_owned(), OWN.to_owned())]);
    std::os::unix::fs::symlink(elsewhere.path().join("group"), desk.path().join("group")).unwrap();
    let mut sink = Vec::new();
    assert!(Folder::load_beside(&desk.path().join("own"), Some(desk.path()), &mut sink).is_none());
    assert!(sink[0].message.contains("leads out of the folder of policies"), "{sink:?}");
}

#[test]
fn a_shipped_pack_is_extended_by_its_name() {
    let own = "usance: 1\npolicy: own\nversion: \"1\"\nextends: sme-trade\nparams: { house_cap: 500000 }\n";
    let (found, sink) = read([("policy.yaml".to_owned(), own.to_owned())].into());
    assert!(sink.is_empty(), "{}", render_all(&sink, Style::Plain));
    let (folder, plan) = found.unwrap();
    assert!(place(&plan, "tier").starts_with("sme-trade/scoring.yaml"));
    assert!(folder.tests.is_empty() && folder.bases[0].tests.len() == 6);
}

#[test]
fn a_change_of_what_is_extended_is_noticed() {
    use usance::live::{Event, Live, Options};
    let desk = tempfile::tempdir().unwrap();
    write(desk.path(), group("all/group/").into_iter().chain([("own/policy.yaml".into(), OWN.into())]));
    let (tell, told) = std::sync::mpsc::channel();
    let policies = desk.path().join("all");
    let live = Live::open_beside(&desk.path().join("own"), Some(&policies), Options::default(), move |event| {
        if let Event::Loaded { now, .. } = event {
            tell.send(now.digest.clone()).unwrap();
        }
    });
    let live = live.unwrap();
    let first = told.recv().unwrap();
    fs::write(policies.join("group/limits.yaml"), GROUP_LIMITS.replace("2000000", "1000000")).unwrap();
    let second = told.recv().unwrap();
    assert_ne!(first, second);
    assert_eq!(live.current().digest, second);
}

#[test]
fn the_example_of_a_standard_that_a_country_narrows_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/composed");
    for name in ["group", "china"] {
        let mut sink = Vec::new();
        let folder = Folder::load_beside(&root.join(name), Some(&root), &mut sink);
        let plan = folder.as_ref().and_then(|folder| plan::compile(folder, &mut sink));
        assert!(sink.is_empty(), "{name}: {}", render_all(&sink, Style::Plain));
        let report = tests::run(&folder.unwrap(), &plan.unwrap());
        assert!(report.is_green(), "{name}: {}{report}", render_all(&report.findings, Style::Plain));
    }
}
