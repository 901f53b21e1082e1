// The filters that a choice on the map offers: links to this page with one more chip, which the links to other pages keep.
import { h } from "./parts.js";

/** For one activity: only, without, begin, end; for a path what its ends allow. */
export function offersOf(nodes, edge) {
  const names = nodes.map((one) => one.name);
  if (edge?.end) return offers(edge.source === "start" ? [["start", "Only those that begin so", names]] : [["end", "Only those that end so", names]]);
  if (edge) return offers([["follows", "Only cases that go so", [pair(names)]], ["only", names[0] === names[1] ? "Only cases with it" : "Only cases with both", [...new Set(names)]]]);
  return offers([["only", "Only cases with it", names], ["exclude", "Without it", names], ["start", "Beginning with it", names], ["end", "Ending with it", names]]);
}

const offers = (all) => h("div", { class: "offers" }, all.map(([name, word, values], i) =>
  h("a", { href: adding(name, values), class: i ? "button quiet" : "button", "data-filter": name }, word)));

// what separates the two is no part of either
const pair = ([first, second = first]) => [first, second].map((one) => encodeURIComponent(one).replaceAll("~", "%7E")).join("~");

function adding(name, values) {
  const url = new URL(location.href);
  const there = url.searchParams.getAll(name);
  for (const value of values) if (!there.includes(value)) url.searchParams.append(name, value);
  url.searchParams.delete("chosen");
  return url.pathname + url.search;
}
