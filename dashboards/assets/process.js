// Brings the process map to its page: what draws it is fetched when the first map is shown, and not before.
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  process: {
    show: async (data) => {
      const host = document.getElementById("process-map");
      if (!data || !host || data.trouble) return "";
      const { mount } = await import("/assets/map/main.js");
      mount(host, data);
      return "";
    },
  },
});
