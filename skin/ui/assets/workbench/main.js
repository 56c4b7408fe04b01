// The annotator's screen: takes tasks, lays them on the desk, and sends what was said.
import { Trouble, api, loadPicture } from "./api.js";
import { showProjects } from "./chooser.js";
import { Desk } from "./desk.js";
import { Drafts } from "./drafts.js";
import { Fields } from "./fields.js";
import { Guide } from "./guide.js";
import { Help } from "./help.js";
import { listen } from "./keyboard.js";
import { Keys } from "./keys.js";
import { emptyLabel, missingOf } from "./label.js";
import { Notice } from "./notice.js";
import { askReason, chooseEarlier } from "./questions.js";
import { Timer } from "./timer.js";
import { buildActions, showZones } from "./running.js";
import { Work } from "./work.js";

const root = document.body;
export const desk = new Desk(JSON.parse(document.getElementById("words").textContent), root);
const timer = new Timer();
const notice = new Notice(root.querySelector(".wb-notice"));
const saved = root.querySelector("#saved");
const drafts = new Drafts(timer, tellSaved);
const fields = new Fields(desk, root.querySelector(".wb-fields"));
const help = new Help(new Keys(), root.querySelector("#keys"), fields);
let project = null;
let correcting = false;
let waiting = null; // the task that was left to correct an earlier answer
let isBusy = false;
let isKept = false; // on this device only

const run = buildActions(desk, fields, { submit, skip, back, help: () => help.open() });
const guide = new Guide(desk, root.querySelector(".wb-guide"), fields, run);
guide.show();
listen(help.keys, run);
root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-run]");
  if (button) run(button.dataset.run, { isFar: false });
});
start();

async function start() {
  const id = new URLSearchParams(location.search).get("project");
  if (!id) return choose();
  await attempt(async () => {
    project = await api.getProject(id);
    const task = await api.takeNext(id);
    if (task) await lay(task);
    else finish();
  });
}

async function choose() {
  await attempt(async () => showProjects((await api.listProjects()).projects, root.querySelector(".wb-choose")));
  state("choose");
}

function state(name) {
  root.dataset.state = name;
  for (const part of root.querySelectorAll("[data-in]")) part.hidden = !part.dataset.in.split(" ").includes(name);
}

// Puts a task on the desk; what was done to it before, here or elsewhere, is still there.
async function lay(task, { isCorrection = false } = {}) {
  const picture = loadPicture(task.picture_url);
  correcting = isCorrection;
  const kept = drafts.find(task.assignment_id);
  const machine = task.suggestion ? { ...emptyLabel(), ...task.suggestion.label } : null;
  const label = kept?.label ?? task.draft ?? task.answer ?? machine ?? emptyLabel();
  const seconds = kept?.seconds ?? task.seconds_spent ?? 0;
  const work = new Work({ ...emptyLabel(), ...label }, { machine, touched: kept?.touched, seconds });
  desk.lay(task, work);
  state("work");
  notice.close();
  timer.start(seconds);
  saved.textContent = "";
  drafts.watch(task, work, { isDraft: !isCorrection });
  showHead(task);
  desk.chooseField(missingOf(label, desk.concerns)[0] ?? "skin_type");
  fields.focus(desk.field);
  if (isCorrection) notice.tell("You are correcting an earlier answer. Save keeps the one before it, too.", [["Leave it as it was", goOn]]);
  try {
    desk.setPicture(await picture);
    showZones(desk).catch(() => {});
    requestAnimationFrame(() => showPace(task));
  } catch (trouble) {
    notice.tell("The picture did not come: try again, or skip it.", [["Try again", () => lay(task, { isCorrection })]]);
    throw trouble;
  }
}

function showHead(task) {
  document.title = `${task.project.name} · Annotate · Skin`;
  root.querySelector("#project").textContent = task.project.name;
  const { done, left } = task.position;
  root.querySelector("#position").textContent = `${done} done, ${left + (correcting ? 0 : 1)} left`;
  const meter = root.querySelector("#progress");
  meter.max = done + left + 1;
  meter.value = done;
  root.querySelector("#mode").hidden = task.project.mode !== "assisted";
  const guidelines = root.querySelector("#guidelines");
  guidelines.hidden = !task.project.guidelines;
  guidelines.querySelector("p").textContent = task.project.guidelines;
}

