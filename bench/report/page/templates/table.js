// The summary table: a column's button sorts the methods within each split, never across splits.

const summaryTable = $("summary-table");

function sortBy(header) {
  const descending = header.getAttribute("aria-sort")
    ? header.getAttribute("aria-sort") === "ascending"
    : header.dataset.first === "descending";
  for (const other of summaryTable.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const place = Number(header.dataset.key) + 1;
  for (const body of summaryTable.tBodies) {
    const rows = [...body.rows].slice(1);
    rows.sort((one, other) => compare(one.cells[place].dataset.v, other.cells[place].dataset.v, place === 0, descending));
    body.append(...rows);
  }
}

function compare(one, other, asText, descending) {
  if (one === undefined || other === undefined) return (one === undefined) - (other === undefined); // what has no value comes last
  const order = asText ? one.localeCompare(other) : Number(one) - Number(other);
  return descending ? -order : order;
}

for (const header of summaryTable?.tHead.rows[0].cells ?? []) {
  header.querySelector("button").addEventListener("click", () => sortBy(header));
}
