// The map as two tables: all that it says, for those who hear it or who would rather read; it follows the sliders.
import { said } from "./measure.js";
import { h } from "./parts.js";
import { named } from "./panel.js";
import { count, duration } from "./write.js";

export function twin(data, graph, shown, choose) {
  const pick = (id, word) => h("button", { type: "button", class: "linklike", onclick: () => choose(id) }, word);
  const activities = shown.nodes.map((one) => [
    pick(one.id, one.label), one.spine ? "yes" : "", count(one.cases), count(one.count), count(one.starts || 0), count(one.ends || 0), said(one, "money", data.currency),
  ]);
  const paths = shown.edges.map((one) => [
    pick(one.id, `${named(one.source, graph)} → ${named(one.target, graph)}`), one.spine ? "yes" : "", count(one.count), count(one.cases),
    ...["median", "p90", "p95"].map((name) => (one.end ? "" : duration(one[name]))), said(one, "money", data.currency),
  ]);
  return [
    table("Activities", ["Activity", "Happy path", "Cases", "Events", "Begin", "End", "Money"], activities),
    table("Paths", ["Path", "Happy path", "Times", "Cases", "Median", "p90", "p95", "Money"], paths),
  ];
}

function table(title, heads, rows) {
  const head = h("thead", {}, h("tr", {}, heads.map((one) => h("th", { scope: "col" }, one))));
  const body = h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, i) => h(i ? "td" : "th", i ? { class: "num" } : { scope: "row" }, cell)))));
  return h("div", { class: "table", tabindex: 0, role: "region", "aria-label": title }, h("table", {}, h("caption", {}, title), head, body));
}
