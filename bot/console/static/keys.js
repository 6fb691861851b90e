// Hot keys: those of the sheet, which she may change. None is one by which letters are typed.
import { openBar } from "./command_bar.js";
import { keyOf } from "./key_fields.js";

const click = (selector) => document.querySelector(selector)?.click();

function neighbour(step, links) {
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  links[at < 0 ? 0 : (at + step + links.length) % links.length]?.click();
}

const all = (selector) => [...document.querySelectorAll(selector)];

function open(id) {
  const pop = document.getElementById(id);
  if (!pop) return;
  pop.open = true;
}

function compose(mode) {
  click(`#as-${mode}`);
  document.getElementById("say-text")?.focus();
}

function panel() {
  location.hash = location.hash === "#panel" ? "#thread" : "#panel";
}

export const ACTS = {
  next: () => neighbour(1, all(".row-link")),
  previous: () => neighbour(-1, all(".row-link")),
  tab: () => neighbour(1, all(".tab")),
  reply: () => compose("reply"),
  note: () => compose("note"),
  attach: () => click("#say-file"),
  transfer: () => open("pop-transfer"),
  giveBack: () => open("pop-return"),
  close: () => open("pop-close"),
  panel,
  find: openBar,
  keys: () => document.getElementById("keys-sheet").showModal(),
};
const chosen = () => new Map(all("#keys-sheet [data-key]").map((field) => [field.defaultValue, field.name]));

const isTyping = (element) => element.matches?.("input, textarea, select, [contenteditable]");

export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      const pop = document.querySelector(".pop[open]");
      if (pop) { pop.open = false; pop.querySelector("summary").focus(); }
    }
    const act = chosen().get(keyOf(event));
    if (act) { event.preventDefault(); ACTS[act](); return; }
    if ((event.key === "?" || event.key === "？") && !isTyping(event.target)) { event.preventDefault(); ACTS.keys(); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-command=keys]")) ACTS.keys();
  });
}
