"use strict";
// ---- what is said, in the language of the page
const told = (text, a, b) => (typeof WORDS === "object" && WORDS[text] || text).replace("{a}", a).replace("{b}", b);
// ---- light, dark, or as the reader's system has it
(() => {
  const button = document.querySelector("#theme"), shown = button.querySelector("span"), themes = ["auto", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("parity-theme") || "auto"; } catch { return "auto"; } };
  const dress = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    shown.textContent = told(theme);
    button.dataset.now = theme;
    try { localStorage.setItem("parity-theme", theme); } catch { /* a file may have no storage */ }
    document.dispatchEvent(new Event("dressed"));
  };
  button.hidden = false;
  button.addEventListener("click", () => dress(themes[(themes.indexOf(button.dataset.now) + 1) % 3]));
  dress(stored());
})();
