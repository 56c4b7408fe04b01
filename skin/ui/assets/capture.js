// The capture panel: choose -> live -> review -> working -> (refused | unsent -> choose). Runs as js_on_load of a gr.HTML.
// The preview is mirrored by CSS only; what is sent is the picture as the camera saw it, or the chosen file untouched.
const panel = element.querySelector(".cap");
const find = (selector) => panel.querySelector(selector);
const video = find("video");
const shot = find(".cap-shot");
const input = find("input[type=file]");
const note = find(".cap-note");
const status = find(".cap-status");
const hint = find(".cap-hint");
const automatic = find(".cap-auto input");
const maxBytes = Number(props.max_bytes);
const words = props.words; // every sentence said from here
let stream = null;
let guide = null;
let photos = []; // one from a file, or the frames of a burst
let shooting = false;
let timer = 0;

const FRAMES = 3; // of a burst, so that the error of measurement can be told
const FRAME_GAP_MS = 150;
const FRAMES_WAIT_MS = 15000;
const AUTOMATIC = "skin.automatic"; // where the browser remembers the switch

function enter(phase, focus) {
  panel.dataset.phase = phase;
  status.textContent = words[phase] || "";
  clearTimeout(timer);
  if (phase === "working") {
    timer = setTimeout(() => {
      status.textContent = words.still_working;
      timer = setTimeout(() => keep("no_answer"), 70000);
    }, 8000);
  }
  const target = focus && find(`[data-do="${focus}"]`);
  if (target) target.focus({ preventScroll: true });
}

function tell(sentence) {
  note.textContent = sentence;
  note.hidden = !sentence;
}

function stopCamera() {
  if (guide) guide.stop();
  guide = null;
  if (stream) stream.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
}

async function startCamera() {
  tell("");
  if (!navigator.mediaDevices) {
    tell(words.camera.insecure);
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "user", width: { ideal: 2560 }, height: { ideal: 1920 } },
    });
    stream.getVideoTracks()[0].addEventListener("ended", () => { startOver(); tell(words.camera.ended); });
    video.srcObject = stream;
    await video.play();
    enter("live", "shoot");
    startGuide(stream);
  } catch (trouble) {
    stopCamera();
    tell(words.camera[trouble.name] || words.camera.other);
  }
}

const show = {
  checks(checks) {
    for (const { name, good } of checks) {
      const light = find(`[data-check="${name}"]`);
      if (light.classList.toggle("is-good", good) !== (light.dataset.said === "good")) {
        light.dataset.said = good ? "good" : "";
        light.querySelector("span").textContent = `: ${good ? words.guide.done : words.guide.open}`;
      }
    }
  },
  hold(share) { panel.style.setProperty("--held", share); panel.classList.toggle("is-holding", share > 0); },
  hint(name) { hint.textContent = sentenceOf(name); panel.classList.toggle("is-good", name === "good"); },
  say(name) { status.textContent = sentenceOf(name); },
  failed(trouble) {
    console.warn("The guide stopped.", trouble);
    show.checks([...panel.querySelectorAll("[data-check]")].map((light) => ({ name: light.dataset.check, good: false })));
    show.hold(0);
    panel.dataset.guide = "failed";
    show.hint("failed");
    show.say("failed");
  },
};

const sentenceOf = (name) => words.guide[name === "good" && !automatic.checked ? "by_hand" : name] || "";

// Loaded only now: its runtime is three megabytes, and the camera works without it.
async function startGuide(camera) {
  panel.dataset.guide = "loading";
  panel.classList.remove("is-good");
  show.hold(0);
  show.hint("loading");
  try {
    const { startGuide: start } = await import(`${props.guide}guide.js`);
    const started = await start({
      video, oval: find(".cap-guide ellipse"), view: show, isAutomatic: () => automatic.checked, shoot,
    });
    if (stream !== camera || shooting) {
      started.stop();
      return;
    }
    guide = started;
    panel.dataset.guide = "on";
  } catch (trouble) {
    if (stream === camera) show.failed(trouble);
  }
}

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

function grab() {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas;
}

