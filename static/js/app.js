// What JavaScript adds to pages that work without it. Every module looks for its own marks in the page and does nothing without them.
import { start as asks } from "./ask.js";
import { start as attach } from "./attach.js";
import { start as card } from "./card.js";
import { start as choices } from "./choose.js";
import { start as columns } from "./columns.js";
import { start as composer } from "./composer.js";
import { start as exports } from "./export.js";
import { start as filters } from "./filter.js";
import { start as frames } from "./frame.js";
import { start as keys } from "./keys.js";
import { start as list } from "./list.js";
import { start as live } from "./live.js";
import { start as narrow } from "./narrow.js";
import { start as palette } from "./palette.js";
import { start as pages } from "./pages.js";
import { start as picks } from "./pick.js";
import { start as place } from "./place.js";
import { start as seen } from "./seen.js";
import { start as session } from "./session.js";
import { start as split } from "./split.js";
import { start as tags } from "./tags.js";
import { start as toasts } from "./toast.js";
import { start as tooltips } from "./tooltip.js";
import { start as waits } from "./wait.js";
import { start as width } from "./width.js";

document.documentElement.dataset.js = "";
for (const start of [width, tooltips, asks, session, toasts, exports, filters, frames, choices, card, attach, composer, columns, list, narrow, palette, picks, split, place, pages, tags, seen, keys, live, waits]) start();
