// Toasts that pass by themselves, and the ring of a letter that can still be called back.
import { forget } from "./address.js";

const stay = 6000;

export function start() {
  tend();
  forget("said", "of");
  document.addEventListener("htmx:after:swap", tend);
  document.addEventListener("htmx:finally:request", (e) => settle(e.detail.ctx));
  setInterval(count, 250);
}

// word is a sentence the server put into the page in the reader's language.
export const word = (name) => document.getElementById("words")?.dataset[name] ?? "";

// counted is a sentence that counts; forms are those of the reader's language (text.FormsJSON).
export function counted(forms, n) {
  const { lang } = document.documentElement;
  const all = JSON.parse(forms);
  return (all[new Intl.PluralRules(lang).select(n)] ?? all.other).replace("{n}", n.toLocaleString(lang));
}

// toast shows a sentence for some seconds; with a link, or a button in a form, it stays, for its maker to take away.
export function toast(text, kind = "", link = null, as = "div") {
  const group = document.getElementById("passing");
  if (!group || !text) return null;
  const made = document.createElement(as);
  made.className = "toast";
  made.dataset.kind = kind;
  made.innerHTML = `<svg class="icon" aria-hidden="true"><use></use></svg><p></p>`;
  const icon = kind === "bad" ? "circle-alert" : "circle-check";
  made.querySelector("use").setAttribute("href", `${word("sprite")}#${icon}`);
  made.querySelector("p").textContent = text;
  if (link) made.append(link);
  else made.dataset.passing = "";
  group.append(made);
  tend();
  return made;
}

// undoable is the newest letter or deed that can be taken back, as its form.
export const undoable = () => [...document.querySelectorAll(".toasts :is([data-undo], [data-undoing])")]
  .reduce((newest, one) => (newest && Number(newest.dataset.made) > Number(one.dataset.made) ? newest : one), null);

// mark says on which of them the key works.
function mark() {
  const newest = undoable();
  for (const one of document.querySelectorAll(".toasts :is([data-undo], [data-undoing])")) one.toggleAttribute("data-newest", one === newest);
}

// An undo that was answered is over, done or refused; one that was not may be tried again.
function settle({ sourceElement: form, response }) {
  if (!form.matches?.("[data-undoing]") || !(response?.status < 500) || response.status === 401) return;
  const focused = form.contains(document.activeElement);
  form.remove();
  if (focused) document.getElementById("main")?.focus({ preventScroll: true });
}

const says = (toast) => toast.querySelector("p").textContent.trim();

function tend() {
  for (const t of document.querySelectorAll(".toasts [data-passing]:not([data-tended])")) {
    t.dataset.tended = "";
    for (const old of document.querySelectorAll(".toasts div[data-tended]")) if (old !== t && t.matches("div") && says(old) === says(t)) old.remove(); // once is enough
    const go = () => (t.matches(":hover, :focus-within") ? setTimeout(go, 1000) : t.remove());
    setTimeout(go, Number(t.dataset.passing) * 1000 || stay);
  }
  for (const t of document.querySelectorAll(".toasts [data-undoing]")) t.dataset.made ??= Date.now();
  for (const u of document.querySelectorAll(".toasts [data-undo]")) {
    if (u.dataset.until && u.dataset.set === u.dataset.left) continue;
    u.dataset.set = u.dataset.left;
    u.dataset.until = String(Date.now() + Number(u.dataset.left) * 1000);
    u.dataset.made = String(Date.now() - (u.dataset.seconds - u.dataset.left) * 1000); // when it was sent
    u.style.setProperty("--seconds", `${u.dataset.seconds}s`);
    u.style.setProperty("--spent", `${u.dataset.left - u.dataset.seconds}s`);
  }
  mark();
}

// The seconds count by the time the server gave; when they are over the letter is on its way and cannot be called back.
function count() {
  for (const u of document.querySelectorAll(".toasts [data-undo][data-until]")) {
    const left = Math.ceil((Number(u.dataset.until) - Date.now()) / 1000);
    const small = u.querySelector("[data-seconds-left]");
    const words = left > 0 ? `${left} s` : "";
    if (small && small.textContent !== words) small.textContent = words;
    if (left <= 0) u.remove();
  }
  mark();
}
