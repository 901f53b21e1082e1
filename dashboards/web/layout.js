// Places a process map: dot, by Graphviz in WebAssembly, in a worker, so that the page never stands still and its own policy
// need not allow WebAssembly (a worker has the policy of its own answer). Takes what to place, answers where it stands.
import { Graphviz } from '@hpcc-js/wasm-graphviz';

const loading = Graphviz.load();
const POINTS = 72; // dot measures nodes in inches and answers in points; a point is a pixel of ours

onmessage = async ({ data: { id, nodes, edges, options } }) => {
  try {
    const graphviz = await loading;
    const drawn = JSON.parse(graphviz.layout(dotOf(nodes, edges, options || {}), 'json', 'dot'));
    postMessage({ id, ...placed(drawn, nodes, edges) });
  } catch (error) {
    postMessage({ id, trouble: String(error?.message || error) });
  }
};

/** The graph in dot's language: only numbers and our own names go into it, never a word of somebody else's. */
function dotOf(nodes, edges, { nodesep = 0.5, ranksep = 0.5 }) {
  const place = new Map(nodes.map((node, i) => [node.id, i]));
  const lines = [`digraph{graph[rankdir=TB nodesep=${+nodesep} ranksep=${+ranksep} splines=true] node[shape=box fixedsize=true label=""] edge[arrowhead=none label=""]`];
  // the nodes of the happy path share a group, whose edges dot keeps straight
  for (const [i, { width, height, spine }] of nodes.entries())
    lines.push(`n${i}[width=${(width / POINTS).toFixed(4)} height=${(height / POINTS).toFixed(4)}${spine ? ' group=s' : ''}]`);
  for (const [i, { source, target, spine }] of edges.entries())
    lines.push(`n${place.get(source)}->n${place.get(target)}[id=${i} weight=${spine ? 1000 : 1}]`);
  return lines.join('\n') + '}';
}

/** Centres of nodes and the points of edges (a start, then three a Bezier curve), with y growing downwards. */
function placed(drawn, nodes, edges) {
  const [, , width, height] = drawn.bb.split(',').map(Number);
  const point = (text) => {
    const [x, y] = text.split(',').map(Number);
    return [x, height - y];
  };
  const objects = new Map((drawn.objects || []).map((one) => [one.name, one]));
  const routes = new Map((drawn.edges || []).map((one) => [one.id, one]));
  return {
    width,
    height,
    nodes: nodes.map((_, i) => point(objects.get(`n${i}`).pos)),
    edges: edges.map((_, i) => routes.get(String(i)).pos.split(' ').filter((part) => !/^[es],/.test(part)).map(point)),
  };
}
