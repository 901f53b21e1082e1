// "/" goes to the box for any id, Enter follows it; AG Grid's scheme follows the page's.
(function () {
  const root = document.documentElement;
  const follow = () => root.setAttribute("data-ag-theme-mode", root.getAttribute("data-mantine-color-scheme"));
  new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  follow();
  document.addEventListener("keydown", (event) => {
    const box = document.getElementById("omni");
    if (!box) return;
    if (event.target === box && event.key === "Enter" && box.value.trim()) {
      const dataset = new URLSearchParams(location.search).get("dataset");
      location.assign("/go/" + encodeURIComponent(box.value.trim()) + (dataset ? "?dataset=" + encodeURIComponent(dataset) : ""));
    } else if (event.key === "/" && !event.target.matches("input,textarea,select,[contenteditable]")) {
      event.preventDefault();
      box.focus();
    }
  });
})();
