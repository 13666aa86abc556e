// Tag pickers: chips, a field to type in, a list of what fits from the server. The field without a script holds the names, by commas.
import { asking } from "./ask.js";
import { word } from "./toast.js";

export function start() {
  document.addEventListener("focusin", (e) => picker(e.target) && e.target.role === "combobox" && offer(picker(e.target)));
  document.addEventListener("focusout", left);
  document.addEventListener("input", (e) => e.target.role === "combobox" && picker(e.target) && offer(picker(e.target)));
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("pointerdown", (e) => picker(e.target) && e.target.closest("[role=option]") && e.preventDefault()); // the focus stays in the field
  document.addEventListener("click", clicked);
}

const picker = (el) => el?.closest?.(".combobox[data-tags]");
const field = (box) => box.querySelector("input[role=combobox]");
const list = (box) => box.querySelector("[role=listbox]");
const kept = (box) => box.querySelector("input[name]");
const names = (box) => [...box.querySelectorAll("[data-tag]")].map((t) => t.dataset.tag);
const options = (box) => [...list(box).querySelectorAll("[role=option]:not([aria-disabled])")];
const parts = (box) => field(box).value.split(",");
const named = (box, typed) => options(box).find((o) => o.dataset.name.toLowerCase() === typed.trim().toLowerCase());

// offer asks for what fits. A picker has one question at a time, the newest; older answers come too late. Until it is answered Enter, or leaving, ends the
// name it asks for with a comma; what is typed behind it is the next.
async function offer(box) {
  const [typed, ...behind] = parts(box);
  if (behind.length && typed === box.question?.typed) return;
  const question = box.question = { typed };
  mark(box, null); // what is marked was offered for another name
  const to = `${box.dataset.tags}?q=${encodeURIComponent(typed)}&has=${encodeURIComponent(names(box).join(","))}`;
  const answer = await fetch(to, { headers: asking() }).catch(() => null);
  const lines = answer?.ok ? await answer.text().catch(() => null) : null;
  if (question !== box.question) return;
  box.question = null;
  const here = document.activeElement === field(box);
  const [name, ...next] = parts(box);
  if (lines === null) return here || done(box);
  if (!here && !next.length) return;
  list(box).innerHTML = lines;
  list(box).hidden = list(box).children.length === 0;
  field(box).setAttribute("aria-expanded", String(!list(box).hidden));
  options(box).forEach((o, i) => { o.id = `${list(box).id}-${i}`; });
  mark(box, typed ? options(box)[0] : null);
  if (!next.length) return;
  if (name !== typed) return offer(box);
  const tag = named(box, name);
  if (tag) add(box, tag.dataset.name, next.join(",").trimStart());
  if (here || tag && field(box).value) return;
  done(box);
}

function mark(box, option) {
  for (const o of options(box)) delete o.dataset.active;
  if (option) {
    option.dataset.active = "";
    option.scrollIntoView({ block: "nearest" });
    field(box).setAttribute("aria-activedescendant", option.id);
  } else field(box).removeAttribute("aria-activedescendant");
}

function pressed(e) {
  const box = picker(e.target);
  if (!box || e.target !== field(box) || e.isComposing) return;
  const all = options(box);
  const at = all.findIndex((o) => "active" in o.dataset);
  if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    e.preventDefault();
    if (list(box).hidden) return offer(box);
    const step = e.key === "ArrowDown" ? 1 : -1;
    mark(box, all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length]);
  } else if ((e.key === "Enter" || e.key === ",") && (all[at] || field(box).value.trim())) {
    e.preventDefault();
    e.stopPropagation();
    if (all[at]) add(box, all[at].dataset.name);
    else if (box.question) field(box).value += ",";
  } else if (e.key === "Enter") {
    e.preventDefault(); // nothing is sent by it: what is chosen is saved when the picker is left, or by the button of its menu
    const apply = box.closest("[data-menu]")?.querySelector("button[data-kind=primary]");
    if (!apply) field(box).blur();
    else if (names(box).length) apply.click();
  } else if (e.key === "Backspace" && !field(box).value && names(box).length) {
    take(box, [...box.querySelectorAll("[data-tag]")].at(-1));
  } else if (e.key === "Escape") {
    if (list(box).hidden) field(box).value = ""; // and on, out of the field
    else {
      e.preventDefault();
      e.stopPropagation();
    }
    shut(box);
  }
}

function clicked(e) {
  const box = picker(e.target);
  if (!box) return;
  const option = e.target.closest("[role=option]:not([aria-disabled])");
  if (option) return add(box, option.dataset.name);
  const off = e.target.closest("[data-untag]");
  if (off) {
    take(box, off.closest("[data-tag]"));
    save(box);
  }
  field(box).focus();
}

function add(box, name, rest = "") {
  if (!names(box).some((n) => n.toLowerCase() === name.toLowerCase())) {
    const chip = document.createElement("span");
    chip.className = "tag";
    chip.dataset.tag = name;
    chip.innerHTML = `<button type="button" data-untag><svg class="icon" aria-hidden="true"><use></use></svg></button>`;
    chip.prepend(name);
    chip.querySelector("button").setAttribute("aria-label", box.dataset.remove.replace("{name}", name));
    chip.querySelector("use").setAttribute("href", `${word("sprite")}#x`);
    field(box).before(chip);
  }
  field(box).value = rest;
  hold(box);
  offer(box);
}

function take(box, chip) {
  chip.remove();
  hold(box);
  if (document.activeElement === field(box)) offer(box);
}

// hold writes the names where the form has them; it is saved when the picker is left, so that several tags are one change.
function hold(box) {
  kept(box).value = names(box).join(", ");
  box.dataset.changed = "";
}

function save(box) {
  if (!("changed" in box.dataset)) return;
  delete box.dataset.changed;
  kept(box).dispatchEvent(new Event("change", { bubbles: true }));
}

function shut(box) {
  box.question = null;
  list(box).hidden = true;
  field(box).setAttribute("aria-expanded", "false");
  field(box).removeAttribute("aria-activedescendant");
}

function left(e) {
  const box = picker(e.target);
  if (!box || box.contains(e.relatedTarget)) return;
  const tag = named(box, field(box).value); // what is no tag stays to be seen
  if (tag) add(box, tag.dataset.name);
  else if (box.question?.typed.trim()) {
    field(box).value += ",";
    return;
  }
  done(box);
}

// done ends with a picker that was left.
function done(box) {
  shut(box);
  save(box);
}
