// Arrow keys, Home and End go through an open menu and through a toolbar, past the end to the beginning. From its button one comes into a menu.
export function start() {
  document.addEventListener("keydown", pressed);
}

// own tells that what has the focus uses these keys itself.
const own = (el, key) => el.closest(".combobox, select, option, textarea, [type=radio], [type=date], [type=datetime-local]") ||
  (key === "Home" || key === "End") && el.matches("input:not([type=checkbox])");

const opened = (el) => document.querySelector(`#${CSS.escape(el.getAttribute("popovertarget") ?? "none")}.menu:popover-open`);

function pressed(e) {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || !e.target.closest || own(e.target, e.key)) return;
  const within = opened(e.target) ?? e.target.closest(".menu, [role=toolbar]");
  if (!within) return;
  const [back, on] = within.matches(".menu") ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const stops = [...within.querySelectorAll("a[href], button, input")].filter((x) => !x.disabled && x.checkVisibility());
  const at = stops.indexOf(e.target);
  const to = { [back]: Math.max(at - 1, -1), [on]: at + 1, Home: 0, End: -1 }[e.key];
  if (to === undefined || stops.length === 0) return;
  e.preventDefault();
  stops.at(to % stops.length).focus();
}
