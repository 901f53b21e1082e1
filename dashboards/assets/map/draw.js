// Draws a scene as SVG: paths below, boxes above, names as text and never as markup, because every word is somebody else's.
const NS = "http://www.w3.org/2000/svg";
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function element(name, attributes = {}, parent, text) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) made.setAttribute(key, value);
  if (text != null) made.textContent = text;
  parent?.append(made);
  return made;
}

const n = (value) => +value.toFixed(1);
const pathOf = (curve) => `M${curve[0].map(n)}` + curve.slice(1).map((point, i) => (i % 3 ? " " : "C") + point.map(n)).join("");

/** The scene in `svg`, whose boxes glide from where they stood before. */
export function draw(svg, scene, cases) {
  const before = new Map([...svg.querySelectorAll(".node")].map((one) => [one.dataset.id, [+one.dataset.x, +one.dataset.y]]));
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${n(scene.width)} ${n(scene.height)}`);
  svg.setAttribute("class", scene.kind);
  const [paths, labels, tokens, boxes] = ["paths", "labels", "tokens", "boxes"].map((name) => element("g", { class: name }, svg));
  labels.setAttribute("aria-hidden", "true");
  // the least important first, so that the happy path lies on top of what crosses it
  for (const one of [...scene.edges].reverse()) path(paths, labels, one);
  for (const one of scene.nodes) {
    const box = one.terminal ? terminal(boxes, one) : node(boxes, one, cases);
    const [x, y] = before.get(one.id) || [];
    if (calm() || !before.size) continue;
    const glide = x == null ? [{ opacity: 0 }, { opacity: 1 }] : [{ transform: `translate(${x - one.x}px,${y - one.y}px)` }, { transform: "none" }];
    if (x == null || x !== one.x || y !== one.y) box.animate(glide, { duration: 260, easing: "ease-out" });
  }
  return tokens;
}

function path(paths, labels, one) {
  const step = Math.min(2, Math.floor(one.weight * 3)), within = Math.round((one.weight * 3 - step) * 100);
  const style = `--t:${within}%`, names = `path r${step}` + (one.spine ? " spine" : "");
  const group = element("g", { class: names, style, "data-id": one.id, "data-from": one.source, "data-to": one.target, "data-tip": one.tip }, paths);
  const length = 5 + one.thick * 1.1, end = one.curve.at(-1);
  let back = one.curve.at(-2);
  if (Math.hypot(end[0] - back[0], end[1] - back[1]) < 0.5) back = one.points.at(-3);
  const size = Math.hypot(end[0] - back[0], end[1] - back[1]) || 1;
  const [ux, uy] = [(end[0] - back[0]) / size, (end[1] - back[1]) / size];
  const neck = [end[0] - ux * length, end[1] - uy * length];
  const shown = [...one.curve.slice(0, -1), [end[0] - ux * length * 0.8, end[1] - uy * length * 0.8]];
  const line = pathOf(shown);
  element("path", { class: "reach", d: line }, group);
  element("path", { class: "line", d: line, "stroke-width": n(one.thick) }, group);
  const half = 3 + one.thick * 0.62;
  const corner = (side) => [neck[0] - uy * half * side, neck[1] + ux * half * side].map(n);
  element("path", { class: "head", d: `M${end.map(n)}L${corner(1)}L${corner(-1)}z` }, group);
  if (one.label) element("text", { x: n(one.label.x + 1), y: n(one.label.y + 11.5), "data-id": one.id, class: names.replace("path", "label"), style }, labels, one.said);
}

function node(boxes, one, cases) {
  const spoken = `${one.label}, ${one.cases} of ${cases} cases, ${one.count} events` + (one.spine ? ", on the happy path" : "");
  const group = element("g", {
    class: "node" + (one.spine ? " spine" : ""), tabindex: 0, role: "button", "data-id": one.id, "data-x": one.x, "data-y": one.y,
    "aria-label": spoken, "data-tip": one.said === one.label ? null : one.label,
  }, boxes);
  element("rect", { class: "box", x: n(one.x), y: n(one.y), width: one.width, height: one.height, rx: 8 }, group);
  element("rect", { class: "stage " + (one.hue || "hue-7"), x: n(one.x), y: n(one.y + 8), width: 4, height: one.height - 16, rx: 2 }, group);
  element("text", { class: "name", x: n(one.x + 14), y: n(one.y + 19.5) }, group, one.said);
  element("text", { class: "few", x: n(one.x + 14), y: n(one.y + 35) }, group, one.second);
  const width = one.width - 28;
  element("rect", { class: "all", x: n(one.x + 14), y: n(one.y + one.height - 5), width, height: 2.5, rx: 1 }, group);
  element("rect", { class: "share " + (one.hue || "hue-7"), x: n(one.x + 14), y: n(one.y + one.height - 5), width: n(Math.max(1, (width * one.cases) / (cases || 1))), height: 2.5, rx: 1 }, group);
  return group;
}

function terminal(boxes, one) {
  const group = element("g", { class: "node terminal", "data-id": one.id, "data-x": one.x, "data-y": one.y, "data-tip": one.id === "start" ? "Where cases begin" : "Where cases end" }, boxes);
  element("circle", { class: "box", cx: n(one.cx), cy: n(one.cy), r: 12 }, group);
  const mark = one.id === "start" ? `M${n(one.cx - 3.5)} ${n(one.cy - 5)}l9 5l-9 5z` : `M${n(one.cx - 4.5)} ${n(one.cy - 4.5)}h9v9h-9z`;
  element("path", { class: "sign", d: mark }, group);
  return group;
}
