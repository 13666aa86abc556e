// Arrow keys, Home and End go through an open menu and through a toolbar, past the end to the beginning. From its button one comes into a menu, and in
// it a letter goes to the next line that begins with it.
import { fold } from "./narrow.js";

export function start() {
  document.addEventListener("keydown", pressed);
}

// own tells that what has the focus uses these keys itself.
const own = (el, key) => el.closest(".combobox, select, option, textarea, [type=radio], [type=date], [type=datetime-local], [type=number]") ||
  (key === "Home" || key === "End") && el.matches("input:not([type=checkbox])");

// name is what a line of a menu is called.
const name = (el) => (el.labels?.[0] ?? el).textContent.trim();

const opened = (el) => document.querySelector(`#${CSS.escape(el.getAttribute("popovertarget") ?? "none")}.menu:popover-open`);

function pressed(e) {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || !e.target.closest || own(e.target, e.key)) return;
  const within = opened(e.target) ?? e.target.closest(".menu, [role=toolbar]");
  if (!within) return;
  const [back, on] = within.matches(".menu") ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const stops = [...within.querySelectorAll("a[href], button, input, select")].filter((x) => !x.disabled && x.checkVisibility() && !x.closest("select button"));
  const at = stops.indexOf(e.target);
  if (within.matches(".menu") && /^[\p{L}\p{N}]$/u.test(e.key) && !e.target.matches("input:not([type=checkbox])")) {
    const named = [...stops.slice(at + 1), ...stops.slice(0, at + 1)].find((x) => fold(name(x)).startsWith(fold(e.key)));
    if (named) named.focus();
    return;
  }
  const to = { [back]: Math.max(at - 1, -1), [on]: at + 1, Home: 0, End: -1 }[e.key];
  if (to === undefined || stops.length === 0) return;
  e.preventDefault();
  stops.at(to % stops.length).focus();
}
