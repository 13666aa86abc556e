// Shortcuts. Single letters work outside fields only and can be switched off; the help dialog lists them (templates/layout/keys.go), which a test
// holds against the list below.
import { eventToHotkeyString, SequenceTracker } from "../vendor/hotkey.js";
import { go } from "./card.js";
import { open as listed } from "./choose.js";
import { open } from "./composer.js";
import { add as filter, search } from "./filter.js";
import { move } from "./list.js";
import { open as palette } from "./palette.js";
import { act, any, clear, toggle } from "./pick.js";
import { close } from "./split.js";
import { undoable } from "./toast.js";

const sequence = new SequenceTracker({ onReset() {} });

const deeds = {
  j: () => step(1),
  k: () => step(-1),
  x: () => toggle(false),
  "Shift+X": () => toggle(true),
  a: () => choose("assignee"),
  s: () => choose("status"),
  q: () => choose("queue"),
  p: () => choose("priority"),
  t: () => choose("tags"),
  m: () => choose("more"),
  r: () => write("reply"),
  c: () => write("comment"),
  n: () => write("comment"),
  v: () => document.querySelector("[data-layout] button")?.click(),
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

// step goes to the next ticket of the list, or from a card to that of its neighbour there.
function step(by) {
  const beside = document.querySelector(`a[data-beside="${by}"]`);
  if (beside) beside.click();
  else move(by);
}

// choose opens a choice for the picked tickets, for the one under the cursor, or for the ticket whose card this is.
function choose(field) {
  if (!any() && cursor()) toggle(false);
  if (act(field)) return;
  if (field === "more") return menu();
  const choice = document.getElementById(`d-${field}`);
  if (!choice) return;
  const side = choice.closest("[popover]");
  if (side && !side.checkVisibility()) side.showPopover();
  choice.focus();
  if (choice.matches("select") && !listed(choice)) choice.showPicker?.();
}

const cursor = () => document.querySelector(".ticket-row[data-cursor] a.subject");

// menu opens the menu of a card.
function menu() {
  document.querySelector("[popovertarget=m-ticket]")?.click();
  document.querySelector("#m-ticket:popover-open :is(a, button, input:not([type=hidden]))")?.focus();
}

// write opens the composer; from a list, on the card of the ticket under the cursor.
function write(kind) {
  if (open(kind) || !cursor()) return;
  const card = new URL(cursor().href);
  card.searchParams.set("compose", kind);
  location.assign(card);
}

// typing in a field that is seen: that of a dialog that has just been shut has the focus until the next frame.
const typing = (el) => el?.checkVisibility?.() && (el.isContentEditable || el.matches("input:not([type=radio], [type=checkbox]), textarea, select, option, [role=textbox], [role=searchbox], [role=combobox]")); // an open list has its keys

// In a select that is shut a letter would choose another value, unseen; where a choice is saved at once it is a shortcut like anywhere else.
const shut = (e) => e.key.length === 1 && e.key !== " " && CSS.supports("selector(:open)") && e.target.matches?.("[data-autosave] select:not(:open)");

// spelled is a key as deeds name it, whatever the keyboard: "/" may need Shift, and Caps Lock is no Shift.
function spelled(e) {
  const key = eventToHotkeyString(e);
  const bare = key.replace(/^Shift\+/, "");
  if (!/^\p{L}$/u.test(bare)) return bare.length === 1 ? bare : key;
  return e.shiftKey ? `Shift+${bare.toUpperCase()}` : bare.toLowerCase();
}

function pressed(e) {
  if (e.defaultPrevented || e.isComposing || e.keyCode === 229) return; // 229: an input method has the key, which some browsers say so only
  if (e.key === "Escape") return leave(e);
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
    e.preventDefault();
    if (!document.querySelector("dialog[open]:not(#palette)")) palette();
    return;
  }
  if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
  if (shut(e)) e.preventDefault();
  else if (typing(e.target) || e.target.closest?.("[data-picker]") || document.querySelector(".menu:popover-open")) return; // in a menu letters choose (menu.js), behind it they do nothing
  if (document.documentElement.dataset.keys === "off") return;
  const key = spelled(e);
  if (sequence.path.length > 0) {
    sequence.reset();
    document.querySelector(`.rail-link[data-then="${CSS.escape(key)}"]`)?.click();
    return;
  }
  if (key === "g") return sequence.registerKeypress(e);
  if (e.repeat && key !== "j" && key !== "k") return; // a key that is held does its deed once
  if (deeds[key]) {
    e.preventDefault();
    deeds[key]();
  }
}

// Escape leaves what one is in, from the inside out: field, composer, card.
function leave(e) {
  if (document.querySelector("dialog[open], [popover]:popover-open") || e.target.closest?.("option")) return;
  const edit = document.querySelector(".subject-edit[open]");
  if (edit) {
    edit.querySelector("form").reset();
    edit.open = false;
    edit.querySelector("summary").focus();
    return;
  }
  if (e.target.matches?.("input[type=search], [data-autosave] input")) {
    e.preventDefault(); // the browser would empty a search, and the list is what was searched for; half an address is not to be saved
    e.target.value = e.target.defaultValue;
  }
  if (typing(e.target)) return e.target.blur();
  if (any()) return clear();
  if (close()) return;
  const compose = document.getElementById("compose");
  if (compose?.dataset.open) return open("");
  document.querySelector("a[data-back]")?.click();
}
