// The composer: opens in place, keeps a draft on the server while somebody types, says when a letter will leave.
import { refresh } from "./ask.js";
import { stopAll, waits } from "./attach.js";
import { later } from "./later.js";
import { over } from "./session.js";
import { word } from "./toast.js";
import { narrow } from "./width.js";

const pause = 1000; // a draft is saved at most once in this time, and only when it has changed
const kept = new WeakMap(); // form -> what the server has of it
const known = "draft_version"; // the field that names the draft a form knows
const left = "discarded"; // names the drafts that were thrown away as a page was left
let before = ""; // how the composer stood, before a swap
let answering = false; // another message than the newest: the composer for it is on its way

export function start() {
  remember();
  bury();
  document.addEventListener("click", clicked);
  document.addEventListener("input", typed);
  document.addEventListener("change", chosen);
  document.addEventListener("files", (e) => settle(e.target));
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return;
    const form = e.target.closest?.("form.composer");
    if (e.ctrlKey || e.metaKey) !form?.sent && form?.requestSubmit(form.querySelector("button[data-kind=primary]"));
    else if (e.target.matches?.("form.composer input")) e.preventDefault(); // a letter is not sent by Enter in an address
  });
  document.addEventListener("submit", (e) => e.target.matches?.("form.composer") && sent(e.target), true);
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => ctx.sourceElement.matches?.("form.composer") && !(ctx.response?.status < 400) && returned(ctx.sourceElement));
  document.addEventListener("htmx:before:swap", keep);
  document.addEventListener("htmx:after:swap", () => {
    remember();
    cover();
    document.querySelector("form.composer [aria-invalid=true]")?.focus();
    const compose = document.getElementById("compose");
    if (!compose || document.activeElement !== document.body && !compose.contains(document.activeElement)) return;
    if (before === "" && compose.dataset.open) open(compose.dataset.open); // a text that was taken back
    if (before && compose.dataset.open === "") back(); // one that was sent
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
    forms().every((form) => !form.sent && !form.timer && !waits(form) && form.querySelector("[data-discard]").hidden && content(form) === kept.get(form));
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
    const same = content(form) === kept.get(form);
    if (version) form.elements.version.value = [version.value.split("-")[0], form.elements.version.value.split("-")[1]].join("-");
    for (const now of fresh.querySelectorAll(`#${form.id} [name$=_was]`)) form.elements[now.name].value = now.value;
    if (same) kept.set(form, content(form));
  }
}

const forms = () => [...document.querySelectorAll("form.composer[data-draft]")];
const text = () => [...document.querySelectorAll("#compose textarea")].find((t) => t.checkVisibility());
const content = (form) => new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== known)).toString();

function remember() {
  for (const form of forms()) if (!kept.has(form)) kept.set(form, content(form));
}

async function clicked(e) {
  const link = e.target.closest("a[data-compose]");
  if (link && !e.ctrlKey && !e.metaKey && open(link.dataset.compose)) return e.preventDefault();
  const answer = e.target.closest("a[data-answer]");
  if (answer && !e.ctrlKey && !e.metaKey && document.getElementById("compose")) {
    e.preventDefault();
    await Promise.all(forms().map((form) => form.drop?.()));
    await Promise.all(forms().map((form) => save(form)));
    answering = true;
    const there = await refresh(answer.href).finally(() => { answering = false; });
    if (there) open("reply");
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

// save puts the form on the server as it is, one state after the other; last is for a page that goes away. It names the draft it knows: where another
// tab or device has written a newer one, that one stays, and this form says so and keeps nothing any more.
async function save(form, last = false) {
  while (form.saving && !last) await form.saving;
  const now = content(form);
  if (form.isConnected === false || form.sent || form.newer || now === kept.get(form)) return;
  const work = post(form, now, last).finally(() => { if (form.saving === work) form.saving = null; });
  form.saving = work;
  await work;
  if (content(form) !== now && !last) soon(form);
}

async function post(form, now, last) {
  const state = form.querySelector(".composer-state");
  const body = new URLSearchParams(now);
  if ("draftVersion" in form.dataset && !form.saving) body.set(known, form.dataset.draftVersion);
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body, headers: { Accept: "application/json", "HX-Request": "true", "HX-Current-URL": location.href }, keepalive: last });
    if (!last) over(answer, true);
    if (answer.status === 409) return newer(form);
    if (answer.status === 404) return unsaved(form, "gone", 60 * pause); // a deletion may be taken back
    if (!answer.ok) throw new Error(answer.statusText);
    kept.set(form, now);
    const { saved, version } = await answer.json();
    if (version !== undefined) form.dataset.draftVersion = version;
    state.textContent = word("saved").replace("{time}", saved);
    delete state.dataset.bad;
    discardable(form);
  } catch {
    if (!last) unsaved(form, "notSaved", 5 * pause);
  }
}

