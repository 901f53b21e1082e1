// What stands beside the map: the figures of what is chosen, what comes before and after it, and the filters it offers.
import { offersOf } from "./filters.js";
import { said } from "./measure.js";
import { button, h } from "./parts.js";
import { END, START } from "./shape.js";
import { count, counted, duration, share } from "./write.js";

export function nothingChosen(data) {
  const walked = data.spineCases == null ? null : `${counted(data.spineCases, "case")} (${share(data.spineCases, data.cases)}) walk exactly it.`;
  return [
    h("h2", {}, "Nothing is chosen"),
    h("p", { class: "mute" }, "Choose an activity or a path to see its figures and to filter by it."),
    data.spine.length ? h("p", { class: "mute" }, "The straight line is the happy path: the way that most cases take. ", walked) : null,
    h("p", { class: "mute keys" }, h("kbd", {}, "Tab"), " moves, ", h("kbd", {}, "Enter"), " chooses, ", h("kbd", {}, "o"), " only, ", h("kbd", {}, "x"), " without, ", h("kbd", {}, "Esc"), " lets go, ", h("kbd", {}, "+"), " ", h("kbd", {}, "−"), " ", h("kbd", {}, "0"), " zoom."),
  ];
}

export function ofActivity(one, graph, data, choose) {
  const into = graph.edges.filter((edge) => edge.target === one.id), from = graph.edges.filter((edge) => edge.source === one.id);
  return [
    h("h2", {}, one.label),
    facts([
      ["Cases", `${count(one.cases)} (${share(one.cases, data.cases)})`],
      ["Events", count(one.count)],
      ["Stage", one.stageLabel],
      ["Begin here", one.starts ? count(one.starts) : ""],
      ["End here", one.ends ? count(one.ends) : ""],
      ["Money of these cases", said(one, "money", data.currency)],
    ]),
    offersOf([one]),
    around("Comes from", into, "source", graph, choose),
    around("Goes to", from, "target", graph, choose),
  ];
}

export function ofPath(edge, graph, data, choose) {
  const from = named(edge.source, graph), to = named(edge.target, graph);
  const figures = edge.end
    ? [["Cases", `${count(edge.cases)} (${share(edge.cases, data.cases)})`]]
    : [
        ["Times", count(edge.count)],
        ["Cases", `${count(edge.cases)} (${share(edge.cases, data.cases)})`],
        ["Median", duration(edge.median)],
        ["p90", duration(edge.p90)],
        ["p95", duration(edge.p95)],
        ["Money of these cases", said(edge, "money", data.currency)],
      ];
  const ends = [edge.source, edge.target].filter((id) => id !== START && id !== END);
  const nodes = ends.map((id) => graph.nodes.find((one) => one.id === id));
  const links = ends.map((id) => h("button", { type: "button", class: "linklike", onclick: () => choose(id) }, named(id, graph)));
  return [h("h2", {}, `${from} → ${to}`), facts(figures), offersOf(nodes, edge), h("p", { class: "mute" }, "Its ends: ", ...links.flatMap((one, i) => (i ? [" and ", one] : [one])))];
}

export const named = (id, graph) => (id === START ? "Start" : id === END ? "End" : graph.nodes.find((one) => one.id === id)?.label || "?");

const facts = (pairs) => h("dl", {}, pairs.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { class: "num" }, value))));

function around(title, edges, end, graph, choose) {
  if (!edges.length) return null;
  const all = edges.reduce((sum, one) => sum + one.count, 0);
  const rows = [...edges].sort((a, b) => b.count - a.count).slice(0, 6).map((one) =>
    h("li", {}, h("button", { type: "button", class: "linklike", onclick: () => choose(one.id) }, named(one[end], graph)),
      h("span", { class: "mute num" }, share(one.count, all) + (one.end || one.median == null ? "" : ` · ${duration(one.median)}`))));
  const more = edges.length > 6 ? h("li", { class: "mute" }, `and ${edges.length - 6} more in the table`) : null;
  return h("div", { class: "around" }, h("h3", {}, title), h("ul", {}, rows, more));
}

export const closing = (choose) => button("Let go", { class: "button quiet let-go", onclick: () => choose("") }, "x");
