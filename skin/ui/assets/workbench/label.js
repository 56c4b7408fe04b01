// A label as the server knows it (labels.v1); every change makes a new one, so that it can be taken back.
export const emptyLabel = () => ({
  schema_version: "labels.v1", skin_type: null, monk: null, monk_second: null, concerns: {}, regions: [], quality_flags: [],
  sure: null, note: "",
});

const concernOf = (label, concern) => label.concerns[concern] ?? { grade: null, zones: [] };
const withConcern = (label, concern, value) => ({ ...label, concerns: { ...label.concerns, [concern]: value } });
const toggled = (list, one) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);

export const gradeOf = (label, concern) => concernOf(label, concern).grade;
export const zonesOf = (label, concern) => concernOf(label, concern).zones;

// The same value again takes it away.
export const setGrade = (label, concern, grade) => {
  const now = concernOf(label, concern);
  return withConcern(label, concern, { ...now, grade: now.grade === grade ? null : grade });
};
export const toggleZone = (label, concern, zone) => {
  const now = concernOf(label, concern);
  return withConcern(label, concern, { ...now, zones: toggled(now.zones, zone) });
};
export const setOne = (label, name, value) => ({ ...label, [name]: label[name] === value ? null : value });
export const setMonk = (label, monk) => {
  const next = setOne(label, "monk", monk);
  return next.monk === next.monk_second ? { ...next, monk_second: null } : next;
};
export const setMonkSecond = (label, monk) => (monk === label.monk ? label : setOne(label, "monk_second", monk));
export const toggleFlag = (label, flag) => ({ ...label, quality_flags: toggled(label.quality_flags, flag) });
export const setNote = (label, note) => ({ ...label, note });

export const addRegion = (label, region) => ({ ...label, regions: [...label.regions, region] });
export const removeRegion = (label, region) => ({ ...label, regions: label.regions.filter((one) => one !== region) });
export const replaceRegion = (label, region, next) => ({
  ...label, regions: label.regions.map((one) => (one === region ? next : one)),
});
export const changedOrigin = (origin) => (origin === "machine" ? "machine_changed" : origin);
export const maskOf = (label, concern) => label.regions.find((one) => one.kind === "mask" && one.concern === concern);

// The mask of a concern put in place of the one before; an empty one goes away.
export function setMask(label, concern, mask, origin) {
  const before = maskOf(label, concern);
  const isEmpty = mask.counts.length < 2;
  if (isEmpty) return before ? removeRegion(label, before) : label;
  const next = { kind: "mask", concern, mask, origin };
  return before ? replaceRegion(label, before, next) : addRegion(label, next);
}

// What a submit still waits for, as names of fields.
export function missingOf(label, concerns) {
  if (label.quality_flags.includes("not_a_face")) return [];
  const missing = concerns.filter((concern) => gradeOf(label, concern) === null);
  if (label.monk === null) missing.unshift("monk");
  if (label.skin_type === null) missing.unshift("skin_type");
  return missing;
}

// The value of a field, so that a machine's can be told from a person's.
export function valueOf(label, field) {
  if (field in label && field !== "concerns") return JSON.stringify(label[field]);
  const { grade, zones } = concernOf(label, field);
  return JSON.stringify([grade, [...zones].sort()]);
}
