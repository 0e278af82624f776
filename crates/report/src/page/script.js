"use strict";
(() => {
  // Neither a less-than sign nor an ampersand stands in here, so that the page is XML as well.
  const number = (text) => parseFloat(text.replace(/\u2212/g, "-").replace(/^\+/, ""));
  const cell = (row, column) => (row.cells[column] ? row.cells[column].textContent.trim() : "");

  // What is no number comes last, whichever way the others go.
  const compare = (a, b, numeric, way) => {
    if (!numeric) return way * a.localeCompare(b, "en", { numeric: true });
    const [x, y] = [number(a), number(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
    return way * (x - y);
  };

  // A click sorts upward, another one downward, a third brings back the order of the page.
  const sort = (table, head, column, rows) => {
    const next = { none: "ascending", ascending: "descending", descending: "none" };
    const order = next[head.getAttribute("aria-sort") || "none"];
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    const sorted = rows.slice();
    table.classList.toggle("sorted", order !== "none");
    if (order !== "none") {
      head.setAttribute("aria-sort", order);
      const numeric = head.classList.contains("numeric");
      const way = order === "ascending" ? 1 : -1;
      sorted.sort((a, b) => compare(cell(a, column), cell(b, column), numeric, way));
    }
    table.tBodies[0].append(...sorted);
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const rows = Array.from(table.tBodies[0].rows);
    if (2 > rows.length) continue;
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, column, rows));
      head.append(button);
    });
  }

  // Whatever is folded is printed.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("main details:not([open])"));
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  // Whoever has chosen from the contents does not want them in the way.
  const contents = document.querySelector("details.contents");
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a")) contents.open = false;
  });
})();
