//! The four formats of a run's tables: the text to the byte, and the typed columns against the text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

mod pack_support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, DictionaryArray, Int32Array,
    Int64Array, ListArray, RecordBatch, StringArray, StructArray,
};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field};
use pack_support::Desk;
use rust_decimal::Decimal;
use tempfile::TempDir;
use usance::engine::Run;
use usance::lang::{Kind, day_of};
use usance::outcome::schema::{Head, Part, Shape, TableSchema};
use usance::outcome::{Asked, Because, Block, Encoder, Format, Hits, TableBlock, Writing};

fn head(name: &str, shape: Shape) -> Head {
    Head { name: name.into(), of: Part::Own, shape }
}

fn table(heads: Vec<Head>) -> Arc<TableSchema> {
    Arc::new(TableSchema { table: "t".into(), heads })
}

/// A table of one row a value, encoded: the header, then the rows.
fn encoded(schema: &Arc<TableSchema>, columns: Vec<ArrayRef>, format: Format) -> String {
    let rows = columns[0].len();
    let batch = schema.batch(columns, rows).unwrap();
    let encoder = Encoder::new(Arc::clone(schema), format).unwrap();
    let mut out = encoder.header().to_vec();
    encoder.encode(&batch, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn decimals(units: Vec<Option<i128>>, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(units).with_precision_and_scale(38, scale).unwrap())
}

fn texts(values: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

#[test]
fn text_is_quoted_only_where_a_reader_needs_it() {
    let schema = table(vec![head("id", Shape::Text), head("a,b \"c\"", Shape::Text)]);
    let ids =
        texts(vec![Some("C1"), Some("深圳市宏远，电子"), Some("a\"b"), Some("x\r\ny"), Some("tab\there \\ \u{1}")]);
    let more = texts(vec![None, Some(""), Some("p,q"), Some("#no"), Some(" kept ")]);
    let csv = encoded(&schema, vec![Arc::clone(&ids), Arc::clone(&more)], Format::Csv);
    let expected = [
        "id,\"a,b \"\"c\"\"\"\n",
        "C1,\n",
        "深圳市宏远，电子,\n",
        "\"a\"\"b\",\"p,q\"\n",
        "\"x\r\ny\",#no\n",
        "tab\there \\ \u{1}, kept \n",
    ];
    assert_eq!(csv, expected.concat());
    let json = encoded(&schema, vec![ids, more], Format::Jsonl);
    let expected = [
        "{\"id\":\"C1\",\"a,b \\\"c\\\"\":null}\n",
        "{\"id\":\"深圳市宏远，电子\",\"a,b \\\"c\\\"\":null}\n",
        "{\"id\":\"a\\\"b\",\"a,b \\\"c\\\"\":\"p,q\"}\n",
        "{\"id\":\"x\\r\\ny\",\"a,b \\\"c\\\"\":\"#no\"}\n",
        "{\"id\":\"tab\\there \\\\ \\u0001\",\"a,b \\\"c\\\"\":\" kept \"}\n",
    ];
    assert_eq!(json, expected.concat());
}

#[test]
fn every_shape_has_its_text() {
    let words: Arc<[Arc<str>]> = ["A", "B"].map(Arc::from).into();
    let schema = table(vec![
        head("yes", Shape::Bool),
        head("days", Shape::Whole),
        head("on", Shape::Date),
        head("money", Shape::Decimal { least: 2, scale: 2 }),
        head("share", Shape::Decimal { least: 0, scale: 28 }),
        head("tier", Shape::Word(words)),
        head("hits", Shape::List),
        head("episode", Shape::Mixed),
    ]);
    let tiers = DictionaryArray::<Int32Type>::new(
        Int32Array::from(vec![Some(1), Some(0), None]),
        texts(vec![Some("A"), Some("B")]),
    );
    let mut lists = arrow_array::builder::ListBuilder::new(arrow_array::builder::StringBuilder::new());
    lists.append_value([Some("over limit"), Some("a, \"b\"")]);
    lists.append_value([] as [Option<&str>; 0]);
    lists.append_null();
    let lists: ListArray = lists.finish();
    let mixed = ["bare", "text"].map(|name| Field::new(name, DataType::Utf8, true));
    let mixed = StructArray::new(
        mixed.into_iter().collect(),
        vec![texts(vec![Some("7"), None, None]), texts(vec![None, Some("2026-06-30"), None])],
        None,
    );
    let third = 3_333_333_333_333_333_333_333_333_333;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        Arc::new(Int64Array::from(vec![Some(-12), Some(0), None])),
        Arc::new(Date32Array::from(vec![Some(20_634), Some(-1), None])),
        decimals(vec![Some(125_000_000), Some(-50), None], 4),
        decimals(vec![Some(third), Some(5 * 10i128.pow(27)), None], 28),
        Arc::new(tiers),
        Arc::new(lists),
        Arc::new(mixed),
    ];
    assert_eq!(
        encoded(&schema, columns.clone(), Format::Csv),
        "yes,days,on,money,share,tier,hits,episode\n\
         true,-12,2026-06-30,12500.00,0.3333333333333333333333333333,B,\"over limit; a, \"\"b\"\"\",7\n\
         false,0,1969-12-31,-0.005,0.5,A,,2026-06-30\n\
         ,,,,,,,\n"
    );
    assert_eq!(
        encoded(&schema, columns, Format::Jsonl),
        "{\"yes\":true,\"days\":-12,\"on\":\"2026-06-30\",\"money\":\"12500.00\",\
         \"share\":\"0.3333333333333333333333333333\",\"tier\":\"B\",\"hits\":[\"over limit\",\"a, \\\"b\\\"\"],\
         \"episode\":7}\n\
         {\"yes\":false,\"days\":0,\"on\":\"1969-12-31\",\"money\":\"-0.005\",\"share\":\"0.5\",\"tier\":\"A\",\
         \"hits\":[],\"episode\":\"2026-06-30\"}\n\
         {\"yes\":null,\"days\":null,\"on\":null,\"money\":null,\"share\":null,\"tier\":null,\"hits\":null,\
         \"episode\":null}\n"
    );
}

#[test]
fn decimals_that_no_128_bits_hold_together_are_written_exactly() {
    let schema = table(vec![head("money", Shape::Decimal { least: 2, scale: 10 })]);
    let unit = i256::from_i128(10i128.pow(28));
    let greatest = i256::from_i128(79_228_162_514_264_337_593_543_950_335);
    let units = vec![Some(greatest.wrapping_mul(unit)), Some(i256::from_i128(-1)), None, Some(unit)];
    let array: ArrayRef = Arc::new(Decimal256Array::from(units).with_precision_and_scale(76, 28).unwrap());
    assert_eq!(
        encoded(&schema, vec![array], Format::Csv),
        "money\n79228162514264337593543950335\n-0.0000000000000000000000000001\n\n1.00\n"
    );
}

#[test]
fn a_column_of_another_type_is_refused() {
    let schema = table(vec![head("days", Shape::Whole)]);
    let error = schema.batch(vec![texts(vec![None])], 1).unwrap_err();
    assert_eq!(error.to_string(), "the columns of `t` are not those of its schema: `days` cannot be Utf8");
    assert!(schema.batch(Vec::new(), 0).is_err());
}

impl Desk {
    /// Runs the policy on the book and gives the exit code; the folder is called after the format.
    fn run(&self, format: &str) -> i32 {
        let output = self.usance(&["run", "--policy", "policy", "--book", "book", "--format", format, "--out", format]);
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        output.status.code().unwrap()
    }

    /// A table of a run of CSV: header and rows.
    fn csv(&self, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
        let mut reader = csv::Reader::from_path(self.path(&format!("csv/{name}.csv"))).unwrap();
        let heads = reader.headers().unwrap().iter().map(Into::into).collect();
        (heads, reader.records().map(|row| row.unwrap().iter().map(Into::into).collect()).collect())
    }

    /// The batches of a table of a run of typed columns.
    fn batches(&self, name: &str, format: &str) -> Vec<RecordBatch> {
        let file = File::open(self.path(&format!("{format}/{name}.{format}"))).unwrap();
        match format {
            "parquet" => {
                let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
                reader.build().unwrap().map(Result::unwrap).collect()
            }
            _ => arrow_ipc::reader::FileReader::try_new(file, None).unwrap().map(Result::unwrap).collect(),
        }
    }
}

/// Whether a value of a column is what the text says.
fn says(array: &ArrayRef, row: usize, text: &str) -> bool {
    if array.is_null(row) {
        return text.is_empty();
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row) == text,
        DataType::Dictionary(..) => {
            let words = array.as_dictionary::<Int32Type>();
            words.values().as_string::<i32>().value(words.key(row).unwrap()) == text
        }
        DataType::Boolean => array.as_boolean().value(row).to_string() == text,
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string() == text,
        DataType::Date32 => day_of(array.as_primitive::<Date32Type>().value(row)).unwrap().to_string() == text,
        DataType::Decimal128(38, scale) => {
            let units = array.as_primitive::<Decimal128Type>().value(row);
            // Compared as numbers: units of 10 to the minus scale.
            let number: Decimal = text.parse().unwrap();
            let up = 10i128.pow(u32::try_from(*scale).unwrap() - number.normalize().scale());
            number.normalize().mantissa() * up == units
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let items: Vec<&str> = items.as_string::<i32>().iter().map(Option::unwrap).collect();
            items.join("; ") == text
        }
        other => panic!("{other}"),
    }
}

