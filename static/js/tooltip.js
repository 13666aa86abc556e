// The tooltip: what a sign means and which key does the same, and the whole of what is cut, on hover after a moment and at once when the Tab key comes
// by. It can be pointed at, Escape takes it away (WCAG 1.4.13). Without a script the browser shows the title; with it the title gives way as long as
// the pointer is there.
import { word } from "./toast.js";

const pause = 450; // of the pointer before it shows
const grace = 150; // after the pointer has left: to come over to the tooltip, or on to the next sign

let on = null; // what the tooltip is shown of, or will be
let title = null; // its title meanwhile
let timer = 0;
let shownAt = 0;
let tabbed = false;
let at = {}; // the pointer

const tip = () => document.getElementById("tooltip");
const shown = () => tip()?.matches(":popover-open") ?? false;

export function start() {
  if (!tip()?.showPopover) return;
  document.addEventListener("pointermove", over);
  document.addEventListener("pointerout", out);
  document.addEventListener("pointerdown", () => leave(on, false), true);
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("focusin", (e) => tabbed && e.target.matches(":focus-visible") && come(subject(e.target) ?? named(e.target), 0));
  document.addEventListener("focusout", (e) => on && (on.contains(e.target) || e.target.contains(on)) && leave(on));
  document.addEventListener("scroll", (e) => e.target.contains?.(on) && leave(on), true);
  document.addEventListener("htmx:after:swap", () => on && !on.isConnected && leave(on));
}

// subject is what the tooltip would be of: a sign, or text that is cut. The link of a ticket lies over its whole row (tickets.css), so in a row the
// things at the place are asked.
function subject(el, place) {
  const row = place && el.closest?.(".ticket-row");
  for (const e of row ? document.elementsFromPoint(place.x, place.y).filter((e) => row.contains(e) && lies(e, place)) : [el]) {
    const inside = on?.contains(e);
    const found = e?.closest?.(":is([title], .icon-button, [aria-keyshortcuts]):not(iframe, input, select, textarea, .tooltip)") ?? (!inside && cut(e) ? e : null);
    if (inside && !(found && on.contains(found))) return on;
    if (found) return found;
  }
  return null;
}

// named is the part of a control that says its name and may be cut, or folded away.
const named = (el) => el.matches("a, button") ? el.querySelector("[title], .label") : null;

function lies(el, { x, y }) {
  const box = el.getBoundingClientRect();
  return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
}

// What comes to lie under a resting pointer is not asked about.
function over(e) {
  const rests = e.screenX === at.x && e.screenY === at.y;
  at = { x: e.screenX, y: e.screenY };
  if (rests || e.pointerType === "touch") return;
  if (e.target.closest?.("#tooltip")) return clearTimeout(timer);
  const el = subject(e.target, { x: e.clientX, y: e.clientY });
  if (el && el !== on) come(el, Date.now() - shownAt < 2 * grace ? 0 : pause);
  else if (!el && on && e.target.closest(".ticket-row")?.contains(on)) leave(on); // on to another cell, without leaving what lies over both
}

function out(e) {
  const to = e.relatedTarget;
  if (!on || on.contains(to) || to?.closest?.("#tooltip")) return;
  clearTimeout(timer);
  if (!shown()) return leave(on);
  timer = setTimeout(() => leave(on), grace);
}

function pressed(e) {
  tabbed = e.key === "Tab";
  if (e.key !== "Escape" || !shown()) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  leave(on, false);
}

// come shows what el means after a while; the browser's own tooltip is not to be quicker.
function come(el, after) {
  if (!el) return;
  leave(on);
  on = el;
  title = el.getAttribute("title");
  el.removeAttribute("title");
  clearTimeout(timer);
  timer = setTimeout(show, after);
}

// leave takes the tooltip away; what was pressed does not get it back before the pointer has been elsewhere (all is false).
function leave(el, all = true) {
  clearTimeout(timer);
  if (shown()) {
    tip().hidePopover();
    shownAt = Date.now();
  }
  if (!el) return;
  if (el.getAttribute("aria-describedby") === "tooltip") el.removeAttribute("aria-describedby");
  if (!all) return;
  if (title !== null && !el.hasAttribute("title")) el.setAttribute("title", title);
  on = title = null;
}

function show() {
  const words = (title || on.getAttribute("aria-label") || seen(on) || named(on)?.textContent || "").trim();
  const keys = caps(on);
  const told = seen(on).includes(words) && !clipped(on);
  if (!on.isConnected || !words || told && (keys.length === 0 || on.querySelector("kbd")?.checkVisibility())) return;
  tip().replaceChildren(words, ...keys.map((cap) => Object.assign(document.createElement("kbd"), { textContent: cap })));
  if (title && title !== on.getAttribute("aria-label") && !on.hasAttribute("aria-describedby")) on.setAttribute("aria-describedby", "tooltip");
  tip().showPopover();
  place(on.getBoundingClientRect(), tip().getBoundingClientRect());
}

// place puts it below what it explains, above where there is no room, and within the page.
function place(at, own) {
  const y = at.bottom + 6 + own.height < innerHeight ? at.bottom + 6 : at.top - 6 - own.height;
  const x = Math.min(Math.max(at.left + at.width / 2 - own.width / 2, 8), innerWidth - own.width - 8);
  tip().style.setProperty("--x", `${Math.round(x)}px`);
  tip().style.setProperty("--y", `${Math.round(y)}px`);
}

// seen is the text of el that can be read: not what stands there for the ear, nor what a narrow place folds away.
function seen(el) {
  const words = [];
  const walk = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const p = n.parentElement;
    if (!p.closest("kbd") && p.checkVisibility({ opacityProperty: true }) && p.getBoundingClientRect().width > 2) words.push(n.data.trim());
  }
  return words.filter(Boolean).join(" ");
}

const clipped = (el) => [el, ...el.querySelectorAll("*")].some(cut);

// cut tells that not all of a text can be read; that of a message is opened, not told.
function cut(el) {
  const { textOverflow, webkitLineClamp } = getComputedStyle(el);
  const wide = textOverflow === "ellipsis" || el.matches("[data-one-line]"), tall = webkitLineClamp !== "none";
  return !el.matches(".event-first, .hit-text") && (wide && el.scrollWidth > el.clientWidth + 1 || tall && el.scrollHeight > el.clientHeight + 1);
}

const signs = { Enter: "↵", Escape: "Esc" };

// caps are the keys that do the same; single letters only where they are on.
function caps(el) {
  const keys = (el.getAttribute("aria-keyshortcuts") ?? "").split(" ")[0].split("+").filter(Boolean);
  if (keys.length === 1 && keys[0].length === 1 && document.documentElement.dataset.keys === "off") return [];
  return keys.map((k) => k === "Control" ? word("ctrl") : signs[k] ?? k.toUpperCase());
}
