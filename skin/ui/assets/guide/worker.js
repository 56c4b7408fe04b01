// Finds the face in camera frames and measures it, off the page's thread; frames never leave the browser.
// A classic worker, because MediaPipe's loader needs importScripts.
const files = (name) => new URL(name, self.location.href).href;
let finder = null;
let measure = null;
let rules = null;
const canvas = new OffscreenCanvas(1, 1);
const pen = canvas.getContext("2d", { willReadFrequently: true });

async function load() {
  const [runtime, measuring, answer] = await Promise.all([
    import(files("vision_bundle.mjs")), import(files("measure.js")), fetch(files("rules.json")),
  ]);
  [measure, rules] = [measuring, await answer.json()];
  finder = await runtime.FaceLandmarker.createFromOptions(
    { wasmLoaderPath: files("vision_wasm_internal.js"), wasmBinaryPath: files("vision_wasm_internal.wasm") },
    // Each frame by itself: the padded mesh has no irises for the tracker to follow.
    { baseOptions: { modelAssetPath: files("face.task"), delegate: "CPU" }, runningMode: "IMAGE", numFaces: 2 },
  );
  return { rules };
}

function look({ frame, width }) {
  const scale = width / frame.width; // the frame is the camera's picture, made smaller
  const found = finder.detect(frame).faceLandmarks
    .map((points) => points.map((p) => [p.x * frame.width, p.y * frame.height, p.z * frame.width]))
    .sort((a, b) => measure.widthOf(b, rules) - measure.widthOf(a, rules));
  const faces = found.map((points) => ({
    box: measure.boxOf(points).map((one) => one * scale), width_px: measure.widthOf(points, rules) * scale,
  }));
  const values = found.length ? judge(frame, found[0]) : {};
  frame.close();
  return { faces, values };
}

function judge(frame, points) {
  const aligned = measure.alignmentOf(points, rules);
  canvas.width = canvas.height = aligned.size;
  pen.imageSmoothingQuality = "medium";
  pen.setTransform(...aligned.matrix);
  pen.drawImage(frame, 0, 0);
  const { data } = pen.getImageData(0, 0, aligned.size, aligned.size);
  return {
    ...measure.anglesOf(points, rules),
    ...measure.judgePixels(data, aligned, rules),
    frame_margin_share: measure.marginOf(measure.boxOf(points), [frame.width, frame.height]),
  };
}

self.onmessage = async ({ data }) => {
  try {
    self.postMessage(data.frame ? look(data) : await load());
  } catch (trouble) {
    self.postMessage({ trouble: String(trouble) });
  }
};
