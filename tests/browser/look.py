"""Opens the report pages in a browser and says what is wrong with them: `look.py PAGES PICTURES`."""

import json
import pathlib
import subprocess
import sys

from webdriver import Browser

PHONE, DESK = 390, 1280
# The width of an A4 page between the margins of the style sheet, in pixels of 1/96 inch.
PAPER = 695
SECTIONS = ["ageing", "limits", "customers", "actions", "orders", "faults", "made-of"]
CHARTS = ["chart-ageing", "chart-limits", "chart-concentration", "chart-actions"]

FAULTS = """
const faults = [];
const say = (text) => faults.push(text);
const wide = document.documentElement;
if (wide.scrollWidth > wide.clientWidth) {
  const out = [...document.querySelectorAll("body *")].find((e) =>
    e.getBoundingClientRect().right > wide.clientWidth + 1 && !e.closest(".scroll, svg"));
  say(`the body is ${wide.scrollWidth} px wide on ${wide.clientWidth}: ${out && out.outerHTML.slice(0, 120)}`);
}
if (document.title === "run") say("a name ran as a script");
for (const id of arguments[0]) {
  const section = document.getElementById(id);
  if (!section || section.getBoundingClientRect().height < 20) say(`section ${id} is not there`);
}
for (const id of arguments[1]) if (!document.getElementById(id)) say(`${id} is not there`);
for (const svg of document.querySelectorAll("svg")) {
  const box = svg.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) say(`${svg.id || "a legend"} has no size`);
  const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  texts.forEach(([a, one], at) => {
    if (one.width && (one.left < box.left - 1 || one.right > box.right + 1)) say(`${svg.id}: "${a}" is cut off`);
    for (const [b, two] of texts.slice(at + 1)) {
      const apart = one.right <= two.left || two.right <= one.left || one.bottom <= two.top || two.bottom <= one.top;
      if (!apart) say(`${svg.id}: "${a}" lies over "${b}"`);
    }
  });
}
for (const table of document.querySelectorAll("table")) {
  const heads = table.tHead.rows[0].cells.length;
  for (const row of table.rows) if (row.cells.length !== heads) say(`${table.id}: a row has ${row.cells.length} cells of ${heads}`);
}
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
if (new Set(ids).size !== ids.length) say("an id stands twice");
return faults;
"""

SORT = """
const table = document.getElementById(arguments[0]);
const at = arguments[1];
const head = table.tHead.rows[0].cells[at];
const before = [...table.tBodies[0].rows].map((row) => row.textContent).sort();
head.querySelector("[role=button]").click();
const rows = [...table.tBodies[0].rows];
return {
  sort: head.getAttribute("aria-sort"),
  values: rows.map((row) => row.cells[at].dataset.v ?? ""),
  texts: rows.map((row) => row.cells[at].textContent),
  same: JSON.stringify(before) === JSON.stringify(rows.map((row) => row.textContent).sort()),
};
"""

CLIPPED = """
const right = document.body.getBoundingClientRect().right;
return [...document.querySelectorAll("table, svg, .figures")]
  .filter((e) => e.getBoundingClientRect().width && e.getBoundingClientRect().right > right + 1)
  .map((e) => `${e.id || e.className} ends at ${e.getBoundingClientRect().right}, the paper at ${right}`);
"""

pages, pictures = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
wrong = []


def check(where, faults):
    wrong.extend(f"{where}: {fault}" for fault in faults)


