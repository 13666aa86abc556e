// Shortcuts. Single letters work outside fields only and can be switched off; the help dialog lists them (templates/layout/parts.go).
import { eventToHotkeyString, SequenceTracker } from "../vendor/hotkey.js";
import { go } from "./card.js";
import { open as listed } from "./choose.js";
import { open } from "./composer.js";
import { add as filter, search } from "./filter.js";
import { move } from "./list.js";
import { open as palette } from "./palette.js";
import { act, any, clear, toggle } from "./pick.js";
import { undoable } from "./toast.js";

const views = { t: "todo", m: "mine", u: "unassigned", q: "queues", a: "all" };
const sequence = new SequenceTracker({ onReset() {} });

const deeds = {
  j: () => move(1),
  k: () => move(-1),
  x: () => toggle(false),
  "Shift+X": () => toggle(true),
  a: () => choose("assignee"),
  s: () => choose("status"),
  q: () => choose("queue"),
  p: () => choose("priority"),
  t: () => choose("tags"),
  r: () => open("reply"),
  n: () => open("comment"),
  e: () => go("expand"),
  h: () => document.querySelector("form[data-next]")?.requestSubmit(),
  z: () => undoable()?.requestSubmit(),
  f: () => filter(),
  "/": () => search(),
  "?": () => document.getElementById("keys")?.showModal(),
};

export function start() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (e) => {
    const opener = e.target.closest("[data-opens]");
    if (!opener) return;
    opener.closest("[popover]")?.hidePopover();
    if (opener.dataset.opens === "palette") return palette();
    document.getElementById(opener.dataset.opens)?.showModal();
  });
}

// choose opens a choice for the picked tickets, or for the ticket whose card this is.
function choose(field) {
  if (act(field)) return;
  const choice = document.getElementById(`d-${field}`);
  if (!choice) return;
  const side = choice.closest("[popover]");
  if (side && !side.checkVisibility()) side.showPopover();
  choice.focus();
  if (choice.matches("select") && !listed(choice)) choice.showPicker?.();
}

const typing = (el) => el?.matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

function pressed(e) {
  if (e.defaultPrevented || e.isComposing) return;
  if (e.key === "Escape") return leave(e);
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
    e.preventDefault();
    if (!document.querySelector("dialog[open]:not(#palette)")) palette();
    return;
  }
  if (typing(e.target) || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
  if (document.documentElement.dataset.keys === "off") return;
  const key = eventToHotkeyString(e).replace("Shift+?", "?");
  if (sequence.path.at(-1) === "g") {
    sequence.reset();
    if (views[key]) location.assign(`/tickets?view=${views[key]}`);
    return;
  }
  if (key === "g") return sequence.registerKeypress(e);
  if (deeds[key]) {
    e.preventDefault();
    deeds[key]();
  }
}

// Escape leaves what one is in, from the inside out: field, composer, card.
function leave(e) {
  if (document.querySelector("dialog[open], [popover]:popover-open") || e.target.closest?.("select, option")) return;
  const edit = document.querySelector(".subject-edit[open]");
  if (edit) {
    edit.querySelector("form").reset();
    edit.open = false;
    return;
  }
  if (typing(e.target)) return e.target.blur();
  if (any()) return clear();
  const compose = document.getElementById("compose");
  if (compose?.dataset.open) return open("");
  document.querySelector("a[data-back]")?.click();
}
