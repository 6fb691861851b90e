// A field that holds a hot key takes the keys that are pressed in it, written as the server reads them.
const NAMES = /^(?:Key([A-Z])|Digit([0-9])|(F(?:[1-9]|1[0-2])))$/;

export function keyOf(event) { // "" where it is none that could be chosen, such as a modifier alone
  const name = NAMES.exec(event.code);
  if (!name) return "";
  const held = [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift"].filter(Boolean);
  return [...held, name[1] ?? name[2] ?? name[3]].join("+");
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-key]") || event.isComposing) return;
  const key = keyOf(event);
  if (!key || !(event.ctrlKey || event.metaKey || event.altKey || key.length > 1)) return; // typed by hand, as "Alt+J"
  event.preventDefault();
  event.stopPropagation();
  event.target.value = key;
}, true);
