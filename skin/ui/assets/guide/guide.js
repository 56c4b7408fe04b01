// Guides a person in front of the camera: looks at frames in a worker, shows the checks, says one hint, and shoots.
import { Hold, hintOf, judge } from "./judge.js";

const SHORT_SIDE_PX = 540; // of the frames looked at: enough for the eyes to be as far apart as sharpness wants
const HINT_STAYS_MS = 450;
const SAID_EVERY_MS = 3000; // to screen readers

// `view` shows: checks([{name, good}]), hint(name), hold(share), say(name). `shoot` is called once when all has held.
export async function startGuide({ video, oval, view, isAutomatic, shoot }) {
  const worker = new Worker(new URL("worker.js", import.meta.url));
  const ask = (message, moved = []) => new Promise((done, failed) => {
    worker.onmessage = ({ data }) => (data.trouble ? failed(new Error(data.trouble)) : done(data));
    worker.onerror = (event) => failed(new Error(event.message));
    worker.postMessage(message, moved);
  });
  let rules;
  try {
    ({ rules } = await ask({}));
  } catch (trouble) {
    worker.terminate();
    throw trouble;
  }
  const state = { running: true, looks: 0 };
  const finished = follow(state, { video, oval, view, isAutomatic, shoot, ask, rules })
    .catch((trouble) => { if (state.running) view.failed(trouble); })
    .finally(() => worker.terminate());
  return { state, stop() { state.running = false; }, finished };
}

async function follow(state, { video, oval, view, isAutomatic, shoot, ask, rules }) {
  const frames = watchFrames(video);
  const hold = new Hold(rules);
  const teller = new Teller(view);
  while (state.running) {
    await frames.next();
    if (!state.running) return;
    const frame = await shrink(video);
    const seen = await ask({ frame, width: video.videoWidth }, [frame]);
    if (!state.running) return;
    const checks = judge(seen, placeOval(video, oval), rules);
    const now = performance.now();
    const share = isAutomatic() ? hold.after(checks, now) : 0;
    state.looks += 1;
    view.checks(checks);
    view.hold(share);
    teller.tell(share > 0 ? "good" : hintOf(checks) ?? "good", now);
    if (share === 1) {
      state.running = false;
      shoot();
    }
  }
}

// One at a time, and none twice.
function watchFrames(video) {
  let fresh = true;
  let wake = () => {};
  const ring = () => { fresh = true; wake(); again(); };
  const again = () => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(ring) : requestAnimationFrame(ring));
  again();
  return {
    async next() {
      if (!fresh) await new Promise((done) => { wake = done; });
      fresh = false;
    },
  };
}

function shrink(video) {
  const scale = Math.min(1, SHORT_SIDE_PX / Math.min(video.videoWidth, video.videoHeight));
  return createImageBitmap(video, {
    resizeWidth: Math.round(video.videoWidth * scale), resizeHeight: Math.round(video.videoHeight * scale), resizeQuality: "medium",
  });
}

// The oval of the page in the camera's pixels: the picture covers its place, so its longer side is cut, and is mirrored.
export function placeOval(video, oval) {
  const [place, drawn] = [video, oval].map((one) => one.getBoundingClientRect());
  const scale = Math.max(place.width / video.videoWidth, place.height / video.videoHeight);
  const [x, y] = [drawn.x + drawn.width / 2 - place.x - place.width / 2, drawn.y + drawn.height / 2 - place.y - place.height / 2];
  return { x: video.videoWidth / 2 - x / scale, y: video.videoHeight / 2 + y / scale, width: drawn.width / scale };
}

// Shows a hint once it has settled, and has it read aloud no more often than one can listen.
class Teller {
  constructor(view) {
    Object.assign(this, { view, shown: null, shownAt: -Infinity, said: null, saidAt: -Infinity });
  }

  tell(hint, now) {
    if (hint !== this.shown && now - this.shownAt >= HINT_STAYS_MS) {
      this.view.hint(hint);
      [this.shown, this.shownAt] = [hint, now];
    }
    if (this.shown !== this.said && now - this.saidAt >= SAID_EVERY_MS && now - this.shownAt >= HINT_STAYS_MS) {
      this.view.say(this.shown);
      [this.said, this.saidAt] = [this.shown, now];
    }
  }
}
