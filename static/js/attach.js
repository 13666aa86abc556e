// Files of the composer: chosen, dropped, pasted or taken with the camera, each is sent at once and waits in the draft. One travels at a time; what
// is written is sent when the last has come. Each that has come or gone is told to the composer by the event "files".
import { asking } from "./ask.js";
import { over } from "./session.js";

const travelling = new WeakMap(); // form -> its uploads, the first of them on its way

export function start() {
  document.addEventListener("change", (e) => {
    if (!e.target.matches?.("form.composer .attach input[type=file]")) return;
    add(e.target.form, e.target.files);
    e.target.value = "";
  });
  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("form.composer [data-remove]");
    if (button) remove(button);
  });
  document.addEventListener("paste", (e) => {
    const form = e.target.closest?.("form.composer");
    const { files, types } = e.clipboardData ?? {};
    if (!form || !files?.length || types.includes("text/plain")) return; // a table is copied as text and as a picture: the text is meant
    e.preventDefault();
    add(form, files);
  });
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(type, dragged);
  document.addEventListener("submit", hold, true);
}

// waits tells whether files of this form are still on their way.
export const waits = (form) => (travelling.get(form) ?? []).length > 0;

// stopAll lets go of what is on its way.
export function stopAll(form) {
  for (const upload of [...(travelling.get(form) ?? [])]) stop(upload);
}

const place = (form) => form.querySelector("[data-files]");
const list = (form) => place(form).querySelector("ul");
const settle = (form) => form.dispatchEvent(new Event("files", { bubbles: true }));
const filled = (words, name) => words.replace("{name}", name);

// say reads something out to who writes in a form.
export const say = (form, words) => { place(form).querySelector("[data-said]").textContent = words; };

const wrong = (form) => place(form).querySelector("[data-wrong]");

// complain says one thing that went wrong below the others.
function complain(form, words) {
  const line = document.createElement("p");
  line.className = "error";
  line.textContent = words;
  wrong(form).append(line);
}

function add(form, files) {
  wrong(form).replaceChildren();
  for (const file of files) {
    if (file.size > Number(place(form).dataset.most)) {
      complain(form, `${file.name}: ${place(form).dataset.tooLarge}`);
      continue;
    }
    const upload = { form, file, item: item(form, file.name) };
    if (!waits(form)) travelling.set(form, []);
    travelling.get(form).push(upload);
    if (travelling.get(form).length === 1) send(upload);
  }
}

function item(form, name) {
  const li = document.createElement("li");
  li.className = "file";
  li.setAttribute("aria-busy", "true");
  const label = document.createElement("span");
  label.className = "clip";
  label.textContent = name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", filled(place(form).dataset.uploading, name));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-button";
  button.dataset.size = "s";
  button.dataset.remove = "";
  button.setAttribute("aria-label", filled(place(form).dataset.stop, name));
  button.title = button.getAttribute("aria-label");
  button.textContent = "×";
  li.append(label, bar, button);
  list(form).append(li);
  return li;
}

function send(upload) {
  const { form, file, item } = upload;
  const body = new FormData();
  body.append("upload", file, file.name);
  const request = upload.request = new XMLHttpRequest();
  request.open("POST", place(form).dataset.files);
  request.upload.onprogress = (e) => { if (e.lengthComputable) item.querySelector("progress").value = 100 * e.loaded / e.total; };
  request.onload = () => {
    const there = request.status === 200 && !request.responseURL.endsWith("/sign-in");
    if (there) arrived(upload, request.responseText);
    else lost(upload, request.status === 422 ? request.responseText : "");
  };
  request.onerror = () => lost(upload, "");
  say(form, filled(place(form).dataset.uploading, file.name));
  request.send(body);
}

function arrived(upload, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.firstElementChild;
  const focused = upload.item.contains(document.activeElement);
  upload.item.replaceWith(fresh);
  if (focused) fresh.querySelector("button").focus();
  say(upload.form, filled(place(upload.form).dataset.attached, fresh.dataset.name));
  done(upload);
}

// What could not be attached holds the message back: its writer meant to send it.
function lost(upload, words) {
  leave(upload.item);
  say(upload.form, "");
  complain(upload.form, words || filled(place(upload.form).dataset.failed, upload.file.name));
  if (upload.form.waiting) upload.form.querySelector(".composer-state").textContent = "";
  upload.form.waiting = null;
  done(upload);
}

function done(upload) {
  const all = travelling.get(upload.form);
  all.splice(all.indexOf(upload), 1);
  settle(upload.form);
  if (all.length > 0) return send(all[0]);
  const held = upload.form.waiting;
  if (held === undefined || held === null) return;
  upload.form.waiting = null;
  upload.form.requestSubmit(held.isConnected && held.form === upload.form ? held : undefined);
}

function stop(upload) {
  const all = travelling.get(upload.form);
  const first = all[0] === upload;
  upload.request?.abort();
  leave(upload.item);
  if (first) say(upload.form, "");
  if (first) return done(upload);
  all.splice(all.indexOf(upload), 1);
}

async function remove(button) {
  const { form } = button;
  const li = button.closest("li");
  const name = li.dataset.name;
  const upload = (travelling.get(form) ?? []).find((u) => u.item === li);
  if (upload) return stop(upload);
  wrong(form).replaceChildren();
  button.setAttribute("aria-busy", "true");
  const answer = await fetch(button.dataset.remove, { method: "POST", headers: { ...asking(), Accept: "application/json" } }).catch(() => null);
  button.removeAttribute("aria-busy");
  if (answer) over(answer, true);
  if (!answer?.ok && answer?.status !== 404) return complain(form, filled(place(form).dataset.failed, name));
  leave(li);
  say(form, filled(place(form).dataset.removed, name));
  settle(form);
}

// leave takes a line away; the focus goes to the next one, else to the way to attach.
function leave(li) {
  const next = li.nextElementSibling ?? li.previousElementSibling;
  const form = li.closest("form");
  const focused = li.contains(document.activeElement);
  li.remove();
  if (focused) (next?.querySelector("button") ?? form.querySelector(".attach input")).focus();
}

function dragged(e) {
  if (![...(e.dataTransfer?.types ?? [])].includes("Files")) return;
  const compose = e.target.closest?.("#compose");
  const form = compose && [...compose.querySelectorAll("form.composer")].find((f) => f.checkVisibility());
  e.preventDefault(); // a file dropped beside must not take the page's place
  if (e.dataTransfer && e.type === "dragover") e.dataTransfer.dropEffect = form ? "copy" : "none";
  if (compose) compose.toggleAttribute("data-dropping", form !== undefined && e.type !== "drop" && !(e.type === "dragleave" && !compose.contains(e.relatedTarget)));
  if (form && e.type === "drop") add(form, e.dataTransfer.files);
}

// hold keeps a form from being sent while its files are on their way; it goes by itself when they are here.
function hold(e) {
  const form = e.target;
  if (!form.matches?.("form.composer") || !waits(form) || e.submitter?.matches("[data-discard]")) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  form.waiting = e.submitter ?? form.querySelector(".button[data-kind=primary]");
  say(form, place(form).dataset.waits);
  form.querySelector(".composer-state").textContent = place(form).dataset.waits;
}
