// The palette: what this page can do and where one can go, by name; tickets and customers that fit come from the server. Its entries are the page's
// own buttons and links, so whatever gets a shortcut is found here too.
import { ask, parsed } from "./ask.js";
import { holds, words } from "./narrow.js";
import { counted, word } from "./toast.js";

const pause = 120; // after the last key, before the server is asked
let typed = 0;
let timer = 0;
let eager = false; // Enter was pressed before there was anything to choose

const part = (id) => document.getElementById(`palette${id}`);
const options = () => [...part("-list").querySelectorAll("[role=option]")];

export function start() {
  if (!part("")) return;
  part("-input").addEventListener("input", () => fill(part("-input").value));
  part("").addEventListener("keydown", pressed);
  part("").addEventListener("click", (e) => {
    if (e.target === part("")) return part("").close(); // beside it
    const option = e.target.closest("[role=option]");
    if (option) choose(option, e.ctrlKey || e.metaKey);
  });
}

// open shows the palette, empty and ready.
export function open() {
  if (!part("") || part("").open) return part("")?.close();
  part("-input").value = "";
  fill("");
  part("").showModal();
  part("-input").focus();
}

// deeds are the page's controls that have a shortcut, those that are marked as deeds, and the agent's own settings.
function deeds() {
  const shown = [...document.querySelectorAll("main [aria-keyshortcuts], .toasts [aria-keyshortcuts]")].filter((el) => !el.disabled && el.checkVisibility() && !el.closest("dialog"));
  const all = [...shown, ...document.querySelectorAll("main [data-deed]")]; // those of a shut menu
  const own = [...document.querySelectorAll("#m-me .menu-item")];
  return [{ name: part("").dataset.here, found: all.map(entry) }, { name: part("").dataset.own, found: own.map(entry) }];
}

const places = () => ({ name: part("").dataset.go, found: [...document.querySelectorAll(".rail-link")].map(entry) });

function entry(el) {
  const said = el.querySelector("span:not(.sr, [aria-hidden])")?.textContent.trim() || [...el.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.data).join("").trim();
  const group = el.closest("fieldset")?.querySelector("legend")?.textContent;
  const name = el.getAttribute("aria-label") || said || el.title;
  return { name: group ? `${group}: ${name}` : name, icon: el.querySelector("use")?.getAttribute("href"), aside: el.querySelector(".count")?.textContent ?? "", key: el.querySelector("kbd")?.textContent ?? shortcut(el), el };
}

const shortcut = (el) => el.getAttribute("aria-keyshortcuts")?.split(" ")[0].toUpperCase() ?? "";

// fill lists what fits, the page's own at once, the server's as soon as they come.
function fill(text) {
  const mine = ++typed;
  eager = false;
  part("-wait").hidden = true;
  const [sign, rest] = /^[>#@]/.test(text) ? [text[0], text.slice(1)] : ["", text];
  const wanted = words(rest);
  const fits = (e) => holds(e.name, wanted);
  const groups = sign === "#" || sign === "@" ? [] : deeds();
  if (sign === "") groups.splice(1, 0, places());
  part("-list").replaceChildren(...groups.flatMap(({ name, found }) => block(name, found.filter(fits))));
  clearTimeout(timer);
  if (sign !== ">" && wanted.length > 0) timer = setTimeout(() => search(text.trim(), mine), pause);
  settle(sign === ">" || wanted.length === 0);
}

function block(name, found) {
  if (found.length === 0) return [];
  const head = Object.assign(document.createElement("li"), { className: "group", textContent: name });
  head.setAttribute("role", "presentation");
  return [head, ...found.map(drawn)];
}

function drawn(e) {
  const li = document.createElement("li");
  li.setAttribute("role", "option");
  li.innerHTML = `<svg class="icon" aria-hidden="true"><use></use></svg><span class="clip"></span><span class="aside"></span>`;
  li.querySelector("use").setAttribute("href", e.icon ?? `${word("sprite")}#chevron-right`);
  li.querySelector(".clip").textContent = e.name;
  li.querySelector(".aside").textContent = e.aside;
  if (e.key) li.querySelector(".aside").append(Object.assign(document.createElement("kbd"), { textContent: e.key }));
  li.deed = e.el;
  return li;
}

async function search(text, mine) {
  part("-wait").hidden = false;
  let why = "";
  const answer = await ask(`${part("").dataset.find}?q=${encodeURIComponent(text)}`, {}, (w) => { why = w; });
  if (mine !== typed || !part("").open) return;
  part("-wait").hidden = true;
  const found = answer && parsed(answer)("#palette-list");
  if (found) part("-list").append(...found.children); // below: what is chosen stays where it is
  settle(true, why);
  if (eager && options()[0]) choose(options()[0]);
}

// settle gives the options their names, keeps one chosen, and says how many there are, or why the server's are missing.
function settle(done, why = "") {
  const all = options();
  all.forEach((o, i) => { o.id = `palette-${i}`; });
  part("-none").hidden = all.length > 0 && !why || !done;
  part("-none").textContent = why ? word(why) : part("-none").dataset.none;
  mark(all.find((o) => o.getAttribute("aria-selected") === "true") ?? all[0]);
  if (!done) return;
  part("-said").textContent = why ? word(why) : counted(part("-said").dataset.forms, all.length);
}

function mark(option) {
  for (const o of options()) o.setAttribute("aria-selected", o === option);
  if (option) part("-input").setAttribute("aria-activedescendant", option.id);
  else part("-input").removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function pressed(e) {
  const all = options();
  const at = all.findIndex((o) => o.getAttribute("aria-selected") === "true");
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[e.key];
  if (to !== undefined && all.length > 0) {
    e.preventDefault();
    mark(all.at(to % all.length));
  } else if (e.key === "Enter" && e.target === part("-input") && !e.isComposing) {
    e.preventDefault();
    if (all[at]) choose(all[at], e.ctrlKey || e.metaKey);
    else eager = !e.ctrlKey && !e.metaKey;
  }
}

function choose(option, tab) {
  const href = option.dataset.href ?? option.deed?.getAttribute("href");
  part("").close();
  if (href && tab) window.open(href, "_blank", "noopener");
  else if (href && option.dataset.href) location.assign(href);
  else if (option.deed?.matches("select, input")) option.deed.focus();
  else option.deed?.click();
}
