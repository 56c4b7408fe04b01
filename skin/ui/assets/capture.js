// The capture panel: choose -> live -> review -> working -> (refused -> choose). Runs as js_on_load of a gr.HTML.
// The preview is mirrored by CSS only; what is sent is the picture as the camera saw it, or the chosen file untouched.
const panel = element.querySelector(".cap");
const find = (selector) => panel.querySelector(selector);
const video = find("video");
const shot = find(".cap-shot");
const input = find("input[type=file]");
const note = find(".cap-note");
const status = find(".cap-status");
const maxBytes = Number(props.max_bytes);
let stream = null;
let photos = []; // one from a file, or the frames of a burst
let shooting = false;
let timer = 0;

const FRAMES = 3; // of a burst, so that the error of measurement can be told
const FRAME_GAP_MS = 150;
const FRAMES_WAIT_MS = 15000;

const STATUS = {
  live: "Centre your face in the oval and look into the camera.",
  review: "Sharp, evenly lit, all of the face in view?",
  working: "Reading your photo. This usually takes a few seconds.",
};

function enter(phase, focus) {
  panel.dataset.phase = phase;
  status.textContent = STATUS[phase] || "";
  clearTimeout(timer);
  if (phase === "working") {
    timer = setTimeout(() => {
      status.textContent = "Still working. Other scans may be ahead of yours.";
      timer = setTimeout(() => refuse("No answer came: look in the history in a minute, or try again."), 70000);
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
  if (stream) stream.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
}

const CAMERA_TROUBLE = {
  NotAllowedError: "The camera is blocked for this page: allow it in the address bar, or choose a photo instead.",
  NotFoundError: "No camera was found: connect one, or choose a photo instead.",
  NotReadableError: "Another program is using the camera: close it, or choose a photo instead.",
};

async function startCamera() {
  tell("");
  if (!navigator.mediaDevices) {
    tell("Browsers allow the camera only over https: open the page that way, or choose a photo instead.");
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1440 } },
    });
    video.srcObject = stream;
    await video.play();
    enter("live", "shoot");
  } catch (trouble) {
    stopCamera();
    tell(CAMERA_TROUBLE[trouble.name] || "The camera did not start: try again, or choose a photo instead.");
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
  if (shooting) return;
  shooting = true;
  status.textContent = "Hold still.";
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
    tell(`The photo is too large: send at most ${Math.round(maxBytes / 1048576)} MB.`);
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

// All of them or none: without the other frames the first is still a photo to scan.
const uploadOthers = (frames) => Promise.race([
  Promise.all(frames.map((frame) => upload(frame))),
  wait(FRAMES_WAIT_MS).then(() => []),
]).catch(() => []);

async function send() {
  tell("");
  enter("working");
  try {
    const first = await upload(photos[0]);
    const others = await uploadOthers(photos.slice(1));
    trigger("photo", { paths: [first, ...others].map((one) => one.path) });
  } catch {
    refuse("The photo did not arrive: check your connection and try again.");
    document.dispatchEvent(new Event("visibilitychange")); // asks whether the sign-in still holds
  }
}

function refuse(sentence) {
  enter("refused", "again");
  tell(sentence);
}

const actions = { camera: startCamera, choose: () => input.click(), shoot, cancel: startOver, send, again: startOver };
panel.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) actions[button.dataset.do]();
});
input.addEventListener("change", () => { if (input.files[0]) review(input.files[0]); });
panel.addEventListener("dragover", (event) => event.preventDefault());
panel.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer.files[0];
  if (file && panel.dataset.phase === "choose") review(file);
});

// What the server says comes as this component's value: {"phase": "refused", "sentence": ...} or {"phase": "done"}.
watch("value", () => {
  const said = JSON.parse(props.value || "{}");
  if (said.phase === "refused") refuse(said.sentence);
  if (said.phase === "done") startOver();
});
