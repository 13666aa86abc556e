// A draft that is thrown away.
import { stopAll } from "./attach.js";
import { open } from "./composer.js";
import { forms, had, note, sent, soon, still } from "./draft.js";
import { later } from "./later.js";
import { word } from "./toast.js";

const left = "discarded"; // names the drafts that were thrown away as a page was left

export function start() {
  bury();
  document.addEventListener("click", (e) => {
    const button = e.target.closest("button[data-discard]");
    if (!button) return;
    e.preventDefault();
    drop(button);
  });
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

// drop folds the composer and throws away what is kept, a while later: until then it can be taken back as it was. It is gone at once when the form
// takes something new, or the other one is sent, whose answer brings the composer anew.
async function drop(button) {
  const form = button.form;
  if (form.sent) return;
  sent(form);
  await form.saving;
  const [field, state, list] = parts(form);
  const was = { text: field.value, state: state.textContent, files: new DocumentFragment(), content: had(form) };
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
    note(form, was.content);
    tell();
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
  note(form);
  tell();
}

// tell says beside the folded composer that there is a draft as long as there is one.
function tell() {
  document.querySelector(".compose-shut [data-hint]").hidden = forms().every((form) => form.querySelector("[data-discard]").hidden);
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
