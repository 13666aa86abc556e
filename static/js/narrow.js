// Typing finds names, whatever the case and accents: in the palette, in a select, in a picker and in the menus of a bar. What stands here is the one
// rule of all of them; internal/search has the same letters.
const letters = { ł: "l", ß: "ss", ø: "o", æ: "ae", œ: "oe", đ: "d", ð: "d", þ: "th", ı: "i", ħ: "h" };

// fold makes "Łódź" and "lodz" the same.
export const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[łßøæœđðþıħ]/g, (c) => letters[c]);

// words are those that were typed, folded; holds tells whether a text has all of them.
export const words = (typed) => fold(typed).split(/\s+/).filter(Boolean);
export const holds = (text, wanted) => wanted.every((w) => fold(text).includes(w));

// A field with data-narrow hides the options around it whose names do not hold what it says; chosen ones stay. Enter sends nothing from it.
export function start() {
  const field = (e) => e.target.matches?.("[data-narrow]");
  document.addEventListener("input", (e) => field(e) && narrow(e.target));
  document.addEventListener("keydown", (e) => field(e) && e.key === "Enter" && e.preventDefault());
}

function narrow(field) {
  const wanted = words(field.value);
  for (const option of field.closest("[data-picker], [data-menu]").querySelectorAll(".menu-item")) {
    option.hidden = !holds(option.lastElementChild.textContent, wanted) && !option.querySelector(":checked");
  }
}
