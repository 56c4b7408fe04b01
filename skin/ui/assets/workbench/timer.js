// Seconds a person worked on a task: not while the page is hidden, nor beyond a minute after the last movement.
const LONGEST_PAUSE_MS = 60_000;

export class Timer {
  #last = null;

  constructor(now = () => performance.now()) {
    this.now = now;
    this.seconds = 0;
    for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) {
      document.addEventListener(kind, () => this.tick(), { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.tick();
      this.#last = document.hidden ? null : this.now();
    });
  }

  start(seconds = 0) {
    this.seconds = seconds;
    this.#last = this.now();
  }

  tick() {
    const now = this.now();
    if (this.#last !== null) this.seconds += Math.min(now - this.#last, LONGEST_PAUSE_MS) / 1000;
    this.#last = document.hidden ? null : now;
    return Math.round(this.seconds * 10) / 10;
  }
}
