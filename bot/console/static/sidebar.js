// Beside a chat in WeCom: asks the client whose chat it is, shows what is known of her, and puts words into the chat.
import * as ww from "./vendor/wecom.prod.js";

const page = document.getElementById("sidebar").dataset;
const $ = (id) => document.getElementById(id);
const token = document.querySelector("meta[name=csrf]").content;
const ENTRIES = new Set(["single_kf_tools", "single_chat_tools"]);
const BRIDGE_MS = 8_000, SEARCH_MS = 200, BURST_MS = 400, AGAIN_MS = 30_000;
let customer = "", suggestedFor = null, refused = false, stream = null, soon = 0;

class Told extends Error { // by our own server: why not, and what to do
  constructor(told) { super(told.why); this.told = told; }
}

// ── what went wrong, and what to do about it ──

function problem(kind, ...lines) {
  const words = document.querySelector(`template[data-problem=${kind}]`).content.cloneNode(true);
  const box = document.createElement("section");
  box.className = "problem";
  box.dataset.kind = kind;
  box.append(words, ...lines.filter(Boolean).map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  $("problem").replaceChildren(box);
  $("state").textContent = "";
}

const said = (error) => String(error?.errMsg ?? error?.message ?? error);
const KINDS = [
  [/invalid signature|40093|42012/, "signature"], [/url domain|80001/, "domain"], [/corpid|40013/, "corp"],
  [/agentid|40056|301002/, "agent"], [/without context/, "context"], [/permission|access denied/, "permission"],
  [/function not exist/, "old"],
];

function explain(error) {
  if (error instanceof Told) { problem("server", error.told.why, error.told.advice); return; }
  if (error instanceof TypeError) { problem("lost"); return; } // fetch
  const words = said(error), found = KINDS.find(([pattern]) => pattern.test(words.toLowerCase()));
  problem(found?.[1] ?? "other", words);
}

// ── our server ──

async function ask(path, fields) {
  const answer = await fetch(`${page.root}${path}`, fields
    ? { method: "POST", body: new URLSearchParams({ csrf: token, ...fields }), redirect: "error" } : {});
  if (answer.status === 401) { location.reload(); await new Promise(() => {}); }
  return answer;
}

async function signature(kind, url) {
  const answer = await ask("/signature", { kind, url, again: refused ? "1" : "" });
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new TypeError("no answer");
  const told = await answer.json();
  if (!answer.ok) throw new Told(told);
  return told;
}

// ── WeCom ──

const within = (ms, promise) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error("no bridge")), ms))]);

async function meet() {
  ww.register({
    corpId: page.corp,
    agentId: page.agent,
    jsApiList: ["getContext", "getCurExternalContact", "sendChatMessage"],
    getConfigSignature: (url) => signature("corp", url),
    getAgentConfigSignature: (url) => signature("agent", url),
  });
  try {
    await ww.ensureConfigReady();
  } catch (error) {
    if (!/invalid signature/i.test(said(error))) throw error;
    refused = true; // perhaps the ticket was replaced: once more, with another
    await ww.ensureConfigReady();
  }
  const { entry } = await ww.getContext();
  if (!ENTRIES.has(entry)) return problem("entry", entry);
  const { userId } = await ww.getCurExternalContact();
  if (!userId) return problem("context");
  customer = userId;
  $("state").textContent = "";
  $("search").hidden = false;
  return look();
}

window.addEventListener("unhandledrejection", (event) => { // register() lets go of the promise that we wait for below
  if (event.reason?.errMsg || event.reason instanceof Told || event.reason instanceof TypeError) event.preventDefault();
});

async function start() {
  if (!ww.env.isWeCom) { problem("not_wecom"); return; }
  try {
    await within(BRIDGE_MS, ww.isWeixinJSBridgeReady ? Promise.resolve() : ww.onWeixinJSBridgeReady);
  } catch { problem("no_bridge"); return; }
  try { await meet(); } catch (error) { explain(error); }
}

