// Guides a person in front of the camera: looks at frames in a worker, shows the checks, says one hint, and shoots.
import { Hold, hintOf, judge } from "./judge.js";

const SHORT_SIDE_PX = 540; // of the frames looked at: enough for the eyes to be as far apart as sharpness wants
const HINT_STAYS_MS = 450;
const SAID_EVERY_MS = 3000; // to screen readers

// `view` shows: checks([{name, good}]), hint(name), hold(share), say(name). `shoot` is called once when all has held.
export async function startGuide({ video, oval, view, isAutomatic, shoot }) {
  const worker = new Worker(new URL("worker.js", import.meta.url));
  const guide = { running: true, stop() { this.running = false; worker.terminate(); } };
  const ask = (message, moved = []) => new Promise((done, failed) => {
    worker.onmessage = ({ data }) => (data.trouble ? failed(new Error(data.trouble)) : done(data));
    worker.onerror = (event) => failed(new Error(event.message));
    worker.postMessage(message, moved);
  });
  let rules;
  try {
    ({ rules } = await ask({}));
  } catch (trouble) {
    guide.stop();
    throw trouble;
  }
  const [hold, teller] = [new Hold(rules), new Teller(view)];
  const show = (seen) => {
    const checks = judge(seen, placeOval(video, oval), rules);
    const now = performance.now();
    const share = isAutomatic() ? hold.after(checks, now) : 0;
    view.checks(checks);
    view.hold(share);
    teller.tell(share > 0 ? "good" : hintOf(checks) ?? "good", now);
    if (share < 1) return;
    guide.stop();
    shoot();
  };
  follow(guide, video, (frame) => ask({ frame, width: video.videoWidth }, [frame]).then(show)).catch((trouble) => {
    if (!guide.running) return;
    guide.stop();
    view.failed(trouble);
  });
  return guide;
}

// One frame at a time, and none twice: the next one is made ready while one is looked at, so that the worker never waits.
async function follow(guide, video, look) {
  const shrink = createShrink();
  const prepare = async () => {
    await new Promise((done) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(done) : requestAnimationFrame(done)));
    return shrink(video, video.videoWidth, video.videoHeight);
  };
  let frame = await prepare();
  while (guide.running) [frame] = await Promise.all([prepare(), look(frame)]);
  frame.close();
}

// Through a canvas: createImageBitmap takes twice as long to resize a video.
export function createShrink() {
  const canvas = new OffscreenCanvas(1, 1);
  const pen = canvas.getContext("2d");
  return (picture, width, height) => {
    const scale = Math.min(1, SHORT_SIDE_PX / Math.min(width, height));
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    pen.imageSmoothingQuality = "medium";
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas.transferToImageBitmap();
  };
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
