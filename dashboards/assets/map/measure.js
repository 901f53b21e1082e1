// What a map can show: how often, how long, how much. Blue is how often, orange how long, green how much, on every page.
import { count, counted, duration, money as sum, short } from "./write.js";

export const MEASURES = {
  count: { word: "Frequency", kind: "often", edge: (one) => one.count, node: (one) => one.cases },
  median: { word: "Median time", kind: "long", edge: (one) => one.median },
  p90: { word: "p90 time", kind: "long", edge: (one) => one.p90 },
  p95: { word: "p95 time", kind: "long", edge: (one) => one.p95 },
  money: { word: "Money", kind: "much", edge: (one) => one.money, node: (one) => one.money },
};

/** Where each value stands between the least and the most: square root for counts and money, logarithm for time. */
export function scale(values, kind) {
  const known = values.filter((one) => one != null && one > 0);
  if (!known.length) return () => 0;
  const most = Math.max(...known);
  if (kind !== "long") return (value) => Math.sqrt(Math.max(value || 0, 0) / most);
  const low = Math.log(Math.max(1, Math.min(...known))), high = Math.log(Math.max(most, 1));
  return (value) => (value > 0 ? (Math.log(Math.max(1, value)) - low) / (high - low || 1) : 0);
}

/** The value of one path or activity in the words of its measure; '' where it has none. */
export function said(one, name, currency) {
  const value = MEASURES[name].edge(one);
  if (name === "money") return one.moneyText || (value == null ? "" : sum(value, currency));
  if (name === "count") return short(one.count);
  return value == null ? "" : duration(value);
}

export function told(edge, from, to, currency) {
  if (edge.end) return `${from} → ${to}\n${counted(edge.cases, "case")}`;
  const money = said(edge, "money", currency);
  return (
    `${from} → ${to}\n${counted(edge.count, "time")} in ${counted(edge.cases, "case")}\n` +
    `median ${duration(edge.median)}, p90 ${duration(edge.p90)}, p95 ${duration(edge.p95)}` + (money ? `\n${money} in these cases` : "")
  );
}

export const second = (one) => `${count(one.cases)} ${one.cases === 1 ? "case" : "cases"}`;
