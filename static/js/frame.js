// HTML mail stands in a sandboxed frame without scripts; the page around it gives the frame its height.
const most = 1200; // a longer message is cut here until somebody asks for the whole

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
  new ResizeObserver(() => fit(frame)).observe(doc.documentElement);
  for (const picture of doc.images) picture.addEventListener("load", () => fit(frame));
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
