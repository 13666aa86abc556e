// A ticket beside the list: a click shows it, J and K go on to the next, Enter opens it. The address says which, so it can be handed on, and "back"
// closes what was opened.
import { ask, put } from "./ask.js";
import { atEnd, place, toEnd } from "./card.js";
import { cursor } from "./cursor.js";
import { toast, word } from "./toast.js";

const pause = 120; // of the cursor, before its ticket is fetched
let asked = 0; // the newest question; older answers come too late
let timer = 0;
let unanswered = ""; // the ticket that was asked for when nobody answered

const pane = () => document.getElementById("preview");
const split = () => pane()?.checkVisibility() ?? false;
const rowOf = (id) => document.getElementById(`t${id}`);
const wanted = () => /[?&]open=(\d+)/.exec(location.search)?.[1] ?? "";
const preview = (href) => href.replace(/#.*$/, "") + (href.includes("?") ? "&" : "?") + "preview=1";

// shown is the number of the ticket beside the list, "" for none.
export const shown = () => (split() && pane().dataset.ticket) || "";

export function start() {
  document.addEventListener("submit", (e) => e.target.matches("[data-layout]") && keepPlace(e.target), true);
  if (!pane()) return;
  document.addEventListener("click", clicked);
  document.addEventListener("frontdesk:cursor", (e) => follow(e.target));
  document.addEventListener("dblclick", (e) => split() && e.target.closest(".ticket-row") && e.target.closest("a.subject") && location.assign(e.target.closest("a.subject").href));
  addEventListener("popstate", () => show(wanted()));
  document.addEventListener("htmx:after:swap", mark);
  mark();
  if (shown()) {
    place();
    if (rowOf(shown())) cursor(rowOf(shown()));
  }
}

// follow shows the ticket under the cursor once the cursor rests.
export function follow(row) {
  if (!split()) return;
  clearTimeout(timer);
  timer = setTimeout(() => open(row.id.slice(1)), pause);
}

// close shows none; false when none was shown.
export function close() {
  if (!shown()) return false;
  say("");
  empty();
  mark();
  return true;
}

// rung refreshes the ticket that is shown when it has changed.
export async function rung(keys) {
  const id = shown();
  if (unanswered && unanswered === wanted()) return show(unanswered);
  if (!id || !(keys.has("all") || keys.has(`t:${id}`))) return;
  const follow = atEnd();
  const count = pane().querySelectorAll(".event").length;
  const mine = asked;
  const text = await ask(preview(pane().querySelector("[data-open]").href), { "Frontdesk-Live": "1" });
  if (text === null || mine !== asked || shown() !== id) return;
  await put(text);
  if (follow && pane().querySelectorAll(".event").length > count) toEnd();
}

// Enter is a click too, of no mouse: it opens the card.
function clicked(e) {
  if (e.target.closest("[data-preview-close]")) {
    const id = shown();
    close();
    return rowOf(id)?.querySelector("a.subject").focus({ preventScroll: true });
  }
  const link = e.target.closest(".ticket-row a.subject");
  if (!link || !split() || e.detail === 0 || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  cursor(link.closest(".ticket-row"));
  clearTimeout(timer);
  open(link.closest(".ticket-row").id.slice(1));
}

function open(id) {
  if (shown() === id) return;
  say(id);
  return show(id);
}

async function show(id) {
  const mine = ++asked;
  if (!id) {
    empty();
    return mark();
  }
  if (shown() === id) return;
  mark();
  const late = setTimeout(() => pane().setAttribute("aria-busy", "true"), 150);
  let why = "";
  const text = await ask(preview(rowOf(id)?.querySelector("a.subject").href ?? `/tickets/${id}`), {}, (w) => { why = w; });
  clearTimeout(late);
  if (mine !== asked) return;
  pane().removeAttribute("aria-busy");
  empty(why);
  if (why === "unreached") unanswered = id;
  if (text === null) return;
  await put(text);
  place();
}

// empty shows no ticket, and why if one was asked for.
function empty(why = "") {
  asked++;
  unanswered = "";
  pane().querySelector("[data-said]").textContent = why ? word(why) : pane().dataset.none;
  if (why) toast(word(why), "bad");
  for (const part of [...pane().children]) if (!part.matches(".preview-none")) part.remove();
  delete pane().dataset.ticket;
}

// address is that of this list with a ticket beside it, or with none.
function address(id) {
  const bare = location.search.replace(/([?&])open=\d+&?/, "$1").replace(/[?&]$/, "");
  return location.pathname + bare + (id ? `${bare ? "&" : "?"}open=${id}` : "");
}

// say puts the ticket into the address: opening is a step one can go back, going on to the next is not.
function say(id) {
  const to = address(id);
  if (id && !wanted()) history.pushState(history.state, "", to);
  else history.replaceState(history.state, "", to);
}

// mark tells eye and ear which row is shown.
function mark() {
  const id = split() ? wanted() || shown() : "";
  for (const link of document.querySelectorAll(".ticket-row a.subject[aria-current]")) link.removeAttribute("aria-current");
  if (id) rowOf(id)?.querySelector("a.subject").setAttribute("aria-current", "true");
}

// keepPlace comes back to this very list from the change of the layout, with the ticket under the cursor shown.
function keepPlace(form) {
  const at = document.querySelector(".ticket-row[data-cursor]")?.id.slice(1);
  form.elements.next.value = address(at);
}
