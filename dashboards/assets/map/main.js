// The process map: what is drawn, what is chosen and what the sliders leave stand in the URL, written without asking the
// server; a link or a reload shows the same again.
import { draw } from "./draw.js";
import { MEASURES } from "./measure.js";
import { button, choice, h, slider } from "./parts.js";
import { closing, nothingChosen, ofActivity, ofPath } from "./panel.js";
import { replaying } from "./replay.js";
import { scene as staged } from "./scene.js";
import { END, opening, part, START, whole } from "./shape.js";
import { twin } from "./twin.js";
import { counted, share } from "./write.js";

const LEAST_ZOOM = 0.5, MOST_ZOOM = 2, READABLE = 0.88;

export function mount(host, data) {
  const graph = whole(data), open = opening(graph);
  const query = new URLSearchParams(location.search);
  const percent = (name) => {
    const told = Number.parseInt(query.get(name) ?? "", 10);
    return told >= 0 && told <= 100 ? told : open[name];
  };
  const known = (id) => graph.nodes.some((one) => one.id === id) || graph.edges.some((one) => one.id === id);
  const state = {
    show: query.get("show") in MEASURES ? query.get("show") : "count",
    activities: percent("activities"),
    paths: percent("paths"),
    chosen: known(query.get("chosen")) ? query.get("chosen") : "",
  };
  const keep = () => window.throughline.note({
    show: state.show === "count" ? "" : state.show,
    activities: state.activities === open.activities ? "" : String(state.activities),
    paths: state.paths === open.paths ? "" : String(state.paths),
    chosen: state.chosen,
  });

  let shown, scene, tokens, zoom = 0, turn = 0;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const sheet = h("div", { class: "sheet", tabindex: 0, role: "group", "aria-label": "Process map" }, svg);
  const told = h("p", { class: "mute small num told", role: "status" });
  const side = h("div", { class: "side", "aria-live": "polite" });
  const tables = h("div");
  const sliders = {
    activities: slider("map-activities", "Activities", state.activities, (value) => slid("activities", value)),
    paths: slider("map-paths", "Paths", state.paths, (value) => slid("paths", value)),
  };
  const replay = replaying({ scene: () => scene, tokens: () => tokens }, data.zone);
  const switched = h("input", { type: "checkbox", role: "switch", id: "map-replay", onchange: () => (switched.checked ? replay.open() : replay.close()) });
  const words = Object.fromEntries(Object.entries(MEASURES).filter(([name]) => name !== "money" || data.money).map(([name, one]) => [name, one.word]));
  if (!(state.show in words)) state.show = "count";
  const zooms = h("div", { class: "zooms", role: "group", "aria-label": "Zoom" },
    button("", { "aria-label": "Zoom in", onclick: () => magnify(1.2) }, "zoom-in"), button("", { "aria-label": "Zoom out", onclick: () => magnify(1 / 1.2) }, "zoom-out"),
    button("", { "aria-label": "Fit the width", onclick: () => magnify(0) }, "home"));
  host.replaceChildren(
    h("div", { class: "tools" }, choice("What the map shows", words, state.show, (value) => ((state.show = value), keep(), render())),
      h("label", { class: "switch-line", for: "map-replay" }, switched, "Replay"), zooms, told),
    replay.box,
    h("div", { class: "stage" },
      h("div", { class: "card canvas" }, sheet),
      h("aside", { class: "card figures", "aria-label": "Figures" }, h("div", { class: "sliders" }, sliders.activities.box, sliders.paths.box), side)),
    h("details", { class: "card twin" }, h("summary", {}, "The map as tables"), tables),
  );

  function slid(name, value) {
    state[name] = value;
    keep();
    render();
  }

  async function render() {
    const mine = ++turn;
    shown = part(graph, state.activities, state.paths);
    const moves = shown.edges.reduce((sum, one) => sum + one.count, 0);
    sliders.activities.told.textContent = `${shown.nodes.length} of ${graph.nodes.length}`;
    sliders.paths.told.textContent = `${shown.edges.length} of ${graph.edges.length}`;
    told.textContent = `${counted(shown.nodes.length, "activity").replace("activitys", "activities")}, ${counted(shown.edges.length, "path")}: ${share(moves, graph.moves)} of all moves of ${counted(data.cases, "case")}`;
    tables.replaceChildren(...twin(data, graph, shown, choose));
    try {
      const next = await staged(data, shown, state.show);
      if (mine !== turn) return; // a newer one is on its way
      scene = next;
    } catch (error) {
      if (mine === turn) sheet.replaceChildren(h("p", { class: "bad trouble", role: "alert" }, `The map could not be drawn: ${error.message}. The tables below say the same.`));
      return;
    }
    const first = !tokens;
    tokens = draw(svg, scene, data.cases);
    size();
    if (first) sheet.scrollLeft = middle() - sheet.clientWidth / 2;
    light();
    replay.redrawn();
    host.dataset.drawn = String(mine);
  }

  const middle = () => (scene.nodes.find((one) => one.spine)?.cx ?? scene.width / 2) * factor();
  const factor = () => zoom || Math.min(1, Math.max(READABLE, (sheet.clientWidth - 2) / scene.width));
  function size() {
    svg.setAttribute("width", Math.round(scene.width * factor()));
    svg.setAttribute("height", Math.round(scene.height * factor()));
  }
  function magnify(by) {
    const center = [(sheet.scrollLeft + sheet.clientWidth / 2) / factor(), (sheet.scrollTop + sheet.clientHeight / 2) / factor()];
    zoom = by ? Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, factor() * by)) : 0;
    size();
    sheet.scrollTo(center[0] * factor() - sheet.clientWidth / 2, center[1] * factor() - sheet.clientHeight / 2);
  }

  function choose(id) {
    state.chosen = state.chosen === id ? "" : id;
    keep();
    light();
  }

  /** Lights what is chosen with what touches it, and tells its figures. */
  function light() {
    const { chosen } = state;
    const steps = new Set(data.way.map((name) => "a:" + name)), walked = new Set(data.way.slice(1).map((name, i) => `a:${data.way[i]}→a:${name}`));
    if (data.way.length) walked.add(`${START}→a:${data.way[0]}`), walked.add(`a:${data.way.at(-1)}→${END}`);
    svg.classList.toggle("picked", Boolean(chosen || walked.size));
    for (const one of svg.querySelectorAll("[data-id]")) {
      const edge = scene?.edges.find((path) => path.id === one.dataset.id);
      const near = edge && (edge.source === chosen || edge.target === chosen);
      const end = scene?.edges.some((path) => path.id === chosen && (path.source === one.dataset.id || path.target === one.dataset.id));
      one.classList.toggle("lit", one.dataset.id === chosen || Boolean(near || end) || (!chosen && (steps.has(one.dataset.id) || walked.has(one.dataset.id))));
      if (one.getAttribute("role") === "button") one.setAttribute("aria-pressed", String(one.dataset.id === chosen));
    }
    const activity = graph.nodes.find((one) => one.id === chosen), path = graph.edges.find((one) => one.id === chosen);
    const body = activity ? ofActivity(activity, graph, data, choose) : path ? ofPath(path, graph, data, choose) : nothingChosen(data);
    side.replaceChildren(...[...body, chosen ? closing(choose) : null].filter(Boolean));
    host.classList.toggle("chosen", Boolean(chosen));
  }

  svg.addEventListener("click", (event) => {
    if (dragged) return;
    const one = event.target.closest("[data-id]");
    if (one && !one.classList.contains("terminal")) choose(one.dataset.id);
    else if (state.chosen) choose(state.chosen);
  });

  host.addEventListener("keydown", (event) => {
    const free = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!sheet.contains(event.target) || !free) return;
    const node = event.target.closest?.(".node");
    const filter = { o: "only", x: "exclude" }[event.key];
    if ((event.key === "Enter" || event.key === " ") && node) choose(node.dataset.id);
    else if (event.key === "Escape" && state.chosen) choose(state.chosen);
    else if (filter && state.chosen) side.querySelector(`a[data-filter="${filter}"]`)?.click();
    else if (event.key === "+" || event.key === "=") magnify(1.2);
    else if (event.key === "-") magnify(1 / 1.2);
    else if (event.key === "0") magnify(0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // the sheet scrolls by itself, by touch and by keys; a mouse may take hold of it
  let held = null, dragged = false;
  sheet.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.pointerType === "mouse" && event.button === 0) held = [event.clientX, event.clientY, sheet.scrollLeft, sheet.scrollTop];
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y] = [event.clientX - held[0], event.clientY - held[1]];
    if (Math.hypot(x, y) > 4) dragged = true;
    if (dragged) sheet.scrollTo(held[2] - x, held[3] - y);
  });
  for (const kind of ["pointerup", "pointerleave"]) sheet.addEventListener(kind, () => (held = null));
  sheet.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    magnify(event.deltaY < 0 ? 1.1 : 1 / 1.1);
  }, { passive: false });
  new ResizeObserver(() => { if (scene && !zoom) size(); }).observe(sheet);

  // names are measured before they are boxed, so their font must be there
  const fonts = ["600 12.5px", "500 11.5px"].map((font) => document.fonts.load(`${font} "Inter Variable"`));
  Promise.allSettled(fonts).then(render);
}
