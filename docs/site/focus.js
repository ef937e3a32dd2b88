// What scrolls sideways can be reached and scrolled with the keyboard. The theme wraps tables after the page is loaded.
const reach = () => {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, .highlight code")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("load", () => setTimeout(reach));
addEventListener("resize", reach);