async function send(button) {
  const { words } = button.closest("[data-words]").dataset;
  button.disabled = true; // a second tap is no second message
  try {
    await ww.sendChatMessage({ msgtype: "text", enterChat: true, text: { content: words } });
    $("problem").replaceChildren();
    $("state").textContent = "已发送";
    button.textContent = "已发送";
    button.classList.add("sent");
  } catch (error) {
    if (/cancel/.test(said(error))) $("state").textContent = "没有发送";
    else problem("unsent", said(error));
    $("problem").scrollIntoView({ block: "nearest" });
    button.disabled = false;
  }
}

// ── what is known of her ──

const keyOf = (details) => details.dataset.key ?? details.querySelector("summary").textContent;

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body, place = $("customer");
  const open = new Set([...place.querySelectorAll("details[open]")].map(keyOf)); // what she opened stays so
  for (const details of fresh.querySelectorAll("details")) if (open.has(keyOf(details))) details.setAttribute("open", "");
  for (const part of place.querySelectorAll(":scope > [data-part]")) {
    if (!fresh.querySelector(`[data-part="${part.dataset.part}"]`)) part.remove();
  }
  for (const part of [...fresh.children]) {
    const old = place.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old) place.append(part);
    else if (!old.isEqualNode(part) && !old.contains(document.activeElement?.closest("input, select"))) old.replaceWith(part);
  }
}

async function look() {
  clearTimeout(soon);
  try {
    const answer = await ask("/customer", { id: customer });
    if (answer.ok || [403, 404].includes(answer.status)) {
      const html = await answer.text();
      if (!html.includes("data-part=")) throw new TypeError("no part of ours");
      show(html);
    }
    if (answer.ok) { suggest(); listen(); } else { stream?.close(); unsuggest(); }
    document.querySelector("#problem [data-kind=lost]")?.remove();
  } catch { problem("lost"); }
  soon = setTimeout(look, AGAIN_MS);
}

function unsuggest() {
  suggestedFor = null;
  document.getElementById("suggested")?.remove();
}

async function suggest() { // once for each of her messages
  const asked = document.querySelector("[data-part=asked]");
  if (!asked) { unsuggest(); return; }
  if (asked.dataset.asked === suggestedFor) return;
  suggestedFor = asked.dataset.asked;
  const place = document.getElementById("suggested") ?? Object.assign(document.createElement("section"), { id: "suggested" });
  place.setAttribute("aria-label", "可以这样回");
  if (!place.isConnected) asked.after(place);
  try {
    const answer = await (asked.dataset.suggest ? fetch(asked.dataset.suggest) : ask("/suggestions", { id: customer }));
    if (!answer.ok || suggestedFor !== asked.dataset.asked) return;
    place.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.children);
  } catch { suggestedFor = null; }
}

function listen() {
  const path = document.querySelector("[data-part=asked]")?.dataset.stream;
  if (!path) { stream?.close(); return; } // without a ticket nobody tells of her: she is looked at again in a while
  if (stream?.path === path && stream.readyState !== EventSource.CLOSED) return;
  stream?.close();
  stream = Object.assign(new EventSource(path), { path });
  for (const told of ["changed", "thread"]) {
    stream.addEventListener(told, () => { clearTimeout(soon); soon = setTimeout(look, BURST_MS); });
  }
}

// ── what she does ──

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-send]");
  if (button) send(button);
});

document.addEventListener("submit", async (event) => {
  if (!("again" in event.target.dataset)) return;
  event.preventDefault();
  const fields = new FormData(event.target, event.submitter);
  try {
    const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(fields) });
    if (answer.status === 401) { location.reload(); return; }
    document.activeElement?.blur();
    if (answer.ok) { show(await answer.text()); $("state").textContent = "已记下"; } else problem("lost");
  } catch { problem("lost"); }
});

let typing = 0;
$("q").addEventListener("input", (event) => {
  clearTimeout(typing);
  if (event.isComposing) return;
  typing = setTimeout(find, SEARCH_MS);
});
$("q").addEventListener("compositionend", () => { clearTimeout(typing); typing = setTimeout(find, SEARCH_MS); });

async function find() {
  const typed = $("q").value.trim();
  try {
    const answer = await ask(`/scripts?q=${encodeURIComponent(typed)}`);
    if (!answer.ok || $("q").value.trim() !== typed) return;
    $("found").replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.children);
  } catch { problem("lost"); }
}

window.addEventListener("pagehide", () => stream?.close());
start();
