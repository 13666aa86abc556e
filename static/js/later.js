// A deed that can be taken back because it is done a while later: at once where nobody can wait for it, when the page is left or the deed is pressed for.
import { toast, word } from "./toast.js";

const wait = 15_000;

// later does the deed unless the toast's undo, or its key, takes it back first. It answers how not to wait. One of the two is called, once; the deed
// learns whether the page is left.
export function later(text, deed, back) {
  const button = Object.assign(document.createElement("button"), { className: "button", innerHTML: `<span></span> <kbd>Z</kbd>` });
  button.setAttribute("aria-keyshortcuts", "z");
  button.firstElementChild.textContent = word("undo");
  const made = toast(text, "", button, "form");
  made.dataset.undoing = "";
  made.dataset.made = Date.now();
  const page = new AbortController();
  const end = (how) => {
    if (page.signal.aborted) return;
    page.abort();
    made.remove();
    return how();
  };
  const now = (leaving = false) => end(() => deed(leaving));
  const pass = () => (made.matches(":hover, :focus-within") ? setTimeout(pass, 1000) : now());
  setTimeout(pass, wait);
  made.addEventListener("submit", (e) => {
    e.preventDefault();
    end(back);
  });
  addEventListener("pagehide", () => now(true), { signal: page.signal });
  return now;
}
