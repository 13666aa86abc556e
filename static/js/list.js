// The list refreshes itself without losing its place: rows change where they stand; what would move them waits behind a line.
import { ask, parsed, put } from "./ask.js";
import { cursor } from "./cursor.js";
import { scroller } from "./pane.js";
import { any } from "./pick.js";
import { follow } from "./split.js";
import { counted } from "./toast.js";

let waiting = null; // fragments held back
const most = 50; // tickets that a list can be asked for by number (internal/filter)
const news = new Set(); // rows that have or bring something new since then

export function start() {
  document.addEventListener("click", (e) => {
    if (e.target.closest("#list-fresh") && waiting) late();
  });
}

// present tells whether this page is a list.
export const present = () => document.getElementById("list") !== null;

// take decides what to do with newer fragments of this list.
export async function take(text) {
  const here = document.getElementById("list");
  const there = parsed(text)("#list");
  if (!here || !there) return;
  if (same(here, there) || !reading(here)) return show(text);
  waiting = text;
  announce(here, there);
  const others = await beyond(here, there);
  if (waiting === text) await put(standing(document.getElementById("list"), there, others));
}

// beyond asks for the rows that stand here and not in a newer list, as far as they still belong to it: others have come before them. Null when nobody
// answers, or they are more than can be asked for.
async function beyond(here, there) {
  const missing = ids(here).filter((id) => !there.querySelector(`#${id}`));
  if (missing.length === 0 || missing.length > most) return null;
  const fields = new URLSearchParams(here.dataset.list);
  fields.set("q", `${fields.get("q") ?? ""} id:${missing.map((id) => id.slice(1))}`);
  const text = await ask(`${here.dataset.base.split("?")[0]}?${fields}`, { "Frontdesk-Live": "1" });
  return text && parsed(text)("#list");
}

// standing is this list with what a newer one, and the others of it, tell in the rows that stand here; none comes, goes or moves.
function standing(here, there, others) {
  const list = here.cloneNode(true);
  const rows = [...list.querySelectorAll(".ticket-row")].map((old) => {
    const row = there.querySelector(`#${old.id}`) ?? others?.querySelector(`#${old.id}`);
    if (row) row.dataset.key = old.dataset.key; // its place
    else if (others) settle(old, here.dataset.left);
    return row ?? old;
  });
  const partial = there.parentElement;
  const table = there.querySelector(".tickets");
  if (table) {
    table.querySelector("tbody").replaceChildren(...rows);
    list.querySelector(".tickets").replaceWith(table);
  }
  there.replaceWith(list);
  return partial.outerHTML;
}

// settle shows of a row that it does not belong to its list any more, as when a colleague has closed the ticket.
function settle(row, word) {
  const link = row.querySelector("a.subject");
  row.dataset.left = "";
  delete row.dataset.unread;
  link.querySelector(".sr")?.remove();
  link.prepend(Object.assign(document.createElement("span"), { className: "sr", textContent: word }));
}

// move puts the cursor on the next (1) or previous (-1) row; the row's link has the focus, so Enter opens it.
export function move(step) {
  const rows = [...document.querySelectorAll(".ticket-row")];
  if (rows.length === 0) return;
  const at = rows.findIndex((r) => "cursor" in r.dataset);
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  cursor(next);
  next.scrollIntoView({ block: "nearest" });
  follow(next);
}

const ids = (list) => [...list.querySelectorAll(".ticket-row")].map((r) => r.id);
const same = (a, b) => ids(a).join() === ids(b).join();

// Somebody is reading when the pointer or the cursor is in the rows, or they are scrolled.
function reading(list) {
  const scroll = list.querySelector(".scroll");
  return ids(list).length > 0 && (any() || scroller(scroll).scrollTop > 0 || scroll.matches(":hover") || scroll.contains(document.activeElement) && document.activeElement !== scroll);
}

// late shows what was held back, or what there is now when the list has grown since.
async function late() {
  const here = document.getElementById("list").dataset.here;
  const held = waiting;
  const text = parsed(held)("#list").dataset.here === here ? held : await ask(here);
  if (text !== null) show(text);
}

async function show(text) {
  const before = new Map([...document.querySelectorAll(".ticket-row")].map((r) => [r.id, r.outerHTML]));
  waiting = null;
  await put(text);
  const line = document.getElementById("list-fresh");
  if (line) line.hidden = true;
  for (const row of document.querySelectorAll(".ticket-row[data-unread]")) {
    if (!before.get(row.id)?.includes("data-unread") || news.has(row.id)) row.dataset.fresh = "";
  }
  news.clear();
}

function announce(here, there) {
  for (const row of there.querySelectorAll(".ticket-row")) {
    const old = document.getElementById(row.id);
    if (!("unread" in row.dataset)) news.delete(row.id);
    else if (old?.dataset.unread !== row.dataset.unread) news.add(row.id);
  }
  const sentence = news.size === 0 ? here.dataset.moved : counted(here.dataset.show, news.size);
  const line = document.getElementById("list-fresh");
  line.querySelector("span").textContent = sentence;
  line.hidden = false;
  document.getElementById("list-announce").textContent = sentence;
}
