// The place in a list is kept: over a reload, "back", and the way to a card and back. The address follows the rows in sight, so that it leads here
// without this script too.
import { cursor, mark } from "./cursor.js";
import { list, look, page, pane, rows, turn } from "./pages.js";
import { moves, upper } from "./pane.js";
import { follow } from "./split.js";

const name = "frontdesk-place";
let timer = 0;

export function start() {
  if (!list()) return;
  restore();
  document.addEventListener("scroll", (e) => {
    if (!moves(e, pane())) return;
    clearTimeout(timer);
    timer = setTimeout(keep, 200);
  }, { capture: true, passive: true });
  document.addEventListener("click", left, true);
  addEventListener("pagehide", keep);
}

// left notes the place before a link is followed; whoever comes back goes on from the row they clicked.
function left(e) {
  const link = e.target.closest?.("a[href]");
  if (!link) return;
  const row = link.closest(".ticket-row");
  if (row) mark(row);
  keep();
}

// inSight are the rows one sees, with their distance from the top of the pane.
function inSight() {
  const top = upper(pane());
  const height = pane().clientHeight;
  return rows().map((row) => [row, row.getBoundingClientRect().top - top]).filter(([row, at]) => at + row.offsetHeight > 32 && at < height);
}

function keep() {
  if (!list() || !pane()) return;
  const seen = inSight();
  const place = { base: list().dataset.base, top: pane().scrollTop, rows: seen.map(([row, at]) => [row.id, at]), cursor: document.querySelector(".ticket-row[data-cursor]")?.id ?? "" };
  history.replaceState({ ...history.state, place }, "", address(seen[0]?.[0]));
  try {
    sessionStorage.setItem(name, JSON.stringify(place));
  } catch {} // no room for it: the list opens where its address says
}

// address is that of the list from the first row in sight on; while the list's own beginning is near, that of the list.
function address(first) {
  const here = location.pathname + location.search;
  const begins = !turn("newer").hasAttribute("href") && rows().indexOf(first) < page();
  const was = /[?&](after|before|start)=/.test(here);
  if (!first || (begins && !was)) return here;
  const open = /[?&]open=(\d+)/.exec(here);
  return list().dataset.base + (begins ? "" : `&start=${first.dataset.key}`) + (open ? `&open=${open[1]}` : "");
}

function restore() {
  const back = /^#(t\d+)$/.exec(location.hash)?.[1];
  let place = history.state?.place;
  if (back && !place) place = stored();
  if (place?.base !== list().dataset.base) place = null;
  if (place) scroll(place);
  const row = back ? found(back, place) : document.getElementById(place?.cursor || "none");
  if (row) cursor(row);
  if (row && back) follow(row);
  if (back) history.replaceState(history.state, "", location.pathname + location.search);
  if (back || place) keep(); // whoever reloads at once stays here too
  look();
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

// scroll puts most of the rows that were in sight where they were; one of them may have moved.
function scroll(place) {
  const top = upper(pane());
  const by = place.rows.map(([id, at]) => [document.getElementById(id), at]).filter(([row]) => row).map(([row, at]) => row.getBoundingClientRect().top - top - at).sort((a, b) => a - b);
  pane().scrollTop = by.length ? pane().scrollTop + by[Math.floor(by.length / 2)] : place.top;
}

// found is the row one comes back to: that of the ticket, or what stands in its place when it has moved out of sight.
function found(id, place) {
  const row = document.getElementById(id);
  const was = place?.rows.find(([other]) => other === id);
  const seen = inSight();
  if (!was || seen.some(([other]) => other === row)) {
    row?.scrollIntoView({ block: place && seen.some(([other]) => other === row) ? "nearest" : "center" });
    return row;
  }
  return seen.find(([other, at]) => at + other.offsetHeight > was[1] && at >= 0)?.[0] ?? row;
}
