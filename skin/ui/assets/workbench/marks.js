// Marks of answers over the face, as SVG in thousandths of its side; a mask is shown by the box around it.
const SVG = "http://www.w3.org/2000/svg";

export function drawMarks(svg, answers) {
  svg.replaceChildren(...answers.flatMap(({ label }, place) => label.regions.map((region) => drawOne(region, place))));
}

function drawOne(region, place) {
  const look = { class: `aj-mark is-${place % 4}` };
  if (region.kind === "point") {
    const [x, y] = region.xy_norm;
    return draw("circle", { cx: 1000 * x, cy: 1000 * y, r: 9, ...look });
  }
  const [left, top, right, bottom] = region.kind === "box" ? region.xyxy_norm : boundsOf(region.mask);
  return draw("rect", { x: 1000 * left, y: 1000 * top, width: 1000 * (right - left), height: 1000 * (bottom - top), ...look });
}

// Of uncompressed run lengths, column by column, beginning with background.
export function boundsOf({ size_hw: [height, width], counts }) {
  let [left, top, right, bottom, at] = [width, height, 0, 0, 0];
  counts.forEach((run, place) => {
    if (place % 2 && run) {
      const [first, last] = [at, at + run - 1];
      const [firstColumn, lastColumn] = [Math.floor(first / height), Math.floor(last / height)];
      left = Math.min(left, firstColumn);
      right = Math.max(right, lastColumn + 1);
      const spans = firstColumn !== lastColumn;
      top = spans ? 0 : Math.min(top, first % height);
      bottom = spans ? height : Math.max(bottom, (last % height) + 1);
    }
    at += run;
  });
  return [left / width, top / height, right / width, bottom / height];
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
