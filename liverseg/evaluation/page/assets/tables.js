// Tables: a button in each head sorts, a search field and choices filter.
"use strict";

const collator = new Intl.Collator("en", { numeric: true });

// Undefined values come last in either direction.
function compareCells(first, second, direction) {
  const values = [first, second].map((cell) => cell.dataset.value);
  if (values.every((value) => value !== undefined)) return direction * (values[0] - values[1]);
  if (values.some((value) => value !== undefined)) return values[0] === undefined ? 1 : -1;
  return direction * collator.compare(first.textContent, second.textContent);
}

function sortTable(table, head) {
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  for (const each of table.tHead.rows[0].cells) each.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const [body] = table.tBodies;
  const rows = [...body.rows].sort((first, second) =>
    compareCells(first.cells[head.cellIndex], second.cells[head.cellIndex], ascending ? 1 : -1),
  );
  body.append(...rows);
}

function filterTable(table, filters) {
  const words = filters.querySelector("input").value.toLowerCase().split(/\s+/);
  const choices = [...filters.querySelectorAll("select")].filter((choice) => choice.value);
  const rows = [...table.tBodies[0].rows];
  for (const row of rows) {
    const text = [...row.cells].map((cell) => cell.textContent.toLowerCase()).join(" ");
    row.hidden = !(
      words.every((word) => text.includes(word)) &&
      choices.every((choice) => row.cells[choice.dataset.column].textContent === choice.value)
    );
  }
  const numShown = rows.filter((row) => !row.hidden).length;
  filters.querySelector("output").textContent =
    numShown === rows.length ? `${numShown} rows` : `${numShown} of ${rows.length} rows`;
}

for (const figure of document.querySelectorAll("figure.table")) {
  const table = figure.querySelector("table");
  for (const head of table.tHead.rows[0].cells) {
    head.querySelector("button").addEventListener("click", () => sortTable(table, head));
  }
  const filters = figure.querySelector(".filters");
  filters?.addEventListener("input", () => filterTable(table, filters));
}
