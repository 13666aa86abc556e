// Exports: their page follows them by the rings (data-refresh); every other page says once that a file is ready.
import { ask, put } from "./ask.js";

const told = "frontdesk-exports-told"; // what this browser has said or shown
const open = "frontdesk-exports-open"; // when it last saw one unfinished
const patience = 3600e3; // after which it no longer asks by itself

export function start() {
  seen();
  document.addEventListener("htmx:after:swap", seen);
}

// present tells whether this page shows the exports.
export const present = () => page() !== null;

// awaited tells whether one was unfinished not long ago: its end may have been rung while no page was there to hear it.
export const awaited = () => Date.now() - Number(read(open)) < patience;

// news asks what has ended and says what this browser has not said yet.
export async function news() {
  const from = document.querySelector(".app")?.dataset.exportNews;
  const text = from && !present() && (await ask(from, { "Frontdesk-Live": "1" }));
  if (!text) return;
  const holder = document.createElement("template");
  holder.innerHTML = text;
  for (const toast of holder.content.querySelectorAll("[data-news]")) if (known().includes(toast.dataset.news)) toast.remove();
  const fresh = [...holder.content.querySelectorAll("[data-news]")].map((toast) => toast.dataset.news);
  if (fresh.length === 0) return;
  tell(fresh);
  localStorage.removeItem(open);
  await put(holder.innerHTML);
}

const page = () => document.querySelector("[data-exports]");
const read = (name) => localStorage.getItem(name) ?? "";
const known = () => read(told).split(" ");
const tell = (ends) => localStorage.setItem(told, [...new Set([...known(), ...ends])].slice(-50).join(" "));

// What the page shows needs no telling elsewhere.
function seen() {
  if (!present()) return;
  tell([...page().querySelectorAll("[data-told]")].map((x) => x.dataset.told).filter(Boolean));
  if ("unfinished" in page().dataset) localStorage.setItem(open, Date.now());
  else localStorage.removeItem(open);
}
