// The composer: opens in place, keeps a draft on the server while somebody types, says when a letter will leave.
import { refresh } from "./ask.js";
import { stopAll, waits } from "./attach.js";
import { over } from "./session.js";
import { word } from "./toast.js";
import { narrow } from "./width.js";

const pause = 1000; // a draft is saved at most once in this time, and only when it has changed
const kept = new WeakMap(); // form -> what the server has of it
let shutBefore = false; // the composer, before a swap

export function start() {
  remember();
  document.addEventListener("click", clicked);
  document.addEventListener("input", typed);
  document.addEventListener("change", chosen);
  document.addEventListener("files", (e) => settle(e.target));
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return;
    if (e.ctrlKey || e.metaKey) e.target.closest?.("form.composer")?.requestSubmit();
    else if (e.target.matches?.("form.composer input")) e.preventDefault(); // a letter is not sent by Enter in an address
  });
  document.addEventListener("submit", (e) => e.target.matches?.("form.composer") && sent(e.target), true);
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => ctx.sourceElement.matches?.("form.composer") && !(ctx.response?.status < 400) && returned(ctx.sourceElement));
  document.addEventListener("htmx:before:swap", keep);
  document.addEventListener("htmx:after:swap", () => {
    remember();
    cover();
    document.querySelector("form.composer [aria-invalid=true]")?.focus();
    const kind = document.getElementById("compose")?.dataset.open;
    if (shutBefore && kind && document.activeElement === document.body) open(kind); // a text that was taken back
  });
  addEventListener("pagehide", () => forms().forEach((form) => save(form, true)));
  const asked = new URLSearchParams(location.search).get("compose");
  if (!asked) return;
  open(asked);
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
  document.getElementById("compose").replaceWith(fresh);
  htmx.process(fresh);
  remember();
}

// idle tells whether nobody has begun to write here.
function idle() {
  const compose = document.getElementById("compose");
  return compose !== null && !compose.dataset.open && !compose.contains(document.activeElement) &&
    forms().every((form) => !form.sent && !form.timer && !waits(form) && form.querySelector("[data-discard]").hidden && content(form) === kept.get(form));
}

// What is being written stays when a deed beside it brings the card anew.
function keep({ defaultPrevented, detail: { ctx, tasks } }) {
  shutBefore = document.getElementById("compose")?.dataset.open === "";
  const at = defaultPrevented ? -1 : tasks.findIndex((task) => task.target?.id === "compose");
  if (at < 0 || ctx.sourceElement.closest?.("#compose") || ctx.sourceElement === document.body || idle()) return;
  follow(tasks.splice(at, 1)[0].fragment);
}

// follow lets an open composer stand on a newer state of the ticket that brought no newer message to answer: a change the writer has
// made beside it is no reason to hold the letter back. Which message was the newest when they began stays: what a colleague wrote since is one.
function follow(fresh) {
  const answer = (root) => root.querySelector("#compose-reply [name=answer]")?.value;
  if (answer(fresh) !== answer(document)) return;
  for (const form of forms()) {
    const version = fresh.querySelector(`#${form.id} [name=version]`);
    const same = content(form) === kept.get(form);
    if (version) form.elements.version.value = [version.value.split("-")[0], form.elements.version.value.split("-")[1]].join("-");
    if (same) kept.set(form, content(form));
  }
}

const forms = () => [...document.querySelectorAll("form.composer[data-draft]")];
const text = () => [...document.querySelectorAll("#compose textarea")].find((t) => t.checkVisibility());
const content = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();

function remember() {
  for (const form of forms()) if (!kept.has(form)) kept.set(form, content(form));
}

async function clicked(e) {
  const link = e.target.closest("a[data-compose]");
  if (link && !e.ctrlKey && !e.metaKey && open(link.dataset.compose)) return e.preventDefault();
  const answer = e.target.closest("a[data-answer]");
  if (answer && !e.ctrlKey && !e.metaKey && document.getElementById("compose")) {
    e.preventDefault();
    await Promise.all(forms().map((form) => save(form)));
    if (await refresh(answer.href)) open("reply");
    return;
  }
  const discard = e.target.closest("button[data-discard]");
  if (discard) {
    e.preventDefault();
    drop(discard);
  }
}

function typed(e) {
  const form = e.target.closest?.("form.composer[data-draft]");
  if (form) soon(form);
}

function soon(form, wait = pause) {
  form.timer ??= setTimeout(async () => {
    form.timer = null;
    await save(form);
  }, wait);
}

// save puts the form on the server as it is; last is for a page that goes away.
async function save(form, last = false) {
  const now = content(form);
  if (form.isConnected === false || form.sent || now === kept.get(form)) return;
  const state = form.querySelector(".composer-state");
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(now), headers: { Accept: "application/json", "HX-Request": "true", "HX-Current-URL": location.href }, keepalive: last });
    if (!last) over(answer, true);
    if (!answer.ok) throw new Error(answer.statusText);
    kept.set(form, now);
    state.textContent = word("saved").replace("{time}", (await answer.json()).saved);
    delete state.dataset.bad;
    discardable(form);
  } catch {
    if (last) return;
    state.textContent = word("notSaved");
    state.dataset.bad = "";
    soon(form, 5 * pause);
  }
  if (content(form) !== now && !last) soon(form);
}

// settle takes note that files have come or gone: the server has them already.
function settle(form) {
  const without = (query) => {
    const fields = new URLSearchParams(query);
    fields.delete("file");
    fields.delete("shown");
    return fields.toString();
  };
  const now = content(form);
  if (without(kept.get(form)) === without(now)) kept.set(form, now);
  discardable(form);
}

// discardable shows the way to throw away what is kept.
function discardable(form) {
  const discard = form.querySelector("[data-discard]");
  discard.hidden = false;
  discard.setAttribute("formaction", `${form.dataset.draft}/removal`);
}

// A letter on its way needs no draft.
function sent(form) {
  clearTimeout(form.timer);
  form.timer = null;
  form.sent = true;
}

// returned goes on keeping a form whose letter has come back with errors, or did not leave.
function returned(form) {
  form.sent = false;
  soon(form);
}

async function drop(button) {
  const form = button.form;
  stopAll(form);
  sent(form);
  await fetch(`${form.dataset.draft}/removal`, { method: "POST", headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => {});
  form.querySelector("textarea").value = "";
  form.querySelector("[data-files] ul").replaceChildren();
  form.querySelector(".composer-state").textContent = "";
  button.hidden = true;
  kept.set(form, content(form));
  form.sent = false;
  open("");
}

function chosen(e) {
  if (e.target.name === "compose-kind") {
    document.getElementById("compose").dataset.open = e.target.value;
    text()?.focus();
  }
  if (e.target.name === "send_at") e.target.form.elements.delay.value = "at";
  if (e.target.name === "delay" || e.target.name === "send_at") when(e.target.form);
  const form = e.target.closest?.("form.composer[data-draft]");
  if (form) soon(form);
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
