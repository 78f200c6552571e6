"""Puts names into a table of decisions that a page must show as nothing but names."""

import csv
import sys

NAMES = [
    "<script>document.title='run'</script>",
    '"><img src=x onerror="document.title=\'run\'">',
    "=HYPERLINK(\"http://example.invalid\";\"pay\")",
    "\u202eشركة التجارة المحدودة\u202c",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "</style></title><!--",
]

path = sys.argv[1]
with open(path, newline="", encoding="utf-8") as file:
    rows = list(csv.reader(file))
name, overdue = rows[0].index("name"), rows[0].index("overdue")
largest = sorted(rows[1:], key=lambda row: -float(row[overdue] or 0))
for row, text in zip(largest, NAMES):
    row[name] = text
with open(path, "w", newline="", encoding="utf-8") as file:
    csv.writer(file, lineterminator="\n").writerows(rows)
