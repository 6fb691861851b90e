// What is being typed: kept over reloads, sent by Enter, shown at once, said only once; scripts and files come in here.
import { Options } from "./options.js";
import { isAtEnd, log, toEnd } from "./regions.js";

const drafts = window.localStorage;
const TYPING_MS = 3_000; // between two times that colleagues are told
const SEARCH_MS = 120;

function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID would need https
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

const area = () => document.getElementById("say-text");
const isNote = () => document.getElementById("as-note")?.checked ?? true;
const draftKey = (element) => `draft-${element.dataset.draft}`;
const token = () => document.querySelector("meta[name=csrf]").content;

export function write(words) { // in the place of the caret
  const box = area();
  if (!box) return;
  box.focus();
  box.setRangeText(words, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

export function watchComposer({ look, desk }) {
  const path = desk.dataset.ticket;
  let options = null, typed = 0, searching = 0, suggestedFor = "", reason = "";

  if (area()) {
    area().value ||= drafts.getItem(draftKey(area())) ?? "";
    fit(area());
    if (matchMedia("(min-width: 901px)").matches && document.getElementById("as-reply")) area().focus();
  }
  tint();
  suggest();
  document.addEventListener("looked", () => { suggest(); tint(); tellReason(); offerAgain(); });

  document.addEventListener("input", (event) => {
    if (event.target !== area()) return;
    if (area().value) drafts.setItem(draftKey(area()), area().value);
    else drafts.removeItem(draftKey(area()));
    fit(area());
    wrong("");
    tellTyping();
    search(event);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "as") { tint(); area().focus(); }
    if (event.target.id === "say-file" && event.target.files.length) sendFile(event.target.files[0]);
  });
  document.addEventListener("compositionstart", (event) => event.target.setAttribute("data-composing", ""));
  document.addEventListener("compositionend", (event) => event.target.removeAttribute("data-composing"));
  document.addEventListener("keydown", (event) => {
    if (event.target !== area()) return;
    if (options?.handles(event)) return;
    // keyCode 229: Safari ends the composition before it tells of the Enter that ended it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if ("last" in area().dataset && !(document.getElementById("as-note")?.checked)) return; // sent by its button, to be whole
    event.preventDefault();
    area().form.requestSubmit();
  });
  document.addEventListener("focusout", (event) => { // also where the composer was drawn anew, with the focus in it again
    if (event.target.id === "say-text") setTimeout(() => { if (document.activeElement !== area()) options?.close(); });
  });
  document.addEventListener("paste", (event) => {
    const file = event.target === area() && event.clipboardData?.files[0];
    if (file && document.getElementById("say-file")) { event.preventDefault(); sendFile(file); }
  });
  document.addEventListener("click", (event) => {
    const suggestion = event.target.closest?.(".suggestion");
    if (suggestion) write(suggestion.dataset.words);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "say") return;
    event.preventDefault();
    const words = area().value.trim();
    if (!words) return;
    const form = new FormData(event.target), note = isNote();
    form.set("text", words);
    form.set("as", note ? "note" : "reply");
    form.set("client_id", freshId());
    clear();
    send(`${path}/say`, new URLSearchParams(form), showBubble(words, note), words);
  });

  function clear() {
    drafts.removeItem(draftKey(area()));
    area().value = "";
    fit(area());
    wrong("");
  }

  function wrong(...lines) {
    reason = lines.filter(Boolean).join("。");
    tellReason();
  }

  function tellReason() { // also where the composer was drawn anew while she reads it
    const line = document.getElementById("say-wrong");
    if (!line || line.textContent === reason) return;
    line.textContent = reason;
    line.hidden = !reason;
  }

  function tint() {
    document.getElementById("composer")?.classList.toggle("as-note", isNote());
    const box = area();
    if (!box) return;
    box.dataset.reply ??= box.placeholder;
    box.placeholder = isNote() ? (box.dataset.note ?? box.dataset.reply) : box.dataset.reply;
  }

  function tellTyping() {
    if (isNote() || Date.now() - typed < TYPING_MS) return;
    typed = Date.now();
    fetch(`${path}/typing`, { method: "POST", body: new URLSearchParams({ csrf: token() }) }).catch(() => {});
  }

  // ── scripts ──

  function search(event) {
    const box = area(), query = /^[/／](.*)$/.exec(box.value);
    if (isNote()) { searchColleague(event); return; }
    if (!query) { options?.close(); return; }
    offer((option) => {
      box.value = "";
      write(option.dataset.words);
    });
    if (event.isComposing && !query[1]) return;
    clearTimeout(searching);
    searching = setTimeout(() => options.ask(`${path}/scripts?q=${encodeURIComponent(query[1])}`), SEARCH_MS);
  }

  function offer(taken) {
    if (options?.list.isConnected) { options.taken = taken; return; }
    options = new Options(document.getElementById("script-options"), area(), taken);
  }

  function offerAgain() { // the composer was drawn anew while she chose
    if (!options?.wanted || options.list.isConnected || !area()) return;
    options = null;
    search({ isComposing: false });
  }

  function searchColleague(event) { // the name that is being typed after the last @ before the caret
    const box = area(), query = /[@＠]([^\s@＠]{0,20})$/.exec(box.value.slice(0, box.selectionStart));
    if (!query || event.isComposing) { options?.close(); return; }
    offer((option) => {
      const end = box.selectionStart, found = /[@＠][^\s@＠]*$/.exec(box.value.slice(0, end));
      if (found) box.setRangeText("", found.index + 1, end, "end");
      write(`${option.dataset.words} `);
    });
    clearTimeout(searching);
    searching = setTimeout(() => options.ask(`${path}/colleagues?q=${encodeURIComponent(query[1])}`), SEARCH_MS);
  }

  async function suggest() { // for the customer's last words, once for each, until somebody answered
    const place = document.getElementById("suggestions");
    const said = [...log().querySelectorAll(":scope > .said:not(.system):not(.note)")];
    const last = said.at(-1), asked = last?.matches(".customer:not(.recalled)") ? last.dataset.key : "";
    if (!document.getElementById("as-reply") || !asked) { place.hidden = true; suggestedFor = ""; return; }
    if (asked === suggestedFor) return;
    suggestedFor = asked;
    try {
      const response = await fetch(`${path}/suggestions`, { headers: { Accept: "text/html" } });
      if (!response.ok || asked !== suggestedFor) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const atEnd = isAtEnd(log()); // what appears below must not hide the words it is for
      place.replaceChildren(...page.body.children);
      place.hidden = !place.children.length;
      if (atEnd) toEnd();
    } catch { suggestedFor = ""; }
  }

  // ── sending ──

  function showBubble(words, note) {
    const bubble = document.getElementById("bubble").content.firstElementChild.cloneNode(true);
    bubble.classList.add("sending");
    if (note) bubble.classList.replace("agent", "note");
    bubble.dataset.key = `mine-${freshId()}`;
    bubble.querySelector(".words").textContent = words;
    log().querySelector(".empty")?.remove();
    log().append(bubble);
    toEnd();
    return bubble;
  }

  async function sendFile(file) {
    const input = document.getElementById("say-file");
    const query = new URLSearchParams({ name: encodeURIComponent(file.name), client_id: freshId() });
    send(`${path}/file?${query}`, file, showBubble(file.name, false), "", { "X-CSRF-Token": token() });
    if (input) input.value = "";
  }

  async function send(url, body, bubble, words, headers = {}) {
    const lost = bubble.querySelector(".lost"), busy = bubble.querySelector(".busy");
    busy.hidden = false;
    lost.hidden = true;
    bubble.classList.remove("failed");
    bubble.classList.add("pending", "sending");
    try {
      const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json", ...headers } });
      if (response.ok) {
        bubble.classList.remove("sending"); // the server knows it now: a look that begins from here on replaces it
        look();
        return;
      }
      document.getElementById("signed-out").hidden = response.status !== 401;
      if (response.status === 401) { takeBack(bubble, words, {}); return; } // after signing in she finds it in the box
      if (response.headers.get("Content-Type")?.startsWith("application/json")) {
        takeBack(bubble, words, await response.json());
        return;
      }
    } catch { /* the bubble says that the network is down */ }
    busy.hidden = true;
    lost.hidden = false;
    bubble.classList.remove("pending", "sending");
    bubble.classList.add("failed");
    bubble.querySelector(".again").onclick = () => send(url, body, bubble, words, headers); // the same client_id: said once
  }

  async function takeBack(bubble, words, { why, instead }) { // refused: nothing is lost, and she reads what else can be done
    bubble.remove();
    await look();
    if (words && area()) {
      area().value = area().value ? `${words}\n${area().value}` : words;
      drafts.setItem(draftKey(area()), area().value);
      fit(area());
    }
    wrong(why, instead);
    area()?.focus();
  }
}
