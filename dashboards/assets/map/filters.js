// The filters that a choice on the map offers: links to this page with one more chip, which every page keeps.
import { h } from "./parts.js";

export function chips(kind, one, data) {
  const offers = (data.offers?.[kind] || []).filter((offer) => !one.end || offer.ends);
  const value = kind === "activity" ? one.name : one.id;
  if (!offers.length) return null;
  return h("div", { class: "offers" }, offers.map((offer, i) => {
    const url = new URL(location.href);
    url.searchParams.append(offer.name, value);
    return h("a", { href: url.pathname + url.search, class: i ? "button quiet" : "button", "data-filter": offer.key }, offer.word);
  }));
}
