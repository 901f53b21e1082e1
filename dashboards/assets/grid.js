// How cells of the list of cases are drawn: as text, never as markup, because every word of them is somebody else's.
(function () {
  const element = (...rest) => window.React.createElement(...rest);
  const waiting = () => element("span", { className: "cell-waiting" });
  const functions = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  functions.CaseLink = (cell) => cell.data ? element("a", { href: cell.data.href, className: "mono" }, cell.value) : waiting();

  functions.CaseStage = (cell) => cell.data && element(
    "span", null, cell.value, cell.data.waits && element("span", { className: "mute" }, " · " + cell.data.waits));

  functions.CaseStatus = (cell) => cell.data && element(
    "span", null,
    element("span", { className: "badge " + cell.data.status_kind }, cell.value),
    cell.data.failed && element("span", { className: "badge failure" }, "✕ failed"));

  functions.CaseDue = (cell) => cell.data && element("span", { className: cell.data.late ? "bad" : "" }, cell.value);

  // the order of the list, so that a case's page can lead to its neighbours
  const listed = (block) => {
    if (!block) return;
    try {
      const known = block.start ? JSON.parse(sessionStorage.getItem("throughline-cases")) || [] : [];
      sessionStorage.setItem("throughline-cases", JSON.stringify([...known.slice(0, block.start), ...block.ids].slice(0, 5000)));
    } catch {} // a browser that keeps nothing has no neighbours
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { list: { listed } });
})();
