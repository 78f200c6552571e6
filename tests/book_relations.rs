//! What rows of a table become in the book.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

mod book_support;

use book_support::{folder, read, rows};
use usance::book::{self, Cell, Table, TableRows};
use usance::diag::Source;
use usance::lang::{Base, Type};
use usance::plan::{Fact, Schema};
use usance::policy::yaml;

const PARTIES: &str = "== customers.csv\nid\nC1\n";
const INVOICES: &str = "== invoices.csv\nid,customer,issue_date,due_date,amount,currency\n";

/// A case: files beside one customer `C1`, a relation, and its rows.
fn becomes(files: &str, relation: &str, expected: &[&str]) {
    let files = if files.contains("== customers.csv") { files.to_owned() } else { format!("{PARTIES}{files}") };
    let book = read(folder(&files).path());
    assert_eq!(book.rejects, [], "no rejects");
    assert_eq!(rows(&book, relation).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_invoice_without_instalments_is_one_item() {
    becomes(
        &format!("{INVOICES}I1,C1,2026-01-01,2026-02-01,100.50,USD\n"),
        "item",
        &["I1 < I1: no=1 due_date=2026-02-01 amount=100.5"],
    );
}

#[test]
fn instalments_are_items() {
    let files = format!(
        "{INVOICES}I1,C1,2026-01-01,,100,USD\n== instalments.csv\ninvoice,no,due_date,amount\n\
         I1,2,2026-03-01,40\nI1,1,2026-02-01,60\n"
    );
    becomes(
        &files,
        "item",
        &["I1/1 < I1: no=1 due_date=2026-02-01 amount=60", "I1/2 < I1: no=2 due_date=2026-03-01 amount=40"],
    );
}

const IN_TWO: &str = "== invoices.csv\nid,customer,issue_date,amount,currency,settled_on,open,disputed_amount\n\
    I1,C1,2026-01-01,100,USD,SETTLED,OPEN,DISPUTED\n\
    == instalments.csv\ninvoice,no,due_date,amount\nI1,1,2026-03-01,60\nI1,2,2026-02-01,40\n\
    == payments.csv\nid,customer,date,amount,currency,returned_on\nP1,C1,2026-02-10,70,USD,\nP2,C1,2026-02-20,50,USD,RETURNED\n";

fn in_two(settled: &str, open: &str, disputed: &str, returned: &str, allocations: &str) -> String {
    let files = IN_TWO.replace("SETTLED", settled).replace("OPEN", open).replace("DISPUTED", disputed);
    format!(
        "{}== allocations.csv\npayment,invoice,instalment,on,amount\n{allocations}",
        files.replace("RETURNED", returned)
    )
}

#[test]
fn an_allocation_to_an_invoice_fills_the_oldest_due_first() {
    becomes(
        &in_two("", "", "", "", "P1,I1,,,70\n"),
        "allocation",
        &[
            "P1#I1/1#2026-02-10#70#spread < I1/1: on=2026-02-10 amount=30 kind=payment",
            "P1#I1/2#2026-02-10#70#spread < I1/2: on=2026-02-10 amount=40 kind=payment",
        ],
    );
}

#[test]
fn a_later_payment_takes_what_is_left_and_the_last_item_takes_the_rest() {
    becomes(
        &in_two("", "", "", "", "P2,I1,,,50\nP1,I1,,,70\n"),
        "allocation",
        &[
            "P1#I1/1#2026-02-10#70#spread < I1/1: on=2026-02-10 amount=30 kind=payment",
            "P1#I1/2#2026-02-10#70#spread < I1/2: on=2026-02-10 amount=40 kind=payment",
            "P2#I1/1#2026-02-20#50#spread < I1/1: on=2026-02-20 amount=50 kind=payment",
        ],
    );
}

#[test]
fn an_allocation_that_names_its_instalment_goes_there_whenever_it_is_dated() {
    becomes(
        &in_two("", "", "", "", "P1,I1,,,30\nP2,I1,2,,40\n"),
        "allocation",
        &[
            "P1#I1/1#2026-02-10#30#spread < I1/1: on=2026-02-10 amount=30 kind=payment",
            "P2#I1/2#2026-02-20#40 < I1/2: on=2026-02-20 amount=40 kind=payment",
        ],
    );
}

#[test]
fn a_returned_payment_leaves_its_room_to_others() {
    becomes(
        &in_two("", "", "", "2026-02-25", "P2,I1,2,,40\nP1,I1,,2026-03-01,40\n"),
        "allocation",
        &[
            "P1#I1/2#2026-03-01#40#spread < I1/2: on=2026-03-01 amount=40 kind=payment",
            "P2#I1/2#2026-02-20#40 < I1/2: on=2026-02-20 amount=40 kind=payment returned_on=2026-02-25",
        ],
    );
}

#[test]
fn the_same_parts_lie_under_the_payment() {
    becomes(
        &in_two("", "", "", "", "P1,I1,,,70\n"),
        "application",
        &[
            "P1#I1/1#2026-02-10#70#spread < P1: on=2026-02-10 amount=30",
            "P1#I1/2#2026-02-10#70#spread < P1: on=2026-02-10 amount=40",
        ],
    );
}

#[test]
fn a_settlement_date_pays_what_is_left_on_that_day() {
    becomes(
        &in_two("2026-02-15", "", "", "", "P1,I1,2,,30\nP2,I1,1,,5\n"),
        "allocation",
        &[
            "I1/1#settled < I1/1: on=2026-02-15 amount=60 kind=payment",
            "I1/2#settled < I1/2: on=2026-02-15 amount=10 kind=payment",
            "P1#I1/2#2026-02-10#30 < I1/2: on=2026-02-10 amount=30 kind=payment",
            "P2#I1/1#2026-02-20#5 < I1/1: on=2026-02-20 amount=5 kind=payment",
        ],
    );
}

#[test]
fn an_open_amount_is_an_undated_payment_of_the_rest() {
    let files = in_two("", "55", "", "", "P1,I1,2,,30\n");
    let expected = [
        "I1/1#open < I1/1: amount=5 kind=payment",
        "I1/2#open < I1/2: amount=10 kind=payment",
        "P1#I1/2#2026-02-10#30 < I1/2: on=2026-02-10 amount=30 kind=payment",
    ];
    becomes(&files, "allocation", &expected);
    let book = read(folder(&format!("{PARTIES}{files}")).path());
    assert_eq!(book.undated, [("customers".to_owned(), 1), ("invoices.open".to_owned(), 1)]);
}

#[test]
fn a_credit_note_is_set_against_an_item_like_a_payment() {
    let files = format!(
        "{INVOICES}I1,C1,2026-01-01,2026-02-01,100,USD\n== credit_notes.csv\nid,customer,date,amount,currency\n\
         N1,C1,2026-01-20,10,USD\n== allocations.csv\ncredit_note,invoice,amount\nN1,I1,10\n"
    );
    becomes(&files, "allocation", &["N1#I1#2026-01-20#10 < I1: on=2026-01-20 amount=10 kind=credit_note"]);
    becomes(&files, "credit_application", &["N1#I1#2026-01-20#10 < N1: on=2026-01-20 amount=10"]);
    becomes(&files, "application", &[]);
}

#[test]
fn a_disputed_amount_fills_the_oldest_due_first() {
    becomes(
        &in_two("", "", "50", "", "P1,I1,2,,30\n"),
        "dispute",
        &["I1/1#disputed < I1/1: amount=10", "I1/2#disputed < I1/2: amount=40"],
    );
}

#[test]
fn a_disputed_invoice_is_disputed_until_it_is_settled() {
    let files = "== invoices.csv\nid,customer,issue_date,amount,currency,settled_on,disputed\n\
        I1,C1,2026-01-01,100,USD,2026-02-01,true\nI2,C1,2026-01-01,100,USD,,true\nI3,C1,2026-01-01,100,USD,,false\n";
    becomes(files, "dispute", &["I1#disputed < I1: closed_on=2026-02-01", "I2#disputed < I2:"]);
}

#[test]
fn what_names_only_an_invoice_covers_every_item_of_it() {
    let claims = "== disputes.csv\nid,invoice,instalment,opened_on,amount\nD1,I1,,2026-02-01,70\nD2,I1,1,2026-02-01,\n\
        == promises.csv\nid,invoice,due_on,tolerance\nM1,I1,2026-04-01,\nM2,I1,2026-04-01,3\n\
        == payment_plans.csv\nid,invoice,instalment,started_on\nX1,I1,2,2026-03-01\n";
    let files = in_two("", "", "", "", "P1,I1,,,70\n") + claims;
    becomes(
        &files,
        "dispute",
        &[
            "D1#I1/1 < I1/1: opened_on=2026-02-01 amount=30",
            "D1#I1/2 < I1/2: opened_on=2026-02-01 amount=40",
            "D2 < I1/1: opened_on=2026-02-01",
        ],
    );
    becomes(
        &files,
        "promise",
        &[
            "M1#I1/1 < I1/1: due_on=2026-04-01 tolerance=0",
            "M1#I1/2 < I1/2: due_on=2026-04-01 tolerance=0",
            "M2#I1/1 < I1/1: due_on=2026-04-01 tolerance=3",
            "M2#I1/2 < I1/2: due_on=2026-04-01 tolerance=3",
        ],
    );
    becomes(&files, "payment_plan", &["X1 < I1/2: started_on=2026-03-01"]);
}

#[test]
fn a_whole_invoice_is_its_first_instalment() {
    let files = format!(
        "{INVOICES}I1,C1,2026-01-01,2026-02-01,100,USD\n== promises.csv\nid,invoice,instalment,due_on\nM1,I1,1,2026-04-01\n"
    );
    becomes(&files, "promise", &["M1 < I1: due_on=2026-04-01 tolerance=0"]);
}

#[test]
fn customers_may_have_dated_rows() {
    let files = "== customers.csv\nid,since,valid_from,limit,name\n\
        C1,2020-01-01,2026-01-01,200,\nC1,2020-01-01,,100,\nC2,2021-01-01,2025-01-01,,\n";
    becomes(
        files,
        "account",
        &[
            "C1 < C1: since=[:2020-01-01 2026-01-01:2020-01-01] limit=[:100 2026-01-01:200] incomplete=false",
            "C2 < C2: since=[2025-01-01:2021-01-01] incomplete=false",
        ],
    );
}

#[test]
fn a_customer_without_a_group_is_its_own() {
    let files = "== customers.csv\nid,group\nC1,G1\nC2,\nC3,G1\n== groups.csv\nid,name,limit\nG1,House,500\nG2,,\n";
    becomes(files, "group", &["C2 < portfolio:", "G1 < portfolio: name=House limit=500", "G2 < portfolio:"]);
    becomes(files, "account", &["C1 < G1: incomplete=false", "C2 < C2: incomplete=false", "C3 < G1: incomplete=false"]);
}

#[test]
fn groups_need_no_file() {
    becomes("== customers.csv\nid,group\nC1,G1\n", "group", &["G1 < portfolio:"]);
}

#[test]
fn an_order_without_lines_is_one_line_of_which_nothing_is_invoiced() {
    let files = "== orders.csv\nid,customer,ordered_on,amount,currency\nO1,C1,2026-01-01,50,USD\nO2,C1,2026-01-01,70,USD\n\
        == order_lines.csv\nid,order,amount,invoiced\nL1,O1,50,20\n";
    becomes(files, "order_line", &["L1 < O1: amount=50 invoiced=20", "O2 < O2: amount=70 invoiced=0"]);
}

#[test]
fn actions_lie_under_what_they_are_about() {
    let files = format!(
        "{INVOICES}I1,C1,2026-01-01,2026-02-01,100,USD\n== orders.csv\nid,customer,ordered_on,amount,currency\nO1,C1,2026-01-01,5,USD\n\
         == actions.csv\nid,ladder,rung,subject,subject_id,episode,status,done_on\n\
         A1,dunning,r1,item,I1,0,sent,2026-03-01\nA1,dunning,r1,account,C1,0,proposed,\n\
         A2,dunning,r1,order,O1,0,done,2026-03-01\nA3,dunning,r1,invoice,I1,2,done,2026-03-01\n"
    );
    for (relation, row) in [
        ("action", "A1#I1#r1 < I1: ladder=dunning rung=r1 episode=0 status=sent done_on=2026-03-01"),
        ("account_action", "A1#C1#r1 < C1: ladder=dunning rung=r1 episode=0 status=proposed"),
        ("order_action", "A2#O1#r1 < O1: ladder=dunning rung=r1 episode=0 status=done done_on=2026-03-01"),
        ("invoice_action", "A3#I1#r1 < I1: ladder=dunning rung=r1 episode=2 status=done done_on=2026-03-01"),
    ] {
        becomes(&files, relation, &[row]);
    }
}

#[test]
fn covers_decisions_and_evidence() {
    let files = format!(
        "{INVOICES}I1,C1,2026-01-01,2026-02-01,100,USD\n\
         == covers.csv\nid,customer,insurer,limit,share,valid_from,status\nV1,C1,Acme,1000,90%,2026-01-01,approved\n\
         == decisions.csv\ncustomer,decided_on\nC1,2026-01-01\n\
         == evidence.csv\ninvoice,kind,on\nI1,contract,2026-01-01\n"
    );
    becomes(&files, "cover", &["V1 < C1: insurer=Acme limit=1000 share=0.9 valid_from=2026-01-01 status=approved"]);
    becomes(&files, "decision", &["C1#2026-01-01 < C1: decided_on=2026-01-01"]);
    becomes(&files, "evidence", &["I1#contract#2026-01-01 < I1: kind=contract on=2026-01-01"]);
}

#[test]
fn limits_that_people_laid_down_and_what_they_signed() {
    let files = "== customers.csv\nid,group\nC1,G1\n== groups.csv\nid\nG1\n\
         == credit_limits.csv\nid,customer,group,kind,amount,unlimited,valid_from,approved_by\n\
         L1,C1,,director,500,,2026-01-01,Wu\nL2,,G1,board,,true,,\n\
         == sign_offs.csv\nid,customer,role,person,decision,on\nS1,C1,sales,Ann,approved,2026-01-02\n";
    becomes(
        files,
        "credit_limit",
        &["L1 < C1: kind=director amount=500 unlimited=false valid_from=2026-01-01 approved_by=Wu"],
    );
    becomes(files, "group_credit_limit", &["L2 < G1: kind=board unlimited=true"]);
    becomes(files, "sign_off", &["S1 < C1: role=sales person=Ann decision=approved on=2026-01-02"]);
}

#[test]
fn a_limit_of_a_group_that_cannot_be_read_makes_its_members_incomplete() {
    let dir = folder(
        "== customers.csv\nid,group\nC1,G1\nC2,G1\nC3,\n== groups.csv\nid\nG1\n\
         == credit_limits.csv\nid,group,kind,amount\nL1,G1,board,lots\n",
    );
    let book = read(dir.path());
    let accounts = rows(&book, "account");
    let incomplete: Vec<&str> =
        accounts.lines().filter_map(|line| line.rsplit_once("incomplete=")).map(|(_, is)| is).collect();
    assert_eq!(incomplete, ["true", "true", "false"]);
}

#[test]
fn whatever_cannot_be_read_shows_in_the_cells_and_makes_incomplete() {
    let dir = folder(
        "== customers.csv\nid,since,limit,group\nC1,2024-13-01,5,G1\nC2,2024-01-01,5,G1\nC3,2024-01-01,5,\nC3,2024-01-01,6,\nC4,2024-01-01,5,G2\n\
         == groups.csv\nid,limit\nG1,lots\nG2,5\n",
    );
    let book = read(dir.path());
    assert_eq!(
        rows(&book, "account").lines().collect::<Vec<_>>(),
        [
            "C1 < G1: since=!since `2024-13-01` limit=5 incomplete=true",
            "C2 < G1: since=2024-01-01 limit=5 incomplete=true",
            "C3 < C3: since=!id `C3` limit=!id `C3` incomplete=true",
            "C4 < G2: since=2024-01-01 limit=5 incomplete=false",
        ]
    );
    assert_eq!(rows(&book, "group"), "C3 < portfolio:\nG1 < portfolio: limit=!limit `lots`\nG2 < portfolio: limit=5\n");
}

#[test]
fn a_book_yaml_says_how_files_are_written() {
    let dir = folder(
        "== export.txt\nRechnung;Kunde;Datum;Betrag;Strittig\n4711;K-1;1.2.2026;1.234,50;nein\n\
         == book.yaml\nusance_book: 1\nas_of: 2026-06-30\ncurrency: USD\ntables:\n  invoices:\n    file: export.txt\n\
         \x20   delimiter: ';'\n    decimal: ','\n    thousands: '.'\n    dates: D.M.YYYY\n\
         \x20   columns: { id: Rechnung, customer: Kunde, issue_date: Datum, amount: Betrag, disputed: Strittig }\n\
         \x20   values: { disputed: { ja: true, nein: false } }\n    set: { due_date: 1.3.2026 }\n\
         \x20 customers: { derive_from: invoices, since: first_invoice }\n",
    );
    for path in [dir.path().to_owned(), dir.path().join("book.yaml")] {
        let book = read(&path);
        assert_eq!(book.as_of.map(|d| d.to_string()).as_deref(), Some("2026-06-30"));
        assert_eq!(rows(&book, "invoice"), "4711 < K-1: issue_date=2026-02-01 amount=1234.5 currency=USD\n");
        assert_eq!(rows(&book, "item"), "4711 < 4711: no=1 due_date=2026-03-01 amount=1234.5\n");
        assert_eq!(rows(&book, "account"), "K-1 < K-1: since=2026-02-01 incomplete=false\n");
        let files: Vec<&str> = book.inputs.iter().map(|i| i.file.as_str()).collect();
        assert_eq!(files, ["book.yaml", "export.txt"]);
        assert_eq!(book.inputs[1].sha256.len(), 64);
    }
}

#[test]
fn columns_that_nothing_reads_are_listed() {
    let dir = folder("== customers.csv\n\u{20}id ,region,,shoe size\nC1,north,,44\n");
    assert_eq!(
        read(dir.path()).unread,
        [("customers.csv".to_owned(), vec!["region".into(), "column 3".into(), "shoe size".into()])]
    );
}

#[test]
fn derived_customers_may_be_told_what_holds_of_all() {
    let dir = folder(
        "== invoices.csv\nid,customer,issue_date,amount,currency\nI1,C2,2026-01-02,5,USD\nI2,C1,2026-01-01,5,USD\nI3,C2,2026-01-01,x,USD\n\
         == book.yaml\nusance_book: 1\ntables:\n  customers: { derive_from: invoices, since: first_invoice, set: { limit_mandatory: false } }\n",
    );
    let book = read(dir.path());
    assert_eq!(
        rows(&book, "account").lines().collect::<Vec<_>>(),
        [
            "C1 < C1: since=2026-01-01 limit_mandatory=false incomplete=false",
            "C2 < C2: since=2026-01-02 limit_mandatory=false incomplete=true"
        ]
    );
    assert_eq!(book.place(Schema::standard().relation("account").unwrap(), 1).as_deref(), Some("invoices.csv:2"));
}

#[test]
fn facts_of_the_policy_are_columns_like_any_other() {
    let mut schema = Schema::standard();
    for (relation, name, base) in [
        ("account", "industry", Type::one_of(["retail", "services"])),
        ("invoice", "project", Base::Text),
        ("item", "milestone", Base::List(Box::new(Base::Text))),
        ("decision", "limit.amount", Base::Money),
    ] {
        let fact = Fact { name: name.into(), ty: Type::maybe(base), declared: true, pii: false };
        schema.declare(schema.relation(relation).unwrap(), fact);
    }
    let dir = folder(
        "== customers.csv\nid,industry\nC1,retail\nC2,retial\n\
         == invoices.csv\nid,customer,issue_date,amount,currency,project,milestone\nI1,C1,2026-01-02,5,USD,Dam,a; b\n\
         == decisions.csv\ncustomer,decided_on,limit.amount\nC1,2026-01-01,7.50\n",
    );
    let mut sink = Vec::new();
    let book = book::read(dir.path(), &schema, "USD", &mut sink).unwrap();
    assert_eq!(sink, []);
    let cell = |relation: &str, fact: &str, row| {
        let relation = schema.relation(relation).unwrap();
        match book.cell(relation, schema.fact(relation, fact).unwrap(), row, chrono::NaiveDate::MAX) {
            Cell::Given(value) => value.to_string(),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(cell("account", "industry", 0), "retail");
    assert_eq!(cell("account", "industry", 1), "Unreadable(0)");
    assert_eq!(cell("invoice", "project", 0), "Dam");
    assert_eq!(cell("item", "milestone", 0), "a; b");
    assert_eq!(cell("decision", "limit.amount", 0), "7.5");
    assert_eq!(book.rejects[0].reason, "is not one of the values known here; did you mean `retail`");
}

#[test]
fn rows_of_a_test_are_read_like_rows_of_a_file() {
    let text = "customer: { id: C1, since: 2024-01-01 }\ninvoices:\n\
        - { id: I1, amount: 120000, issue_date: 2026-04-02, due_date: 2026-06-01 }\n\
        - { id: I2, amount: 1e5, issue_date: 2026-04-02, settled_on: ~ }\n\
        - { id: I3, amuont: 5 }\n";
    let (schema, mut sink) = (Schema::standard(), Vec::new());
    let tree = yaml::read(&Source::new("tests/a.yaml", text), &mut sink).unwrap();
    let mut table = |key: &str, name| {
        let rows = &tree.get(key).unwrap().value;
        TableRows::from_tree(Table::named(name).unwrap(), rows, &schema, &mut sink).unwrap()
    };
    let (customers, mut invoices) = (table("customer", "customers"), table("invoices", "invoices"));
    invoices.fill("customer", "C1");
    let told: Vec<String> = sink.iter().map(|d| format!("{} {}", d.place.as_ref().unwrap(), d.message)).collect();
    assert_eq!(told, ["tests/a.yaml:5:13 this table has no column `amuont`"]);
    let book = book::from_rows(vec![invoices, customers], &schema, "CNY");
    assert_eq!(rows(&book, "invoice"), "I1 < C1: issue_date=2026-04-02 amount=120000 currency=CNY\n");
    let rejects: Vec<String> =
        book.rejects.iter().map(|r| format!("{}:{} {} `{}`", r.file, r.line, r.column, r.value)).collect();
    assert_eq!(rejects, ["tests/a.yaml:4 amount `1e5`", "tests/a.yaml:5 amount ``", "tests/a.yaml:5 issue_date ``"]);
    assert_eq!(rows(&book, "account"), "C1 < C1: since=2024-01-01 incomplete=true\n");
}

const STAGED: &str = "== orders.csv\nid,customer,ordered_on,amount,currency\nO1,C1,2026-01-01,100,USD\n\
    == invoices.csv\nid,customer,issue_date,delivery_date,amount,currency,order\nI1,C1,2026-01-05,2026-02-01,100,USD,O1\n\
    == instalments.csv\ninvoice,no,amount,at,milestone,plus_days,due_date\nI1,1,30,order,,,\nI1,2,40,delivery,,60,\n\
    I1,3,20,milestone,roof,10,\nI1,4,10,,,,2026-12-31\n== milestones.csv\nid,order,reached_on\nroof,O1,\n";

#[test]
fn a_part_that_waits_is_a_stage_and_an_item_once_its_event_has_come() {
    becomes(
        STAGED,
        "stage",
        &[
            "I1/1 < I1: no=1 amount=30 at=order plus_days=0 reached_on=2026-01-01 due_date=2026-01-01",
            "I1/2 < I1: no=2 amount=40 at=delivery plus_days=60 reached_on=2026-02-01 due_date=2026-04-02",
            "I1/3 < I1: no=3 amount=20 at=milestone milestone=roof plus_days=10",
        ],
    );
    becomes(
        STAGED,
        "item",
        &[
            "I1/1 < I1: no=1 due_date=2026-01-01 amount=30 since=2026-01-01",
            "I1/2 < I1: no=2 due_date=2026-04-02 amount=40 since=2026-02-01",
            "I1/4 < I1: no=4 due_date=2026-12-31 amount=10",
        ],
    );
}

#[test]
fn what_is_open_of_an_invoice_counts_what_waits() {
    // 100 of which 20 wait and 60 are open: 40 were paid, of the oldest first
    let files = STAGED
        .replace("amount,currency,order\nI1", "amount,currency,order,open\nI1")
        .replace("USD,O1\n==", "USD,O1,60\n==");
    becomes(
        &files,
        "allocation",
        &["I1/1#open < I1/1: amount=30 kind=payment", "I1/2#open < I1/2: amount=10 kind=payment"],
    );
}

#[test]
fn a_write_off_takes_what_payments_leave_the_oldest_due_first() {
    let files = format!(
        "{INVOICES}I1,C1,2026-01-01,,100,USD\n== instalments.csv\ninvoice,no,due_date,amount\nI1,1,2026-02-01,60\nI1,2,2026-03-01,40\n\
         == payments.csv\nid,customer,date,amount,currency\nP1,C1,2026-02-01,50,USD\n== allocations.csv\npayment,invoice,amount\nP1,I1,50\n\
         == write_offs.csv\nid,invoice,on,amount\nW1,I1,2026-06-01,30\n"
    );
    becomes(
        &files,
        "allocation",
        &[
            "P1#I1/1#2026-02-01#50#spread < I1/1: on=2026-02-01 amount=50 kind=payment",
            "W1#I1/1#write_off < I1/1: on=2026-06-01 amount=10 kind=write_off",
            "W1#I1/2#write_off < I1/2: on=2026-06-01 amount=20 kind=write_off",
        ],
    );
}

#[test]
fn an_action_is_of_whatever_a_ladder_climbs() {
    let files = "== contracts.csv\nid,customer,signed_on\nK1,C1,2026-01-01\n\
        == actions.csv\nid,ladder,rung,subject,subject_id,episode,status,done_on\nA1,l,r,contract,K1,0,done,2026-01-02\n";
    becomes(files, "contract_action", &["A1#K1#r < K1: ladder=l rung=r episode=0 status=done done_on=2026-01-02"]);
    assert_eq!(rows(&read(folder(&format!("{PARTIES}{files}")).path()), "account_action"), "");
}
