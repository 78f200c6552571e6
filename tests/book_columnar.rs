//! Books in files of typed columns: Parquet and Arrow.
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

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, StructArray, TimestampMillisecondArray,
};
use book_support::{everything, folder, read};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use usance::book::{self, Book};
use usance::plan::Schema;

type Columns = Vec<(&'static str, ArrayRef)>;

fn batch(columns: Columns) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn parquet(path: &Path, columns: Columns, group: usize) {
    let batch = batch(columns);
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn arrow(path: &Path, columns: Columns) {
    let batch = batch(columns);
    let mut writer = arrow_ipc::writer::FileWriter::try_new(File::create(path).unwrap(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
}

fn texts<const N: usize>(texts: [&str; N]) -> ArrayRef {
    Arc::new(StringArray::from_iter(texts.map(|text| (text != "-").then_some(text))))
}

/// Days as `2026-01-31`, and `-` for none.
fn days<const N: usize>(days: [&str; N]) -> ArrayRef {
    let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let number = |text: &str| {
        let day: chrono::NaiveDate = text.parse().ok()?;
        i32::try_from((day - epoch).num_days()).ok()
    };
    Arc::new(Date32Array::from_iter(days.map(number)))
}

fn cents<const N: usize>(cents: [Option<i128>; N]) -> ArrayRef {
    Arc::new(Decimal128Array::from_iter(cents).with_precision_and_scale(18, 2).unwrap())
}

/// What is told of a book, and what it rejects.
fn told(path: &Path) -> String {
    let mut sink = Vec::new();
    let book = book::read(path, &Schema::standard(), "USD", &mut sink);
    let mut out = String::new();
    for d in &sink {
        let at = d.place.as_ref().map(|p| format!(" {p}")).unwrap_or_default();
        writeln!(out, "{at}: {} -> {}", d.message, d.help.as_deref().unwrap_or("")).unwrap();
    }
    out.push_str(&rejects(book.as_ref()));
    out
}

fn rejects(book: Option<&Book>) -> String {
    let one = |r: &book::Reject| format!("{}:{} {} `{}` {}\n", r.file, r.line, r.column, r.value, r.reason);
    book.iter().flat_map(|book| &book.rejects).map(one).collect()
}

const CUSTOMERS: &str = "id,since,name,limit\nC1,2024-01-31,Ada,1000.50\nC2,,,\nC3,2023-05-01,Ada,20.00\n";
const INVOICES: &str = "id,customer,issue_date,due_date,amount,currency,disputed
7,C1,2026-01-05,2026-02-04,100.00,USD,true
8,C2,2026-01-06,,0.05,USD,
9,C3,2026-01-07,2026-03-01,12345678.90,USD,false
";

fn customers() -> Columns {
    vec![
        ("id", texts(["C1", "C2", "C3"])),
        ("since", days(["2024-01-31", "-", "2023-05-01"])),
        ("name", texts(["Ada", " ", "Ada"])),
        ("limit", cents([Some(100_050), None, Some(2_000)])),
    ]
}

fn invoices() -> Columns {
    let due = [Some(1_770_163_200_000), None, Some(1_772_323_200_000)];
    let currency: DictionaryArray<Int32Type> = ["USD", "USD", "USD"].into_iter().collect();
    vec![
        ("id", Arc::new(Int64Array::from_iter_values([7, 8, 9]))),
        ("customer", texts(["C1", "C2 ", "C3"])),
        ("issue_date", days(["2026-01-05", "2026-01-06", "2026-01-07"])),
        ("due_date", Arc::new(TimestampMillisecondArray::from_iter(due))),
        ("amount", cents([Some(10_000), Some(5), Some(1_234_567_890)])),
        ("currency", Arc::new(currency)),
        ("disputed", Arc::new(BooleanArray::from_iter([Some(true), None, Some(false)]))),
    ]
}

#[test]
fn a_book_is_the_same_in_every_form() {
    let csv = folder(&format!("== customers.csv\n{CUSTOMERS}== invoices.csv\n{INVOICES}"));
    let of_csv = everything(&read(csv.path()));
    for group in [1, 2, 100] {
        let here = tempfile::tempdir().unwrap();
        parquet(&here.path().join("customers.parquet"), customers(), group);
        parquet(&here.path().join("invoices.parquet"), invoices(), group);
        assert_eq!(everything(&read(here.path())), of_csv, "row groups of {group}");
    }
    let here = tempfile::tempdir().unwrap();
    arrow(&here.path().join("customers.arrow"), customers());
    arrow(&here.path().join("invoices.feather"), invoices());
    assert_eq!(everything(&read(here.path())), of_csv);
}

#[test]
fn a_book_may_have_files_of_several_forms_and_compressed_ones() {
    let csv = folder(&format!("== customers.csv\n{CUSTOMERS}== invoices.csv\n{INVOICES}"));
    let first = INVOICES.lines().take(2).collect::<Vec<_>>().join("\n");
    let here = folder(&format!(
        "== a.csv\n{first}\n== book.yaml\nusance_book: 1\ntables: {{ invoices: {{ files: [a.csv, b.parquet.gz] }} }}\n"
    ));
    parquet(&here.path().join("customers.parquet"), customers(), 100);
    parquet(&here.path().join("b.parquet"), invoices().into_iter().map(|(n, a)| (n, a.slice(1, 2))).collect(), 100);
    let bytes = std::fs::read(here.path().join("b.parquet")).unwrap();
    std::fs::remove_file(here.path().join("b.parquet")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &bytes).unwrap();
    std::fs::write(here.path().join("b.parquet.gz"), packed.finish().unwrap()).unwrap();
    assert_eq!(everything(&read(here.path())), everything(&read(csv.path())));
}

#[test]
fn what_cannot_be_read_is_rejected_with_the_number_of_its_row() {
    let here = folder(&format!("== customers.csv\n{CUSTOMERS}"));
    let noon = [Some(1_770_163_200_000), Some(1_770_163_200_000 + 43_200_000), None, None, None];
    let columns: Columns = vec![
        ("id", Arc::new(Int64Array::from_iter([Some(1), Some(2), Some(3), Some(4), None]))),
        ("customer", texts(["C1", "C1", "C1", "C9", "C1"])),
        ("issue_date", days(["1899-12-31", "2026-01-06", "2026-01-07", "2026-01-07", "2026-01-07"])),
        ("due_date", Arc::new(TimestampMillisecondArray::from_iter(noon))),
        ("amount", cents([Some(10_000), Some(5), Some(-150), Some(1), Some(1)])),
        ("currency", texts(["USD"; 5])),
        ("open", texts(["-", "-", "1,5", "0.50", "-"])),
    ];
    parquet(&here.path().join("invoices.parquet"), columns, 2);
    assert_eq!(
        told(here.path()),
        "\
invoices.parquet:1 issue_date `1899-12-31` is before 1900
invoices.parquet:2 due_date `2026-02-04 12:00:00` has a time of day, and a date has none
invoices.parquet:3 amount `-1.50` is less than 0
invoices.parquet:3 open `1,5` has `,`; declare `thousands: \",\"` or `decimal: \",\"` for its table in book.yaml
invoices.parquet:4 customer `C9` no customer has this id
invoices.parquet:5 id `` is blank, and every row needs it
"
    );
}

#[test]
fn what_a_column_cannot_be_is_said_of_the_whole_of_it() {
    let here = folder(&format!("== customers.csv\n{CUSTOMERS}"));
    let zoned = TimestampMillisecondArray::from_iter_values([0, 0, 0]).with_timezone("Asia/Shanghai");
    let inner: ArrayRef = Arc::new(Int32Array::from_iter_values([1, 2, 3]));
    let field = Arc::new(arrow_schema::Field::new("x", arrow_schema::DataType::Int32, false));
    let mut columns = invoices();
    columns.retain(|(name, _)| !["amount", "due_date", "disputed"].contains(name));
    columns.push(("amount", Arc::new(Float64Array::from_iter_values([1.0, 2.0, 3.0]))));
    columns.push(("due_date", Arc::new(zoned)));
    columns.push(("disputed", Arc::new(StructArray::from(vec![(field, inner)]))));
    parquet(&here.path().join("invoices.parquet"), columns, 100);
    let told = told(here.path());
    for line in [
        "the column `amount` holds binary fractions, and money is exact -> write it as decimals: `decimal(18, 2)` for one",
        "the column `due_date` holds instants shown in `Asia/Shanghai`, and which day they are depends on the place -> \
         write dates: `date32`",
        "the column `disputed` holds values of the type Struct",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(told.contains("invoices.parquet:1:"), "{told}");
}

#[test]
fn a_binary_fraction_is_a_number_where_it_is_whole() {
    let here = folder(&format!("== customers.csv\n{CUSTOMERS}"));
    let columns: Columns = vec![
        ("id", texts(["V1", "V2", "V3"])),
        ("customer", texts(["C1", "C2", "C3"])),
        ("share", Arc::new(Float64Array::from_iter([Some(1.0), None, Some(0.5)]))),
    ];
    parquet(&here.path().join("covers.parquet"), columns, 100);
    let reason = "is a binary fraction; write the column as decimals";
    assert_eq!(told(here.path()), format!("covers.parquet:3 share `0.5` {reason}\n"));
    assert_eq!(book_support::rows(&read_any(here.path()), "cover"), "V1 < C1: share=1\nV2 < C2:\n");
}

#[test]
fn rows_go_where_book_yaml_sends_them_by_their_values() {
    let yaml = "usance_book: 1
tables:
  invoices:
    file: all.FORM
    columns: { id: no, amount: { plus: debit, minus: credit } }
    values: { disputed: { 1: true, 0: false } }
    set_aside: { kind: X }
    where: { kind: RV }
  credit_notes:
    same_file_as: invoices
    columns: { id: no, date: issue_date, amount: { minus: debit } }
    where: { kind: RG }
";
    let csv = "kind,no,customer,issue_date,debit,credit,currency,disputed
RV,1,C1,2026-01-05,100.00,,USD,1
RG,2,C1,2026-01-06,-30.00,,USD,
X,3,C1,2026-01-06,7.00,2.00,USD,
RV,4,C1,2026-01-07,50.25,0.25,USD,0
,,,,,,,
ZZ,5,C1,2026-01-07,1.00,,USD,
RV,6,C1,2026-01-07,1.00,2.00,USD,
";
    let of_csv =
        folder(&format!("== customers.csv\n{CUSTOMERS}== all.csv\n{csv}== book.yaml\n{}", yaml.replace("FORM", "csv")));
    let here = folder(&format!("== customers.csv\n{CUSTOMERS}== book.yaml\n{}", yaml.replace("FORM", "parquet")));
    let columns: Columns = vec![
        ("kind", texts(["RV", "RG", "X", "RV", "-", "ZZ", "RV"])),
        ("no", Arc::new(Int64Array::from_iter([Some(1), Some(2), Some(3), Some(4), None, Some(5), Some(6)]))),
        ("customer", texts(["C1", "C1", "C1", "C1", "-", "C1", "C1"])),
        ("issue_date", days(["2026-01-05", "2026-01-06", "2026-01-06", "2026-01-07", "-", "2026-01-07", "2026-01-07"])),
        ("debit", cents([Some(10_000), Some(-3_000), Some(700), Some(5_025), None, Some(100), Some(100)])),
        ("credit", cents([None, None, Some(200), Some(25), None, None, Some(200)])),
        ("currency", texts(["USD", "USD", "USD", "USD", "-", "USD", "USD"])),
        ("disputed", Arc::new(Int32Array::from_iter([Some(1), None, None, Some(0), None, None, None]))),
    ];
    parquet(&here.path().join("all.parquet"), columns, 2);
    let (of_csv, of_parquet) = (read_any(of_csv.path()), read_any(here.path()));
    let plain = |book: &Book| everything(book).replace("all.csv", "all.parquet");
    assert_eq!(plain(&of_parquet), plain(&of_csv));
    let input = |book: &Book| {
        let input = book.inputs.iter().find(|input| input.file.starts_with("all.")).unwrap();
        let aside: Vec<_> = input.set_aside.iter().map(|a| (a.why.clone(), a.rows, a.sums.clone())).collect();
        (input.rows, input.blank, aside)
    };
    assert_eq!(input(&of_parquet), input(&of_csv));
    assert_eq!(
        rejects(Some(&of_parquet)),
        "\
all.parquet:6  `` no table takes a row of which `kind` is `ZZ`; declare it under `set_aside`, or in the `where` of a table in book.yaml
all.parquet:7 debit `1.00` is less than 0
"
    );
}

fn read_any(path: &Path) -> Book {
    let mut sink = Vec::new();
    book::read(path, &Schema::standard(), "USD", &mut sink).unwrap_or_else(|| panic!("{sink:?}"))
}

#[test]
fn a_file_that_is_cut_off_is_no_book() {
    let here = folder(&format!("== customers.csv\n{CUSTOMERS}"));
    let path = here.path().join("invoices.parquet");
    parquet(&path, invoices(), 100);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let told = told(here.path());
    assert!(told.contains("`invoices.parquet` cannot be read: "), "{told}");
    assert!(told.contains("it may be cut off; make it again"), "{told}");
    std::fs::write(&path, "id,customer\n1,C1\n").unwrap();
    assert_eq!(
        self::told(here.path()),
        ": `invoices.parquet` cannot be read: it is neither Parquet nor an Arrow file -> \
         the stream format of Arrow is not read: write a file, or Parquet\n"
    );
}

#[test]
fn a_first_look_shows_typed_columns() {
    let here = tempfile::tempdir().unwrap();
    parquet(&here.path().join("invoices.parquet"), invoices(), 100);
    let mut sink = Vec::new();
    let found = book::inspect(here.path(), &Schema::standard(), &mut sink).unwrap();
    assert_eq!(sink, []);
    let shown = book::show(&found, "en", 200);
    assert!(shown.starts_with("invoices.parquet: Parquet, 3 rows, taken for `invoices`\n"), "{shown}");
    let looks = |name: &str| found.files[0].columns.iter().find(|c| c.header == name).unwrap().looks.clone();
    assert!(matches!(looks("due_date"), book::Looks::Date { doubtful: false, .. }));
    assert!(matches!(looks("amount"), book::Looks::Number { .. }));
}

/// A book of some thousand rows, some of them wrong, in both forms.
fn large() -> (tempfile::TempDir, tempfile::TempDir) {
    let (mut customers, mut invoices) =
        (String::from("id,name\n"), String::from("id,customer,issue_date,amount,currency\n"));
    let (mut ids, mut of, mut dates, mut amounts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for no in 0..300 {
        writeln!(customers, "C{no},\u{5ba2}\u{6237} {}", no / 3).unwrap();
    }
    for no in 0..9_000_i64 {
        let (customer, day, amount) =
            (no * 8 % 301, 20_000 + no % 700, no * 13 % 9_999 * if no % 997 == 5 { -1 } else { 1 });
        let date = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(day.unsigned_abs());
        let sign = if amount < 0 { "-" } else { "" };
        let (whole, rest) = (amount.abs() / 100, amount.abs() % 100);
        writeln!(invoices, "{no},C{customer},{date},{sign}{whole}.{rest:02},USD").unwrap();
        ids.push(no);
        of.push(format!("C{customer}"));
        amounts.push(i128::from(amount));
        dates.push(i32::try_from(day).unwrap());
    }
    let csv = folder(&format!("== customers.csv\n{customers}== invoices.csv\n{invoices}"));
    let here = folder(&format!("== customers.csv\n{customers}"));
    let columns: Columns = vec![
        ("id", Arc::new(Int64Array::from(ids))),
        ("customer", Arc::new(StringArray::from(of))),
        ("issue_date", Arc::new(Date32Array::from(dates))),
        ("amount", Arc::new(Decimal128Array::from(amounts).with_precision_and_scale(12, 2).unwrap())),
        ("currency", Arc::new(StringArray::from(vec!["USD"; 9_000]))),
    ];
    parquet(&here.path().join("invoices.parquet"), columns, 1_000);
    (csv, here)
}

#[test]
fn the_number_of_threads_never_shows() {
    let (csv, here) = large();
    let on = |threads: usize, path: &Path| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let book = read_any(path);
            (everything(&book), rejects(Some(&book)), book.inputs)
        })
    };
    for path in [csv.path(), here.path()] {
        let alone = on(1, path);
        assert!(alone.1.lines().count() > 30, "{}", alone.1);
        for threads in [2, 7] {
            assert!(on(threads, path) == alone, "{threads} threads, {}", path.display());
        }
    }
    let (of_csv, of_parquet) = (on(1, csv.path()), on(1, here.path()));
    assert!(of_csv.0.replace(".csv", ".parquet") == of_parquet.0.replace(".csv", ".parquet"));
}
