// Saves a task as it is worked on. A copy stays on this device until the server has it, so nothing is lost without a
// connection, after signing out, or when the task was given to somebody else meanwhile.
import { api } from "./api.js";

const WAIT_MS = 1000;
const RETRY_MS = 5000;
const keyOf = (id) => `skin.annotate.${id}`;

export class Drafts {
  #timer = 0;
  #task = null;
  #work = null;
  #saved = 0;
  #sending = null;

  // `tell(state, trouble)` hears "saving", "saved" and "kept" (on this device only, and why).
  constructor(timer, tell) {
    this.timer = timer;
    this.tell = tell;
    this.isHeld = false;
    addEventListener("online", () => this.flush());
    addEventListener("pagehide", () => this.flush({ keepalive: true }));
    document.addEventListener("visibilitychange", () => document.hidden && this.flush({ keepalive: true }));
    addEventListener("blur", () => this.flush());
  }

  // `isDraft` is false while an answer is corrected: that is sent by Save only.
  watch(task, work, { isDraft = true } = {}) {
    clearTimeout(this.#timer);
    Object.assign(this, { isDraft, isHeld: false });
    this.#task = task;
    this.#work = work;
    this.#saved = work.version;
    work.listen(() => this.#work === work && this.#changed());
    if (this.find(task.assignment_id)) this.#changed();
  }

  find(id) {
    try {
      return JSON.parse(localStorage.getItem(keyOf(id)));
    } catch {
      return null;
    }
  }

  forget(id) {
    if (this.#task?.assignment_id === id) {
      clearTimeout(this.#timer);
      this.#task = null;
    }
    localStorage.removeItem(keyOf(id));
  }

  content() {
    return { label: this.#work.label, seconds_spent: this.timer.tick() };
  }

  keepHere() {
    const { label, touched } = this.#work;
    const copy = JSON.stringify({ label, touched: [...touched], seconds: this.timer.tick() });
    try {
      localStorage.setItem(keyOf(this.#task.assignment_id), copy);
    } catch { /* full or forbidden: the server's draft is all there is */ }
  }

  // Sends what has not been sent; again in a while where that fails for want of a connection.
  async flush({ keepalive = false } = {}) {
    clearTimeout(this.#timer);
    const [task, work] = [this.#task, this.#work];
    if (!task || !this.isDraft || this.isHeld || work.version === this.#saved) return;
    if (this.#sending && !keepalive) return this.#sending.then(() => this.flush());
    const version = work.version;
    const done = api.saveDraft(task.assignment_id, this.content(), { keepalive }).then(
      () => this.#arrived(task, version),
      (trouble) => this.#failed(task, trouble),
    );
    this.#sending = done.finally(() => { this.#sending = null; });
    await done;
  }

  // Waits for what is on its way, so that a submit is never overtaken by an older draft.
  async settle() {
    clearTimeout(this.#timer);
    await this.#sending;
  }

  #changed() {
    this.keepHere();
    if (!this.isDraft || this.isHeld) return;
    this.#saved = Math.min(this.#saved, this.#work.version - 1);
    this.tell("saving");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), WAIT_MS);
  }

  #arrived(task, version) {
    if (this.#task !== task) return;
    this.#saved = version;
    if (this.#work.version !== version) return;
    localStorage.removeItem(keyOf(task.assignment_id));
    this.tell("saved");
  }

  #failed(task, trouble) {
    if (this.#task !== task) return;
    this.isHeld = trouble.code === "lease_lost";
    this.tell("kept", trouble);
    if (!this.isHeld) this.#timer = setTimeout(() => this.flush(), RETRY_MS);
  }
}
