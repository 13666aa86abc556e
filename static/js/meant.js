// What one asked for may come late. It opens only for who still waits for it: a key or a press since then meant something else. Screen
// readers press with a click alone.
let deeds = 0;
const modifiers = ["Shift", "Control", "Alt", "AltGraph", "Meta"];

export function start() {
  for (const press of ["pointerdown", "click"]) addEventListener(press, () => { deeds++; }, true);
  addEventListener("keydown", (e) => { if (!e.repeat && !modifiers.includes(e.key)) deeds++; }, true);
}

// meant answers how to ask later whether nothing was done since.
export function meant() {
  const was = deeds;
  return () => was === deeds;
}
