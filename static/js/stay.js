// A control that brings the page anew keeps the focus: it stands there again, or what took its place does, as the next filter; behind the last one is the
// button that adds another. All of them leave the letters their meaning, which the search line would not.
const name = "frontdesk-stay";

export function start() {
  document.addEventListener("click", (e) => {
    const used = e.target.closest("[data-stay]");
    if (used && used === document.activeElement && !e.ctrlKey && !e.metaKey && !e.shiftKey) sessionStorage.setItem(name, used.id);
  });
  const id = sessionStorage.getItem(name);
  sessionStorage.removeItem(name);
  if (id) (document.getElementById(id) ?? document.querySelector(".chip-add"))?.focus({ preventScroll: true });
}
