// The choice of columns in a dialog: the page's own form, whose buttons move a line where they stand.
import { refresh } from "./ask.js";
import { meant } from "./meant.js";

export function start() {
  document.addEventListener("click", clicked);
}

function clicked(e) {
  if (e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  const link = e.target.closest("a[data-columns]");
  if (link) {
    e.preventDefault();
    return open(link);
  }
  const mover = e.target.closest(".columns [data-move]");
  if (!mover) return;
  e.preventDefault();
  move(mover.closest("li"), Number(mover.dataset.move));
  mover.focus();
}

async function open(link) {
  const to = new URL(link.href);
  to.searchParams.set("list", location.search.slice(1) || to.searchParams.get("list")); // the list as it stands now
  const wanted = meant();
  if ((await refresh(to)) && wanted()) document.getElementById("columns").showModal();
}

function move(line, by) {
  const lines = [...line.parentElement.children];
  const at = lines.indexOf(line) + by;
  if (at < 0 || at >= lines.length) return;
  if (by > 0) lines[at].after(line);
  else lines[at].before(line);
  const said = line.closest("form").querySelector("[data-at]");
  said.textContent = said.dataset.at.replace("{name}", line.querySelector("[data-name]").textContent).replace("{at}", at + 1).replace("{of}", lines.length);
}
