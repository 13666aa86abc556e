// Several tickets at once: which are picked on the list, the bar that acts on them, its menus.
import { ask, put } from "./ask.js";
import { meant } from "./meant.js";
import { counted } from "./toast.js";

const picked = new Set(); // numbers
let last = null; // the row picked or let go last: a range goes from here
let tools = null; // the fetching of the menus
let toolsOf = ""; // the list they are of
let mode = false; // a finger picks instead of opening
let held = null; // a finger that rests on a row

export function start() {
  if (!bar()) return;
  document.addEventListener("click", tapped, true);
  document.addEventListener("click", clicked);
  document.addEventListener("pointerdown", pressed);
  for (const type of ["pointerup", "pointercancel", "pointermove", "scroll"]) document.addEventListener(type, lifted, true);
  document.addEventListener("contextmenu", (e) => { if (finger(e) && e.target.closest?.(".ticket-row")) e.preventDefault(); });
  document.addEventListener("change", changed);
  document.addEventListener("submit", deed, true);
  document.addEventListener("toggle", opened, true);
  document.addEventListener("htmx:after:swap", again);
  for (const box of boxes()) if (box.checked) picked.add(box.value); // brought back by the browser
  show();
}

const bar = () => document.querySelector(".selection");
const form = () => document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll(".ticket-row .pick input")];
const box = (row) => row?.querySelector(".pick input");

// any tells whether something is picked.
export const any = () => picked.size > 0;

// toggle picks the row under the cursor or lets it go; with reach everything from the last one to it.
export function toggle(reach) {
  const b = box(document.querySelector(".ticket-row[data-cursor]"));
  if (!b) return;
  if (!reach) b.checked = !b.checked;
  pick(b, reach);
}

// clear lets everything go; a focus within the bar goes to the row of the cursor.
export function clear() {
  const within = bar().contains(document.activeElement);
  picked.clear();
  mode = false;
  whole(false);
  for (const b of boxes()) b.checked = false;
  show();
  if (within) (document.querySelector(".ticket-row[data-cursor] a.subject") ?? document.getElementById("main")).focus({ preventScroll: true });
}

// act opens a menu of the bar; false when nothing is picked.
export function act(menu) {
  if (!any()) return false;
  bar().querySelector(`[data-act=${menu}]`)?.click();
  return true;
}

const finger = (e) => e.pointerType === "touch" || e.pointerType === "pen";

// pressed waits for a finger that stays on a row: that picks it.
function pressed(e) {
  lifted(e);
  const row = finger(e) && e.isPrimary && e.target.closest?.(".ticket-row");
  if (!row || e.target.closest(".pick")) return;
  held = { x: e.clientX, y: e.clientY, timer: setTimeout(() => {
    held.done = true;
    navigator.vibrate?.(10);
    turn(row);
  }, 450) };
}

function lifted(e) {
  if (!held || e.type === "pointermove" && Math.hypot(e.clientX - held.x, e.clientY - held.y) < 10) return;
  clearTimeout(held.timer);
  if (!held.done) held = null;
}

function turn(row) {
  const b = box(row);
  b.checked = !b.checked;
  mode = true;
  pick(b, false);
}

// tapped picks instead of opening while a finger picks, and lets the click go by that ends a long press.
function tapped(e) {
  const after = held?.done;
  if (after) held = null;
  const button = e.target.closest?.("[data-pick-mode]");
  if (button) return any() || mode ? clear() : (mode = true, show());
  const row = e.target.closest?.(".ticket-row");
  if (!row || !after && !(mode && finger(e))) return;
  if (e.target.closest(".pick") && !after) return;
  e.preventDefault();
  e.stopPropagation();
  if (!after) turn(row);
}

function pick(b, reach) {
  const all = boxes();
  const from = all.findIndex((x) => x.value === last);
  const to = all.indexOf(b);
  if (reach && from >= 0) for (const x of all.slice(Math.min(from, to), Math.max(from, to) + 1)) x.checked = true;
  last = b.value;
  whole(false);
  read();
}

// read takes over what the boxes say.
function read() {
  picked.clear();
  for (const b of boxes()) if (b.checked) picked.add(b.value);
  show();
}

