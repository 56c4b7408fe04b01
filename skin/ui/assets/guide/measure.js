// What the server's gate will measure (skin/vision/quality.py and coverage.py), measured on one frame of the camera.
// `points` are [x, y, z] in pixels of that frame; every number that judges or places comes in `rules`.
const LINEAR = Float32Array.from({ length: 256 }, (_, v) => (v <= 10.31475 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
const LOG = LINEAR.map((light) => Math.log2(Math.max(light, 1e-4)));
const FEATURE = 255;

const apart = (a, b) => Math.hypot(...a.map((one, axis) => one - b[axis]));
const mean = (points) => points[0].map((_, axis) => points.reduce((sum, one) => sum + one[axis], 0) / points.length);
const pick = (points, indices) => indices.map((index) => points[index]);
const degrees = (radians) => (radians * 180) / Math.PI;

// Between the two values at this share of the order; moves values no further than that takes (Hoare's selection).
export function percentile(values, share) {
  const place = share * (values.length - 1);
  const middle = Math.floor(place);
  for (let low = 0, high = values.length - 1; low < high;) {
    const pivot = values[middle];
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left] < pivot) left += 1;
      while (values[right] > pivot) right -= 1;
      if (left > right) break;
      const moved = values[left];
      values[left++] = values[right];
      values[right--] = moved;
    }
    if (right < middle) low = left;
    if (left > middle) high = right;
  }
  if (place === middle) return values[middle];
  const next = values.subarray(middle + 1).reduce((least, one) => Math.min(least, one), Infinity);
  return values[middle] + (place - middle) * (next - values[middle]);
}

export function eyesOf(points, rules) {
  const [left, right] = [rules.eye_corners_left, rules.eye_corners_right].map((corners) => mean(pick(points, corners)));
  return { left, right, distance: Math.max(apart(left, right), 1e-6) };
}

export function boxOf(points) {
  const [xs, ys] = [0, 1].map((axis) => points.slice(0, 468).map((point) => point[axis]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export const widthOf = (points, rules) => apart(...pick(points, rules.face_sides));

export function anglesOf(points, rules) {
  const [a, b] = [mean(pick(points, rules.left_side)), mean(pick(points, rules.right_side))];
  const across = a.map((one, axis) => one - b[axis]);
  const down = points[rules.bottom].map((one, axis) => one - points[rules.top][axis]);
  return {
    yaw_deg: degrees(Math.atan2(across[2], Math.hypot(across[0], across[1]))),
    pitch_deg: -degrees(Math.atan2(down[2], Math.hypot(down[0], down[1]))),
    roll_deg: degrees(Math.atan2(across[1], across[0])),
  };
}

export function marginOf([left, top, right, bottom], [width, height]) {
  return Math.max(0, Math.min(left, top, width - right, height - bottom) / Math.max(right - left, 1));
}

// The map of a face into the gate's canonical square, with the eyes as far apart as sharpness is measured at.
export function alignmentOf(points, rules) {
  const { left, right, distance } = eyesOf(points, rules);
  const size = Math.max(16, Math.round(Math.min(distance, rules.sharpness_eyes_px) / rules.eyes_distance));
  const scale = (rules.eyes_distance * size) / distance;
  const angle = Math.atan2(left[1] - right[1], left[0] - right[0]);
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const [x, y] = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  const shift = [rules.eyes_centre[0] * size - cos * x - sin * y, rules.eyes_centre[1] * size + sin * x - cos * y];
  const moved = points.map(([px, py]) => [cos * px + sin * py + shift[0], -sin * px + cos * py + shift[1]]);
  return { size, matrix: [cos, -sin, sin, cos, ...shift], points: moved };
}

function fill(map, size, outline, value) {
  const [low, high] = [Math.min(...outline.map((p) => p[1])), Math.max(...outline.map((p) => p[1]))];
  for (let row = Math.max(0, Math.floor(low)); row < Math.min(size, Math.ceil(high)); row += 1) {
    const y = row + 0.5;
    const crossings = [];
    outline.forEach(([x1, y1], index) => {
      const [x2, y2] = outline[(index + 1) % outline.length];
      if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    });
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const end = Math.min(size, Math.round(crossings[pair + 1]));
      for (let column = Math.max(0, Math.round(crossings[pair])); column < end; column += 1) {
        const at = row * size + column;
        if (!map[at]) map[at] = value;
      }
    }
  }
}

function widen(map, size, outline, margin) {
  outline.forEach(([x1, y1], index) => {
    const [x2, y2] = outline[(index + 1) % outline.length];
    const length = Math.max((x2 - x1) ** 2 + (y2 - y1) ** 2, 1e-9);
    const [top, bottom] = [Math.max(0, Math.floor(Math.min(y1, y2) - margin)), Math.min(size, Math.ceil(Math.max(y1, y2) + margin))];
    const [left, right] = [Math.max(0, Math.floor(Math.min(x1, x2) - margin)), Math.min(size, Math.ceil(Math.max(x1, x2) + margin))];
    for (let row = top; row < bottom; row += 1) {
      for (let column = left; column < right; column += 1) {
        const [x, y] = [column + 0.5, row + 0.5];
        const along = Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length));
        if (Math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)) <= margin) map[row * size + column] = FEATURE;
      }
    }
  });
}

