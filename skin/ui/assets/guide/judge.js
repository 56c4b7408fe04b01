// From what was measured of a frame to the checks that are shown, the one hint that matters most, and when to shoot.

// `oval` is where the face belongs, in the camera's pixels: { x, y, width }. Limits are those of the server's gate.
export function judge({ faces, values }, oval, rules) {
  const [face, ...others] = faces;
  const checks = [];
  const add = (name, hint, required = true) => checks.push({ name, good: !hint, hint, required });
  const crowd = face && others.some((other) => other.width_px > rules.second_face_share * face.width_px);
  add("face", !face ? "no_face" : crowd ? "many_faces" : null);
  if (checks[0].hint) return [...checks, ...rules.checks.slice(1).map(({ name }) => ({ name, good: false, hint: null, required: true }))];
  const strays = isStray(face, oval, rules);
  add("distance", judgeDistance(face, oval, rules) ?? (strays || isWithin(values.frame_margin_share, rules.limits.frame_margin_share.good) ? null : "back"));
  add("centre", strays ? "centre" : null);
  for (const { name, limits } of rules.checks.slice(3)) {
    const broken = limits.find((one) => !isWithin(values[one], rules.limits[one].good));
    add(name, broken || null, limits.some((one) => rules.limits[one].refuses));
  }
  return checks;
}

export const isWithin = (value, [low, high]) => value >= (low ?? -Infinity) && value <= (high ?? Infinity);

// As large as the gate finds good where the camera has the pixels for it, else as large as fits the oval.
export function judgeDistance(face, oval, { limits, oval: shares }) {
  const least = Math.max(shares.least * oval.width, Math.min(limits.face_width_px.good[0], shares.enough * oval.width));
  if (face.width_px < Math.max(least, limits.face_width_px.usable[0])) return "closer";
  return face.width_px > shares.most * oval.width ? "back" : null;
}

export function isStray({ box: [left, top, right, bottom] }, oval, { oval: shares }) {
  const [x, y] = [(left + right) / 2 - oval.x, (top + bottom) / 2 - oval.y - shares.lower * oval.width];
  return Math.hypot(x, y) > shares.stray * oval.width;
}

// The hint of the first check that is not good; those the gate refuses for come first.
export function hintOf(checks) {
  const broken = checks.filter(({ hint }) => hint);
  return (broken.find(({ required }) => required) || broken[0])?.hint ?? null;
}

// How long everything has held. What the gate never refuses for, such as a fringe, is waited for only so long.
export class Hold {
  constructor({ hold_ms: hold, patience_ms: patience }) {
    Object.assign(this, { hold, patience, allSince: null, requiredSince: null });
  }

  // Share of the wait that is over, 0-1.
  after(checks, now) {
    const all = checks.every(({ good }) => good);
    const required = checks.every((check) => check.good || !check.required);
    this.allSince = all ? this.allSince ?? now : null;
    this.requiredSince = required ? this.requiredSince ?? now : null;
    const waited = all ? (now - this.allSince) / this.hold : 0;
    const patient = required ? (now - this.requiredSince - this.patience) / this.hold : 0;
    return Math.min(1, Math.max(0, waited, patient));
  }
}
