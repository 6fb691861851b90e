// Keeps an open page true: looks again when the server says that something changed.
import { watchBar } from "./command_bar.js";
import { watchComposer } from "./composer.js";
import { watchKeys } from "./keys.js";
import { fetchInto, fetchRows, isAtEnd, log, remember, toEnd } from "./regions.js";

const live = document.querySelector("[data-live]");
const LOOK_AGAIN_MS = 60_000, LOST_MS = 20_000; // times move on, and a lost notice costs no more than this
const BREATH_MS = 400; // between two looks
const SOON_MS = 1_200; // while words of ours are on their way
const newer = document.getElementById("newer");

// What is to be read again. Notices only add to it, so that they may come late, twice and in any order.
let wants = { list: false, thread: false, rows: new Set() };
let looking = false, timer = 0, fates = 0, soon = 0, listSoon = 0, ended = 0, listed = Date.now();

function lookSoon() { // a busy shop has many notices a second; people read slower
  if (!looking) soon ||= setTimeout(() => { soon = 0; look(); }, Math.max(0, ended + BREATH_MS - Date.now()));
}

function want(what) {
  Object.assign(wants, what);
  lookSoon();
}

function readNow() { // the conversation; resolves when it has been put in place
  wants.thread = true;
  return look();
}

function wantRow(ticket) {
  if (!document.querySelector(`#rows > [data-key="ticket-${Number(ticket)}"]`)) return; // on another page of the list
  wants.rows.add(Number(ticket));
  lookSoon();
}

function wantListWithin(ms) { // each page at a moment of its own, and not before as much time has passed since the last
  listSoon ||= setTimeout(() => { listSoon = 0; want({ list: true }); }, Math.max(0, listed + ms - Date.now()) + Math.random() * ms);
}

function threadNow() { // she reads it only while the page is before her
  return `${live.dataset.thread}${document.visibilityState === "visible" ? "&seen=1" : ""}`;
}

function lookAtAll() {
  want({ list: true, thread: true });
}

function lookAgainIn(ms) { // not all pages of a shop at once
  clearTimeout(timer);
  timer = setTimeout(lookAtAll, ms * (0.75 + Math.random() / 2));
}

async function readList() {
  listed = Date.now();
  clearTimeout(listSoon);
  listSoon = 0;
  lookAgainIn(LOOK_AGAIN_MS);
  await fetchInto(live.dataset.list);
  listen(); // where she looks at another tab by now
}

async function look() {
  if (looking) return; // what is wanted is read when this look is done
  looking = true;
  clearTimeout(fates);
  const now = wants;
  wants = { list: false, thread: false, rows: new Set() };
  const atEnd = log() && isAtEnd(log()), last = log()?.lastElementChild?.dataset.key;
  try {
    await Promise.all([
      now.list && readList(),
      now.thread && live.dataset.thread && fetchInto(threadNow()),
      !now.list && now.rows.size && fetchRows(live.dataset.list, now.rows),
    ]);
    if (atEnd) toEnd();
    else if (newer && log()?.lastElementChild?.dataset.key !== last) newer.hidden = false;
    countInTitle();
    document.dispatchEvent(new CustomEvent("looked"));
  } catch { // what was not read is wanted with the next look; the banner says that the line is down
    wants = { list: wants.list || now.list, thread: wants.thread || now.thread, rows: new Set([...wants.rows, ...now.rows]) };
    lookAgainIn(LOST_MS);
    return;
  } finally {
    looking = false;
    ended = Date.now();
  }
  if (wants.list || wants.thread || wants.rows.size) lookSoon();
  if (document.querySelector("#log > .pending:not(.sending)")) fates = setTimeout(() => want({ thread: true }), SOON_MS);
}

function countInTitle() {
  const waiting = document.getElementById("waiting-count")?.textContent.trim();
  document.title = (waiting && waiting !== "0" ? `(${waiting}) ` : "") + document.title.replace(/^\([\d+]+\) /, "");
}

let stream = null, listensTo = "";
function listen() { // tells what concerns her list as it is now, and the conversation
  const tab = document.querySelector("#tabs > [aria-current]")?.dataset.tab ?? "mine";
  const address = live.dataset.live + (live.dataset.live.includes("?") ? "&" : "?") + `tab=${tab}`;
  if (stream && address === listensTo && stream.readyState !== EventSource.CLOSED) return;
  stream?.close();
  stream = new EventSource(address);
  listensTo = address;
  const ours = stream, offline = document.getElementById("offline");
  let late = 0;
  const on = (kind, heard) => ours.addEventListener(kind, (event) => heard(JSON.parse(event.data)));
  ours.addEventListener("open", () => { clearTimeout(late); offline.hidden = true; });
  on("changed", ({ within }) => { want({ thread: true }); wantListWithin(within); });
  on("thread", () => want({ thread: true }));
  on("rows", ({ tickets }) => tickets.forEach(wantRow));
  on("hers", () => want({ list: true }));
  on("list", ({ within }) => wantListWithin(within));
  ours.addEventListener("error", () => {
    clearTimeout(late);
    if (ours !== stream) return;
    if (ours.readyState === EventSource.CLOSED) { setTimeout(listen, LOST_MS); lookAtAll(); return; }
    late = setTimeout(() => { offline.hidden = false; }, 4_000);
  });
}

function countDown() { // an offer's seconds; the server says anew how many are left whenever the page looks
  for (const each of document.querySelectorAll("[data-left]")) {
    each.dataset.until ??= String(Date.now() + Number(each.dataset.left) * 1000);
    const left = Math.max(0, Math.round((Number(each.dataset.until) - Date.now()) / 1000));
    if (each.textContent !== String(left)) each.textContent = String(left);
    if (!left && !each.dataset.over) { each.dataset.over = "yes"; lookAtAll(); }
  }
}

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".pop[open]")) if (!open.contains(event.target)) open.open = false;
  const more = event.target.closest?.("[data-grow]");
  if (!more || event.ctrlKey || event.metaKey) return;
  event.preventDefault(); // the same list, one page longer: it stays true as a whole
  const current = new URL(live.dataset.list, location).searchParams.get("current");
  live.dataset.list = more.dataset.grow + (current ? `&current=${current}` : "");
  want({ list: true });
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
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") lookAtAll(); });
  document.querySelector("#rows > .current")?.scrollIntoView({ block: "nearest" });
  if (log()) toEnd();
  if (document.getElementById("composer")) watchComposer({ look: readNow, desk: live });
  watchKeys();
  watchBar();
  lookAgainIn(LOOK_AGAIN_MS);
  window.addEventListener("pagehide", () => stream.close(), { once: true });
  setInterval(countDown, 500);
  listen();
}
