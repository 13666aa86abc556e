// A select with many options opens a list that is searched by typing, in place of the browser's own. The select stays what it is: it has the focus,
// the value and the name, says so to a screen reader, and is all there is without a script or on a phone, whose own lists are better.
import { holds, words } from "./narrow.js";

let select = null; // whose list is open

const part = (id) => document.getElementById(`chooser${id}`);
const options = () => [...part("-list").children];
const ours = (el) => {
  const s = el?.closest?.("select[data-search]");
  return s && part("") && !s.disabled && !s.closest("dialog") && !matchMedia("(pointer: coarse)").matches ? s : null;
};

export function start() {
  if (!part("")?.showPopover) return;
  document.addEventListener("mousedown", (e) => {
    if (e.button || !ours(e.target)) return;
    e.preventDefault(); // the browser's own list
    ours(e.target).focus();
  }, true);
  document.addEventListener("click", (e) => ours(e.target) && open(ours(e.target)));
  document.addEventListener("keydown", pressed, true);
  part("-input").addEventListener("input", fill);
  part("-list").addEventListener("pointerdown", (e) => e.preventDefault()); // the focus stays in the field
  part("-list").addEventListener("click", (e) => choose(e.target.closest("[role=option]")));
  part("").addEventListener("toggle", (e) => e.newState === "closed" && shut());
}

// open shows the list of a select, with the first letters when some were typed; false when the select has none.
export function open(el, typed = "") {
  if (!ours(el)) return false;
  select = el;
  part("-input").value = typed;
  part("-input").setAttribute("aria-label", select.getAttribute("aria-label"));
  fill();
  part("").showPopover({ source: select });
  place();
  part("-input").focus();
  options().find((o) => "active" in o.dataset)?.scrollIntoView({ block: "nearest" });
  return true;
}

function shut() {
  const was = select;
  select = null;
  part("-list").replaceChildren();
  if (document.activeElement === document.body || part("").contains(document.activeElement)) was?.focus();
}

// fill lists what contains every word that was typed, whatever the case and accents.
function fill() {
  const wanted = words(part("-input").value);
  const fit = [...select.options].filter((o) => holds(o.textContent, wanted));
  part("-list").toggleAttribute("data-found", wanted.length > 0);
  part("-list").replaceChildren(...fit.map(line));
  part("-none").hidden = fit.length > 0;
  mark(wanted.length > 0 ? options()[0] : options().find((o) => o.ariaSelected === "true") ?? options()[0]);
}

function line(option, i) {
  const li = document.createElement("li");
  li.role = "option";
  li.id = `chooser-${i}`;
  li.ariaSelected = String(option.selected);
  li.dataset.index = option.index;
  if (option.dataset.depth) li.dataset.depth = option.dataset.depth;
  li.append(...[...option.childNodes].map((n) => n.cloneNode(true)));
  return li;
}

function mark(option) {
  for (const o of options()) delete o.dataset.active;
  if (!option) return part("-input").removeAttribute("aria-activedescendant");
  option.dataset.active = "";
  part("-input").setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function choose(option) {
  if (!option) return;
  const el = select;
  const fresh = el.selectedIndex !== Number(option.dataset.index);
  el.selectedIndex = Number(option.dataset.index);
  part("").hidePopover();
  el.focus();
  if (!fresh) return;
  el.dispatchEvent(new Event("input", { bubbles: true }));
  el.dispatchEvent(new Event("change", { bubbles: true }));
}

function pressed(e) {
  if (e.isComposing || e.ctrlKey || e.metaKey) return;
  if (e.target === part("-input")) return within(e);
  if (!e.target.matches?.("select") || !ours(e.target)) return;
  const letter = e.key.length === 1 && e.key !== " " && !e.altKey ? e.key : "";
  if (!letter && ![" ", "Enter", "ArrowDown", "ArrowUp", "F4"].includes(e.key)) return;
  e.preventDefault();
  e.stopPropagation();
  open(e.target, letter);
}

function within(e) {
  const all = options();
  const at = all.findIndex((o) => "active" in o.dataset);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[e.key];
  if (e.key === "Tab") {
    part("").hidePopover(); // and on from the select
    select?.focus();
  } else if (to !== undefined && all.length > 0) {
    e.preventDefault();
    mark(all.at(to % all.length));
  } else if (e.key === "Enter") {
    e.preventDefault();
    e.stopPropagation();
    choose(all[at]);
  }
}

// place puts the list below the select, above where there is more room.
function place() {
  const at = select.getBoundingClientRect();
  const el = part("");
  const below = innerHeight - at.bottom;
  el.style.setProperty("--w", `${Math.round(at.width)}px`);
  el.style.setProperty("--room", `${Math.round(Math.max(below, at.top))}px`);
  const own = el.getBoundingClientRect();
  el.style.setProperty("--x", `${Math.round(Math.max(8, Math.min(at.left, innerWidth - own.width - 8)))}px`);
  el.style.setProperty("--y", `${Math.round(own.height + 8 < below || below > at.top ? at.bottom + 4 : at.top - own.height - 4)}px`);
}
