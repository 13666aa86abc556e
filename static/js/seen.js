// A message counts as read when its card has been in sight for a second.
let timer = null;

export function start() {
  watch();
  document.addEventListener("visibilitychange", watch);
  document.addEventListener("htmx:after:swap", watch);
}

function watch() {
  const talk = document.querySelector("#talk[data-seen]:not([data-seen=''])");
  clearTimeout(timer);
  if (!talk || document.hidden || talk.dataset.reported === talk.dataset.message) return;
  timer = setTimeout(() => report(talk), 1000);
}

async function report(talk) {
  if (!talk.dataset.seen) return; // seen meanwhile, as by an answer
  const message = talk.dataset.message;
  talk.dataset.reported = message;
  const answer = await fetch(talk.dataset.seen, { method: "POST", body: new URLSearchParams({ message }), keepalive: true }).catch(() => null);
  if (!answer?.ok) delete talk.dataset.reported;
  else document.dispatchEvent(new Event("frontdesk:seen"));
}
