// A mask of the face in its full resolution: one byte a pixel, kept column by column as COCO's run lengths are, so that
// reading and writing them is a plain scan.
export class Bitmap {
  constructor(width, height, bits = new Uint8Array(width * height)) {
    this.width = width;
    this.height = height;
    this.bits = bits;
  }

  static decode({ size_hw: [height, width], counts }) {
    const bitmap = new Bitmap(width, height);
    let at = 0;
    counts.forEach((count, index) => {
      if (index % 2) bitmap.bits.fill(1, at, at + count);
      at += count;
    });
    return bitmap;
  }

  // Uncompressed COCO run lengths, beginning with the run of background.
  encode() {
    const counts = [];
    let at = 0;
    let value = 0;
    while (at < this.bits.length) {
      const found = this.bits.indexOf(1 - value, at);
      const end = found < 0 ? this.bits.length : found;
      counts.push(end - at);
      at = end;
      value = 1 - value;
    }
    return { size_hw: [this.height, this.width], counts };
  }

  clone() {
    return new Bitmap(this.width, this.height, this.bits.slice());
  }

  count() {
    return this.bits.reduce((sum, bit) => sum + bit, 0);
  }

  get(x, y) {
    return x >= 0 && y >= 0 && x < this.width && y < this.height ? this.bits[x * this.height + y] : 0;
  }

  unite(other) {
    for (let at = 0; at < this.bits.length; at++) this.bits[at] |= other.bits[at];
  }

  // Sets every pixel whose centre is within `radius` of the line from one point to the other; the changed [left, top, right, bottom).
  sweep([x0, y0], [x1, y1], radius, value) {
    const { width, height } = this;
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const normal = [(-(y1 - y0) / length) * radius, ((x1 - x0) / length) * radius];
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - radius));
    const right = Math.min(width - 1, Math.ceil(Math.max(x0, x1) + radius));
    let [top, bottom] = [height, 0];
    for (let x = left; x <= right; x++) {
      const [low, high] = columnOf(x + 0.5, [x0, y0], [x1, y1], radius, normal);
      const first = Math.max(0, Math.ceil(low - 0.5));
      const last = Math.min(height - 1, Math.floor(high - 0.5));
      if (first > last) continue;
      this.bits.fill(value, x * height + first, x * height + last + 1);
      top = Math.min(top, first);
      bottom = Math.max(bottom, last + 1);
    }
    return top < bottom ? [left, top, right + 1, bottom] : null;
  }

  // Draws a part of the mask in a colour, its rim stronger, so that it shows on any skin.
  drawInto(context, [red, green, blue], [left, top, right, bottom] = [0, 0, this.width, this.height]) {
    left = Math.max(0, left - 1);
    top = Math.max(0, top - 1);
    right = Math.min(this.width, right + 1);
    bottom = Math.min(this.height, bottom + 1);
    const part = context.createImageData(right - left, bottom - top);
    const pixels = new Uint32Array(part.data.buffer);
    const ink = (blue << 16) | (green << 8) | red;
    const [inside, rim] = [(ink | (0x58 << 24)) >>> 0, (ink | (0xe6 << 24)) >>> 0];
    const { bits, height, width } = this;
    for (let x = left; x < right; x++) {
      for (let y = top, at = x * height + top; y < bottom; y++, at++) {
        if (!bits[at]) continue;
        const inner = x > 0 && y > 0 && x < width - 1 && y < height - 1;
        const whole = inner && bits[at - 1] && bits[at + 1] && bits[at - height] && bits[at + height];
        pixels[(y - top) * (right - left) + x - left] = whole ? inside : rim;
      }
    }
    context.putImageData(part, left, top);
  }
}

// Where the hull of two discs is cut by a column: from its lowest to its highest y.
function columnOf(x, [x0, y0], [x1, y1], radius, [nx, ny]) {
  let [low, high] = [Infinity, -Infinity];
  const take = (y) => {
    low = Math.min(low, y);
    high = Math.max(high, y);
  };
  for (const [px, py] of [[x0, y0], [x1, y1]]) {
    const reach = radius * radius - (x - px) ** 2;
    if (reach < 0) continue;
    take(py - Math.sqrt(reach));
    take(py + Math.sqrt(reach));
  }
  for (const side of [-1, 1]) {
    const [ax, bx] = [x0 + side * nx, x1 + side * nx];
    if (ax === bx || (x - ax) * (x - bx) > 0) continue;
    take(y0 + side * ny + ((y1 - y0) * (x - ax)) / (bx - ax));
  }
  return [low, high];
}
