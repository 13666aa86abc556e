// The card: opens at the newest event, goes through events, copies links, shows details in a drawer, saves a changed value at once.
import { acting, refresh } from "./ask.js";
import { meant } from "./meant.js";
import { scroller } from "./pane.js";
import { toast, word } from "./toast.js";

const wishes = new Map(); // what was chosen while a deed was under way, by its field

export function start() {
  if (document.querySelector(".card")) place();
  document.addEventListener("click", clicked);
  document.addEventListener("change", chosen);
  document.addEventListener("submit", (e) => e.target.closest(".menu[popover]")?.hidePopover());
  document.addEventListener("toggle", (e) => {
    if (e.target.matches?.(".subject-edit") && e.target.open) e.target.querySelector("input[name=subject]").select();
  }, true);
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.title) document.title = ctx.title; // which htmx leaves when it swaps parts alone
    if (ctx.response?.status < 400) shut(ctx.sourceElement.closest?.(".subject-edit"));
    saved();
    number();
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches?.("[data-autosave]") && !(ctx.response?.status < 400)) saved();
    if (wishes.size === 0 || acting()) return;
    wishes.clear();
    document.querySelector("[data-autosave]")?.requestSubmit();
  });
}

// chosen saves a value at once, or when the deed before it is done: only its answer tells what the next one changes.
function chosen({ target }) {
  const form = target.name && target.closest("[data-autosave]");
  if (!form) return;
  if (acting()) wishes.set(target.name, target.value);
  else form.requestSubmit();
}

// saved shows what the server holds, and what is to be saved next: a select once used by hand no longer follows its markup.
function saved() {
  for (const option of document.querySelectorAll("#side option")) option.selected = option.defaultSelected;
  const { elements } = document.querySelector("[data-autosave]") ?? {};
  for (const [name, value] of wishes) if (elements?.[name]) elements[name].value = value;
}

// atEnd tells whether the reader looks at the newest event, so that a newer one may come into view.
export function atEnd() {
  const talk = scroller(document.getElementById("talk"));
  if (turned()) return talk.scrollTop < 48;
  return talk !== null && talk.scrollHeight - talk.scrollTop - talk.clientHeight < 48;
}

// toEnd brings the newest event into view.
export function toEnd() {
  const all = events();
  current = turned() ? 0 : all.length - 1;
  if (turned()) scroller(document.getElementById("talk")).scrollTop = 0;
  else all.at(-1)?.scrollIntoView({ block: "start" });
  number();
}

const events = () => [...document.querySelectorAll("#talk .events > .event")].filter((e) => e.checkVisibility());
const turned = () => document.getElementById("talk")?.dataset.order === "newest"; // on a phone the newest stands first
let current = -1;
let counted = 0;

// place brings into view what the address names, else what is unread, else the newest event.
export function place() {
  current = -1;
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target && target.closest("#talk")) {
    if (target.tagName === "DETAILS") target.open = true;
    for (let fold = target.closest(".fold"); fold; fold = fold.parentElement.closest(".fold")) fold.open = true;
    target.scrollIntoView({ block: "start" });
  } else if (!turned()) {
    const all = events();
    const unread = all.find((e) => "unread" in e.dataset);
    (unread ?? all.at(-1))?.scrollIntoView({ block: "start" });
  }
  number();
}

function number() {
  const all = events();
  const out = document.getElementById("nav-place");
  if (!out || all.length === 0) return;
  if (current < 0 || current >= all.length || current === counted - 1) current = all.length - 1; // who stands at the end stays there
  counted = all.length;
  out.textContent = out.dataset.of.replace("{at}", current + 1).replace(/\d[\d\s.,]*$/, all.length);
}

function clicked(e) {
  const step = e.target.closest("[data-go]");
  if (step) return go(step.dataset.go);
  const choice = e.target.closest("[data-choose]");
  if (choice) return choose(choice.dataset.choose);
  const copy = e.target.closest("a[data-copy]");
  if (copy && "share" in copy.dataset && plain(e) && navigator.share) {
    e.preventDefault();
    navigator.share({ title: copy.dataset.share, url: copy.href }).catch(() => {}); // who changes their mind is told nothing
    return;
  }
  if (copy && plain(e) && navigator.clipboard) {
    e.preventDefault();
    navigator.clipboard.writeText(copy.href).then(() => toast(word("copied")), () => location.assign(copy.href));
  }
  const drawer = e.target.closest("a[data-drawer]");
  if (drawer && plain(e)) {
    e.preventDefault();
    show(drawer.href);
  }
}

export function go(where) {
  const all = events();
  if (where === "expand") {
    const folded = [...document.querySelectorAll("#talk details.event, #talk details.fold")];
    const open = folded.some((d) => !d.open);
    for (const d of folded) d.open = open;
    return;
  }
  const to = { first: 0, previous: current - 1, next: current + 1, last: all.length - 1 }[where];
  current = Math.min(Math.max(to, 0), all.length - 1);
  const event = all[current];
  if (!event) return;
  event.scrollIntoView({ block: "start" });
  for (const other of all) delete other.dataset.focus;
  event.dataset.focus = "";
  number();
}

// shut closes the editor of the subject once it is saved, and leaves the focus on what opens it.
function shut(edit) {
  if (!edit?.open) return;
  edit.open = false;
  edit.querySelector("summary").focus();
}

// choose goes on to the field whose value was touched, in the details that open with it.
function choose(field) {
  requestAnimationFrame(() => document.getElementById(`d-${field}`)?.focus());
}

async function show(url) {
  const wanted = meant();
  if ((await refresh(url)) && wanted()) document.getElementById("drawer").showModal();
}

const plain = (e) => e.button === 0 && !e.ctrlKey && !e.metaKey && !e.shiftKey;
