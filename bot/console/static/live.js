// Keeps the region [data-live] as it is now. The server says only that something changed; what is shown is read again
// from [data-look], once for a burst, and every half minute in case a notice was lost. Whoever leaves says so at [data-left].
const region = document.querySelector("[data-live]");
const AGAIN_MS = 30_000, BURST_MS = 400, LATE_MS = 4_000, CLOSED_MS = 5_000;
let looking = false, again = false, soon = 0, timer = 0, ended = 0;

const log = () => document.getElementById("log");
const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 60;

function merge(old, fresh) { // children are told apart by data-key: what stays is not announced again
  const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
  let at = old.firstElementChild;
  for (const child of [...fresh.children]) {
    const same = known.get(child.dataset.key);
    known.delete(child.dataset.key);
    if (same && same.isEqualNode(child)) { if (same === at) at = at.nextElementSibling; else old.insertBefore(same, at); continue; }
    old.insertBefore(child, at);
    if (same) { if (same === at) at = at.nextElementSibling; same.remove(); }
  }
  for (const gone of known.values()) gone.remove();
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const focused = region.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : "";
  const box = log(), atEnd = box ? isAtEnd(box) : false;
  for (const child of [...fresh.children]) {
    const inPlace = child.id ? document.getElementById(child.id) : region.querySelector(`:scope > [data-key="${child.dataset.key}"]`);
    if (!inPlace) { region.append(child); continue; }
    if ("merge" in child.dataset) merge(inPlace, child);
    else if (!inPlace.isEqualNode(child)) inPlace.replaceWith(child);
  }
  if (focused) region.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  if (box && atEnd) box.scrollTop = box.scrollHeight;
}

async function look() {
  clearTimeout(timer);
  if (looking) { again = true; return; }
  looking = true;
  try {
    const answer = await fetch(region.dataset.look, { headers: { Accept: "text/html" } });
    if (answer.status === 401) { location.reload(); return; }
    if (answer.ok) show(await answer.text());
  } catch { /* the next look comes by itself; the head says that the line is down */ }
  looking = false;
  ended = Date.now();
  if (again) { again = false; lookSoon(); }
  timer = setTimeout(look, AGAIN_MS);
}

function lookSoon(within = BURST_MS) { // the first of a burst sets the time: one without end must not put it off
  soon ||= setTimeout(() => { soon = 0; look(); }, Math.max(BURST_MS, ended + within - Date.now()));
}

function listen() {
  const stream = new EventSource(region.dataset.live), down = document.getElementById("line-down");
  let late = 0;
  stream.addEventListener("open", () => { clearTimeout(late); down.hidden = true; });
  for (const kind of ["changed", "list"]) stream.addEventListener(kind, (event) => lookSoon(JSON.parse(event.data).within));
  stream.addEventListener("thread", () => lookSoon());
  stream.addEventListener("error", () => {
    clearTimeout(late);
    if (stream.readyState === EventSource.CLOSED) { setTimeout(listen, CLOSED_MS); return; }
    late = setTimeout(() => { down.hidden = false; }, LATE_MS);
  });
  window.addEventListener("pagehide", () => stream.close(), { once: true });
}

if (region) {
  if (log()) log().scrollTop = log().scrollHeight;
  if (location.search.includes("refused=")) history.replaceState(null, "", location.pathname);
  const left = document.querySelector("[data-left]")?.dataset.left;
  let stays = false; // a form of this page leads back to it
  document.addEventListener("submit", () => { stays = true; });
  window.addEventListener("pagehide", () => {
    if (!left || stays) return;
    navigator.sendBeacon(left, new URLSearchParams({ csrf: document.querySelector("meta[name=csrf]").content }));
  });
  timer = setTimeout(look, AGAIN_MS);
  listen();
}