// unsaved says why the draft is not on the server, and tries again.
function unsaved(form, why, wait) {
  const state = form.querySelector(".composer-state");
  state.textContent = word(why);
  state.dataset.bad = "";
  soon(form, wait);
}

// newer says that the draft that is kept is another one.
function newer(form) {
  const state = form.querySelector(".composer-state");
  form.newer = true;
  state.textContent = word("newerDraft");
  state.dataset.bad = "";
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

// A letter on its way needs no draft, and takes no more words: they would not be in it.
function sent(form) {
  clearTimeout(form.timer);
  form.timer = null;
  form.sent = true;
  still(form, true);
  if (!("draftVersion" in form.dataset)) return;
  const field = form.elements[known] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: known }));
  field.value = form.dataset.draftVersion;
}

// returned goes on keeping a form whose letter has come back with errors, or did not leave.
function returned(form) {
  form.sent = false;
  still(form, false);
  soon(form);
}

function still(form, on) {
  for (const field of form.querySelectorAll("textarea, input:not([type=hidden], [type=file], [type=radio], [type=checkbox])")) field.readOnly = on;
}

// drop folds the composer and throws away what is kept, a while later: until then it can be taken back as it was. It is gone at once when the form
// takes something new, or the other one is sent, whose answer brings the composer anew.
async function drop(button) {
  const form = button.form;
  if (form.sent) return;
  sent(form);
  await form.saving;
  const [field, state, list] = parts(form);
  const was = { text: field.value, state: state.textContent, files: new DocumentFragment(), content: kept.get(form) };
  was.files.append(...list.children); // those on their way go on
  empty(form);
  still(form, false);
  open("");
  const anew = new AbortController();
  const end = () => {
    anew.abort();
    form.drop = null;
    form.sent = false;
  };
  form.drop = later(word("discarded"), (leaving) => {
    end();
    if (leaving) sessionStorage.setItem(left, `${sessionStorage.getItem(left) ?? ""} ${form.dataset.draft}`);
    return remove(form);
  }, () => {
    end();
    [field.value, state.textContent, button.hidden] = [was.text, was.state, false];
    list.replaceChildren(was.files);
    kept.set(form, was.content);
    open(form.dataset.kind);
    soon(form);
  });
  const mine = (e) => (e.target.form === form || e.type === "drop" || e.type === "submit") && form.drop?.();
  for (const type of ["input", "change", "paste", "drop", "submit"]) form.closest("#compose").addEventListener(type, mine, { capture: true, signal: anew.signal });
}

const parts = (form) => [".composer-text", ".composer-state", "[data-files] ul"].map((part) => form.querySelector(part));

function empty(form) {
  const [field, state, list] = parts(form);
  field.value = state.textContent = "";
  list.replaceChildren();
  form.querySelector("[data-discard]").hidden = true;
  kept.set(form, content(form));
}

// remove throws away what the server has of a form.
function remove(form) {
  stopAll(form);
  form.querySelector("[data-discard]").hidden = true;
  form.newer = false;
  if ("draftVersion" in form.dataset) form.dataset.draftVersion = 0;
  const work = fetch(`${form.dataset.draft}/removal`, { method: "POST", headers: { Accept: "application/json" }, redirect: "manual", keepalive: true })
    .catch(() => {}).finally(() => { if (form.saving === work) form.saving = null; });
  return form.saving = work;
}

// bury throws away once more what was thrown away as the page before was left: this one was asked for before that was done.
function bury() {
  const all = sessionStorage.getItem(left)?.split(" ") ?? [];
  sessionStorage.removeItem(left);
  for (const form of forms().filter((f) => all.includes(f.dataset.draft))) {
    empty(form);
    remove(form);
    if (form.dataset.kind === form.closest("#compose").dataset.open) form.closest("#compose").dataset.open = "";
  }
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
