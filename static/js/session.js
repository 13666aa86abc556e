// A session that ended while somebody works. A page without words of theirs goes to the sign-in, which leads back here; one with such words stays
// as it is, says so, and what is written can be sent once they have signed in beside it.
import { toast, word } from "./toast.js";

let told = null;

export function start() {
  document.addEventListener("htmx:before:response", (e) => over(e.detail.ctx.response) && e.preventDefault());
}

const typed = () => [...document.querySelectorAll("textarea, form input:not([type=search])")].some((field) => field.value.trim() && field.value !== field.defaultValue);

// over tells whether an answer says that the session has ended, and does what is to be done then; with stay the page is not left in any case.
export function over({ status, headers }, stay = false) {
  if (status !== 401) {
    told?.remove();
    return false;
  }
  const to = headers.get("HX-Redirect");
  if (!stay && !typed()) location.assign(to);
  else if (!told?.isConnected) told = toast(word("ended"), "bad", link(to));
  return true;
}

function link(to) {
  const a = document.createElement("a");
  Object.assign(a, { className: "button", href: to, target: "_blank", textContent: word("signIn") });
  return a;
}
