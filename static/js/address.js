// The address of the page.

// forget takes out what was asked for once, so that whoever loads the page again is not told, or taken there, again.
export function forget(...names) {
  if (!new URLSearchParams(location.search).has(names[0])) return;
  const rest = location.search.slice(1).split("&").filter((part) => !names.includes(part.split("=")[0])).join("&");
  history.replaceState(history.state, "", location.pathname + (rest && `?${rest}`) + location.hash);
}
