// Pages for a phone are not the others made smaller: they begin with other tickets, and the newest event stands first. The server makes them by
// the width noted here. A page that was made for another width is asked for once more; after that the note is right.
import { refresh } from "./ask.js";

const phone = matchMedia("(width < 37.5rem)");

export function start() {
  window.visualViewport?.addEventListener("resize", seen);
  window.visualViewport?.addEventListener("scroll", seen);
  phone.addEventListener("change", fit);
  fit();
}

// seen is what the keyboard leaves of the screen, for what fills it: not every browser makes the page smaller by itself.
function seen() {
  const { height, offsetTop } = window.visualViewport;
  document.documentElement.style.setProperty("--seen", `${height}px`);
  document.documentElement.style.setProperty("--seen-from", `${offsetTop}px`);
}

// narrow tells whether the reader has a phone's width.
export const narrow = () => phone.matches;

function fit() {
  const width = narrow() ? "narrow" : "wide";
  note(width);
  const app = document.querySelector(".app[data-width]");
  if (!app || app.dataset.width === width || !noted(width)) return;
  app.dataset.width = width;
  const card = document.querySelector(".card[data-ticket]");
  if (card && location.pathname === `/tickets/${card.dataset.ticket}`) refresh(location.href);
  else if (location.pathname === "/tickets" && !new URLSearchParams(location.search).has("view")) location.reload();
}

const note = (width) => { document.cookie = `frontdesk-width=${width}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`; };
const noted = (width) => document.cookie.split("; ").includes(`frontdesk-width=${width}`);
