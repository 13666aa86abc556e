// The cursor of a list is on one row, whose link has the focus.

// cursor puts the cursor and the focus on a row where it stands.
export function cursor(row) {
  for (const r of document.querySelectorAll(".ticket-row[data-cursor]")) delete r.dataset.cursor;
  row.dataset.cursor = "";
  row.querySelector("a.subject").focus({ preventScroll: true });
}
