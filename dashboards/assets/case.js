// Event and span of a case light up together; which one is chosen stands in the URL, so that a link shows it again.
(function () {
  const sheet = () => document.querySelector(".timeline .sheet");

  function light(chosen) { // chosen: an event's or a span's element, or nothing
    const root = sheet();
    if (!root) return;
    for (const one of document.querySelectorAll(".lit")) one.classList.remove("lit");
    root.classList.toggle("picked", Boolean(chosen));
    if (!chosen) return;
    chosen.classList.add("lit");
    const { trace, span, event } = chosen.dataset;
    if (trace) {
      const ours = `[data-trace="${CSS.escape(trace)}"]`;
      // an event lights its own span, or its whole trace when it names none; a span lights the events told in its trace
      const exact = event && span ? root.querySelectorAll(`.bar${ours}[data-span="${CSS.escape(span)}"]`) : [];
      const others = exact.length ? exact : root.querySelectorAll(event ? `.bar${ours}` : `.mark${ours}`);
      for (const one of others) one.classList.add("lit");
    }
    for (const one of document.querySelectorAll(".mark.lit"))
      document.querySelector(`[data-row="${CSS.escape(one.dataset.event)}"]`)?.classList.add("lit");
  }

  function fromLink() {
    const query = new URLSearchParams(location.search);
    for (const name of ["event", "span"]) {
      const wanted = query.get(name);
      const found = wanted && sheet()?.querySelector(`.${name === "event" ? "mark" : "bar"}[data-${name}="${CSS.escape(wanted)}"]`);
      if (found) return light(found), found.scrollIntoView({ block: "nearest", inline: "center" });
    }
    light(null);
  }

  document.addEventListener("click", (click) => {
    const chosen = click.target.closest?.(".timeline [data-event], .timeline .bar[data-span]");
    if (!chosen) return;
    const again = chosen.classList.contains("lit") && sheet().classList.contains("picked") && location.search.includes(encodeURIComponent(chosen.dataset.event || chosen.dataset.span));
    light(again ? null : chosen);
    const { event, span } = again ? {} : chosen.dataset;
    window.throughline.note({ event: event || "", span: event ? "" : span || "" });
  });

  new MutationObserver((changes) => {
    const drawn = changes.some((change) => [...change.addedNodes].some((node) => node.querySelector?.(".timeline") || node.matches?.(".timeline")));
    if (drawn) fromLink();
  }).observe(document.body, { childList: true, subtree: true });
})();
