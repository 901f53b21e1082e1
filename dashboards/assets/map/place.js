// Asks the worker where everything stands. The engine is behind this one function: boxes in, centres and curves out.
let worker, asked = 0;
const waiting = new Map();

export const TERMINAL = 26, HEIGHT = 46;
const LEAST = 118, MOST = 232, BESIDE = 30;

/** Resolves to `{width, height, nodes: [[x, y]], edges: [[[x, y], …]]}`, centres and Bezier points; rejects with the reason not. */
export function place(nodes, edges) {
  if (!worker) {
    worker = new Worker("/assets/build/layout.js");
    worker.onmessage = ({ data: { id, trouble, ...placed } }) => {
      const { done, failed, back } = waiting.get(id);
      waiting.delete(id);
      if (trouble) return failed(new Error(trouble));
      for (const i of back) placed.edges[i].reverse();
      done(placed);
    };
    worker.onerror = () => {
      for (const { failed } of waiting.values()) failed(new Error("the map's layout could not be loaded"));
      waiting.clear();
      worker = undefined;
    };
  }
  const back = backward(nodes, edges);
  return new Promise((done, failed) => {
    waiting.set(++asked, { done, failed, back });
    const boxes = nodes.map(({ id, width, height, spine }) => ({ id, width, height, spine }));
    const ways = edges.map(({ source, target, spine }, i) => (back.has(i) ? { source: target, target: source, spine } : { source, target, spine }));
    worker.postMessage({ id: asked, nodes: boxes, edges: ways });
  });
}

/** The paths that lead back to where one came from, searched along the first paths first: dot is given them turned round,
 * for where it takes cycles apart by itself, it takes the happy path apart as well. */
function backward(nodes, edges) {
  const out = new Map(nodes.map((one) => [one.id, []])), state = new Map(), back = new Set();
  edges.forEach((one, i) => one.source !== one.target && out.get(one.source).push([one.target, i]));
  const walk = (id) => {
    state.set(id, "on the way");
    for (const [next, i] of out.get(id)) {
      if (state.get(next) === "on the way") back.add(i);
      else if (!state.has(next)) walk(next);
    }
    state.set(id, "done");
  };
  for (const { id } of nodes) if (!state.has(id)) walk(id);
  return back;
}

const pen = document.createElement("canvas").getContext("2d");
export const FAMILY = '"Inter Variable", Inter, "Segoe UI", system-ui, sans-serif';

export function measured(text, font) {
  pen.font = `${font} ${FAMILY}`;
  return pen.measureText(text.replace(/\d/g, "0")).width; // figures are drawn in columns, as wide as a nought
}

/** The box of an activity, and its name cut to what the box holds. */
export function boxed(one, second) {
  const wanted = Math.max(measured(one.label, "600 12.5px"), measured(second, "400 11.5px"));
  const width = Math.min(MOST, Math.max(LEAST, Math.ceil(wanted) + BESIDE));
  let said = one.label;
  while (said.length > 1 && measured(said, "600 12.5px") > width - BESIDE + 6) said = said.slice(0, -2) + "…";
  return { width, height: HEIGHT, said };
}
