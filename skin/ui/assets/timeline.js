// The points of a chart: one stop for the Tab key, arrow keys between them, and what a point says in words beneath.
const marksOf = (mark) => [...mark.closest("svg").querySelectorAll(".tl-mark")];

function showMark(mark) {
  mark.closest("figure").querySelector(".tl-told").textContent = mark.getAttribute("aria-label");
}
document.addEventListener("focusin", (event) => {
  const mark = event.target.closest?.(".tl-mark");
  if (mark) showMark(mark);
});
document.addEventListener("pointerover", (event) => {
  const mark = event.target.closest?.(".tl-mark");
  if (mark) showMark(mark);
});
document.addEventListener("keydown", (event) => {
  const mark = event.target.closest?.(".tl-mark");
  if (!mark) return;
  const marks = marksOf(mark);
  const at = marks.indexOf(mark);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const target = marks[Math.min(marks.length - 1, Math.max(0, next))];
  for (const one of marks) one.setAttribute("tabindex", one === target ? "0" : "-1");
  target.focus();
});