const outlineOf = (points, polygon) => polygon.map(([start, end, share]) => [0, 1].map(
  (axis) => points[start][axis] + share * (points[end][axis] - points[start][axis]),
));

// Which zone each pixel belongs to: its place in rules.zones + 1, FEATURE for eyes, brows, lips and nostrils, or 0.
export function zonesOf({ points, size }, rules) {
  const map = new Uint8Array(size * size);
  const { distance } = eyesOf(points, rules);
  for (const { outline, margin } of rules.features) {
    const edge = outlineOf(points, outline);
    fill(map, size, edge, FEATURE);
    widen(map, size, edge, margin * distance);
  }
  rules.zones.forEach(({ outline }, index) => fill(map, size, outlineOf(points, outline), index + 1));
  return map;
}

// Where the pixels of each zone lie in RGBA.
function placesOf(map, { zones }) {
  const places = Object.fromEntries(zones.map(({ name }) => [name, []]));
  const byNumber = [null, ...zones.map(({ name }) => places[name])];
  for (let at = 0; at < map.length; at += 1) {
    if (map[at] && map[at] !== FEATURE) byNumber[map[at]].push(at * 4);
  }
  return places;
}

const pixelsOf = (places, names) => [].concat(...names.map((name) => places[name]));
const luminanceAt = (rgba, at) => 0.2126 * LINEAR[rgba[at]] + 0.7152 * LINEAR[rgba[at + 1]] + 0.0722 * LINEAR[rgba[at + 2]];

function luminances(rgba, pixels) {
  const found = new Float32Array(pixels.length);
  for (let index = 0; index < pixels.length; index += 1) found[index] = luminanceAt(rgba, pixels[index]);
  return found;
}

const lightness = (y) => (y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (y * 24389) / 27);

function lightOf(rgba, places, aligned, rules) {
  const face = new Uint8Array(aligned.size ** 2);
  fill(face, aligned.size, outlineOf(aligned.points, rules.face_oval), 1);
  const inside = [];
  for (let at = 1; at < face.length; at += 2) if (face[at]) inside.push(at * 4);
  const skin = pixelsOf(places, rules.open_skin);
  const count = { lost: 0, burnt: 0, clipped: 0 };
  for (const at of skin) {
    const [red, green, blue] = [rgba[at], rgba[at + 1], rgba[at + 2]];
    const brightest = Math.max(red, green, blue);
    const middle = red + green + blue - brightest - Math.min(red, green, blue);
    count.lost += brightest <= rules.lost_at;
    count.burnt += middle >= rules.burnt_at;
    count.clipped += brightest >= rules.clipped_at;
  }
  const [left, right] = rules.cheeks.map((cheek) => luminances(rgba, pixelsOf(places, [cheek])));
  const middles = [left, right].map((side) => Math.max(percentile(side, 0.5), 1e-4));
  return {
    brightest_lightness: lightness(percentile(luminances(rgba, inside), 0.99)),
    lost_in_dark_share: count.lost / skin.length,
    burnt_out_share: count.burnt / skin.length,
    clipped_share: count.clipped / skin.length,
    light_difference_stops: left.length && right.length ? Math.abs(Math.log2(middles[0] / middles[1])) : 0,
  };
}

