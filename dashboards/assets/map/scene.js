// From a part of the graph to what stands where: boxes, curves, labels. The happy path is made dead straight.
import { arranged, line } from "./labels.js";
import { MEASURES, said, scale, second, told } from "./measure.js";
import { boxed, measured, place, TERMINAL } from "./place.js";
import { END, guides, START } from "./shape.js";

const PAD = 14;

export async function scene(data, shown, name) {
  const boxes = [
    ...shown.terminals.filter((id) => id === START).map(terminal),
    ...shown.nodes.map((one) => ({ ...one, second: second(one), ...boxed(one, second(one)) })),
    ...shown.terminals.filter((id) => id === END).map(terminal),
  ];
  // the happy path first: where paths go round in circles, it is the one that goes down
  const ways = shown.edges.filter((one) => one.spine), guiding = guides(shown), others = shown.edges.filter((one) => !one.spine);
  const placed = await place(boxes, [...ways, ...guiding, ...others]);
  const nodes = boxes.map((box, i) => {
    const [x, y] = placed.nodes[i];
    return { ...box, cx: x + PAD, cy: y + PAD, x: x - box.width / 2 + PAD, y: y - box.height / 2 + PAD };
  });
  const skip = (i) => (i < ways.length ? i : i + guiding.length);
  const edges = [...ways, ...others].map((one, i) => ({ ...one, curve: placed.edges[skip(i)].map(([x, y]) => [x + PAD, y + PAD]) }));
  const at = new Map(nodes.map((one) => [one.id, one]));
  for (const one of edges) if (one.spine) one.curve = straight(at.get(one.source), at.get(one.target), nodes) || one.curve;
  const measure = MEASURES[name];
  const height = scale(edges.map(measure.edge), measure.kind);
  const label = (id) => (id === START ? "Start" : id === END ? "End" : at.get(id).label);
  for (const one of edges) {
    one.weight = Math.min(1, height(measure.edge(one)));
    one.thick = 1.3 + 7 * one.weight;
    one.points = line(one.curve);
    one.said = said(one, name, data.currency);
    one.tip = told(one, label(one.source), label(one.target), data.currency);
  }
  const wanted = edges.filter((one) => one.said);
  const found = arranged(wanted.map((one) => ({ points: one.points, thick: one.thick, width: measured(one.said, "500 11.5px") + 2 })), nodes);
  wanted.forEach((one, i) => (one.label = found[i]));
  const right = Math.max(placed.width + 2 * PAD, ...edges.map((one) => (one.label ? one.label.x + one.label.width + 4 : 0)));
  return { nodes, edges, width: right, height: placed.height + 2 * PAD, kind: measure.kind, at };
}

const terminal = (id) => ({ id, width: TERMINAL, height: TERMINAL, spine: true, terminal: true, label: id === START ? "Start" : "End" });

/** A line from box to box when both stand above one another and nothing is in between; else nothing. */
function straight(from, to, nodes) {
  if (Math.abs(from.cx - to.cx) > 0.75 || from.cy >= to.cy) return null;
  const [x, top, bottom] = [from.cx, from.y + from.height, to.y];
  const between = (one) => one !== from && one !== to && one.x < x && one.x + one.width > x && one.y < bottom && one.y + one.height > top;
  if (nodes.some(between)) return null;
  return [[x, top], [x, top + (bottom - top) / 3], [x, bottom - (bottom - top) / 3], [x, bottom]];
}
