// A control that brings the page anew keeps the focus: it stands there again, or what took its place does, as the next filter; where neither is left,
// the search line has it.
import { search } from "./filter.js";

const name = "frontdesk-stay";

export function start() {
  document.addEventListener("click", (e) => {
    const used = e.target.closest("[data-stay]");
    if (used && used === document.activeElement && !e.ctrlKey && !e.metaKey && !e.shiftKey) sessionStorage.setItem(name, used.id);
  });
  const id = sessionStorage.getItem(name);
  sessionStorage.removeItem(name);
  const stays = id && document.getElementById(id);
  if (stays) stays.focus({ preventScroll: true });
  else if (id) search();
}
