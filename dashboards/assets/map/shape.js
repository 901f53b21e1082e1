// Which part of the process is drawn: pure. The happy path always is; the sliders add the rest, the strongest first.
export const START = "start", END = "end"; // names of activities begin with a:, so that none is one of these

/** The process as a graph: activities, paths between them, and a start and an end that cases come from and go to. */
export function whole(data) {
  // an activity that the happy path comes to again stands where it comes first: the way back is a path beside the line
  const spine = new Map([...new Set(data.spine)].map((name, place) => [name, place]));
  const nodes = data.activities.map((one) => ({ ...one, id: "a:" + one.name, spine: spine.has(one.name) }));
  nodes.sort((a, b) => (spine.get(a.name) ?? 1e9) - (spine.get(b.name) ?? 1e9) || b.count - a.count);
  const follows = (one) => spine.has(one.source) && spine.get(one.target) === spine.get(one.source) + 1;
  const last = [...spine.keys()].at(-1);
  const edges = data.edges.map((one) => ({ ...one, source: "a:" + one.source, target: "a:" + one.target, spine: follows(one) }));
  for (const one of nodes) {
    if (one.starts) edges.push(end(START, one.id, one.starts, one.name === data.spine[0]));
    if (one.ends) edges.push(end(one.id, END, one.ends, one.name === last));
  }
  for (const one of edges) one.id = one.source + "\u2192" + one.target;
  return { nodes, edges, cases: data.cases, moves: edges.reduce((sum, one) => sum + one.count, 0) };
}

const end = (source, target, cases, spine) => ({ source, target, count: cases, cases, spine, end: true });

/** The happy path from top to bottom, also where it goes back in between and no path leads from one to the next. */
export function guides(shown) {
  const [first, last] = [START, END].map((id) => shown.terminals.filter((one) => one === id));
  const order = [...first, ...shown.nodes.filter((one) => one.spine).map((one) => one.id), ...last];
  const there = new Set(shown.edges.map((one) => one.id));
  return order.slice(1).map((id, i) => ({ source: order[i], target: id, spine: true })).filter((one) => !there.has(`${one.source}→${one.target}`));
}

/** What the sliders leave, in percent of activities and of paths: so many by frequency, and whatever holds the map together. */
export function part(graph, activities, paths) {
  const many = Math.max(graph.nodes.filter((one) => one.spine).length, Math.ceil((graph.nodes.length * activities) / 100));
  const nodes = graph.nodes.slice(0, many);
  const kept = new Set([START, END, ...nodes.map((one) => one.id)]);
  const possible = graph.edges.filter((one) => kept.has(one.source) && kept.has(one.target)).sort((a, b) => b.count - a.count);
  const drawn = new Set(possible.filter((one) => one.spine));
  // the strongest way in and the strongest way out of every activity stay, so that the map never falls apart
  for (const { id } of nodes)
    for (const way of ["source", "target"]) {
      const strongest = possible.find((one) => one[way] === id && one.source !== one.target);
      if (strongest) drawn.add(strongest);
    }
  for (const one of possible.slice(0, Math.ceil((possible.length * paths) / 100))) drawn.add(one);
  const edges = [...drawn].sort((a, b) => b.spine - a.spine || b.count - a.count);
  const ends = new Set(edges.flatMap((one) => [one.source, one.target]));
  return { nodes, edges, terminals: [START, END].filter((id) => ends.has(id)), possible: possible.length };
}

/** Where the sliders stand when the link does not say: about thirty activities, and not much more paths than can be read. */
export function opening(graph) {
  const activities = graph.nodes.length <= 30 ? 100 : Math.ceil((100 * 30) / graph.nodes.length);
  const { nodes, possible } = part(graph, activities, 0);
  const paths = possible ? Math.min(100, Math.max(10, Math.round((100 * 1.3 * nodes.length) / possible))) : 100;
  return { activities, paths };
}
