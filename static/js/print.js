// On paper every event stands open, and the page's name, which a file of it gets too, tells no counter. Afterwards all is as it was.
import { stretch } from "./frame.js";
import { bare, title } from "./live.js";

let unfolded = [];

export function start() {
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details.event:not([open])")];
    for (const event of unfolded) event.open = true;
    stretch();
    document.title = bare();
  });
  addEventListener("afterprint", () => {
    for (const event of unfolded) event.open = false;
    title();
  });
}
