// The composer: opens in place, stays while the card around it comes anew, says when a letter will leave.
import { forget } from "./address.js";
import { refresh } from "./ask.js";
import { waits } from "./attach.js";
import { forms, note, remember, save, still, untouched } from "./draft.js";
import { meant } from "./meant.js";
import { narrow } from "./width.js";

let before = ""; // how the composer stood, before a swap
let answering = false; // another message than the newest: the composer for it is on its way

export function start() {
  document.addEventListener("click", clicked);
  document.addEventListener("change", chosen);
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return;
    const form = e.target.closest?.("form.composer");
    if (e.ctrlKey || e.metaKey) !form?.sent && form?.requestSubmit(form.querySelector("button[data-kind=primary]"));
    else if (e.target.matches?.("form.composer input")) e.preventDefault(); // a letter is not sent by Enter in an address
  });
  document.addEventListener("htmx:before:swap", keep);
  document.addEventListener("htmx:after:swap", () => {
    cover();
    document.querySelector("form.composer [aria-invalid=true]")?.focus();
    const compose = document.getElementById("compose");
    if (!compose || document.activeElement !== document.body && !compose.contains(document.activeElement)) return;
    if (before === compose.dataset.open) return;
    if (compose.dataset.open) open(compose.dataset.open); // a text that was taken back, or the other one that was begun
    else back(); // one that was sent
  });
  const asked = new URLSearchParams(location.search).get("compose");
  if (!asked) return;
  open(asked);
  forget("compose");
  if (location.hash) addEventListener("load", () => requestAnimationFrame(() => open(asked)), { once: true }); // going to the anchor takes the focus away
}

// open shows the composer for a reply or a comment; close ("") folds it and keeps the text.
export function open(kind) {
  const compose = document.getElementById("compose");
  if (!compose || !compose.querySelector("form.composer")) return false;
  compose.dataset.open = kind;
  cover();
  if (!kind) return back(), true;
  compose.querySelector(`input[name=compose-kind][value=${kind}]`).checked = true;
  const field = text();
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  return true;
}

// cover keeps the focus out of what lies behind a composer that fills the screen.
function cover() {
  const open = narrow() && Boolean(document.getElementById("compose")?.dataset.open);
  for (const id of ["card-bar", "head", "talk"]) document.getElementById(id)?.toggleAttribute("inert", open);
}

// back puts the focus where the writing began.
function back() {
  const compose = document.getElementById("compose");
  if (compose.contains(document.activeElement) || document.activeElement === document.body) compose.querySelector(".compose-shut a")?.focus({ preventScroll: true });
}

// renew puts a newer composer in place unless somebody has begun to write: a reply that is begun after a message was seen answers that message
// and need not be held back because of it. It is done at once, so that nobody can begin meanwhile.
export function renew(fresh) {
  if (!fresh || !idle()) return;
  const compose = document.getElementById("compose");
  const link = compose.contains(document.activeElement) && document.activeElement.dataset.compose; // to begin with, as after a letter
  if (link && fresh.dataset.open) return; // asked for before the text was sent or thrown away that it holds
  compose.replaceWith(fresh);
  htmx.process(fresh);
  if (link) fresh.querySelector(`.compose-shut [data-compose=${link}]`)?.focus({ preventScroll: true });
  remember();
}

// idle tells whether nobody has begun to write here.
function idle() {
  const compose = document.getElementById("compose");
  return compose !== null && !compose.dataset.open &&
    forms().every((form) => untouched(form) && !form.sent && !form.timer && !waits(form) && form.querySelector("[data-discard]").hidden);
}

// What is being written stays when the card comes anew: by a deed beside it, or because a phone was turned.
function keep({ defaultPrevented, detail: { ctx, tasks } }) {
  before = document.getElementById("compose")?.dataset.open;
  const at = defaultPrevented ? -1 : tasks.findIndex((task) => task.target?.id === "compose");
  if (at < 0 || ctx.sourceElement.closest?.("#compose") || answering || idle()) return;
  const [{ fragment }] = tasks.splice(at, 1);
  if (ctx.sourceElement !== document.body) follow(fragment);
}

// follow lets an open composer stand on a newer state of the ticket that brought no newer message to answer: a change the writer has
// made beside it is no reason to hold the letter back, nor is what the fields hold since. Which message was the newest when they began
// stays: what a colleague wrote since is one.
function follow(fresh) {
  const answer = (root) => root.querySelector("#compose-reply [name=answer]")?.value;
  if (answer(fresh) !== answer(document)) return;
  for (const form of forms()) {
    const version = fresh.querySelector(`#${form.id} [name=version]`);
    const same = untouched(form);
    if (version) form.elements.version.value = [version.value.split("-")[0], form.elements.version.value.split("-")[1]].join("-");
    for (const now of fresh.querySelectorAll(`#${form.id} [name$=_was]`)) form.elements[now.name].value = now.value;
    if (same) note(form);
  }
}

const text = () => [...document.querySelectorAll("#compose textarea")].find((t) => t.checkVisibility());

async function clicked(e) {
  const link = e.target.closest("a[data-compose]");
  if (link && !e.ctrlKey && !e.metaKey && open(link.dataset.compose)) return e.preventDefault();
  const answer = e.target.closest("a[data-answer]");
  if (answer && !e.ctrlKey && !e.metaKey && document.getElementById("compose")) {
    e.preventDefault();
    reply(answer.href);
  }
}

// reply brings the composer that answers a message of one's choice. What is written here comes with it, for the server has it; meanwhile it takes no more
// words, and it stays where the server has them not.
async function reply(href) {
  const wanted = meant();
  await Promise.all(forms().map((form) => form.drop?.()));
  if (forms().some((form) => form.sent)) return;
  for (const form of forms()) still(form, true);
  await Promise.all(forms().map((form) => save(form)));
  const unsaved = forms().find((form) => !untouched(form));
  answering = !unsaved;
  const there = answering && await refresh(href);
  answering = false;
  for (const form of forms()) still(form, form.sent);
  if (wanted() && (there || unsaved)) open(unsaved?.dataset.kind ?? "reply");
}

function chosen(e) {
  if (e.target.name === "compose-kind") {
    document.getElementById("compose").dataset.open = e.target.value;
    text()?.focus();
  }
  if (e.target.name === "send_at") e.target.form.elements.delay.value = "at";
  if (e.target.name === "delay" || e.target.name === "send_at") when(e.target.form);
}

// when says beside the button what was chosen in its menu.
function when(form) {
  const radio = form.querySelector("[name=delay]:checked");
  const out = form.querySelector("[data-when]");
  if (!radio || !out) return;
  const at = form.elements.send_at;
  out.textContent = radio.defaultChecked ? "" : radio.value === "at" ? at.value.replace("T", ", ") : radio.dataset.name;
  if (radio.value === "at" && !at.value) at.focus();
  else if (radio.value !== "at") document.getElementById("m-send")?.hidePopover();
}
