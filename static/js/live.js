// Changes of others: the server rings, the page asks. One stream serves all pages of a browser, in a worker where there are such.
import { acting, ask, parsed, put, refresh } from "./ask.js";
import { atEnd, toEnd } from "./card.js";
import { renew } from "./composer.js";
import { awaited, news, present as exports } from "./export.js";
import { present as listed, take } from "./list.js";
import { rung as beside } from "./split.js";

const rest = 700; // between two refreshes of the same page
const again = 5000; // after one that nobody answered
const live = { "Frontdesk-Live": "1" };
let due = null; // keys that have rung since the last refresh
let rung = false; // since the last look
let working = false;
let unanswered = false; // what was asked since

export function start() {
  const app = document.querySelector(".app[data-live]");
  if (!app) return;
  join(app);
  document.addEventListener("visibilitychange", () => due && work());
  document.addEventListener("htmx:finally:request", () => due && work());
  document.addEventListener("frontdesk:unanswered", () => { unanswered = true; });
  document.addEventListener("frontdesk:seen", () => listed() && heard({ ring: { keys: ["seen"] } })); // its row is bold no longer
  addEventListener("pageshow", (e) => e.persisted && back(app));
}

async function join(app) {
  const port = await door(app.dataset.liveWorker);
  port.onmessage = (e) => heard(e.data);
  port.postMessage({ stream: app.dataset.live });
  addEventListener("pagehide", () => port.postMessage({ leave: true }), { once: true });
}

// door leads to the worker; where there are none, as in Chrome on Android, its script is run here.
async function door(script) {
  if (window.SharedWorker) return new SharedWorker(script, { name: "frontdesk-live" }).port;
  await import(script);
  const { port1, port2 } = new MessageChannel();
  self.onconnect({ ports: [port2] });
  return port1;
}

// A page that "back" brings out of the browser's memory has left the stream, and its reader may have signed out since.
async function back(app) {
  const answer = await fetch(app.dataset.counters, { headers: { "HX-Request": "true", ...live } }).catch(() => null);
  if (answer?.status === 401) return location.reload();
  join(app);
}

function heard({ ring, online }) {
  if (online !== undefined) document.documentElement.dataset.stream = online ? "on" : "off";
  if (!ring) return;
  const keys = ring.hello ? ["all"] : (ring.keys ?? []).filter((key) => !key.startsWith("p:") || exports());
  if (ring.keys?.length && keys.length === 0) return; // an export gets on, which only its page shows
  due ??= new Set();
  for (const key of keys) due.add(key);
  rung = true;
  work();
}

async function work() {
  if (working || acting() || !due) return;
  working = true;
  rung = unanswered = false;
  const keys = due;
  due = null;
  const hidden = document.hidden;
  try {
    await (hidden ? counters() : page(keys));
  } finally {
    if (hidden || unanswered) due = new Set([...(due ?? []), ...keys]); // when somebody looks, when somebody answers
    setTimeout(() => {
      working = false;
      if (due && (rung || unanswered || !document.hidden)) work(); // what rang meanwhile counts, seen or not
    }, unanswered ? again : document.hidden ? rest * 5 : rest);
  }
}

async function page(keys) {
  if ([...keys].some((key) => key.startsWith("x:")) || (keys.has("all") && awaited())) news();
  const card = document.querySelector(".card[data-ticket]");
  if (card && (keys.has("all") || keys.has(`t:${card.dataset.ticket}`))) return ticket(card.dataset.here);
  if (listed()) {
    const text = await look(document.getElementById("list").dataset.here);
    if (text === null) return;
    await counted(text);
    await take(text);
    return beside(keys);
  }
  const kept = document.querySelector("[data-refresh]");
  if (kept && (!kept.dataset.refresh || keys.has("all") || keys.has(kept.dataset.refresh))) {
    await refresh(location.href, live);
    return title();
  }
  return counters();
}

// look asks for what is new. An answer that comes while a deed is under way may take away the form that waits for its own: it is asked for again.
async function look(url) {
  const text = await ask(url, live);
  if (text === null || !acting()) return text;
  unanswered = true;
  return null;
}

// What somebody has open or is filling in stays as it is; the rest of the card follows.
async function ticket(url) {
  const text = await look(url);
  if (text === null) return unanswered || counters(); // it is gone, or for others: the rail tells what is left
  const follow = atEnd();
  const count = document.querySelectorAll("#talk .event").length;
  const kept = ["#head", "#side"].filter((id) => document.querySelector(id)?.contains(document.activeElement) && document.activeElement.matches("input, select, textarea") || document.querySelector(`${id} .subject-edit[open]`));
  const { rest, compose } = split(text, kept);
  await put(rest);
  renew(compose);
  title();
  if (follow && document.querySelectorAll("#talk .event").length > count) toEnd();
}

// split takes the composer, and what stays as it is, out of the fragments.
function split(text, kept) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  const partial = (target) => holder.content.querySelector(`hx-partial[hx-target="${target}"]`);
  for (const target of kept) partial(target)?.remove();
  const compose = partial("#compose");
  compose?.remove();
  return { rest: holder.innerHTML, compose: compose?.firstElementChild ?? null };
}

async function counters() {
  const app = document.querySelector(".app[data-counters]");
  const here = document.querySelector("#counters [aria-current]")?.getAttribute("href") ?? "";
  if (app && (await refresh(`${app.dataset.counters}?rail=${app.dataset.rail ?? ""}&here=${encodeURIComponent(here)}`, live))) title();
}

// counted lets the rail count on, also while the rows of the list are held back.
async function counted(text) {
  const fresh = parsed(text)("#counters");
  if (fresh) await put(fresh.parentElement.outerHTML);
  title();
}

// bare is the page's name without the counter.
export const bare = () => document.title.replace(/^\(\d+\+?\) /, "");

// title puts the counter of what is unread before the page's name, and onto its icon.
export function title() {
  const n = document.getElementById("counters")?.dataset.fresh ?? "0"; // "99+" beyond
  document.title = n === "0" ? bare() : `(${n}) ${bare()}`;
  const icon = document.querySelector("link[rel=icon]");
  if (icon) icon.href = n === "0" ? icon.dataset.plain : icon.dataset.badged;
}
