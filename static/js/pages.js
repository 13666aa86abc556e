// The list goes on where its page ends, in both directions: the page's own link is fetched when its end comes near, and its rows are added. The links
// stay, for whoever prefers them, and lead on from what stands here. Nothing moves for it: neither what one looks at nor the focus.
import { ask, parsed } from "./ask.js";
import { moves, scroller, upper } from "./pane.js";
import { again } from "./pick.js";
import { counted } from "./toast.js";

const most = () => 3 * page(); // rows that stand here at a time
const limit = () => Number(list().dataset.mostPages) * page(); // while one of them is held; the server refreshes as many at once
const near = 900; // pixels before an end
const rest = 5000; // after a question that nobody answered
let busy = false;

// page is how many rows a page of the server holds.
export const page = () => Number(list().dataset.pageRows);
export const list = () => document.getElementById("list");
export const pane = () => scroller(list()?.querySelector(".scroll"));
export const rows = () => [...document.querySelectorAll("#list .ticket-row")];
export const turn = (way) => document.querySelector(`#list [data-turn=${way}]`);

export function start() {
  if (!list()) return;
  document.addEventListener("scroll", (e) => moves(e, pane()) && look(), { capture: true, passive: true });
  look();
}

export async function look() {
  const p = pane();
  if (busy || !p || document.hidden) return;
  busy = true;
  try {
    if (p.scrollHeight - p.scrollTop - p.clientHeight < near) await grow("older");
    if (p.scrollTop < near / 2) await grow("newer");
  } finally {
    busy = false;
  }
}

// spare are the rows that make room at the other end. What has the focus or is picked is not taken away. Whole pages are left: a refresh asks for such.
function spare(way, fresh) {
  const all = way === "older" ? rows() : rows().reverse();
  const end = all.slice(0, Math.max(0, all.length + fresh - most()));
  const kept = end.findIndex((row) => row.contains(document.activeElement) || row.querySelector(".pick input").checked);
  if (kept < 0) return end;
  const over = (all.length + fresh - kept) % page();
  return end.slice(0, over ? Math.max(0, kept - page() + over) : kept);
}

// full tells that no more rows can stand here; then the links lead on.
const full = (way, fresh) => rows().length + fresh - spare(way, fresh).length > limit();

async function grow(way) {
  const href = turn(way)?.getAttribute("href");
  if (!href || full(way, page())) return;
  const text = await ask(href);
  if (text === null) await new Promise((rested) => setTimeout(rested, rest));
  const part = text && parsed(text)("#list");
  if (!part || turn(way)?.getAttribute("href") !== href) return; // the list has changed meanwhile
  const fresh = [...part.querySelectorAll(".ticket-row")].filter((row) => !document.getElementById(row.id));
  if (full(way, fresh.length)) return;
  const gone = spare(way, fresh.length);
  still(() => {
    const body = list().querySelector("tbody");
    if (way === "older") body.append(...fresh);
    else body.prepend(...fresh);
    for (const row of gone) row.remove();
  });
  turn(way).replaceWith(part.querySelector(`[data-turn=${way}]`));
  if (gone.length > 0) reach(way === "older" ? "newer" : "older", part);
  tell();
  again();
}

// reach makes the link of the end that rows were taken from lead on from what is left.
function reach(way, part) {
  const link = part.querySelector(`a[data-turn=${way}]`);
  if (!link) return;
  const [side, row] = way === "newer" ? ["before", rows()[0]] : ["after", rows().at(-1)];
  link.setAttribute("href", `${list().dataset.base}&${side}=${row.dataset.key}`);
  turn(way).replaceWith(link);
}

// still changes the rows and leaves those in sight where they are.
function still(change) {
  const p = pane();
  const top = upper(p);
  const before = rows().map((row) => [row, row.getBoundingClientRect().top]).filter(([, at]) => at >= top);
  change();
  const anchor = before.find(([row]) => row.isConnected);
  if (anchor) p.scrollTop += anchor[0].getBoundingClientRect().top - anchor[1];
}

// tell notes what stands here now: the address that gives the same rows, and how many they are.
function tell() {
  const all = rows();
  const start = turn("newer").hasAttribute("href") ? `&start=${all[0].dataset.key}` : "";
  const pages = Math.ceil(all.length / page());
  list().dataset.here = list().dataset.base + start + (pages > 1 ? `&pages=${pages}` : "");
  const range = document.getElementById("list-range");
  range.textContent = counted(range.dataset.forms, all.length);
}
