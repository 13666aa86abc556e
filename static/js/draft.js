// The draft of a letter is kept on the server while somebody types.
import { asking } from "./ask.js";
import { say } from "./attach.js";
import { over } from "./session.js";
import { word } from "./toast.js";

const pause = 1000; // a draft is saved at most once in this time, and only when it has changed
const kept = new WeakMap(); // form -> what the server has of it
const known = "draft_version"; // the field that names the draft a form knows

export function start() {
  remember();
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("files", (e) => settle(e.target));
  document.addEventListener("submit", (e) => e.target.matches?.("form.composer") && sent(e.target), true);
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => ctx.sourceElement.matches?.("form.composer") && !(ctx.response?.status < 400) && returned(ctx.sourceElement));
  document.addEventListener("htmx:after:swap", remember);
  addEventListener("pagehide", () => forms().forEach((form) => save(form, true)));
}

export const forms = () => [...document.querySelectorAll("form.composer[data-draft]")];
const content = (form) => new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== known)).toString();

// untouched tells whether the server has the form as it is; note, that it has, and had what it had.
export const untouched = (form) => content(form) === kept.get(form);
export const had = (form) => kept.get(form);
export const note = (form, has = content(form)) => kept.set(form, has);

// remember takes note of forms that have just come from the server.
export function remember() {
  for (const form of forms()) if (!kept.has(form)) note(form);
}

function typed(e) {
  const form = e.target.closest?.("form.composer[data-draft]");
  if (form) soon(form);
}

// soon saves the form a moment later.
export function soon(form, wait = pause) {
  form.timer ??= setTimeout(async () => {
    form.timer = null;
    await save(form);
  }, wait);
}

// save puts the form on the server as it is, one state after the other; last is for a page that goes away. It names the draft it knows: where another
// tab or device has written a newer one, that one stays, and this form says so and keeps nothing any more.
export async function save(form, last = false) {
  while (form.saving && !last) await form.saving;
  const now = content(form);
  if (form.isConnected === false || form.sent || form.newer || now === kept.get(form)) return;
  const work = post(form, now, last).finally(() => { if (form.saving === work) form.saving = null; });
  form.saving = work;
  await work;
  if (content(form) !== now && !last) soon(form);
}

async function post(form, now, last) {
  const body = new URLSearchParams(now);
  if ("draftVersion" in form.dataset && !form.saving) body.set(known, form.dataset.draftVersion);
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body, headers: { ...asking(), Accept: "application/json" }, keepalive: last });
    if (!last && over(answer, true)) return unsaved(form, "ended", 5 * pause);
    if (answer.status === 409) return newer(form);
    if (answer.status === 404) return unsaved(form, "gone", 60 * pause); // a deletion may be taken back
    if (!answer.ok) throw new Error(answer.statusText);
    const { saved, version, written } = await answer.json();
    if (written) return !form.sent && newer(form, "sentDraft");
    kept.set(form, now);
    if (version !== undefined) form.dataset.draftVersion = version;
    tell(form, "saved", saved);
    discardable(form);
  } catch {
    if (!last) unsaved(form, "notSaved", 5 * pause);
  }
}

// unsaved says why the draft is not on the server, and tries again.
function unsaved(form, why, wait) {
  tell(form, why);
  soon(form, wait);
}

// tell shows how it stands with a draft, and says it aloud when that is news: a draft that is saved again is none.
function tell(form, how, time) {
  const state = form.querySelector(".composer-state");
  state.textContent = word(how).replace("{time}", time);
  state.toggleAttribute("data-bad", how !== "saved");
  if (form.told !== how) say(form, state.textContent);
  form.told = how;
}

// newer says that the draft that is kept is another one, or that none is kept of a form that was taken although its answer was lost.
function newer(form, why = "newerDraft") {
  form.newer = true;
  tell(form, why);
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
export function sent(form) {
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
  form.sent = form.newer = false;
  still(form, false);
  soon(form);
}

// still takes no more words while on.
export function still(form, on) {
  for (const field of form.querySelectorAll("textarea, input:not([type=hidden], [type=file], [type=radio], [type=checkbox])")) field.readOnly = on;
}
