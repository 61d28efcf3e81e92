// A page for paper: marks links whose text is their address already, leaves out the columns of a list in which nothing
// stands, then opens the browser's dialog for printing.

for (const link of document.links) link.toggleAttribute("data-bare", link.textContent.trim() === link.getAttribute("href"));

const list = document.querySelector("main > table");
const rows = [...(list?.tBodies[0].rows ?? [])];
for (const head of list?.tHead.rows[0].cells ?? []) {
  const column = rows.map((row) => row.cells[head.cellIndex]);
  if (rows.length && column.every((cell) => !cell.textContent)) [head, ...column].forEach((cell) => (cell.hidden = true));
}

print();
