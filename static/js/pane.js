// What scrolls: a pane, or on a screen too low for panes (phone.css) the page that holds it.

// scroller is what moves the content of a pane.
export const scroller = (pane) => (pane && getComputedStyle(pane).overflowY === "visible" ? document.scrollingElement : pane);

// upper is the upper edge of what one sees through a scroller.
export const upper = (scroller) => (scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top);

// moves tells whether an event of scrolling is that of a scroller.
export const moves = (e, scroller) => e.target === scroller || (e.target === document && scroller === document.scrollingElement);
