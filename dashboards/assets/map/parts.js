// Small pieces of HTML: always text, never markup.
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one != null && one !== false));
  return made;
}

export const icon = (name) => h("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

export const button = (word, attributes, picture) => h("button", { type: "button", class: "button quiet", ...attributes }, picture && icon(picture), word);

/** One choice of several, as buttons that say which is on. */
export function choice(label, entries, chosen, choose) {
  const box = h("div", { class: "segmented pick", role: "group", "aria-label": label });
  const draw = (now) => box.replaceChildren(...Object.entries(entries).map(([value, word]) =>
    h("button", { type: "button", class: value === now ? "on" : "", "aria-pressed": String(value === now), "data-value": value, onclick: () => (draw(value), choose(value)) }, word)));
  draw(chosen);
  return box;
}

/** A slider with its name and what it leaves; `slid` is called while it is dragged. */
export function slider(id, word, value, slid) {
  const told = h("output", { for: id, class: "num" });
  const input = h("input", { id, type: "range", min: 0, max: 100, step: 1, value, oninput: () => slid(+input.value) });
  return { box: h("div", { class: "slider" }, h("label", { for: id }, word), told, input), told, input };
}
