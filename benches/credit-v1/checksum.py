#!/usr/bin/env python3
"""checksum.py OUT [EXPECTED]: the line that every system prints for the workload, from the CSV tables of a run.

With EXPECTED, the `expected.txt` that `gen` wrote, it ends with 1 where the two differ."""
import csv
import sys
from collections import Counter
from pathlib import Path

BUCKETS = ["current", "1-30", "31-60", "61-90", "90+"]


def cents(text):
    whole, _, part = text.partition(".")
    assert len(part) <= 2, f"{text} is no whole number of cents"
    return int(whole + part.ljust(2, "0"))


def rows(path):
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def line(out):
    tiers, buckets, rungs, sums = Counter(), Counter(), Counter(), Counter()
    for row in rows(out / "decisions.csv"):
        assert row.get("status", "ok") == "ok", row
        tiers[row["tier"]] += 1
        sums["rejects"] += row["reject"] == "true"
        sums["holds"] += row["hold"] == "true"
        sums["net_days"] += int(row["net_days"])
        sums["prepay"] += int(row["prepay_percent"])
        sums["limit"] += cents(row["credit_line"])
        sums["exposure"] += cents(row["owed"])
        sums["overdue"] += cents(row["owed_late"])
        sums["max_dpd"] += int(row["max_dpd"])
    for row in rows(out / "invoices.csv"):
        buckets[row["bucket"]] += 1
        rungs[row["rung"]] += 1
        sums["fee"] += cents(row["late_fee"])
    tiers, buckets = (
        ",".join(str(count[key]) for key in keys) for count, keys in [(tiers, "ABCD"), (buckets, BUCKETS)]
    )
    rungs = ",".join(str(rungs[str(rung)]) for rung in range(6))
    of_customers = ["rejects", "holds", "net_days", "prepay", "limit", "exposure", "overdue", "max_dpd"]
    middle = " ".join(f"{name}={sums[name]}" for name in of_customers)
    return f"tiers={tiers} {middle} buckets={buckets} rungs={rungs} fee={sums['fee']}"


def main():
    found = line(Path(sys.argv[1]))
    print(found)
    if len(sys.argv) > 2:
        expected = Path(sys.argv[2]).read_text().strip()
        if found != expected:
            sys.exit(f"it should be\n{expected}")


main()
