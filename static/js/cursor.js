// The cursor of a list is on one row: where the focus is among the rows, there is the cursor. When the list comes anew both stay on their ticket; has
// a deed taken that from its place, they go to what took the place; when nothing did, the focus goes to the list.
let held = null; // where it was before a swap

export function start() {
  document.addEventListener("focusin", (e) => rowOf(e.target) && mark(rowOf(e.target)));
  document.addEventListener("htmx:before:swap", (e) => { held = e.defaultPrevented ? null : place(e.detail.ctx.sourceElement !== document.body); });
  document.addEventListener("htmx:after:swap", () => queueMicrotask(restore)); // once all has settled that may take the focus away
}

// cursor puts the cursor and the focus on a row where it stands.
export function cursor(row) {
  mark(row);
  row.querySelector("a.subject").focus({ preventScroll: true });
}

// mark puts the cursor on a row and leaves the focus where it is.
export function mark(row) {
  for (const r of document.querySelectorAll(".ticket-row[data-cursor]")) delete r.dataset.cursor;
  row.dataset.cursor = "";
}

const rowOf = (el) => el.closest?.(".ticket-row");

const ids = () => [...document.querySelectorAll(".ticket-row")].map((r) => r.id);

function place(deed) {
  const id = document.querySelector(".ticket-row[data-cursor]")?.id;
  const all = ids();
  const at = all.indexOf(id);
  return id ? { id, deed, above: all.slice(0, at).reverse(), below: all.slice(at + 1), focused: document.activeElement !== document.body } : null;
}

function restore() {
  if (!held) return;
  const { id, deed, above, below, focused } = held;
  held = null;
  const now = ids();
  const at = now.indexOf(id);
  const [last, next] = [above, below].map((side) => side.find((other) => now.includes(other)));
  const stays = at >= 0 && (!deed || now[at - 1] === last || now[at + 1] === next);
  const row = document.getElementById(stays ? id : next ?? now.at(-1));
  const on = document.activeElement;
  const lost = focused && (on === document.body || !on.checkVisibility());
  if (!row) return lost && document.getElementById("main").focus({ preventScroll: true });
  if (lost || focused && (rowOf(on) ?? row) !== row) cursor(row);
  else mark(row);
  if (deed && !stays) row.dispatchEvent(new Event("frontdesk:cursor", { bubbles: true }));
}
