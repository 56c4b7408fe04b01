// A number with its interval on a line from -0.2 to 1, as SVG.
const SVG = "http://www.w3.org/2000/svg";
const [FIRST, LAST, WIDTH, HEIGHT] = [-0.2, 1, 180, 22];
const place = (value) => 6 + ((Math.max(FIRST, Math.min(LAST, value)) - FIRST) / (LAST - FIRST)) * (WIDTH - 12);

export function plot(estimate) {
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: "rv-plot", "aria-hidden": "true" });
  for (const mark of [0, 0.5, 1]) {
    svg.append(draw("line", { x1: place(mark), x2: place(mark), y1: 2, y2: HEIGHT - 2, class: mark ? "is-grid" : "is-zero" }));
  }
  if (estimate.value === null) return svg;
  const middle = HEIGHT / 2;
  svg.append(
    draw("line", { x1: place(estimate.low), x2: place(estimate.high), y1: middle, y2: middle, class: "is-interval" }),
    draw("circle", { cx: place(estimate.value), cy: middle, r: 4.5, class: "is-value" }),
  );
  return svg;
}

function draw(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