// After the picture, which it must not hold up.
function showPace(task) {
  api.getProgress(task.project.id).then(({ mine }) => {
    const median = mine.seconds_median;
    root.querySelector("#pace").textContent = median === null ? "" : `your median ${Math.round(median)} s`;
  }).catch(() => {});
}

function finish() {
  desk.picture = null;
  state("done");
  root.querySelector(".wb-done h1").focus();
}

async function submit() {
  const missing = missingOf(desk.label, desk.concerns);
  if (missing.length) {
    fields.focus(missing[0]);
    const names = missing.map((field) => desk.nameOf(field).toLowerCase()).join(", ");
    return notice.tell(`Still to say: ${names}.`, [], { isBrief: true });
  }
  performance.mark("submit");
  await leave((id, content) => (correcting ? api.correct(id, content) : api.submit(id, content)), "Saved");
  performance.mark("painted");
  performance.measure("submit to painted", "submit", "painted");
}

async function skip() {
  const reason = correcting ? null : await askReason(root.querySelector("#skip"));
  if (reason) await leave((id) => api.skip(id, reason), "Skipped");
}

// Ends the task in hand and goes on to the next; on trouble everything stays as it is.
async function leave(send, done) {
  if (isBusy || !desk.task) return;
  isBusy = true;
  if (desk.brush.isDown) desk.brush.end();
  const id = desk.task.assignment_id;
  const content = drafts.content();
  await attempt(async () => {
    await drafts.settle();
    const answer = await send(id, content);
    drafts.forget(id);
    desk.say(done);
    saved.textContent = done;
    if (correcting) await goOn();
    else if (answer.next) await lay(answer.next);
    else finish();
    await new Promise(requestAnimationFrame);
  });
  isBusy = false;
}

async function back() {
  const entry = await chooseEarlier(root.querySelector("#earlier"), () => api.listMine(project.id));
  if (!entry) return;
  await attempt(async () => {
    await drafts.flush();
    if (!correcting) waiting = desk.task;
    await lay(await api.getTask(entry.assignment_id), { isCorrection: true });
  });
}

// From a correction back to the task that was in hand, or to the next one.
async function goOn() {
  const id = desk.task?.assignment_id;
  if (correcting && id) drafts.forget(id);
  correcting = false;
  const task = waiting ? await api.getTask(waiting.assignment_id) : await api.takeNext(project.id);
  waiting = null;
  if (task) await lay(task);
  else finish();
}

async function attempt(action) {
  try {
    await action();
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    explain(trouble, () => attempt(action));
  }
}

// One sentence on what is wrong, and the way on; what was drawn is on this device until the server has it.
function explain(trouble, again) {
  if (desk.task && root.dataset.state === "work" && trouble.code !== "label_incomplete") drafts.keepHere();
  const retry = ["Try again", () => { notice.close(); drafts.isHeld = false; again(); }];
  const next = ["Take the next one", () => { notice.close(); attempt(goOn); }];
  if (trouble.code === "lease_lost") return notice.tell(`${trouble.message} What you did is kept on this device.`, [next, retry]);
  if (trouble.status === 401) {
    return notice.tell("You are signed out: sign in again, then go on. What you did is kept on this device.", [["Sign in", () => open("/signin", "_blank")], retry]);
  }
  if (trouble.code === "project_closed" || trouble.code === "project_not_found") {
    root.querySelector("#why-paused").textContent = trouble.message;
    return state("paused");
  }
  notice.tell(trouble.message, [retry]);
}

function tellSaved(kind, trouble) {
  saved.textContent = { saving: "Saving …", saved: "Saved", kept: "Kept on this device" }[kind];
  if (kind === "saved" && isKept) notice.close();
  if (kind !== "saving") isKept = kind === "kept";
  if (kind === "kept") explain(trouble, () => drafts.flush());
}
