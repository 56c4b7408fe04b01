// The label of one task while it is worked on: every change can be taken back, whatever it was.
import { valueOf } from "./label.js";

const DEEPEST = 500;
const EMPTY = new Set(["null", "[]", "[null,[]]", '""']); // what the machine did not say

export class Work {
  #past = [];
  #future = [];
  #listeners = [];

  // `machine` is the suggestion's label, or null; `touched` the fields a person has decided on.
  constructor(label, { machine = null, touched = [], seconds = 0 } = {}) {
    Object.assign(this, { label, machine, seconds, touched: new Set(touched), version: 0 });
  }

  listen(listener) {
    this.#listeners.push(listener);
  }

  // `what` names the change for whoever listens; changes with the same `merge` in a row are taken back together.
  change(next, what, { field = null, merge = null } = {}) {
    if (field) this.touched.add(field);
    if (next === this.label && !field) return;
    const last = this.#past.at(-1);
    if (!(merge && last?.merge === merge && !this.#future.length)) this.#past.push({ label: this.label, what, merge });
    if (this.#past.length > DEEPEST) this.#past.shift();
    this.#future = [];
    this.#set(next);
  }

  undo() {
    return this.#step(this.#past, this.#future);
  }

  redo() {
    return this.#step(this.#future, this.#past);
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  // Whether a field still shows what the machine suggested and nobody has decided on it.
  isMachines(field) {
    if (!this.machine || this.touched.has(field)) return false;
    const said = valueOf(this.machine, field);
    return !EMPTY.has(said) && valueOf(this.label, field) === said;
  }

  #step(from, to) {
    const step = from.pop();
    if (!step) return null;
    to.push({ ...step, label: this.label });
    this.#set(step.label);
    return step.what;
  }

  #set(label) {
    this.label = label;
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}