const TABLES: [&str; 7] = ["decisions", "invoices", "orders", "portfolio", "actions", "failures", "rejects"];

#[test]
fn typed_columns_hold_what_csv_says() {
    let desk = Desk::new();
    // A name that needs quotes, a customer of whom something cannot be read, and a decision that fails.
    let customers = fs::read_to_string(desk.path("book/customers.csv")).unwrap();
    let (first, second) = (customers.lines().nth(1).unwrap(), customers.lines().nth(2).unwrap());
    let named = |line: &str, name: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        let at = customers.lines().next().unwrap().split(',').position(|head| head == "name").unwrap();
        cells[at] = name;
        cells.join(",")
    };
    let customers = customers
        .replace(first, &named(first, "\"Quote \"\" and\nbreak, Ltd\""))
        .replace(second, &named(second, "深圳市宏远电子有限公司"));
    fs::write(desk.path("book/customers.csv"), customers).unwrap();
    let code = desk.run("csv");
    for format in ["parquet", "arrow"] {
        assert_eq!(desk.run(format), code);
        let manifest = |folder: &str| fs::read_to_string(desk.path(folder).join("run.json")).unwrap();
        assert_eq!(
            manifest(format),
            manifest("csv").replace("\"format\": \"csv\"", &format!("\"format\": \"{format}\""))
        );
        for table in TABLES {
            let (heads, rows) = desk.csv(table);
            let batches = desk.batches(table, format);
            assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), rows.len(), "{table}");
            let mut rows = rows.iter();
            for batch in &batches {
                let names: Vec<&str> = batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
                assert_eq!(names, heads, "{table}");
                for (at, row) in (0..batch.num_rows()).zip(rows.by_ref()) {
                    for ((array, head), text) in batch.columns().iter().zip(&heads).zip(row) {
                        assert!(says(array, at, text), "{format}, {table}, {head}: `{text}` and {array:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_column_has_one_type_whatever_the_book_holds() {
    let desk = Desk::new();
    desk.run("parquet");
    let ty = |table: &str, column: &str| {
        let file = File::open(desk.path(&format!("parquet/{table}.parquet"))).unwrap();
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        reader.schema().field_with_name(column).unwrap().data_type().clone()
    };
    let word = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    assert_eq!(ty("decisions", "id"), DataType::Utf8);
    assert_eq!(ty("decisions", "status"), word);
    assert_eq!(ty("decisions", "tier"), word);
    assert_eq!(ty("decisions", "tier_rule"), DataType::Utf8);
    // Rounded to the unit by the policy; summed from the book; a quotient.
    assert_eq!(ty("invoices", "provision"), DataType::Decimal128(38, 2));
    assert_eq!(ty("decisions", "exposure"), DataType::Decimal128(38, 10));
    assert_eq!(ty("decisions", "limit_used_share"), DataType::Decimal128(38, 28));
    assert_eq!(ty("invoices", "due_date"), DataType::Date32);
    assert_eq!(ty("invoices", "days_past_due"), DataType::Int64);
    assert!(matches!(ty("orders", "hits"), DataType::List(_)));
    assert!(matches!(ty("actions", "approval"), DataType::List(_)));
}

#[test]
fn a_number_is_never_rounded_to_fit() {
    let desk = Desk::new();
    let invoices = fs::read_to_string(desk.path("book/invoices.csv")).unwrap();
    let line = invoices.lines().nth(1).unwrap();
    let at = invoices.lines().next().unwrap().split(',').position(|head| head == "amount").unwrap();
    let mut cells: Vec<&str> = line.split(',').collect();
    cells[at] = "1000.123456789012";
    fs::write(desk.path("book/invoices.csv"), invoices.replace(line, &cells.join(","))).unwrap();
    let run = |format: &str| desk.usance(&["run", "--policy", "policy", "--book", "book", "--format", format]);
    assert_ne!(run("csv").status.code(), Some(6));
    let output = run("parquet");
    assert_eq!(output.status.code(), Some(6));
    let said = String::from_utf8(output.stderr).unwrap();
    // What the customer owes is the first of its amounts.
    assert!(said.contains("`exposure` of `C"), "{said}");
    assert!(said.contains("3456789012`, and a column of 38 digits and 10 places cannot hold it exactly"), "{said}");
    assert!(said.contains("write `--format csv` or `jsonl`, which hold every number, or round it in the policy"));
    assert!(desk.path("out/decisions.csv").exists(), "what stood there stands there still");
}

#[test]
fn a_run_replaces_a_run_of_another_format_and_a_page_is_made_of_each() {
    let desk = Desk::new();
    let mut pages = BTreeMap::new();
    for format in ["csv", "parquet", "arrow", "jsonl", "csv"] {
        let output = desk.usance(&["run", "--policy", "policy", "--book", "book", "--format", format]);
        assert_ne!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
        let files = fs::read_dir(desk.path("out")).unwrap().map(|entry| entry.unwrap().file_name());
        let others = files.filter(|name| {
            let name = name.to_string_lossy();
            !["run.json", "run.index"].contains(&&*name) && !name.ends_with(&format!(".{format}"))
        });
        assert_eq!(others.count(), 0);
        let page = usance::report::page(&desk.path("out"), "en").unwrap();
        let page = TABLES.iter().fold(page, |page, t| page.replace(&format!("{t}.{format}"), &format!("{t}.csv")));
        pages.insert(format, page);
    }
    assert!(pages.values().all(|page| *page == pages["csv"]));
}

/// A table of typed columns in blocks of so many rows.
fn blocks(batches: &[RecordBatch], rows: usize) -> Vec<RecordBatch> {
    let of = |batch: &RecordBatch| {
        let firsts = (0..batch.num_rows()).step_by(rows);
        firsts.map(|first| batch.slice(first, rows.min(batch.num_rows() - first))).collect::<Vec<_>>()
    };
    batches.iter().flat_map(of).collect()
}

#[test]
fn blocks_of_any_size_make_the_same_files_and_sums() {
    let desk = Desk::new();
    for format in Format::ALL {
        desk.run(format.name());
    }
    let mut sink = Vec::new();
    let policy = usance::policy::folder::Folder::load(&desk.path("policy"), &mut sink).unwrap();
    let plan = usance::plan::compile(&policy, &mut sink).unwrap();
    let schemas = usance::outcome::schema::Schemas::of(&plan);
    let read: Vec<Vec<RecordBatch>> =
        schemas.outputs.iter().map(|schema| desk.batches(&schema.table, "arrow")).collect();
    let no_actions = RecordBatch::new_empty(actions_schema(&schemas.actions));
    let mut reports = Vec::new();
    for (format, rows) in Format::ALL.into_iter().flat_map(|format| [1, 7, 1000].map(|rows| (format, rows))) {
        let dir = TempDir::new().unwrap();
        let mut writing = Writing::begin(&plan, dir.path(), format).unwrap();
        let press = writing.press();
        let tables: Vec<Vec<RecordBatch>> = read.iter().map(|batches| blocks(batches, rows)).collect();
        for number in 0..tables.iter().map(Vec::len).max().unwrap() {
            let tables = tables.iter().map(|blocks| {
                let rows = blocks.get(number).cloned().unwrap_or_else(|| blocks[0].slice(0, 0));
                TableBlock { all: rows.num_rows(), rows, failed: Vec::new() }
            });
            let block = Block { tables: tables.collect(), actions: no_actions.clone(), failures: Default::default() };
            writing.append(press.ready(block).unwrap()).unwrap();
        }
        let report = writing.finish(&[], Vec::new(), dir.path()).unwrap();
        for schema in &schemas.outputs {
            let name = format!("{}.{}", schema.table, format.name());
            let [now, before] = [dir.path(), &desk.path(format.name())].map(|dir| fs::read(dir.join(&name)).unwrap());
            assert!(now == before, "{name} in blocks of {rows}");
        }
        let sums: Vec<_> = report
            .tables
            .iter()
            .map(|(table, rows)| {
                (
                    table.clone(),
                    *rows,
                    report.tally.totals(table).iter().map(|(name, sum)| (name.to_string(), *sum)).collect::<Vec<_>>(),
                )
            })
            .collect();
        let groups = report.tally.by("decisions", "tier", &["exposure", "overdue"], None);
        reports.push((sums, groups));
    }
    assert!(reports.windows(2).all(|two| two[0] == two[1]));
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(desk.path("csv/run.json")).unwrap()).unwrap();
    let exposure = reports[0].0[0].2.iter().find(|(name, _)| name == "exposure").unwrap().1.unwrap();
    assert_eq!(manifest["totals"]["decisions"]["exposure"], format!("{exposure:.2}"));
}

/// No lines of the action list, in columns that it takes.
fn actions_schema(schema: &TableSchema) -> Arc<arrow_schema::Schema> {
    let ty = |shape: &Shape| match shape {
        Shape::Bool => DataType::Boolean,
        Shape::Whole => DataType::Int64,
        Shape::Date => DataType::Date32,
        Shape::Decimal { .. } => DataType::Decimal128(38, 2),
        Shape::Text | Shape::Word(_) => DataType::Utf8,
        Shape::List => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
        Shape::Mixed => {
            DataType::Struct(["bare", "text"].map(|name| Field::new(name, DataType::Utf8, true)).into_iter().collect())
        }
    };
    let fields: Vec<Field> = schema.heads.iter().map(|head| Field::new(&head.name, ty(&head.shape), true)).collect();
    Arc::new(arrow_schema::Schema::new(fields))
}

#[test]
fn rules_and_reasons_of_a_block_are_those_of_its_rows() {
    let desk = Desk::new();
    desk.run("csv");
    let mut sink = Vec::new();
    let policy = usance::policy::folder::Folder::load(&desk.path("policy"), &mut sink).unwrap();
    let plan = usance::plan::compile(&policy, &mut sink).unwrap();
    let book = usance::book::read(&desk.path("book"), &plan.schema, &plan.money.currency, &mut sink).unwrap();
    let mut run = Run::new(&plan, &book, book.as_of.unwrap());
    let mut shown = 0;
    for output in &plan.outputs {
        let (heads, table) = desk.csv(&output.table);
        let rows = run.rows(output.subject);
        for column in output.columns.iter().filter(|column| column.with_rule) {
            let mut source = column.node;
            // What only hands on another node's value was made by that node's rules.
            while let usance::plan::Form::Expr(expr) = &plan.node(source).unwrap().form
                && let Kind::Node(next) = expr.kind
            {
                source = next;
            }
            let because = Because::of(&plan, column.node);
            let hits: Vec<Vec<u16>> = rows.iter().map(|row| run.outcome(source, *row).hits.to_vec()).collect();
            let ends: Vec<u32> = hits
                .iter()
                .scan(0, |end, of| {
                    *end += of.len() as u32;
                    Some(*end)
                })
                .collect();
            let flat = hits.concat();
            let one: Vec<u16> = hits.iter().map(|of| of.first().copied().unwrap_or(Hits::NONE)).collect();
            let mut kinds = vec![Hits::Several(&flat, &ends)];
            if hits.iter().all(|of| of.len() <= 1) {
                kinds.push(Hits::One(&one));
            }
            for kind in kinds {
                let mut say = |asked: Asked<'_>, out: &mut Vec<u8>| {
                    let text = run.shown(asked.expr, asked.language, output.subject, rows[asked.lane]);
                    out.extend_from_slice(text.as_bytes());
                };
                let arrays = [
                    ("rule", because.rules(kind).unwrap()),
                    ("place", because.places(kind).unwrap()),
                    ("reason_en", because.reasons(0, kind, &mut say).unwrap()),
                    ("reason_zh", because.reasons(1, kind, &mut say).unwrap()),
                ];
                for (part, array) in arrays {
                    let at = heads.iter().position(|head| *head == format!("{}_{part}", column.header)).unwrap();
                    for (lane, row) in table.iter().enumerate() {
                        assert!(says(&array, lane, &row[at]), "{}_{part}: {}", column.header, row[at]);
                        shown += usize::from(!row[at].is_empty());
                    }
                }
            }
        }
    }
    assert!(shown > 1000, "{shown}");
}