const encode = (canvas) => new Promise((done) => {
  canvas.toBlob((blob) => done(new File([blob], "camera.jpg", { type: "image/jpeg" })), "image/jpeg", 0.95);
});

async function shoot() {
  if (shooting || !stream) return;
  shooting = true;
  if (guide) guide.stop();
  status.textContent = words.hold_still;
  const canvases = [grab()];
  while (canvases.length < FRAMES) {
    await wait(FRAME_GAP_MS);
    if (stream) canvases.push(grab());
    else break;
  }
  shooting = false;
  if (!stream) return; // cancelled meanwhile
  stopCamera();
  const files = await Promise.all(canvases.map(encode));
  review(...files);
}

function review(file, ...otherFrames) {
  tell("");
  if (file.size > maxBytes) {
    tell(words.too_large.replace("{megabytes}", Math.round(maxBytes / 1048576)));
    return;
  }
  photos = [file, ...otherFrames];
  find(".cap-name").textContent = file.name;
  panel.dataset.preview = "picture";
  shot.onerror = () => { panel.dataset.preview = "none"; };
  if (shot.src) URL.revokeObjectURL(shot.src);
  shot.src = URL.createObjectURL(file);
  enter("review", "send");
}

function startOver() {
  stopCamera();
  tell("");
  photos = [];
  input.value = "";
  enter("choose", "camera");
}

// Not Gradio's own `upload`, which shows the server's refusal as it came.
async function deliver(photo) {
  const form = new FormData();
  form.append("files", photo);
  const answer = await fetch("/gradio_api/upload", { method: "POST", body: form });
  if (!answer.ok) throw Object.assign(new Error("refused"), { reason: answer.status === 401 ? "signed_out" : "failed" });
  return (await answer.json())[0];
}

// All of them or none: without the other frames the first is still a photo to scan.
const deliverOthers = (frames) => Promise.race([
  Promise.all(frames.map(deliver)),
  wait(FRAMES_WAIT_MS).then(() => []),
]).catch(() => []);

let arrived = false;
async function send() {
  tell("");
  enter("working");
  arrived = false;
  try {
    const first = await deliver(photos[0]);
    const others = await deliverOthers(photos.slice(1));
    if (panel.dataset.phase !== "working") return;
    arrived = true;
    trigger("photo", { paths: [first, ...others] });
  } catch (trouble) {
    if (panel.dataset.phase === "working") keep(trouble.reason || "lost");
  }
}

// The photos stay, so that "Try again" sends them once more.
function keep(reason) {
  panel.dataset.reason = reason;
  enter("unsent", "retry");
  tell(words[reason]);
}

function refuse(sentence) {
  enter("refused", "again");
  tell(sentence);
}

const actions = { camera: startCamera, choose: () => input.click(), shoot, cancel: startOver, send, retry: send, again: startOver };
panel.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && actions[button.dataset.do]) actions[button.dataset.do]();
});
input.addEventListener("change", () => { if (input.files[0]) review(input.files[0]); });
panel.addEventListener("dragover", (event) => event.preventDefault());
panel.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer.files[0];
  if (file && panel.dataset.phase === "choose") review(file);
});
automatic.checked = localStorage.getItem(AUTOMATIC) !== "off";
automatic.addEventListener("change", () => localStorage.setItem(AUTOMATIC, automatic.checked ? "on" : "off"));
window.addEventListener("offline", () => {
  if (panel.dataset.phase !== "working") return;
  if (arrived) refuse(words.lost_waiting); // Gradio loads the page anew, and the photos are gone from it
  else keep("lost");
});
// The page would go to the sign-in, and the photos with it.
document.addEventListener("signed-out", (event) => {
  if (!["live", "review", "working", "unsent"].includes(panel.dataset.phase)) return;
  event.preventDefault();
  if (panel.dataset.phase === "working") keep("signed_out");
});

// What the server says comes as this component's value: {"phase": "refused", "sentence": ...} or {"phase": "done"}.
watch("value", () => {
  const said = JSON.parse(props.value || "{}");
  if (said.phase === "refused") refuse(said.sentence);
  if (said.phase === "done") startOver();
});
