/**
 * The page's whole script: the name of a point under the pointer, finding a name, sorting a table. The page is complete
 * without it. Text of the data is only ever read and set as text.
 */
export const script = `
const tip = document.getElementById("tip");
const rowOf = (mark) => document.getElementById("edit-" + mark.dataset.i);
function describe(mark) {
  if (mark.dataset.tip) return mark.dataset.tip;
  const cells = [...rowOf(mark).cells].map((cell) => cell.textContent);
  return cells[0] + "\\n" + cells[1] + " · " + cells[2] + "\\nscore " + cells[3] + " · projection " + cells[4];
}
function show(event) {
  const mark = event.target.closest?.("[data-i], [data-tip]");
  tip.hidden = !mark;
  if (!mark) return;
  tip.textContent = describe(mark);
  const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const above = event.clientY + 18 + tip.offsetHeight > innerHeight;
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = (above ? event.clientY - tip.offsetHeight - 12 : event.clientY + 18) + "px";
}
addEventListener("pointermove", show);
addEventListener("pointerdown", show);
addEventListener("scroll", () => { tip.hidden = true; }, true);

const find = document.getElementById("find");
const found = document.getElementById("found");
const rows = [...document.querySelectorAll("tr[id^='edit-']")];
const names = rows.map((row) => row.cells[0].textContent.toLowerCase());
if (find) find.closest("p").hidden = false;
find?.addEventListener("input", () => {
  const wanted = find.value.trim().toLowerCase();
  const hits = new Set();
  names.forEach((name, i) => {
    const hit = name.includes(wanted);
    rows.find((row) => row.id === "edit-" + i).hidden = !hit;
    if (hit && wanted) hits.add(String(i));
  });
  document.body.classList.toggle("finding", wanted !== "");
  for (const mark of document.querySelectorAll("[data-i]")) mark.classList.toggle("hit", hits.has(mark.dataset.i));
  found.textContent = wanted ? hits.size + " found" : "";
});

for (const head of document.querySelectorAll("th")) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const table = head.closest("table");
    const down = head.ariaSort === "ascending";
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => {
      const cell = row.cells[head.cellIndex];
      return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
    };
    const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
    const sorted = [...table.tBodies[0].rows].sort((a, b) => (down ? -1 : 1) * compare(key(a), key(b)));
    table.tBodies[0].append(...sorted);
  });
}
`;
