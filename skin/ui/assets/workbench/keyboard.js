// Listens for keys and calls the action they stand for, except where a key has a meaning of its own.
import { comboOf } from "./keys.js";

const WRITES = "input:not([type=range], [type=checkbox]), textarea, select";
const PRESSES = "button, a, summary, input";
const SLIDES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

export function listen(keys, run) {
  document.addEventListener("keydown", (event) => {
    const combo = comboOf(event);
    if (!combo || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const target = event.target.closest?.(`${WRITES}, ${PRESSES}`);
    if (target?.matches(WRITES) && combo !== "Escape" && combo !== "Ctrl+Enter") return;
    if (target?.matches(PRESSES) && (combo === "Enter" || combo === "Space")) return;
    if (target?.matches("input[type=range]") && SLIDES.has(event.key)) return;
    const action = keys.find(combo);
    if (!action) return;
    event.preventDefault();
    run(action.name, action);
  });
}
