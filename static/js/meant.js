// What one asked for may come late. It opens only for who still waits for it: a key or a press since then meant something else.
let deeds = 0;
const modifiers = ["Shift", "Control", "Alt", "AltGraph", "Meta"];

export function start() {
  addEventListener("pointerdown", () => { deeds++; }, true);
  addEventListener("keydown", (e) => { if (!e.repeat && !modifiers.includes(e.key)) deeds++; }, true);
}

// meant answers how to ask later whether nothing was done since.
export function meant() {
  const was = deeds;
  return () => was === deeds;
}
