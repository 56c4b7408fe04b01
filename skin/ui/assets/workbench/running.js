// What each key and button does.
import { Trouble, api } from "./api.js";

const LIGHT_STEP = 0.1;
const PAN_PX = 80;

// Returns run(name, { isFar }); `doing` is what only the page as a whole can do.
export function buildActions(desk, fields, doing) {
  const { view, crosshair, brush, maps, stage } = desk;
  const zoom = (factor) => () => { view.zoom(factor, desk.cross ? view.toScreen(desk.cross) : undefined); desk.viewed(); };
  const pan = (dx, dy) => () => { view.pan(dx * PAN_PX, dy * PAN_PX); desk.viewed(); };
  const light = (name, step) => () => {
    const value = Math.min(2.5, Math.max(0.4, stage.light[name] + step));
    stage.setLight({ ...stage.light, [name]: Math.round(value * 10) / 10 });
    desk.viewed();
  };
  const toggle = (name) => () => { desk.show[name] = !desk.show[name]; desk.changed(); };
  const go = (way, step) => ({ isFar }) => { if (!crosshair.go(way, isFar) && step) fields.go(step); };
  const tool = (name) => () => desk.chooseTool(name);
  const resize = (factor) => () => { brush.resize(factor); desk.viewed(); };
  const step = (what, words) => {
    const done = desk.work[what]();
    desk.say(done ? `${words}: ${done}` : `Nothing to ${what}`);
  };

  const actions = {
    ...doing,
    submit: () => crosshair.set() || doing.submit(),
    undo: () => step("undo", "Taken back"),
    redo: () => step("redo", "Done again"),
    next_field: () => fields.go(1),
    previous_field: () => fields.go(-1),
    note: () => fields.note.focus(),
    confirm: () => fields.confirm(),
    tool_select: tool("select"), tool_box: tool("box"), tool_point: tool("point"),
    tool_brush: tool("brush"), tool_eraser: tool("eraser"),
    smaller: resize(1 / 1.25), larger: resize(1.25),
    set: () => crosshair.set(),
    left: go("left"), right: go("right"), up: go("up", -1), down: go("down", 1),
    next_region: () => desk.selectNext(),
    remove: () => desk.remove(),
    cancel: () => {
      if (document.activeElement === fields.note) return fields.focus("note");
      if (crosshair.cancel()) return undefined;
      if (desk.selected) return desk.select(null);
      return desk.chooseTool("select");
    },
    zoom_in: zoom(1.4), zoom_out: zoom(1 / 1.4),
    fit: () => { view.fit(); desk.viewed(); },
    pan_left: pan(1, 0), pan_right: pan(-1, 0), pan_up: pan(0, 1), pan_down: pan(0, -1),
    brighter: light("brightness", LIGHT_STEP), darker: light("brightness", -LIGHT_STEP),
    more_contrast: light("contrast", LIGHT_STEP), less_contrast: light("contrast", -LIGHT_STEP),
    as_is: () => { stage.setLight({}); desk.viewed(); },
    zones: () => { toggle("zones")(); attend(desk, () => showZones(desk)); }, mirror: toggle("mirror"), marks: toggle("marks"),
    map: () => attend(desk, () => showMap(desk)),
    accept_map: () => acceptMap(desk),
  };
  for (const digit of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    actions[`value_${digit}`] = () => fields.press(digit);
    actions[`second_${digit}`] = () => fields.press(digit, { second: true });
  }
  showTools(desk);
  const isOpen = new Set(["help", "back"]);
  return (name, action) => {
    if (document.body.dataset.state === "work" || isOpen.has(name)) actions[name](action);
  };
}

async function showMap(desk) {
  const { maps, concern } = desk;
  if (!maps.offers(concern)) return desk.say("The machine has no map of this concern here");
  await maps.show(maps.shown === concern ? null : concern);
  desk.changed();
  if (maps.shown) desk.say(`The machine's map of ${desk.nameOf(concern).toLowerCase()} is shown`);
}

// The outlines of this face, asked for once they are wanted.
export async function showZones(desk) {
  const { task } = desk;
  if (!desk.show.zones || desk.zones) return;
  const { zones } = await api.getZones(task.item_id);
  if (desk.task !== task) return;
  desk.zones = zones;
  desk.changed();
  if (!Object.keys(zones).length) desk.say("No zones could be found on this face");
}

// What is nice to have and did not come is told, and nothing else stops.
async function attend(desk, action) {
  try {
    await action();
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    desk.say(trouble.message);
  }
}

function acceptMap(desk) {
  if (!desk.maps.shown) return desk.say("Show the machine's map first");
  const done = desk.maps.accept();
  desk.changed();
  if (!done) desk.say("Nothing of the map is strong enough");
}

// Buttons that show a state: the tool in hand, what is shown, how close and how bright.
function showTools(desk) {
  const press = (name, isOn) => {
    for (const button of document.querySelectorAll(`.wb-desk [data-run="${name}"]`)) button.setAttribute("aria-pressed", String(isOn));
  };
  const brightness = document.querySelector("[data-light=brightness]");
  const contrast = document.querySelector("[data-light=contrast]");
  for (const slider of [brightness, contrast]) {
    slider.addEventListener("input", () => desk.stage.setLight({ ...desk.stage.light, [slider.dataset.light]: slider.value / 100 }));
  }
  desk.onView = () => {
    document.querySelector("#zoom").textContent = `${Math.round(desk.view.scale * 100)} %`;
    document.querySelector("#radius").textContent = `${desk.brush.radius} px`;
    brightness.value = desk.stage.light.brightness * 100;
    contrast.value = desk.stage.light.contrast * 100;
  };
  desk.listen(() => {
    for (const tool of ["select", "box", "point", "brush", "eraser"]) press(`tool_${tool}`, desk.tool === tool);
    for (const name of ["zones", "mirror", "marks"]) press(name, desk.show[name]);
    for (const part of document.querySelectorAll("[data-with-tool]")) part.hidden = !part.dataset.withTool.split(" ").includes(desk.tool);
    document.querySelector("[data-run=undo]").disabled = !desk.work.canUndo;
    document.querySelector("[data-run=redo]").disabled = !desk.work.canRedo;
    document.querySelector("#concern").textContent = desk.nameOf(desk.concern);
    desk.stage.marks.dataset.tool = desk.tool;
    desk.onView();
  });
}
