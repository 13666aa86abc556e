// Asking the server for pieces of this page, and what to do with an answer that is something else.
import { over } from "./session.js";
import { toast, word } from "./toast.js";

let submitter = null;
const most = 16_000; // letters of a deed that reaches the server also when its page is left at once; browsers keep 64 KiB alive
const deeds = new Set(); // under way
let leaving = false; // for the page a deed led to

// asking are the headers of a question for pieces of this page, in its own language: that of its reader may have changed beside it.
export const asking = () => ({ "HX-Request": "true", "HX-Current-URL": location.href, "Frontdesk-Language": document.documentElement.lang });

export function start() {
  document.addEventListener("submit", (e) => { submitter = e.submitter; }, true);
  document.addEventListener("submit", once);
  document.addEventListener("htmx:config:request", ({ detail: { ctx: { request } } }) => {
    Object.assign(request.headers, asking());
    request.keepalive = new URLSearchParams(request.body).toString().length < most;
  });
  document.addEventListener("htmx:before:request", (e) => {
    deeds.add(e.detail.ctx);
    busy(e, "true");
  });
  document.addEventListener("htmx:finally:request", (e) => {
    deeds.delete(e.detail.ctx);
    busy(e, null);
  });
  document.addEventListener("htmx:before:swap", (e) => {
    const answer = e.detail.ctx?.response?.raw;
    const strange = answer?.status >= 500 && !e.detail.ctx.text.includes("<hx-partial"); // of a proxy before the server
    if (!strange && (!answer || !elsewhere(answer, e.detail.ctx.text))) return;
    e.preventDefault();
    if (strange) return undone(e);
    leaving = true;
    location.assign(answer.url);
  });
  addEventListener("pageshow", () => {
    leaving = false;
    for (const form of document.querySelectorAll("form[data-next]")) form.sent = null;
  });
  document.addEventListener("htmx:error", undone);
}

// undone says that a deed did not reach the server.
const undone = (e) => toast(word(e.detail.ctx?.sourceElement.closest?.(".composer, .subject-edit") ? "notSaved" : "unchanged"), "bad");

// once holds back a form that leads to another page and is sent again before that page is there: a second ticket would be taken, unseen.
function once(e) {
  const form = e.target;
  if (e.defaultPrevented || !form.matches("[data-next]")) return;
  if (form.sent) return e.preventDefault();
  form.sent = setTimeout(() => { form.sent = null; }, 10_000); // it may have been stopped
}

// acting tells that a deed of this page is under way: its answer brings the page anew, or another one.
export const acting = () => deeds.size > 0 || leaving;

// refresh fetches a page as fragments and morphs them over what stands here; false when nobody answered.
export async function refresh(url, headers = {}) {
  const text = await ask(url, headers);
  if (text === null) return false;
  await put(text);
  return true;
}

// ask answers the fragments as text, null when there are none to be had; sorry is told why. Where the page asked by itself, the event
// "frontdesk:unanswered" tells instead that there may be some later.
export async function ask(url, headers = {}, sorry = (why) => toast(word(why), "bad")) {
  const live = "Frontdesk-Live" in headers;
  const unanswered = () => {
    if (live) document.dispatchEvent(new Event("frontdesk:unanswered"));
    else sorry("unreached");
    return null;
  };
  let answer;
  try {
    answer = await fetch(url, { headers: { ...asking(), ...headers }, credentials: "same-origin" });
  } catch {
    return unanswered();
  }
  over(answer, live);
  if (answer.status >= 500) return unanswered();
  if (answer.status === 404) sorry("gone");
  if (!answer.ok) return null;
  const text = await answer.text().catch(unanswered);
  if (text === null) return null;
  if (!whole(text)) return text;
  if (!live) location.assign(answer.url);
  return null;
}

// put morphs fragments into the page.
export const put = (text) => htmx.swap({ text, sourceElement: document.body, target: document.body, swap: "none" });

// parsed is a fragment to be looked at before it is put: parsed(text)("#list") is the new list.
export function parsed(text) {
  const doc = new DOMParser().parseFromString(text, "text/html");
  return (target) => doc.querySelector(`hx-partial[hx-target="${target}"]`)?.firstElementChild ?? null;
}

const whole = (text) => /^\s*<!doctype/i.test(text);

// A deed that led to another page, or to a whole page (the session has ended), is followed there.
const elsewhere = (answer, text) =>
  whole(text) || (answer.redirected && new URL(answer.url).pathname !== location.pathname);

function busy(e, on) {
  const button = e.target.contains?.(submitter) ? submitter : null;
  if (!button) return;
  if (on) button.setAttribute("aria-busy", on);
  else button.removeAttribute("aria-busy");
}
