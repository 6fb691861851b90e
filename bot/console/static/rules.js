// The editor: line numbers beside the text, lines with mistakes marked, and a way to each of them.
const text = document.getElementById("text"), lines = document.getElementById("lines");
const wrong = new Set([...document.querySelectorAll("[data-line]")].map((each) => Number(each.dataset.line)));
let shown = 0;

function number() {
  const count = text.value.split("\n").length;
  if (count === shown) return;
  shown = count;
  lines.replaceChildren(...Array.from({ length: count }, (_, at) => {
    const each = document.createElement("div");
    each.textContent = String(at + 1);
    if (wrong.has(at + 1)) each.className = "bad";
    return each;
  }));
}

function goTo(line) {
  const rows = text.value.split("\n");
  const start = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (rows[line - 1] ?? "").length);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 6) * height);
}

if (text) {
  number();
  text.addEventListener("input", number);
  text.addEventListener("scroll", () => { lines.scrollTop = text.scrollTop; });
  for (const each of document.querySelectorAll("[data-line]")) each.addEventListener("click", () => goTo(Number(each.dataset.line)));
  const first = document.getElementById("wrong") ?? document.getElementById("impact");
  first?.scrollIntoView({ block: "nearest" });
}
