// HTML mail stands in a sandboxed frame without scripts; the page around it gives the frame its height.
const most = 1200; // a longer message is cut here until somebody asks for the whole
let tabbed = false; // the Tab key was the last thing used on the page

export function start() {
  for (const frame of document.querySelectorAll("iframe.letter")) tend(frame);
  document.addEventListener("htmx:after:swap", () => {
    for (const frame of document.querySelectorAll("iframe.letter:not([data-tended])")) tend(frame);
    for (const frame of document.querySelectorAll("iframe.letter[data-tended]")) renew(frame);
  });
  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-whole]");
    if (button) whole(button.parentElement.querySelector("iframe.letter"));
  });
  document.addEventListener("keydown", (e) => { tabbed = e.key === "Tab"; }, true);
  document.addEventListener("pointerdown", () => { tabbed = false; }, true);
  addEventListener("blur", () => document.activeElement?.toggleAttribute("data-entered", tabbed && document.activeElement.matches("iframe.letter")));
  addEventListener("focus", () => document.querySelector("[data-entered]")?.removeAttribute("data-entered"));
}

// stretch gives every frame the height of its whole letter, for paper.
export function stretch() {
  for (const frame of document.querySelectorAll("iframe.letter")) {
    const doc = frame.contentDocument;
    if (doc?.body) frame.style.setProperty("--whole", `${height(doc)}px`);
  }
}

function tend(frame) {
  frame.dataset.tended = held(frame);
  frame.addEventListener("load", () => fitted(frame));
  if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.body?.childElementCount) fitted(frame);
}

// A picture of the letter that waited for its check may be shown by now: how many are held back stands on the event, for frames are not morphed.
function renew(frame) {
  if (frame.dataset.tended === held(frame)) return;
  frame.dataset.tended = held(frame);
  frame.contentWindow.location.reload();
}

const held = (frame) => frame.closest(".event")?.dataset.held ?? "";

function fitted(frame) {
  const doc = frame.contentDocument;
  if (!doc?.body) return;
  fit(frame);
  doc.addEventListener("keydown", (e) => handOn(frame, e));
  doc.addEventListener("pointerdown", () => { tabbed = false; });
  new ResizeObserver(() => fit(frame)).observe(doc.documentElement);
  for (const picture of doc.images) picture.addEventListener("load", () => fit(frame));
}

// handOn gives a key that was pressed within a letter to the page: who has marked a word of it still answers with R.
function handOn(frame, e) {
  if (!frame.dispatchEvent(new KeyboardEvent(e.type, e))) e.preventDefault();
}

function fit(frame) {
  const doc = frame.contentDocument;
  if (!doc?.body) return;
  const tall = height(doc);
  const cut = tall > most && !("all" in frame.dataset);
  const shown = `${cut ? most : tall}px`;
  if (frame.style.getPropertyValue("--fit") !== shown) {
    frame.style.setProperty("--fit", shown);
    frame.dataset.fit = "";
  }
  const button = frame.parentElement.querySelector("[data-whole]");
  if (button) button.hidden = !cut;
}

function whole(frame) {
  frame.dataset.all = "";
  fit(frame);
}

// The root's box holds every margin. A little is added so that a horizontal scroll bar hides no line.
const height = ({ body, documentElement: root }) =>
  Math.ceil(Math.max(root.getBoundingClientRect().height, body.scrollHeight)) + (root.scrollWidth > root.clientWidth ? 18 : 1);