function show() {
  const all = boxes();
  for (const b of all) {
    const row = b.closest(".ticket-row");
    if (b.checked) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
  }
  document.querySelector(".tickets")?.toggleAttribute("data-picking", any() || mode);
  document.querySelector("[data-pick-mode]")?.setAttribute("aria-pressed", String(any() || mode));
  const head = document.querySelector("[data-pick-page]");
  if (head) {
    head.checked = all.length > 0 && picked.size === all.length;
    head.indeterminate = any() && !head.checked;
  }
  const was = bar().hidden;
  bar().hidden = !any();
  if (any()) fetchTools();
  if (any() || !was) count();
  const more = bar().querySelector("[data-whole]");
  const known = document.querySelector("[data-whole-count]");
  more.hidden = !(known && head?.checked && Number(known.dataset.wholeCount) > all.length && !form().elements.all.value);
  if (known) more.textContent = known.dataset.wholeName;
}

function count() {
  const out = bar().querySelector(".count");
  const n = form().elements.all.value ? Number(document.querySelector("[data-whole-count]").dataset.wholeCount) : picked.size;
  const words = counted(out.dataset.forms, n);
  if (out.textContent !== words) out.textContent = words; // the same again would be read out again
}

function whole(on) { form().elements.all.value = on ? "1" : ""; }

// here is the address of the list as it stands now, its query alone.
const here = () => document.getElementById("list").dataset.here;
const query = () => here().split("?")[1] ?? "";

// fetchTools gets the menus for the first ticket of a list that is picked.
function fetchTools() {
  if (tools && toolsOf === query()) return tools;
  toolsOf = query();
  tools = ask(`${form().getAttribute("action")}?list=${encodeURIComponent(toolsOf)}`).then(async (text) => {
    if (text === null) {
      tools = null; // the next choice asks again
      return;
    }
    await put(text);
    show();
  });
  return tools;
}

function changed(e) {
  if (e.target.matches?.("[data-pick-page]")) {
    for (const b of boxes()) b.checked = e.target.checked;
    whole(false);
    read();
  } else if (e.target.closest?.(".ticket-row .pick")) pick(e.target, shift);
}

let shift = false;

async function clicked(e) {
  shift = e.shiftKey;
  if (e.shiftKey && e.target.closest?.(".pick")) getSelection()?.removeAllRanges();
  if (e.target.closest?.("[data-unpick]")) return clear();
  if (e.target.closest?.("[data-whole]")) {
    whole(true);
    return show();
  }
  const opener = e.target.closest?.("[data-act]");
  if (!opener) return;
  const wanted = meant();
  await fetchTools();
  if (!wanted()) return;
  const menu = document.getElementById(`m-bulk-${opener.dataset.act}`);
  const button = opener.closest(".selection") ? opener : bar().querySelector("[data-act=more]");
  opener.closest("[popover]")?.hidePopover();
  menu?.togglePopover({ source: button });
}

// opened gives a menu the focus, and its button the word that it is open.
function opened(e) {
  if (!e.target.matches?.("[data-menu]")) return;
  const open = e.newState === "open";
  const name = e.target.id.replace("m-bulk-", "");
  const button = bar().querySelector(`[data-act=${name}]`) ?? bar().querySelector("[data-act=more]");
  button.setAttribute("aria-expanded", String(open));
  if (open) e.target.querySelector("input:not([type=hidden], [data-without-js]), button")?.focus();
}

// deed sends the form with the fields of the menu it was started from, then shuts the menu. Its undo leads back to the list as it stands then.
function deed(e) {
  if (e.target.matches("[data-undoing]") && e.target.elements.next) e.target.elements.next.value = here();
  if (e.target !== form()) return;
  const menu = e.submitter?.closest("[data-menu]");
  for (const old of form().querySelectorAll("[data-lent]")) old.remove();
  for (const lent of menu?.querySelectorAll("[data-form] input[name]") ?? []) {
    const copy = document.createElement("input");
    Object.assign(copy, { type: "hidden", name: lent.name, value: lent.value });
    copy.dataset.lent = "";
    form().append(copy);
  }
  menu?.hidePopover();
  const at = { list: query(), next: here(), as_of: document.getElementById("list").dataset.asOf };
  for (const [name, value] of Object.entries(at)) form().elements[name].value = value;
}

// again puts the boxes of a list that came anew, or has grown, as they were; after a deed that was done nothing is picked.
export function again(e) {
  const { sourceElement, response } = e?.detail.ctx ?? {};
  if (sourceElement === form() && response?.status < 400) return clear();
  for (const b of boxes()) b.checked = Boolean(form().elements.all.value) || picked.has(b.value);
  read();
}
