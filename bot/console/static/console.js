// Keeps an open page true: looks again when the server says something changed, without losing what is being typed.
import { watchComposer } from "./composer.js";

const live = document.querySelector("[data-live]");
const LOOK_AGAIN_MS = 20_000; // times move on, and a lost notice costs no more than this
const BREATH_MS = 400; // between two looks
const SOON_MS = 1_200; // while words of ours are on their way

const sources = new Map(); // what the server last said of each region, apart from what happened to it here
for (const region of document.querySelectorAll("[data-region]")) sources.set(region.id, region.innerHTML);

const log = () => document.getElementById("log");
const newer = document.getElementById("newer");
const isAtEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < 80;
const toEnd = () => { if (log()) log().scrollTop = log().scrollHeight; if (newer) newer.hidden = true; };

function keepForms(region) {
  const kept = [...region.querySelectorAll("textarea[id], select[id], input[id], details[id]")].map((each) => ({
    id: each.id, open: each.open, value: each.value, from: each.selectionStart, to: each.selectionEnd,
    height: each.style?.height, focused: each === document.activeElement,
  }));
  return () => {
    for (const was of kept) {
      const now = document.getElementById(was.id);
      if (!now) continue;
      if (now.tagName === "DETAILS") { now.open = was.open; continue; }
      now.value = was.value;
      if (was.height) now.style.height = was.height;
      if (was.focused) { now.focus(); now.setSelectionRange?.(was.from, was.to); }
    }
  };
}

function refocus(before, after) {
  if (!before.contains(document.activeElement)) return () => {};
  const all = (root) => [...root.querySelectorAll("a, button")];
  const at = all(before).indexOf(document.activeElement);
  return () => all(after)[at]?.focus();
}

function merge(region, fresh) {
  const known = new Map([...region.children].map((child) => [child.dataset.key, child]));
  let place = region.firstElementChild;
  for (const wanted of [...fresh.children]) {
    const had = known.get(wanted.dataset.key);
    known.delete(wanted.dataset.key);
    if (!had) { region.insertBefore(wanted, place); continue; }
    if (had !== place) region.insertBefore(had, place);
    if (had.innerHTML !== wanted.innerHTML || had.className !== wanted.className) {
      const focus = refocus(had, wanted);
      had.replaceWith(wanted);
      focus();
      place = wanted.nextElementSibling;
    } else place = had.nextElementSibling;
  }
  for (const gone of known.values()) if (!gone.matches(".failed, .sending")) gone.remove();
  for (const ours of region.querySelectorAll(".failed, .sending")) region.append(ours);
}

function swap(region, fresh) {
  if (sources.get(region.id) === fresh.innerHTML) return;
  if (region.contains(document.activeElement) && document.activeElement.closest("[data-composing]")) return; // an IME is open
  sources.set(region.id, fresh.innerHTML);
  region.className = fresh.className;
  if (region.dataset.region === "merge") return merge(region, fresh);
  const restore = keepForms(region);
  region.replaceChildren(...fresh.childNodes);
  restore();
}

async function fetchInto(url) {
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  document.getElementById("signed-out").hidden = response.status !== 401;
  if (!response.ok) throw new Error(String(response.status));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-region]")) {
    const region = document.getElementById(fresh.id);
    if (region) swap(region, fresh);
  }
}

let looking = false, again = false, timer = 0, soon = 0, ended = 0;
function lookSoon() { // a busy shop rings many times a second; people read slower
  if (looking) { again = true; return; }
  soon ||= setTimeout(() => { soon = 0; look(); }, Math.max(0, ended + BREATH_MS - Date.now()));
}

async function look() {
  if (looking) { again = true; return; }
  looking = true;
  clearTimeout(timer);
  const atEnd = log() && isAtEnd(log()), last = log()?.lastElementChild?.dataset.key;
  try {
    await Promise.all([live.dataset.list, live.dataset.thread].filter(Boolean).map(fetchInto));
    if (atEnd) toEnd();
    else if (newer && log()?.lastElementChild?.dataset.key !== last) newer.hidden = false;
    const waiting = document.getElementById("waiting-count")?.textContent.trim();
    document.title = (waiting && waiting !== "0" ? `(${waiting}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  } catch { /* the next look comes by itself; the banner says that the line is down */ }
  looking = false;
  ended = Date.now();
  if (again) { again = false; lookSoon(); }
  timer = setTimeout(look, document.querySelector("#log > .pending:not(.sending)") ? SOON_MS : LOOK_AGAIN_MS);
}

function listen() {
  const stream = new EventSource(live.dataset.live), offline = document.getElementById("offline");
  let late = 0;
  stream.addEventListener("open", () => { clearTimeout(late); offline.hidden = true; });
  stream.addEventListener("changed", lookSoon);
  stream.addEventListener("error", () => {
    clearTimeout(late);
    if (stream.readyState === EventSource.CLOSED) { setTimeout(listen, LOOK_AGAIN_MS); look(); return; }
    late = setTimeout(() => { offline.hidden = false; }, 4_000);
  });
  window.addEventListener("pagehide", () => stream.close(), { once: true });
}

function countDown() { // an offer's seconds; the server says anew how many are left whenever the page looks
  for (const each of document.querySelectorAll("[data-left]")) {
    each.dataset.until ??= String(Date.now() + Number(each.dataset.left) * 1000);
    const left = Math.max(0, Math.round((Number(each.dataset.until) - Date.now()) / 1000));
    if (each.textContent !== String(left)) each.textContent = String(left);
    if (!left && !each.dataset.over) { each.dataset.over = "yes"; lookSoon(); }
  }
}

function neighbour(step) {
  const links = [...document.querySelectorAll(".row-link")];
  const at = links.findIndex((link) => link.getAttribute("aria-current") === "page");
  links[at < 0 ? 0 : (at + step + links.length) % links.length]?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector(".pop[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  }
  if (event.altKey && !event.ctrlKey && !event.metaKey && (event.code === "KeyJ" || event.code === "KeyK")) {
    event.preventDefault();
    neighbour(event.code === "KeyJ" ? 1 : -1);
  }
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".pop[open]")) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".pop[open]")) event.target.querySelector("select, textarea")?.focus();
}, true);

if (location.search.includes("refused=")) history.replaceState(null, "", location.pathname); // said once is enough
if (live) {
  newer?.addEventListener("click", toEnd);
  log()?.addEventListener("scroll", () => { if (newer && isAtEnd(log())) newer.hidden = true; });
  toEnd();
  watchComposer({ log, toEnd, look });
  timer = setTimeout(look, LOOK_AGAIN_MS);
  setInterval(countDown, 500);
  listen();
}