def sorting(browser, where):
    """By number, not by text; what is blank last; twice turns it round."""
    for table, column in [("table-overdue", 2), ("table-over", 6), ("table-tiers", 1)]:
        directions = []
        for _ in range(2):
            found = browser.script(SORT, table, column)
            directions.append(found["sort"])
            given = [float(value) for value in found["values"] if value]
            if given != sorted(given, reverse=found["sort"] == "descending"):
                wrong.append(f"{where}: {table} is not sorted by number: {given}")
            if "" in found["values"][: len(given)]:
                wrong.append(f"{where}: {table} has a blank before a value")
            if not found["same"]:
                wrong.append(f"{where}: {table} lost a row while sorting")
        if directions != ["descending", "ascending"]:
            wrong.append(f"{where}: {table} was sorted {directions}")
    # The check would see it, if it were sorted as text.
    amounts = browser.script(SORT, "table-overdue", 2)["texts"]
    if amounts == sorted(amounts, reverse=True):
        wrong.append(f"{where}: the amounts cannot tell text from number")
    names = browser.script(SORT, "table-overdue", 0)
    if names["sort"] != "ascending" or not names["same"]:
        wrong.append(f"{where}: names do not sort")


def folding(browser, where):
    seen = """
      const table = document.getElementById("table-overdue");
      const shown = () => [...table.tBodies[0].rows].filter((row) => row.offsetParent).length;
      const before = shown();
      document.querySelector("#customers .more").click();
      return [before, shown(), table.tBodies[0].rows.length];
    """
    before, after, all_rows = browser.script(seen)
    if before != 15 or after != all_rows:
        wrong.append(f"{where}: {before} rows are shown, then {after} of {all_rows}")


def printing(browser, where, name):
    paper = pictures / f"{name}.pdf"
    browser.paper(paper)
    info = subprocess.run(["pdfinfo", paper], capture_output=True, text=True, check=True).stdout
    count = int(info.split("Pages:")[1].split()[0])
    if not 2 <= count <= 12 or "A4" not in info:
        wrong.append(f"{where}: {count} pages, or not A4")
    # Every customer that is listed is on paper, folded or not.
    text = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout
    listed = "return [...document.querySelectorAll('#table-overdue tbody th small')].map((e) => e.textContent)"
    for customer in browser.script(listed):
        if customer not in text:
            wrong.append(f"{where}: {customer} is not printed")
    # The headings of a list stand on every sheet that it takes.
    if text.count(browser.script("return document.querySelector('#table-overdue thead th:last-child').textContent")) < 4:
        wrong.append(f"{where}: headings are not repeated")
    subprocess.run(["pdftoppm", "-r", "70", "-png", paper, pictures / f"{name}-paper"], check=True)


with Browser() as browser:
    # What the browser's own first page asks for is not ours.
    browser.open("/dev/null")
    browser.log("performance")
    browser.log("browser")
    for page in sorted(pages.glob("*.html")):
        kind = page.stem.rsplit("-", 1)[0]
        for width in (PHONE, DESK):
            for scheme in ("light", "dark"):
                where = f"{page.stem} at {width} px, {scheme}"
                browser.look(width, 900, scheme, phone=width == PHONE)
                browser.open(page)
                check(where, browser.script(FAULTS, SECTIONS, CHARTS))
                if kind != "hostile" or scheme == "light":
                    browser.picture(pictures / f"{page.stem}-{width}-{scheme}.png", width)
                if kind == "sound" and scheme == "light":
                    browser.picture(pictures / f"{page.stem}-{width}-{scheme}-top.png", width, 1500)
                    folding(browser, where)
                    sorting(browser, where)
        browser.look(PAPER, 1000, media="print")
        browser.open(page)
        check(f"{page.stem} on paper", browser.script(CLIPPED))
        browser.look(DESK, 900)
        browser.open(page)
        printing(browser, f"{page.stem} on paper", page.stem)
    for entry in browser.log("browser"):
        wrong.append(f"the browser says: {entry['message']}")
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith("file://" + str(pages)) and not url.startswith("data:,"):
                wrong.append(f"the page asks for {url}")

for fault in wrong:
    print(fault, file=sys.stderr)
print(f"{len(list(pages.glob('*.html')))} pages looked at, {len(wrong)} faults; pictures in {pictures}")
sys.exit(1 if wrong else 0)
