// The shell's own behaviour: links without reloading, the context in the URL, keys, copying, tips. Everything that is a
// state stands in the URL; this file only reads and writes it. All handlers are delegated, so that React may redraw.
(function () {
  const root = document.documentElement;
  const at = (id) => document.getElementById(id);
  // written here without asking the server, so the server's links do not know them
  const OWN = ["sort", "event", "span", "show", "activities", "paths", "chosen"];
  const CONTEXT = ["since", "until", "as_of", "tz", "dataset", "region", "business_unit", "legal_entity", "product_family", "sales_channel", "customer_tier", "only", "exclude", "start", "end", "follows", "events"];

  // AG Grid's scheme follows the page's
  const follow = () => root.setAttribute("data-ag-theme-mode", root.getAttribute("data-mantine-color-scheme"));
  new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  follow();

  // our own bundle of plotly, fetched when the first chart is shown and not before
  Object.defineProperty(window, "_dashPlotlyJSURL", { get: () => "/assets/build/charts.js", set: () => {} });

  // A page that changes draws its controls anew, and the focus would go with them: for some seconds it is put back to where one
  // was, or to the heading of the page one comes to. Whoever takes a mouse or finger meanwhile is left alone.
  let keeping, path = location.pathname;
  const heading = () => document.querySelector("#page h1");
  const known = (spot) => spot.tagName + "|" + spot.id + "|" + (spot.getAttribute("aria-label") || spot.textContent).trim();
  const again = (from) => [...document.querySelectorAll("#main a[href], #main button, #main summary, #main input")].find((spot) => known(spot) === from);
  function focus(spot) {
    if (spot.tagName === "H1") spot.tabIndex = -1;
    spot.focus({ preventScroll: true });
  }
  function keepFocus() {
    clearInterval(keeping);
    const same = location.pathname === path, left = heading()?.textContent;
    let coming = !same, from = document.activeElement === document.body ? "" : known(document.activeElement), looks = 0;
    path = location.pathname;
    keeping = setInterval(() => {
      if (++looks > 100) return clearInterval(keeping);
      const spot = document.activeElement;
      if (coming) {
        if (!heading() || heading().textContent === left) return; // still the page one leaves
        coming = false;
        focus(heading());
      } else if (spot !== document.body) from = known(spot);
      else if (from) focus(again(from) || heading() || at("main"));
    }, 50);
  }
  addEventListener("popstate", keepFocus);
  addEventListener("pointerdown", () => clearInterval(keeping), true);

  function visit(href) {
    const url = new URL(href, location.href);
    if (url.pathname === location.pathname) {
      const here = new URLSearchParams(location.search);
      for (const name of OWN) if (here.has(name) && !url.searchParams.has(name)) url.searchParams.set(name, here.get(name));
    } else scrollTo(0, 0);
    history.pushState({}, "", url);
    keepFocus();
    dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function change(values) {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(values)) value ? url.searchParams.set(name, value) : url.searchParams.delete(name);
    if (url.href !== location.href) visit(url.href);
  }

  function note(values) { // changes the URL without asking the server
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(values)) value ? url.searchParams.set(name, value) : url.searchParams.delete(name);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }

  function context() {
    const kept = new URLSearchParams();
    for (const [name, value] of new URLSearchParams(location.search)) if (CONTEXT.includes(name)) kept.append(name, value);
    return String(kept) ? "?" + kept : "";
  }

  let fading;
  function say(text) {
    const box = at("said");
    if (!box) return;
    box.textContent = text;
    box.classList.add("shown");
    clearTimeout(fading);
    fading = setTimeout(() => box.classList.remove("shown"), 2500);
  }

  async function copy(text, said) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // a page that is not served securely has no clipboard
      const field = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    say(said);
  }

  /** The UTC time of a wall clock's reading in a zone; a reading that a change of clocks skips is taken after it. */
  function utc(reading, zone) {
    const wall = Date.parse(reading + "Z");
    const offset = (moment) => {
      const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(moment);
      return Date.parse(shown.replace(" ", "T") + "Z") - Math.floor(moment / 1000) * 1000;
    };
    const first = wall - offset(wall);
    return new Date(wall - offset(first)).toISOString().replace(".000Z", "Z");
  }

  function absolute() { // a link that means the same tomorrow
    const url = new URL(location.href);
    const unit = { h: 36e5, d: 864e5, w: 6048e5 };
    for (const name of ["since", "until", "as_of"]) {
      const relative = /^now(?:-(\d+)([hdw]))?$/.exec(url.searchParams.get(name) || "");
      if (relative) url.searchParams.set(name, new Date(Date.now() - (relative[1] || 0) * (unit[relative[2]] || 0)).toISOString());
    }
    if (url.searchParams.has("since") && !url.searchParams.has("until")) url.searchParams.set("until", new Date().toISOString());
    if (!url.searchParams.has("tz")) url.searchParams.set("tz", "UTC");
    return url.href;
  }

  function applyRange() {
    const zone = new URLSearchParams(location.search).get("tz") || "UTC";
    const [from, to] = [at("range-from").value, at("range-to").value];
    if (from && to && from >= to) return say("The end must be after the start");
    change({ since: from && utc(from, zone), until: to && utc(to, zone) });
  }

  function find(box) {
    const wanted = box.value.trim();
    if (wanted) location.assign("/go/" + encodeURIComponent(wanted) + context());
  }

  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.pop[open]")) if (!open.contains(event.target)) open.open = false;
    const target = event.target.closest("a[href],button,dialog");
    if (!target) return;
    if (target.dataset.copy) return void copy(target.dataset.copy, "Copied " + target.dataset.copy);
    if (target.dataset.copyFrom) return void copyFrom(target.dataset.copyFrom);
    if (target.id === "copy-link") return void copy(absolute(), "Link copied, with fixed times");
    if (target.id === "range-apply") return applyRange();
    if (target.id === "help-open") return at("help").showModal();
    if (target.id === "help-close" || event.target === at("help")) return at("help").close();
    if (target.id === "bar-toggle") return target.setAttribute("aria-expanded", String(at("bar").classList.toggle("open")));
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (target.tagName !== "A" || !plain || target.target || target.hasAttribute("download")) return;
    if (target.dataset.reload) return event.preventDefault(), location.reload();
    const url = new URL(target.href, location.href);
    if (url.origin !== location.origin || url.pathname.startsWith("/go/") || (url.hash && url.pathname === location.pathname)) return;
    event.preventDefault();
    visit(url.href);
  });

  async function copyFrom(path) {
    const answer = await fetch(path + location.search);
    const text = answer.ok ? (await answer.text()).trim() : "";
    const many = text ? text.split("\n").length : 0;
    many ? copy(text, many + (many === 1 ? " number" : " numbers") + " copied") : say("There was nothing to copy");
  }

  let leading = 0;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input,textarea,select,[contenteditable]");
    if (event.key === "Enter" && event.target.matches("#omni, [data-go] input")) return find(event.target);
    if (event.key === "Escape") {
      hide();
      for (const open of document.querySelectorAll("details.pop[open]")) (open.open = false), open.querySelector("summary").focus();
      if (event.target.id === "omni") event.target.blur();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab") // what a chart is marked with is listed under it; within a picture nothing takes the focus
      for (const mark of document.querySelectorAll("[role=img] a:not([tabindex])")) mark.setAttribute("tabindex", "-1");
    if (event.key === "Enter" || event.key === " ") {
      if (event.target.matches(".ag-cell")) { // a row stands in two halves, that of the columns that stay and that of those that scroll
        const row = event.target.closest(".ag-row").getAttribute("row-index");
        return event.target.closest(".ag-root").querySelector(`.ag-row[row-index="${row}"] a[href]`)?.click();
      }
      if (event.target.matches("[role=button]")) event.preventDefault(), event.target.click();
      return;
    }
    const page = Date.now() - leading < 1500 && document.querySelector(`#nav a[data-key="${CSS.escape(event.key)}"]`);
    leading = event.key === "g" ? Date.now() : 0;
    if (page) return event.preventDefault(), page.click();
    if (event.key === "/") event.preventDefault(), at("omni").focus(), at("omni").select();
    else if (event.key === "?") at("help").showModal();
    else if (event.key === "t") at("scheme").click();
    else if (event.key === "[" || event.key === "]") step(event.key === "]" ? 1 : -1);
  });

  function step(by) { // to the next case of the list that one came from
    let list = [];
    try { list = JSON.parse(sessionStorage.getItem("throughline-cases")) || []; } catch {}
    const here = list.indexOf(location.pathname.replace(/^\/case\//, ""));
    if (!location.pathname.startsWith("/case/")) return;
    const next = here < 0 ? undefined : list[here + by];
    next ? visit("/case/" + next + context()) : say(by > 0 ? "No case after this one in the list" : "No case before this one in the list");
  }

  // one tip for everything that has data-tip; shown on hover and on focus, as text
  function show(mark) {
    const tip = at("tip");
    if (!tip) return;
    tip.textContent = mark.dataset.tip;
    tip.hidden = false;
    const box = mark.getBoundingClientRect(), size = tip.getBoundingClientRect();
    const left = Math.min(Math.max(box.left + Math.min(box.width, 200) / 2 - size.width / 2, 8), innerWidth - size.width - 8);
    const above = box.top - size.height - 8;
    tip.style.left = left + "px";
    tip.style.top = (above > 8 ? above : box.bottom + 8) + "px";
  }
  const hide = () => { const tip = at("tip"); if (tip) tip.hidden = true; };
  for (const kind of ["mouseover", "focusin"])
    document.addEventListener(kind, (event) => { const mark = event.target.closest?.("[data-tip]"); mark ? show(mark) : hide(); });
  addEventListener("scroll", hide, true);

  // the search within a list: after Enter, or when the typing has stopped
  let typed;
  document.addEventListener("input", (event) => {
    if (!event.target.matches("input[data-param], [data-param] input")) return;
    const name = event.target.closest("[data-param]").dataset.param;
    clearTimeout(typed);
    typed = setTimeout(() => change({ [name]: event.target.value.trim() }), 350);
  });

  window.throughline = { visit, change, note, say, copy };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    shell: {
      title: (text) => { if (text) document.title = text + " · Throughline"; return null; },
      zone: (zone) => {
        const chosen = zone === "browser" ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
        const now = new URLSearchParams(location.search).get("tz") || "UTC";
        if (chosen && chosen !== now) change({ tz: chosen === "UTC" ? "" : chosen });
      },
      dataset: (name) => {
        const now = new URLSearchParams(location.search).get("dataset") || "live";
        if (name && name !== now) change({ dataset: name === "live" ? "" : name });
      },
      drawer: (opened, frame) => ({ ...frame, collapsed: { mobile: !opened } }),
      shut: () => false,
      sorted: (request) => {
        if (!request) return;
        const by = (request.sortModel || [])[0];
        const sort = by ? (by.sort === "desc" ? "-" : "") + by.colId : "";
        note({ sort: sort === "-last_event_at" ? "" : sort }); // the order that a list has by itself
      },
    },
  });
})();
