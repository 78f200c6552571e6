[
    ("an unknown customer", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C9,2026-01-01,2026-02-01,100,USD
"#, r#"
invoices.csv:2 customer `C9` no customer has this id
"#),
    ("a duplicated id refuses every row of it", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
I2,C1,2026-01-01,2026-02-01,100,USD
I1,C2,2026-01-01,2026-02-01,50,USD
"#, r#"
invoices.csv:2 id `I1` this id also stands in line 4 [C1]
invoices.csv:4 id `I1` this id also stands in line 2 [C2]
"#),
    ("another currency", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,EUR
"#, r#"
invoices.csv:2 currency `EUR` is not the policy's currency `USD`, and others are refused [C1]
"#),
    ("a blank currency", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,
"#, r#"
invoices.csv:2 currency `` is blank, and every row needs it [C1]
"#),
    ("dates that are none", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-02-30,2026-03-01,100,USD
I2,C1,1/2/2026,2026-03-01,100,USD
I3,C1,1026-01-01,2026-03-01,100,USD
I4,C1,2026-01-01,2926-01-01,100,USD
"#, r#"
invoices.csv:2 issue_date `2026-02-30` is no day of the calendar [C1]
invoices.csv:3 issue_date `1/2/2026` is not a date written `YYYY-MM-DD`; declare `dates:` for its table in book.yaml if the file writes them otherwise [C1]
invoices.csv:4 issue_date `1026-01-01` is before 1900 [C1]
invoices.csv:5 due_date `2926-01-01` is after 2200 [C1]
"#),
    ("due before issue", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-02-01,2026-01-01,100,USD
"#, r#"
invoices.csv:2 due_date `2026-01-01` is before its issue date 2026-02-01 [C1]
"#),
    ("amounts that are none", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,1e5,USD
I2,C1,2026-01-01,2026-02-01,"1,000.00",USD
I3,C1,2026-01-01,2026-02-01,$5,USD
I4,C1,2026-01-01,2026-02-01,-5,USD
I5,C1,2026-01-01,2026-02-01,,USD
I6,C1,2026-01-01,2026-02-01,0.00000000000000000000000000001,USD
"#, r#"
invoices.csv:2 amount `1e5` is written with an exponent; write all its digits [C1]
invoices.csv:3 amount `1,000.00` has `,`; declare `thousands: ","` or `decimal: ","` for its table in book.yaml [C1]
invoices.csv:4 amount `$5` has `$`; declare `currency_sign: "$"` for its table in book.yaml [C1]
invoices.csv:5 amount `-5` is less than 0 [C1]
invoices.csv:6 amount `` is blank, and every row needs it [C1]
invoices.csv:7 amount `0.00000000000000000000000000001` has more digits than the 28 that are held exactly [C1]
"#),
    ("no id and no issue date", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
,C1,2026-01-01,2026-02-01,5,USD
I2,C1,,2026-02-01,5,USD
"#, r#"
invoices.csv:2 id `` is blank, and every row needs it [C1]
invoices.csv:3 issue_date `` is blank, and every row needs it [C1]
"#),
    ("a row with too few and one with too many cells", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01
I2,C1,2026-01-01,2026-02-01,5,USD,more
I3,C1,2026-01-01,2026-02-01,5,USD,,
"#, r#"
invoices.csv:2  `` the row has 4 cells, the header 6 [C1]
invoices.csv:3  `` the row has 7 cells, the header 6 [C1]
"#),
    ("lines are counted through quoted line breaks and blank lines", "== customers.csv\nid,since\nC1,2024-01-01\nC2,2024-01-01\n== invoices.csv\r\nid,customer,dunning_block_reason,issue_date,amount,currency\r\nI1,C1,\"one\r\ntwo\",2026-01-01,5,USD\r\n\r\nI2,C7,,2026-01-01,5,USD\r\n", r#"
invoices.csv:5 customer `C7` no customer has this id
"#),
    ("a quote that is never closed", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,5,USD
I2,"C1,2026-01-01,2026-02-01,5,USD
I3,C1,2026-01-01,2026-02-01,5,USD
"#, r#"
invoices.csv:3  `` a quote opens here and is never closed
"#),
    ("a customer keeps its row when a cell is bad", r#"== customers.csv
id,since,limit,limit_mandatory
C1,2024-13-01,abc,yes
"#, r#"
customers.csv:2 limit `abc` is not a number [C1]
customers.csv:2 limit_mandatory `yes` is neither `true` nor `false`; declare `values: { limit_mandatory: { "yes": true } }` for its table in book.yaml [C1]
customers.csv:2 since `2024-13-01` is no day of the calendar [C1]
"#),
    ("a customer that stands twice", r#"== customers.csv
id,since
C1,2024-01-01
C1,2025-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,5,USD
"#, r#"
customers.csv:2 id `C1` this id also stands in line 3 [C1]
customers.csv:3 id `C1` this id also stands in line 2 [C1]
"#),
    ("dated customers may stand twice, but not on one day", r#"== customers.csv
id,since,valid_from,limit
C1,2024-01-01,,1
C1,2024-01-01,2025-01-01,2
C2,2024-01-01,2025-01-01,1
C2,2024-01-01,2025-01-01,2
"#, r#"
customers.csv:4 id `C2` this id also stands in line 5 [C2]
customers.csv:5 id `C2` this id also stands in line 4 [C2]
"#),
    ("groups that are not there", r#"== customers.csv
id,group
C1,G1
C2,G2
== groups.csv
id,limit
G1,100
"#, r#"
customers.csv:3 group `G2` no group has this id [C2]
"#),
    ("a group with something unreadable", r#"== customers.csv
id,group
C1,G1
== groups.csv
id,limit
G1,lots
"#, r#"
groups.csv:2 limit `lots` is not a number
"#),
    ("instalments that do not make up the invoice", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,,100,USD
I2,C1,2026-01-01,,100,USD
I3,C1,2026-01-01,,100,USD
== instalments.csv
invoice,no,due_date,amount
I1,1,2026-02-01,50
I1,2,2026-03-01,40
I2,1,2026-02-01,100
I2,2,2025-03-01,0
I3,0,2026-02-01,100
I9,1,2026-02-01,1
"#, r#"
instalments.csv:2 invoice `I1` the invoice with this id was refused itself [C1]
instalments.csv:3 invoice `I1` the invoice with this id was refused itself [C1]
instalments.csv:4 invoice `I2` the invoice with this id was refused itself [C1]
instalments.csv:5 due_date `2025-03-01` is before the issue date 2026-01-01 of its invoice [C1]
instalments.csv:6 no `0` is less than 1 [C1]
instalments.csv:7 invoice `I9` no invoice has this id
invoices.csv:2 amount `100` its instalments sum to 90, 10 less than its amount [C1]
invoices.csv:3 id `I2` a row of its instalments was refused [C1]
invoices.csv:4 id `I3` a row of its instalments was refused [C1]
"#),
    ("settled and yet open", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,amount,currency,settled_on,open,disputed,disputed_amount
I1,C1,2026-01-01,100,USD,2026-02-01,20,,
I2,C1,2026-01-01,100,USD,,120,,
I3,C1,2026-01-01,100,USD,,,false,5
I4,C1,2026-01-01,100,USD,,,true,0
I5,C1,2026-01-01,100,USD,,,Yes,
"#, r#"
invoices.csv:2 open `20` is not 0, and yet the invoice was settled on 2026-02-01 [C1]
invoices.csv:3 open `120` is more than the 100 that its amount and its allocations leave [C1]
invoices.csv:4 disputed_amount `5` is not 0, and yet the invoice is not disputed [C1]
invoices.csv:5 disputed_amount `0` is 0, and yet the invoice is disputed; leave it blank where the whole is disputed [C1]
invoices.csv:6 disputed `Yes` is neither `true` nor `false`; declare `values: { disputed: { "Yes": true } }` for its table in book.yaml [C1]
"#),
    ("allocations that cannot be", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
I2,C1,2026-01-01,2026-02-01,x,USD
== payments.csv
id,customer,date,amount,currency
P1,C1,2026-02-01,60,USD
== allocations.csv
payment,credit_note,invoice,instalment,on,amount
P9,,I1,,,1
P1,,I9,,,1
P1,,I2,,,1
,,I1,,,1
P1,N1,I1,,,1
,N1,I1,,,1
P1,,I1,7,,1
P1,,I1,,2026-02-02,50
P1,,I1,,2026-02-03,20
P1,,I1,,2026-02-04,5
P1,,I1,,2026-02-04,5
"#, r#"
allocations.csv:2 payment `P9` no payment has this id [C1]
allocations.csv:3 invoice `I9` no invoice has this id [C1]
allocations.csv:4 invoice `I2` the invoice with this id was refused itself [C1]
allocations.csv:5 payment `` names no payment or credit note [C1]
allocations.csv:6 credit_note `N1` stands beside a payment; money comes from the one or the other [C1]
allocations.csv:7 credit_note `N1` no credit note has this id [C1]
allocations.csv:8 instalment `7` the invoice has no instalment of this number [C1]
allocations.csv:10 amount `20` is more than the 10 left of payment `P1` [C1]
allocations.csv:11  `` the same is also said in line 12 [C1]
allocations.csv:12  `` the same is also said in line 11 [C1]
invoices.csv:3 amount `x` is not a number [C1]
"#),
    ("lines of no order", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== orders.csv
id,customer,amount,currency
O1,C1,5,USD
O2,C9,5,USD
== order_lines.csv
id,order,amount
L1,O9,1
L2,O2,1
"#, r#"
order_lines.csv:2 order `O9` no order has this id
order_lines.csv:3 order `O2` the order with this id was refused itself
orders.csv:3 customer `C9` no customer has this id
"#),
    ("disputes, promises and plans of nothing", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
== disputes.csv
id,invoice,instalment,amount
D1,I9,,
D2,I1,4,
D3,I1,,-3
== promises.csv
id,invoice,due_on
M1,I1,
== payment_plans.csv
id,invoice
X1,I1
X1,I1
"#, r#"
disputes.csv:2 invoice `I9` no invoice has this id
disputes.csv:3 instalment `4` the invoice has no instalment of this number [C1]
disputes.csv:4 amount `-3` is less than 0 [C1]
payment_plans.csv:2 id `X1` this id also stands in line 3 [C1]
payment_plans.csv:3 id `X1` this id also stands in line 2 [C1]
promises.csv:2 due_on `` is blank, and every row needs it [C1]
"#),
    ("actions", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
== actions.csv
id,ladder,rung,subject,subject_id,episode,status,done_on
A1,dunning,r1,item,I1,0,done,2026-03-01
A1,dunning,r1,item,I1,0,done,2026-03-01
A2,dunning,r1,item,I9,0,done,2026-03-01
A3,dunning,r1,thing,I1,0,done,2026-03-01
A4,dunning,r1,account,C9,0,done,2026-03-01
A5,dunning,r1,item,I1,0,sended,2026-03-01
A6,dunning,r1,item,I1,one,done,2026-03-01
"#, r#"
actions.csv:2  `` the same is also said in line 3 [C1]
actions.csv:3  `` the same is also said in line 2 [C1]
actions.csv:4 subject_id `I9` no item has this id
actions.csv:5 subject `thing` is nothing that a ladder climbs; such are `item`, `invoice`, `order` and `account`
actions.csv:6 subject_id `C9` no customer has this id
actions.csv:7 status `sended` is not one of the values known here; did you mean `sent` [C1]
actions.csv:8 episode `one` is not a number [C1]
"#),
    ("decisions and evidence that stand twice", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
== decisions.csv
customer,decided_on
C1,2026-01-01
C1,2026-01-01
C2,
== evidence.csv
invoice,kind,on
I1,contract,
I1,contract,
I9,contract,
"#, r#"
decisions.csv:2  `` the same is also said in line 3 [C1]
decisions.csv:3  `` the same is also said in line 2 [C1]
decisions.csv:4 decided_on `` is blank, and every row needs it [C2]
evidence.csv:2  `` the same is also said in line 3 [C1]
evidence.csv:3  `` the same is also said in line 2 [C1]
evidence.csv:4 invoice `I9` no invoice has this id
"#),
    ("an empty folder", r#"== readme.txt
hello
"#, r#"
error: no table of a book was found in `BOOK` -> the files looked for are `groups.csv`, `customers.csv`, `invoices.csv`, `instalments.csv`, `milestones.csv`, `payments.csv`, `credit_notes.csv`, `write_offs.csv`, `allocations.csv`, `orders.csv`, `order_lines.csv`, `disputes.csv`, `promises.csv`, `payment_plans.csv`, `plan_payments.csv`, `evidence.csv`, `covers.csv`, `actions.csv`, `decisions.csv`, `contracts.csv`, `signals.csv`, `documents.csv`, `securities.csv`, `statements.csv`, `claims.csv`, `fx_rates.csv`, `credit_limits.csv`, `sign_offs.csv`; other names are declared in `book.yaml`
"#),
    ("no customers", r#"== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
"#, r#"
error: the book has no customers -> add `customers.csv`, or write `tables: { customers: { derive_from: invoices } }` in `book.yaml`
"#),
    ("an empty file, one without header, one without rows", r#"== customers.csv
== invoices.csv

,,
== payments.csv
id,customer,date,amount,currency
"#, r#"
error: `customers.csv` is empty -> its first line names its columns
error: `invoices.csv` has no header -> its first line names its columns
warning payments.csv:1:1: `payments.csv` has a header and no rows -> remove the file if there is nothing to say
"#),
    ("misspelt files and columns", r#"== customers.csv
id,sinse,region,limt
C1,2024-01-01,north,5
== invoice.csv
id
== notes.csv
x
"#, r#"
warning: `invoice.csv` is not read -> did you mean `invoices.csv`?
warning: `notes.csv` is not read -> no table has this name; say which it is in `book.yaml`, or move it elsewhere
warning customers.csv:1:4: nothing reads the column `sinse` -> did you mean `since`? if not, put it under `ignore` of the table `customers` in book.yaml
warning customers.csv:1:17: nothing reads the column `limt` -> did you mean `limit`? if not, put it under `ignore` of the table `customers` in book.yaml
"#),
    ("columns that are missing or double", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,custommer,issue_date,amount,amount
"#, r#"
error invoices.csv:1:32: the column `amount` stands twice, and `amount` is read from it -> give one of them another name
error invoices.csv:1:4: `invoices` needs the column `customer` -> write `customer`; if it has another name, say so in book.yaml: `columns: { customer: … }`
"#),
    ("another delimiter", r#"== customers.csv
id;since
C1;2024-01-01
"#, r#"
error customers.csv:1:1: `customers` needs the column `id` -> the cells are separated by another mark than `,`: declare `delimiter: ";"` in book.yaml
"#),
    ("no currency at all is a warning", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,amount
I1,C1,2026-01-01,5
"#, r#"
warning invoices.csv:1:1: `invoices.csv` does not say its currency; its amounts are taken as `USD` -> add a column `currency`, or write `currency: USD` in `book.yaml`
"#),
    ("book.yaml: misspelt everything", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== inv.csv
Number,Customer,Date,Sum
I1,C1,1.2.2026,5
== book.yaml
usance_book: 1
curency: USD
tables:
  invoises: { file: inv.csv }
  invoices:
    file: ivn.csv
    dates: DD.MM.YY
    columns: { id: Number, customer: Customer, issue_dat: Date }
"#, r#"
error book.yaml:4:3: there is no table `invoises` -> did you mean `invoices`?
error book.yaml:8:48: this table has no column `issue_dat` -> did you mean `issue_date`?
error book.yaml:7:12: `DD.MM.YY` is no date pattern: a year needs its four digits: `YYYY` -> write `iso`, or a pattern such as `M/D/YYYY` or `DD.MM.YYYY`
error book.yaml:2:1: a book does not know the key `curency` -> did you mean `currency`? the keys here are: `usance_book`, `as_of`, `currency`, `tables`
warning: `inv.csv` is not read -> no table has this name; say which it is in `book.yaml`, or move it elsewhere
error book.yaml:6:11: there is no file `ivn.csv` -> did you mean `inv.csv`?
"#),
    ("book.yaml: headers that are not there", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== inv.csv
Number,Customer,Date,Sum
I1,C1,1.2.2026,5
== book.yaml
usance_book: 1
currency: USD
tables:
  invoices: { file: inv.csv, dates: D.M.YYYY, columns: { id: Numbr, customer: Customer, issue_date: Date, amount: Sum }, ignore: [Foo] }
"#, r#"
error book.yaml:4:62: the file has no column `Numbr` -> did you mean `Number`?
warning book.yaml:4:131: the file has no column `Foo` -> leave it out of `ignore`
"#),
    ("book.yaml: another currency than the policy's", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== book.yaml
usance_book: 1
currency: EUR
"#, r#"
error book.yaml:2:11: the book is in `EUR` and the policy in `USD` -> use a policy in the currency of the book, or one that says `others: convert`; other currencies are refused
"#),
    ("book.yaml: derived and read", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
== book.yaml
usance_book: 1
tables: { customers: { derive_from: invoices, since: first_invoice } }
"#, r#"
error: customers are both read from `customers.csv` and derived -> leave out the file or `derive_from`
"#),
    ("book.yaml: an unknown version", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== book.yaml
usance_book: 2
"#, r#"
error book.yaml:1:14: this version of the book's form is not known -> write `usance_book: 1`
"#),
    ("book.yaml: marks", r#"== customers.csv
id,since
C1,2024-01-01
C2,2024-01-01
== book.yaml
usance_book: 1
tables: { customers: { decimal: ',', thousands: ',', delimiter: ';;' } }
"#, r#"
error book.yaml:2:65: `delimiter` needs one mark -> write one character in quotes: `delimiter: ","`
error book.yaml:2:22: `decimal` and `thousands` are the same mark -> a file that writes 1.234,50 has `thousands: "."` and `decimal: ","`
"#),
    ("book.yaml: values that are none", r#"== customers.csv
id,limit_mandatory
C1,J
== book.yaml
usance_book: 1
tables: { customers: { values: { limit_mandatory: { J: yes } }, set: { limit: lots, colour: red } } }
"#, r#"
error book.yaml:2:56: `yes` is no value of the column `limit_mandatory` -> write `true` or `false`
error book.yaml:2:85: this table has no column `colour` -> it has: `group`, `valid_from`, `id`, `name`, `since`, `segment`, `country`, `language`, `currency`, `limit`, `limit_mandatory`, `limit_unlimited`, `temporary_limit`, `temporary_until`, `assessed_on`, `last_review`, `dunning_blocked_until`, `dunning_block_reason`; a fact of your own is declared in the policy
error book.yaml:2:79: `lots` is no value of the column `limit` -> it is not a number
"#),
    ("book.yaml: derived customers have no file", r#"== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-01,5,USD
== book.yaml
usance_book: 1
tables: { customers: { derive_from: orders, file: c.csv, columns: { id: No }, since: first_invoice } }
"#, r#"
error book.yaml:2:37: `orders` is not one of the words this place knows -> write one of `invoices`, `credit_notes`, `payments`
error book.yaml:2:51: customers are both read and derived -> leave out `derive_from`, or `file` and `ignore`; `columns` are headers of the invoices
error book.yaml:2:51: there is no file `c.csv` -> paths are relative to `book.yaml`
"#),
    ("values of a list and of rates", r#"== customers.csv
id
C1
== covers.csv
id,customer,share,limit,status
V1,C1,90 %,10%,approved
V2,C1,90%%,10,Approved
V3,C1,-0.5,-10,nothing
"#, r#"
covers.csv:2 limit `10%` is a percentage; only shares and rates may be written so [C1]
covers.csv:3 share `90%%` is a percentage; only shares and rates may be written so [C1]
covers.csv:3 status `Approved` is not one of the values known here; did you mean `approved` [C1]
covers.csv:4 limit `-10` is less than 0 [C1]
covers.csv:4 status `nothing` is not one of `approved`, `reduced`, `cancelled` [C1]
"#),
    ("day and month both ways in one column", r#"== customers.csv
id
C1
== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,1/31/2026,5,USD
I2,C1,3/4/2026,5,USD
I3,C1,2/2/2026,5,USD
I4,C1,25/3/2026,5,USD
== book.yaml
usance_book: 1
tables: { invoices: { dates: M/D/YYYY } }
"#, r#"
invoices.csv:3 issue_date `3/4/2026` is 2026-03-04 or 2026-04-03: line 5 has day and month the other way round [C1]
invoices.csv:5 issue_date `25/3/2026` is no day of the calendar [C1]
"#),
    ("two patterns that read one text as two days", r#"== customers.csv
id
C1
== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,3/4/2026,5,USD
I2,C1,25/3/2026,5,USD
I3,C1,46000,5,USD
I4,C1,2026-01-05,5,USD
I5,C1,1/5/2026 10:30,5,USD
== book.yaml
usance_book: 1
tables: { invoices: { dates: [M/D/YYYY, D/M/YYYY, excel] } }
"#, r#"
invoices.csv:2 issue_date `3/4/2026` is 2026-03-04 by `M/D/YYYY` and 2026-04-03 by `D/M/YYYY`, and both patterns are declared [C1]
invoices.csv:5 issue_date `2026-01-05` is not a date written `M/D/YYYY` or `D/M/YYYY` or `excel`; declare `dates:` for its table in book.yaml if the file writes them otherwise [C1]
invoices.csv:6 issue_date `1/5/2026 10:30` is not a date written `M/D/YYYY` or `D/M/YYYY` or `excel`; declare `dates:` for its table in book.yaml if the file writes them otherwise [C1]
"#),
    ("times that nothing declares", r#"== customers.csv
id,since
C1,2026-01-05 10:30
"#, r#"
customers.csv:2 since `2026-01-05 10:30` has a time behind its day; declare it for its table in book.yaml: `dates: "YYYY-MM-DD HH:mm"` [C1]
"#),
    ("rows of totals that nothing declares", r#"== customers.csv
id
C1
== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-05,5,USD
Total,,,5,
合计,,,5
Total Oil,C1,2026-01-05,5,USD
"#, r#"
invoices.csv:3  `` looks like a row of totals; if it is, declare `totals: { "id": "Total" }` for its table in book.yaml
invoices.csv:4  `` looks like a row of totals; if it is, declare `totals: { "id": "合计" }` for its table in book.yaml
"#),
    ("rows that no table takes", r#"== customers.csv
id
C1
== book.yaml
usance_book: 1
tables:
  invoices: { file: all.csv, where: { type: RV }, columns: { id: no }, set_aside: { type: AB } }
  payments: { same_file_as: invoices, where: { type: { starts_with: D } }, columns: { id: no, date: issue_date, amount: { minus: amount } } }
== all.csv
no,type,customer,issue_date,amount,currency
1,RV,C1,2026-01-05,5,USD
2,DZ,C1,2026-01-05,-5,USD
3,ZZ,C1,2026-01-05,5,USD
4,AB,C1,2026-01-05,5,USD
5,DZ,C1,2026-01-05,5,USD
"#, r#"
all.csv:4  `` no table takes a row of which `type` is `ZZ`; declare it under `set_aside`, or in the `where` of a table in book.yaml [C1]
all.csv:6 amount `5` is less than 0 [C1]
"#),
    ("files that are not as they are declared", r#"== customers.csv
id
C1
== a.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-05,5,USD
== b.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-05,,5,USD
== book.yaml
usance_book: 1
tables:
  invoices: { files: ["?.csv", "x*.csv", a.csv, "*.csv"], encoding: gb18031, header_row: 0 }
  payments: { same_file_as: payment }
  orders: { same_file_as: payments, delimiter: tab }
"#, r#"
error book.yaml:3:69: there is no encoding `gb18031` -> did you mean `gb18030`?
error book.yaml:3:90: `header_row` is the line of the header, counted from 1 -> write `header_row: 5` where four lines stand above it
error book.yaml:4:29: `payment` is no other table -> name the table whose rows stand in the same file: `same_file_as: invoices`
error book.yaml:5:3: `delimiter` and `same_file_as` both stand here -> say it at `payments`; it holds for every table of the file
error book.yaml:3:32: no file matches `x*.csv` -> beside it are `a.csv`, `b.csv`, `book.yaml`, `customers.csv`
error book.yaml:3:49: `a.csv` is named twice -> name it once, or in a pattern that leaves it out
error book.yaml:4:3: the table `payments` has no file -> write `file: …`, or put `payments.csv` into the folder
error book.yaml:5:27: `payments` names no file of its own -> name the table that has `file`
error book.yaml:3:23: there is no file `?.csv` -> did you mean `a.csv`?
error b.csv:1:1: `b.csv` has `due_date` and `a.csv` has not -> the files of one table have the same columns; put the column under `ignore`, or add it
error customers.csv:1:1: `invoices` needs the column `customer` -> if it has another name, say so in book.yaml: `columns: { customer: … }`
error customers.csv:1:1: `invoices` needs the column `issue_date` -> if it has another name, say so in book.yaml: `columns: { issue_date: … }`
error customers.csv:1:1: `invoices` needs the column `amount` -> if it has another name, say so in book.yaml: `columns: { amount: … }`
error customers.csv:1:1: `customers.csv` lacks `customer`, `issue_date`, `amount`, `currency`, which `a.csv` has -> the files of one table have the same columns; put the column under `ignore`, or add it
"#),
    ("an id in two files of one table", r#"== customers.csv
id
C1
== a.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-05,5,USD
== b.csv
customer,id,issue_date,currency,amount
C1,I1,2026-01-06,USD,6
C1,I2,2026-01-06,USD,x
== book.yaml
usance_book: 1
tables: { invoices: { files: [a.csv, b.csv] } }
"#, r#"
a.csv:2 id `I1` this id also stands in `b.csv` line 2 [C1]
b.csv:2 id `I1` this id also stands in `a.csv` line 2 [C1]
b.csv:3 amount `x` is not a number [C1]
"#),
    ("JSON Lines", r#"== customers.jsonl
{"id": "C1", "since": "2024-01-01"}
== invoices.jsonl
{"id": "I1", "customer": "C1", "issue_date": "2026-01-05", "amount": 5.10, "currency": "USD"}

{"id": "I2", "customer": "C1", "issue_date": "2026-01-05", "amount": 5e3, "currency": "USD"}
{"id": "I3", "customer": "C1", "id": "I4"}
{"id": "I5", "customer": "C1"
[1]
{"id": 6, "customer": "C1", "issue_date": null, "amount": 0.1, "currency": "USD"}
"#, r#"
invoices.jsonl:3 amount `5e3` is written with an exponent; write all its digits [C1]
invoices.jsonl:4  `` the key `id` stands twice [C1]
invoices.jsonl:5  `` the line is no JSON object: it ends too early
invoices.jsonl:6  `` the line is no JSON object: column 0
invoices.jsonl:7 issue_date `` is blank, and every row needs it [C1]
"#),
    ("what customers, groups and covers state in another currency", r#"== groups.csv
id,limit,currency
G1,100,EUR
G2,100,USD
== customers.csv
id,since,group,limit,currency
C1,2024-01-01,G1,100,
C2,2024-01-01,G2,100,EUR
== covers.csv
id,customer,limit,share,status,currency
V1,C1,100,90%,approved,EUR
"#, r#"
covers.csv:2 currency `EUR` is not the policy's currency `USD`, and others are refused [C1]
customers.csv:3 currency `EUR` is not the policy's currency `USD`, and others are refused [C2]
groups.csv:2 currency `EUR` is not the policy's currency `USD`, and others are refused
"#),
    ("rates that cannot be used", r#"== customers.csv
id,since
C1,2024-01-01
== fx_rates.csv
currency,valid_from,rate
EUR,2026-01-01,1.08
EUR,2026-02-01,0
EUR,2026-03-01,-1
EUR,2026-04-01,1.1
EUR,2026-04-01,1.2
eur,2026-01-01,1.08
USD,2026-01-01,1
,2026-01-01,1
EUR,,1
EUR,2026-05-01,
"#, r#"
fx_rates.csv:3 rate `0` is not above 0
fx_rates.csv:4 rate `-1` is not above 0
fx_rates.csv:5  `` the same is also said in line 6
fx_rates.csv:6  `` the same is also said in line 5
fx_rates.csv:7 currency `eur` is not a currency code: three capital letters, `USD` for one
fx_rates.csv:8 currency `USD` is the policy's own, which needs no rate
fx_rates.csv:9 currency `` is blank, and every row needs it
fx_rates.csv:10 valid_from `` is blank, and every row needs it
fx_rates.csv:11 rate `` is blank, and every row needs it
"#),
    ("what an allocation says it takes of a payment in the same currency", r#"== customers.csv
id,since
C1,2024-01-01
== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-05,100,USD
== payments.csv
id,customer,date,amount,currency
P1,C1,2026-02-01,100,USD
== allocations.csv
payment,invoice,amount,payment_amount
P1,I1,40,40
P1,I1,50,45
"#, r#"
allocations.csv:3 payment_amount `45` is not its `amount`, and the payment is in USD as the invoice is [C1]
"#),
    ("instalments that wait for events that cannot be", r#"== customers.csv
id,since
C1,2024-01-01
== orders.csv
id,customer,amount,currency,ordered_on
O1,C1,100,USD,
== invoices.csv
id,customer,issue_date,amount,currency,order,settled_on
I1,C1,2026-01-01,100,USD,,
I2,C1,2026-01-01,100,USD,O9,
I3,C1,2026-01-01,100,USD,O1,
I4,C1,2026-01-01,100,USD,,
I5,C1,2026-01-01,100,USD,,2026-02-01
I6,C1,2026-01-01,100,USD,,
== instalments.csv
invoice,no,amount,due_date,at,milestone,plus_days
I1,1,100,,order,,
I2,1,100,,order,,
I3,1,100,,order,,
I4,1,20,2026-03-01,delivery,,
I4,2,20,,milestone,,
I4,3,20,,delivery,roof,
I4,4,20,2026-03-01,,,5
I4,5,20,,acceptance,,-5
I5,1,100,,acceptance,,30
I6,1,50,,acceptance,,30
I6,2,49,,aceptance,,30
"#, r#"
instalments.csv:2 at `order` waits for the order, and its invoice names none [C1]
instalments.csv:3 at `order` waits for the order `O9`, which is not in the book [C1]
instalments.csv:4 at `order` waits for the order `O1`, which has no `ordered_on` [C1]
instalments.csv:5 at `delivery` stands beside a due date; a part falls due on a day, or after an event [C1]
instalments.csv:6 milestone `` is blank, and the part waits for a milestone [C1]
instalments.csv:7 milestone `roof` stands beside `delivery`; a part waits for one event [C1]
instalments.csv:8 plus_days `5` stands without an event to count from; name it under `at` [C1]
instalments.csv:9 plus_days `-5` is less than 0 [C1]
instalments.csv:10 invoice `I5` the invoice with this id was refused itself [C1]
instalments.csv:11 invoice `I6` the invoice with this id was refused itself [C1]
instalments.csv:12 at `aceptance` is not one of the values known here; did you mean `acceptance` [C1]
invoices.csv:2 id `I1` a row of its instalments was refused [C1]
invoices.csv:3 id `I2` a row of its instalments was refused [C1]
invoices.csv:4 id `I3` a row of its instalments was refused [C1]
invoices.csv:5 id `I4` a row of its instalments was refused [C1]
invoices.csv:6 settled_on `2026-02-01` the invoice was settled, and yet its instalment 1 waits for its event [C1]
invoices.csv:7 id `I6` a row of its instalments was refused [C1]
"#),
    ("parts that wait do not make up the invoice", r#"== customers.csv
id,since
C1,2024-01-01
== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-01,100,USD
== instalments.csv
invoice,no,amount,at,plus_days
I1,1,30,invoice,0
I1,2,69.99,delivery,60
"#, r#"
instalments.csv:2 invoice `I1` the invoice with this id was refused itself [C1]
instalments.csv:3 invoice `I1` the invoice with this id was refused itself [C1]
invoices.csv:2 amount `100` its instalments sum to 99.99, 0.01 less than its amount [C1]
"#),
    ("money for a part that still waits", r#"== customers.csv
id,since
C1,2024-01-01
== invoices.csv
id,customer,issue_date,amount,currency,open
I1,C1,2026-01-01,100,USD,
I2,C1,2026-01-01,100,USD,50
== instalments.csv
invoice,no,amount,at,plus_days
I1,1,100,delivery,60
I2,1,100,delivery,60
== payments.csv
id,customer,date,amount,currency
P1,C1,2026-02-01,60,USD
== allocations.csv
payment,invoice,instalment,amount
P1,I1,1,30
P1,I1,,30
== disputes.csv
invoice,id,instalment,amount
I1,D1,1,10
I1,D2,2,10
"#, r#"
allocations.csv:2 instalment `1` this instalment waits for its event, and nothing of it is due yet [C1]
allocations.csv:3 instalment `` every instalment of the invoice waits for its event, and nothing of it is due yet [C1]
disputes.csv:2 instalment `1` this instalment waits for its event, and nothing of it is due yet [C1]
disputes.csv:3 instalment `2` the invoice has no instalment of this number [C1]
invoices.csv:3 open `50` is less than its amount, and nothing of it is due yet [C1]
"#),
    ("milestones of nobody", r#"== customers.csv
id,since
C1,2024-01-01
== orders.csv
id,customer,amount,currency,ordered_on
O1,C1,100,USD,2026-01-01
== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-01,100,USD
== instalments.csv
invoice,no,amount,at,milestone
I1,1,100,milestone,roof
== milestones.csv
id,invoice,order,reached_on
roof,I1,O1,2026-02-01
roof,,,2026-02-01
roof,I9,,2026-02-01
roof,,O9,2026-02-01
wall,I1,,2026-02-01
wall,I1,,2026-02-02
door,,O1,soon
"#, r#"
milestones.csv:2 order `O1` stands beside an invoice; a milestone is of the one or the other [C1]
milestones.csv:3 invoice `` names no invoice or order
milestones.csv:4 invoice `I9` no invoice has this id
milestones.csv:5 order `O9` no order has this id
milestones.csv:6 id `wall` this id also stands in line 7 [C1]
milestones.csv:7 id `wall` this id also stands in line 6 [C1]
milestones.csv:8 reached_on `soon` is not a date written `YYYY-MM-DD`; declare `dates:` for its table in book.yaml if the file writes them otherwise [C1]
"#),
    ("write-offs of nothing, and of more than there is", r#"== customers.csv
id,since
C1,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
== payments.csv
id,customer,date,amount,currency
P1,C1,2026-02-01,60,USD
== allocations.csv
payment,invoice,amount
P1,I1,60
== write_offs.csv
id,invoice,instalment,on,amount
W1,I9,,2026-03-01,10
W2,I1,,2026-03-01,30
W3,I1,,2026-03-02,10.01
W4,I1,2,2026-03-03,1
W5,I1,,2026-03-03,
W6,I1,,2026-03-03,-1
"#, r#"
write_offs.csv:2 invoice `I9` no invoice has this id
write_offs.csv:4 amount `10.01` is more than the 10 that is left of it [C1]
write_offs.csv:5 instalment `2` the invoice has no instalment of this number [C1]
write_offs.csv:6 amount `` is blank, and every row needs it [C1]
write_offs.csv:7 amount `-1` is less than 0 [C1]
"#),
    ("contracts, signals, papers, securities, statements and claims", r#"== customers.csv
id,since
C1,2024-01-01
== covers.csv
id,customer,limit,status
V1,C1,100,approved
== contracts.csv
id,customer,signed_on,retention_of_title
K1,C9,2026-01-01,true
K2,C1,2026-01-01,yes
K3,C1,2026-01-01,
K3,C1,2026-01-02,
== signals.csv
id,customer,kind,severity,probability
S1,C1,lawsuit,grave,
S2,C1,,low,
S3,C1,rating,low,-1%
== documents.csv
customer,kind,issued_on
C1,annual_report,2026-01-01
C1,annual_report,2026-01-01
C1,annual_report,
== securities.csv
id,customer,kind,amount
G1,C1,promise,100
G2,C1,pledge,
== statements.csv
customer,period_end,total_assets
C1,2025-12-31,1000
C1,2025-12-31,2000
C1,,2000
== claims.csv
id,cover,loss
Q1,V9,10
Q2,V1,
Q3,V1,-5
Q4,V1,5
"#, r#"
claims.csv:2 cover `V9` no cover has this id
claims.csv:3 loss `` is blank, and every row needs it [C1]
claims.csv:4 loss `-5` is less than 0 [C1]
contracts.csv:2 customer `C9` no customer has this id
contracts.csv:3 retention_of_title `yes` is neither `true` nor `false`; declare `values: { retention_of_title: { "yes": true } }` for its table in book.yaml [C1]
contracts.csv:4 id `K3` this id also stands in line 5 [C1]
contracts.csv:5 id `K3` this id also stands in line 4 [C1]
documents.csv:2  `` the same is also said in line 3 [C1]
documents.csv:3  `` the same is also said in line 2 [C1]
securities.csv:2 kind `promise` is not one of `guarantee`, `surety`, `pledge`, `mortgage`, `letter_of_credit`, `deposit` [C1]
securities.csv:3 amount `` is blank, and every row needs it [C1]
signals.csv:2 severity `grave` is not one of `low`, `medium`, `high` [C1]
signals.csv:3 kind `` is blank, and every row needs it [C1]
signals.csv:4 probability `-1%` is less than 0 [C1]
statements.csv:2  `` the same is also said in line 3 [C1]
statements.csv:3  `` the same is also said in line 2 [C1]
statements.csv:4 period_end `` is blank, and every row needs it [C1]
"#),
    ("actions for what cannot be climbed, and for what is not there", r#"== customers.csv
id,since
C1,2024-01-01
== contracts.csv
id,customer
K1,C1
== actions.csv
id,ladder,rung,subject,subject_id,episode,status,done_on
A1,l,r,contract,K1,0,done,2026-01-01
A2,l,r,contract,K9,0,done,2026-01-01
A3,l,r,allocation,K1,0,done,2026-01-01
A4,l,r,group,C1,0,done,2026-01-01
"#, r#"
actions.csv:3 subject_id `K9` no contract has this id
actions.csv:4 subject `allocation` is nothing that a ladder climbs; such are `item`, `invoice`, `order` and `account`
"#),
    ("payments of plans that are none", r#"== customers.csv
id,since
C1,2024-01-01
== invoices.csv
id,customer,issue_date,due_date,amount,currency
I1,C1,2026-01-01,2026-02-01,100,USD
I2,C1,2026-01-01,,100,USD
== instalments.csv
invoice,no,amount,due_date
I2,1,50,2026-02-01
I2,2,50,2026-03-01
== payment_plans.csv
id,invoice,started_on
L1,I1,2026-02-05
L2,I2,2026-02-05
== plan_payments.csv
payment_plan,due_on,amount
L9,2026-03-01,50
L2,2026-03-01,50
L1,,50
L1,2026-03-01,-50
L1,2026-04-01,50
L1,2026-04-01,50
L1,2026-05-01,50
"#, r#"
plan_payments.csv:2 payment_plan `L9` no payment plan has this id
plan_payments.csv:3 payment_plan `L2` is over several instalments; give each a row of its own and name it
plan_payments.csv:4 due_on `` is blank, and every row needs it [C1]
plan_payments.csv:5 amount `-50` is less than 0 [C1]
plan_payments.csv:6  `` the same is also said in line 7 [C1]
plan_payments.csv:7  `` the same is also said in line 6 [C1]
"#),
]
