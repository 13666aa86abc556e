// The filter bar: links that lead to a page with a term to choose open it in place instead.
import { ask, put } from "./ask.js";
import { meant } from "./meant.js";

export function start() {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !shown() || listed(e.target)) return; // an open list is what Escape shuts
    e.preventDefault();
    close();
  }, true);
  for (const p of document.querySelectorAll("[popover][data-open]")) p.showPopover();
}

// search puts the cursor behind what stands in the search box.
export function search() {
  const box = document.getElementById("filter-q");
  box?.focus();
  box?.setSelectionRange(box.value.length, box.value.length);
}

// add opens the menu of filters.
export function add() {
  document.querySelector("[popovertarget=m-filter]")?.click();
  document.querySelector("#m-filter a")?.focus();
}

const listed = (el) => el.closest?.("option") || CSS.supports("selector(:open)") && el.matches?.("select:open");
const shown = () => document.querySelector("#picker [data-picker]");

function clicked(e) {
  if (e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  const link = e.target.closest("a[data-pick]");
  if (link && new URL(link.href).pathname.endsWith("/filter")) {
    e.preventDefault();
    return open(link);
  }
  if (e.target.closest("[data-picker-close]")) {
    e.preventDefault();
    return close();
  }
  if (shown() && !e.target.closest("#picker")) close(false);
}

async function open(link) {
  const wanted = meant();
  const text = await ask(link.href);
  if (text === null || !wanted()) return;
  document.getElementById("m-filter")?.hidePopover();
  anchor(link.closest(".chip") ?? document.querySelector(".chip-add"));
  await put(text);
  const form = shown();
  (form?.querySelector("[name=value]:checked, [type=number]:not([value=''])") ?? form?.querySelector("[autofocus]") ?? form?.querySelector("input:not([type=hidden])"))?.focus();
}

function close(back = true) {
  const from = document.querySelector("#filters [data-anchor]");
  document.getElementById("picker").replaceChildren();
  anchor(null);
  if (back) (from?.matches("button") ? from : from?.querySelector("a"))?.focus();
}

// anchor marks what the picker hangs on.
function anchor(to) {
  for (const el of document.querySelectorAll("#filters [data-anchor]")) delete el.dataset.anchor;
  if (to) to.dataset.anchor = "";
}
