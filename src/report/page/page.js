"use strict";
// Sorting by a click on a heading, and long lists folded. Without a script everything is there, in the order of the page.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const language = document.documentElement.lang;
  const order = (at, down) => {
    const key = (row) => {
      const cell = row.cells[at];
      const given = cell.dataset.v;
      return given === undefined ? cell.textContent.trim() : Number(given);
    };
    const blank = (value) => value === "";
    const rows = [...body.rows].map((row) => [key(row), row]);
    rows.sort(([a], [b]) => {
      // What is not there stands last either way.
      if (blank(a) || blank(b)) return blank(a) - blank(b);
      const both = typeof a === "number" && typeof b === "number";
      const by = both ? a - b : typeof a === typeof b ? a.localeCompare(b, language) : typeof a === "number" ? -1 : 1;
      return down ? -by : by;
    });
    body.append(...rows.map(([, row]) => row));
  };
  if (body.rows.length > 1) {
    heads.forEach((head, at) => {
      // No real button: a heading that holds one is not printed again on the next sheet.
      const button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        button.click();
      });
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const number = head.classList.contains("number");
        const down = now ? now === "ascending" : number;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        order(at, down);
      });
    });
  }
  if (table.classList.contains("fold")) {
    const more = document.createElement("button");
    const { showAll, showFewer } = document.body.dataset;
    const fold = (folded) => {
      table.classList.toggle("folded", folded);
      more.textContent = folded ? `${showAll} (${body.rows.length})` : showFewer;
      more.setAttribute("aria-expanded", String(!folded));
    };
    more.type = "button";
    more.className = "more";
    more.addEventListener("click", () => fold(!table.classList.contains("folded")));
    table.parentElement.after(more);
    fold(true);
  }
}
