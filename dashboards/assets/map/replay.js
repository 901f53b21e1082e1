// Replays real cases: a token for each, on the path between two of its events, where it was at the time that is shown.
import { at } from "./labels.js";
import { element } from "./draw.js";
import { button, h } from "./parts.js";
import { counted } from "./write.js";

const SECONDS = 45;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function replaying(stage, zone) {
  const clock = h("output", { class: "num clock", for: "replay-time" });
  const time = h("input", { id: "replay-time", type: "range", min: 0, max: 1000, value: 0, "aria-label": "Time of the replay", oninput: () => (stop(), show(+time.value / 1000)) });
  const play = button("Play", { onclick: () => (running ? stop() : go()) }, "player-play");
  const note = h("span", { class: "mute small" });
  const box = h("div", { class: "replay", hidden: true }, play, time, clock, note);
  let running = 0, told = null, moves = [], drawn = null;

  async function open() {
    box.hidden = false;
    if (!told) {
      note.textContent = "asking for cases …";
      const answer = await fetch("/process/replay.json" + location.search);
      if (!answer.ok) return void (note.textContent = "The store gave no cases to replay.");
      told = await answer.json();
    }
    prepare();
    if (calm()) note.textContent += " Your system asks for less motion: drag the time.";
    play.hidden = calm() || !moves.length;
    show(+time.value / 1000);
    if (!calm() && moves.length) go();
  }

  function close() {
    stop();
    box.hidden = true;
    stage.tokens()?.replaceChildren();
  }

  /** The moves of every case on paths that are drawn, by the time they begin. */
  function prepare() {
    if (!told) return;
    const scene = stage.scene(), lines = new Map(scene.edges.map((one) => [one.id, one.points]));
    let all = 0;
    moves = [];
    for (const steps of told.cases)
      for (let i = 0; i + 1 < steps.length; i++) {
        all += 1;
        const line = lines.get(`a:${told.activities[steps[i][0]]}→a:${told.activities[steps[i + 1][0]]}`);
        if (line) moves.push({ begin: steps[i][1], end: steps[i + 1][1], line });
      }
    moves.sort((a, b) => a.begin - b.begin);
    const sample = told.cases.length < told.of ? ` of ${told.of.toLocaleString("en-US")}` : "";
    note.textContent = told.cases.length
      ? `${told.cases.length.toLocaleString("en-US")}${sample} cases, ${counted(moves.length, "move")}` + (moves.length < all ? ` of ${all.toLocaleString("en-US")} on the paths shown.` : ".")
      : "No case moved in this period.";
    drawn = null;
  }

  function show(share) {
    if (!told || !moves.length) return;
    const now = told.begin + share * (told.end - told.begin);
    clock.textContent = new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "medium", timeStyle: "short" }).format(now * 1000);
    const layer = stage.tokens();
    if (drawn !== layer) (drawn = layer), layer.replaceChildren();
    const here = moves.filter((one) => one.begin <= now && now < one.end);
    while (layer.childElementCount < here.length) element("circle", { class: "token", r: 3.4 }, layer);
    while (layer.childElementCount > here.length) layer.lastChild.remove();
    here.forEach((one, i) => {
      const [x, y] = at(one.line, (now - one.begin) / (one.end - one.begin));
      layer.children[i].setAttribute("cx", x.toFixed(1));
      layer.children[i].setAttribute("cy", y.toFixed(1));
    });
  }

  function go() {
    const from = +time.value >= 1000 ? 0 : +time.value / 1000, begun = performance.now();
    play.lastChild.textContent = "Pause";
    const step = (now) => {
      const share = from + (now - begun) / 1000 / SECONDS;
      time.value = String(Math.round(Math.min(share, 1) * 1000));
      show(Math.min(share, 1));
      running = share < 1 && document.contains(box) ? requestAnimationFrame(step) : (stop(), 0);
    };
    running = requestAnimationFrame(step);
  }

  function stop() {
    cancelAnimationFrame(running);
    running = 0;
    play.lastChild.textContent = "Play";
  }

  return { box, open, close, redrawn: () => { if (!box.hidden) prepare(), show(+time.value / 1000); } };
}