// Exposure, warmth and tint of every second pixel of every second row.
function axesOf(rgba, places, size, names) {
  const pixels = pixelsOf(places, names).filter((at) => (at / 4) % size % 2 === 0 && Math.floor(at / 4 / size) % 2 === 0);
  const [exposure, warmth, tint] = [0, 1, 2].map(() => new Float32Array(pixels.length));
  pixels.forEach((at, index) => {
    const red = LOG[rgba[at]], green = LOG[rgba[at + 1]], blue = LOG[rgba[at + 2]];
    exposure[index] = Math.log2(Math.max(luminanceAt(rgba, at), 1e-4));
    warmth[index] = red - blue;
    tint[index] = green - (red + blue) / 2;
  });
  return [exposure, warmth, tint];
}

function coverOf(rgba, places, size, rules) {
  const { darker, warmth, tint, fewest_px: fewest } = rules.cover;
  const skin = axesOf(rgba, places, size, rules.cover.skin);
  const [exposure, warm, tinted] = skin.map((axis) => percentile(axis, 0.5));
  const unlike = (names) => {
    const found = axesOf(rgba, places, size, names);
    const total = found[0].length;
    if (Math.min(skin[0].length, total) < fewest) return 0;
    let strange = 0;
    for (let index = 0; index < total; index += 1) {
      strange += found[0][index] - exposure < -darker || Math.abs(found[1][index] - warm) > warmth || Math.abs(found[2][index] - tinted) > tint;
    }
    return strange / total;
  };
  return { eyes_covered_share: unlike(rules.cover.eyes), forehead_covered_share: unlike(rules.cover.forehead) };
}

function greyOf(rgba, size, [left, top, right, bottom]) {
  const grey = new Uint8ClampedArray((right - left) * (bottom - top));
  for (let y = top, place = 0; y < bottom; y += 1) {
    for (let at = 4 * (y * size + left); at < 4 * (y * size + right); at += 4, place += 1) {
      grey[place] = 0.299 * rgba[at] + 0.587 * rgba[at + 1] + 0.114 * rgba[at + 2];
    }
  }
  return grey;
}

// Of upright and of level edges.
function edgeWidths(grey, width) {
  const height = grey.length / width;
  const [upright, level] = [new Int16Array(grey.length), new Int16Array(grey.length)];
  for (let y = 0, place = 0; y < height; y += 1) {
    const above = width * (y ? y - 1 : 1), here = width * y, below = width * (y + 1 < height ? y + 1 : height - 2); // mirrored
    for (let x = 0; x < width; x += 1, place += 1) {
      const before = x ? x - 1 : 1, after = x + 1 < width ? x + 1 : width - 2;
      const a = grey[above + before], b = grey[above + x], c = grey[above + after], d = grey[here + before];
      const e = grey[here + after], f = grey[below + before], g = grey[below + x], h = grey[below + after];
      upright[place] = Math.abs(3 * (c - a) + 10 * (e - d) + 3 * (h - f)); // Scharr, 32 times the slope
      level[place] = Math.abs(3 * (f - a) + 10 * (g - b) + 3 * (h - c));
    }
  }
  const step = (percentile(grey, 0.98) - percentile(grey, 0.02)) / Math.sqrt(2 * Math.PI);
  return [upright, level].map((slopes) => step / Math.max(percentile(slopes, 0.98) / 32, 1e-3));
}

function blurOf(rgba, { points, size }, rules) {
  const margin = 0.12 * rules.eyes_distance * size;
  const widths = rules.detailed.map((indices) => {
    const [xs, ys] = [0, 1].map((axis) => pick(points, indices).map((point) => point[axis]));
    const low = [xs, ys].map((all) => Math.trunc(Math.min(size - 8, Math.max(0, Math.min(...all) - margin))));
    const high = [xs, ys].map((all, axis) => Math.min(size, Math.trunc(Math.max(low[axis] + 8, Math.max(...all) + margin))));
    return edgeWidths(greyOf(rgba, size, [...low, ...high]), high[0] - low[0]);
  });
  return Math.max(rules.upright_edges * Math.min(...widths.map(([across]) => across)), Math.min(...widths.map(([, down]) => down)));
}

// Everything about the pixels of an aligned crop (RGBA).
export function judgePixels(rgba, aligned, rules) {
  const places = placesOf(zonesOf(aligned, rules), rules);
  return { ...lightOf(rgba, places, aligned, rules), ...coverOf(rgba, places, aligned.size, rules), blur_px: blurOf(rgba, aligned, rules) };
}
