// Keeps an open page true: looks again when the server says that something changed.
import { watchBar } from "./command_bar.js";
import { watchComposer } from "./composer.js";
import { watchKeys } from "./keys.js";
import { fetchInto, isAtEnd, log, remember, toEnd } from "./regions.js";

const live = document.querySelector("[data-live]");
const LOOK_AGAIN_MS = 20_000; // times move on, and a lost notice costs no more than this
const BREATH_MS = 400; // between two looks
const SOON_MS = 1_200; // while words of ours are on their way
const newer = document.getElementById("newer");

let looking = false, again = false, timer = 0, soon = 0, ended = 0;
function lookSoon() { // a busy shop rings many times a second; people read slower
  if (looking) { again = true; return; }
  soon ||= setTimeout(() => { soon = 0; look(); }, Math.max(0, ended + BREATH_MS - Date.now()));
}

function threadNow() { // she reads it only while the page is before her
  return live.dataset.thread && `${live.dataset.thread}${document.visibilityState === "visible" ? "&seen=1" : ""}`;
}

async function look() {
  if (looking) { again = true; return; }
  looking = true;
  clearTimeout(timer);
  const atEnd = log() && isAtEnd(log()), last = log()?.lastElementChild?.dataset.key;
  try {
    await Promise.all([live.dataset.list, threadNow()].filter(Boolean).map(fetchInto));
    if (atEnd) toEnd();
    else if (newer && log()?.lastElementChild?.dataset.key !== last) newer.hidden = false;
    countInTitle();
    document.dispatchEvent(new CustomEvent("looked"));
  } catch { /* the next look comes by itself; the banner says that the line is down */ }
  looking = false;
  ended = Date.now();
  if (again) { again = false; lookSoon(); }
  timer = setTimeout(look, document.querySelector("#log > .pending:not(.sending)") ? SOON_MS : LOOK_AGAIN_MS);
}

function countInTitle() {
  const waiting = document.getElementById("waiting-count")?.textContent.trim();
  document.title = (waiting && waiting !== "0" ? `(${waiting}) ` : "") + document.title.replace(/^\([\d+]+\) /, "");
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

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".pop[open]")) if (!open.contains(event.target)) open.open = false;
  const more = event.target.closest?.("[data-grow]");
  if (!more || event.ctrlKey || event.metaKey) return;
  event.preventDefault(); // the same list, one page longer: it stays true as a whole
  const current = new URL(live.dataset.list, location).searchParams.get("current");
  live.dataset.list = more.dataset.grow + (current ? `&current=${current}` : "");
  look();
});
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".pop[open]")) event.target.querySelector("select, textarea")?.focus();
}, true);

if (/[?&](refused|notice)=/.test(location.search)) { // said once is enough
  const address = new URL(location);
  for (const name of ["refused", "notice"]) address.searchParams.delete(name);
  history.replaceState(null, "", address);
}
if (live) {
  remember();
  newer?.addEventListener("click", toEnd);
  log()?.addEventListener("scroll", () => { if (newer && isAtEnd(log())) newer.hidden = true; });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") lookSoon(); });
  document.querySelector("#rows > .current")?.scrollIntoView({ block: "nearest" });
  if (log()) toEnd();
  if (document.getElementById("composer")) watchComposer({ look, desk: live });
  watchKeys();
  watchBar();
  timer = setTimeout(look, LOOK_AGAIN_MS);
  setInterval(countDown, 500);
  listen();
}
