// A link or form that leads to another list: what stands here is on its way out, and after 150 ms it says so in its own grid
// (static/css/components/skeleton.css). A quick answer shows nothing of it.
export function start() {
  document.addEventListener("click", (e) => {
    const link = e.target.closest?.("a[href]");
    if (link && !e.defaultPrevented && !e.button && !e.ctrlKey && !e.metaKey && !e.shiftKey && !e.altKey && !link.target && !link.hasAttribute("download")) leaves(link.href);
  });
  document.addEventListener("submit", (e) => !e.defaultPrevented && e.target.method === "get" && leaves(e.target.action));
  addEventListener("pageshow", () => list()?.removeAttribute("aria-busy")); // brought back by the browser as it was left
}

const list = () => document.getElementById("list");

function leaves(to) {
  const url = new URL(to, location.href);
  if (url.origin === location.origin && url.pathname === "/tickets" && !(url.hash && url.search === location.search)) list()?.setAttribute("aria-busy", "true");
}
