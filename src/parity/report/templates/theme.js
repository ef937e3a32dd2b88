"use strict";
// ---- light, dark, or as the reader's system has it
(() => {
  const button = document.querySelector("#theme"), shown = button.querySelector("span"), themes = ["auto", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("parity-theme") || "auto"; } catch { return "auto"; } };
  const dress = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    shown.textContent = theme;
    try { localStorage.setItem("parity-theme", theme); } catch { /* a file may have no storage */ }
    document.dispatchEvent(new Event("dressed"));
  };
  button.hidden = false;
  button.addEventListener("click", () => dress(themes[(themes.indexOf(shown.textContent) + 1) % 3]));
  dress(stored());
})();
