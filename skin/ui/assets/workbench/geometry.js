// From pixels of the face to pixels of the screen and back, and what lies where.
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const share = (value, side) => clamp(value / side, 0, 1);
const FURTHEST = 40; // screen pixels for one pixel of the face

export class View {
  constructor() {
    Object.assign(this, { scale: 1, x: 0, y: 0, width: 1, height: 1, side: 1, fitted: true });
  }

  // The whole face in the middle.
  fit(width = this.width, height = this.height, side = this.side) {
    Object.assign(this, { width, height, side, fitted: true });
    this.scale = Math.min(width, height) / side;
    this.x = (width - side * this.scale) / 2;
    this.y = (height - side * this.scale) / 2;
  }

  // A new size of the screen: what is in the middle stays there.
  resize(width, height) {
    if (this.fitted) return this.fit(width, height);
    this.x += (width - this.width) / 2;
    this.y += (height - this.height) / 2;
    Object.assign(this, { width, height });
  }

  zoom(factor, [sx, sy] = [this.width / 2, this.height / 2]) {
    const least = (0.5 * Math.min(this.width, this.height)) / this.side;
    const scale = clamp(this.scale * factor, least, FURTHEST);
    this.x = sx - ((sx - this.x) * scale) / this.scale;
    this.y = sy - ((sy - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.#hold();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.#hold();
  }

  // Pans as little as shows a point of the face.
  reveal(point, margin = 40) {
    const [sx, sy] = this.toScreen(point);
    const dx = clamp(sx, margin, this.width - margin) - sx;
    const dy = clamp(sy, margin, this.height - margin) - sy;
    if (dx || dy) this.pan(dx, dy);
  }

  toFace([sx, sy]) {
    return [(sx - this.x) / this.scale, (sy - this.y) / this.scale];
  }

  toScreen([fx, fy]) {
    return [fx * this.scale + this.x, fy * this.scale + this.y];
  }

  // The middle of the screen never leaves the face.
  #hold() {
    const size = this.side * this.scale;
    this.x = clamp(this.x, this.width / 2 - size, this.width / 2);
    this.y = clamp(this.y, this.height / 2 - size, this.height / 2);
  }
}

export function boxBetween([ax, ay], [bx, by], side) {
  const [left, right] = [Math.min(ax, bx), Math.max(ax, bx)];
  const [top, bottom] = [Math.min(ay, by), Math.max(ay, by)];
  return [share(left, side), share(top, side), share(right, side), share(bottom, side)];
}

export const hasArea = ([left, top, right, bottom], least = 0.002) => right - left > least && bottom - top > least;

// A region moved by shares of the side, never out of the picture.
export function moved(region, dx, dy) {
  if (region.kind === "point") {
    const [x, y] = region.xy_norm;
    return { ...region, xy_norm: [clamp(x + dx, 0, 1), clamp(y + dy, 0, 1)] };
  }
  const [left, top, right, bottom] = region.xyxy_norm;
  const [x, y] = [clamp(dx, -left, 1 - right), clamp(dy, -top, 1 - bottom)];
  return { ...region, xyxy_norm: [left + x, top + y, right + x, bottom + y] };
}

// The box with one corner (0 left top, 1 right top, 2 right bottom, 3 left bottom) put to a point of shares.
export function reshaped(region, corner, [x, y]) {
  const [left, top, right, bottom] = region.xyxy_norm;
  const far = [[right, bottom], [left, bottom], [left, top], [right, top]][corner];
  const xyxy = boxBetween(far, [x, y], 1);
  return hasArea(xyxy) ? { ...region, xyxy_norm: xyxy } : region;
}

export const cornersOf = ([left, top, right, bottom]) => [[left, top], [right, top], [right, bottom], [left, bottom]];

export function isInside([x, y], polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[ax, ay], [bx, by]] = [polygon[i], polygon[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export const mirrored = ([x, y]) => [1 - x, y];

// The middle of a zone, as shares.
export function middleOf(polygon) {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}
