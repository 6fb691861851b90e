// Puts what the server says now in the place of what a page shows, without losing what is being typed.
const OURS = "[data-key^=mine-]"; // what she said here, as long as the server has not shown it
const sources = new WeakMap(); // what the server last said of each element, apart from what happened to it here

export const log = () => document.getElementById("log");
export const isAtEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < 80;
export function toEnd() {
  if (log()) log().scrollTop = log().scrollHeight;
  const newer = document.getElementById("newer");
  if (newer) newer.hidden = true;
}

export function remember() {
  for (const region of document.querySelectorAll("[data-region]")) {
    sources.set(region, region.innerHTML);
    if (region.dataset.region === "merge") for (const child of region.children) sources.set(child, child.outerHTML);
  }
}

function keepForms(region) {
  const kept = [...region.querySelectorAll("textarea[id], select[id], input[id], details[id]")].map((each) => ({
    id: each.id, open: each.open, value: each.value, checked: each.checked, from: each.selectionStart, to: each.selectionEnd,
    height: each.style?.height, focused: each === document.activeElement,
  }));
  return () => {
    for (const was of kept) {
      const now = document.getElementById(was.id);
      if (!now || now.type === "file") continue;
      if (now.tagName === "DETAILS") { now.open = was.open; continue; }
      if (now.type === "radio" || now.type === "checkbox") now.checked = was.checked;
      else now.value = was.value;
      if (was.height) now.style.height = was.height;
      if (was.focused) { now.focus(); if (was.from !== null) now.setSelectionRange?.(was.from, was.to); }
    }
  };
}

function refocus(before, after) {
  if (!before.contains(document.activeElement)) return () => {};
  const all = (root) => [...root.querySelectorAll("a, button, summary")];
  const at = all(before).indexOf(document.activeElement);
  return () => all(after)[at]?.focus();
}

function put(had, fresh) { // in the place of what stands there, unless it says the same; what stands there then
  const said = fresh.outerHTML;
  if (sources.get(had) === said) return had;
  sources.set(fresh, said);
  const focus = refocus(had, fresh);
  had.replaceWith(fresh);
  focus();
  return fresh;
}

function merge(region, fresh, told) { // children are told apart by data-key: what stays is neither redrawn nor read out again
  const known = new Map([...region.children].map((child) => [child.dataset.key, child]));
  let place = region.firstElementChild;
  for (const wanted of [...fresh.children]) {
    const had = known.get(wanted.dataset.key), said = wanted.outerHTML;
    known.delete(wanted.dataset.key);
    if (!had) { sources.set(wanted, said); region.insertBefore(wanted, place); continue; }
    if (had !== place) region.insertBefore(had, place);
    place = put(had, wanted).nextElementSibling;
  }
  for (const gone of known.values()) {
    if (gone.matches(OURS) && !told.has(gone)) region.append(gone);
    else gone.remove();
  }
}

function swap(region, fresh, told) {
  const said = fresh.innerHTML;
  if (sources.get(region) === said && !region.querySelector(`:scope > ${OURS}`)) return; // ours: to be replaced where said
  if (region.contains(document.activeElement) && document.activeElement.closest("[data-composing]")) return; // an IME is open
  sources.set(region, said);
  region.className = fresh.className;
  if (region.dataset.region === "merge") { merge(region, fresh, told); return; }
  const restore = keepForms(region);
  region.replaceChildren(...fresh.childNodes);
  restore();
}

async function read(url) {
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  document.getElementById("signed-out").hidden = response.status !== 401;
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

export async function fetchInto(url) {
  const told = new Set(document.querySelectorAll(`${OURS}:not(.failed, .sending)`)); // before we ask, so it is in the answer
  for (const fresh of (await read(url)).querySelectorAll("[data-region]")) {
    const region = document.getElementById(fresh.id);
    if (region) swap(region, fresh, told);
  }
}

export async function fetchRows(list, tickets) { // some rows of the list, in their places
  const address = new URL(list, location);
  address.pathname = address.pathname.replace(/list$/, "rows");
  address.searchParams.set("tickets", [...tickets].join());
  for (const fresh of (await read(address)).querySelectorAll("[data-key^=ticket-]")) {
    const had = document.querySelector(`#rows > [data-key="${fresh.dataset.key}"]`);
    if (had) put(had, fresh);
  }
}
