// What both pages need: words, calls, live changes, bubbles. No framework, no build step.
const words = JSON.parse(document.getElementById("words").textContent);
export const say = (key) => words[key] ?? key;

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") node.className = value;
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export async function get(path, query = {}) {
  const response = await fetch(`/simulator/api/${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error((await response.json()).problem);
  return response.json();
}

export async function act(name, body) {
  const response = await fetch(`/simulator/api/acts/${name}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) {
    toast(say("not_possible") + answer.problem);
    throw new Error(answer.problem);
  }
  return answer;
}

let hideToast;
export function toast(text) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hideToast);
  hideToast = setTimeout(() => { box.hidden = true; }, 3200);
}

// Calls `changed(change)` for each change, and once after every reconnect (what was missed is read again).
export function live(changed) {
  const source = new EventSource("/simulator/api/stream");
  let lost = false;
  source.onmessage = (event) => changed(JSON.parse(event.data));
  source.onopen = () => { if (lost) { lost = false; changed({}); } };
  source.onerror = () => { if (!lost) toast(say("offline")); lost = true; };
}

// Several changes in quick succession cause one refresh.
export function gather(refresh, wait = 60) {
  let timer = null;
  return () => { timer ??= setTimeout(() => { timer = null; refresh(); }, wait); };
}

export function avatar(name, kind = "") {
  let hue = 0;
  for (const char of name) hue = (hue * 31 + char.codePointAt(0)) % 360;
  const node = el("span", { class: `avatar ${kind}`, "aria-hidden": "true" }, [...name].slice(kind ? 0 : -1)[0] ?? "?");
  node.style.setProperty("--hue", hue);
  return node;
}

export function time(iso) {
  const at = new Date(iso), now = new Date();
  const clock = at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
  if (days === 0) return clock;
  return days === 1 ? `${say("yesterday")} ${clock}` : `${at.getMonth() + 1}月${at.getDate()}日 ${clock}`;
}

export function brief(last) {
  if (!last) return "";
  return last.text || say(last.msgtype in words ? last.msgtype : "other");
}

// Only http(s) links open; everything else is shown as text.
export const safeUrl = (url) => (/^https?:\/\//.test(url ?? "") ? url : "");

const picture = (mediaId, alt = "") =>
  (mediaId ? el("img", { src: `/simulator/media/${encodeURIComponent(mediaId)}`, alt }) : "");

// A page: title, what it is about, and its picture on the right.
const linkCard = (title, text, url, thumb) => {
  const about = el("span", { class: "about" }, text ? el("span", {}, text) : "", picture(thumb));
  const content = [el("b", {}, title ?? ""), text || thumb ? about : "", el("i", {}, say("link").slice(1, -1))];
  const href = safeUrl(url);
  return href ? el("a", { class: "linkcard", href, target: "_blank", rel: "noopener" }, ...content)
    : el("div", { class: "linkcard" }, ...content);
};

// A mini-program: its title above its picture, which fills the card.
const miniProgramCard = (body) => el("div", { class: "linkcard program" },
  el("b", {}, body.title ?? ""), picture(body.thumb_media_id), el("i", {}, say("miniprogram").slice(1, -1)));

function textWithLinks(text) {
  const parts = text.split(/(https?:\/\/[^\s<>"'，。；、）]+)/g);
  return parts.map((part, index) =>
    index % 2 ? el("a", { href: part, target: "_blank", rel: "noopener" }, part) : part);
}

function menu(body, choose) {
  const box = el("div", { class: "menu" });
  if (body.head_content) box.append(el("p", {}, body.head_content));
  for (const item of body.list ?? []) {
    const click = item.type ? item.click : item;
    if (item.type === "view" && safeUrl(item.view.url)) {
      box.append(el("a", { href: item.view.url, target: "_blank", rel: "noopener" }, item.view.content));
    } else if (item.type === "text") box.append(el("p", {}, item.text.content));
    else if (click) {
      box.append(el("button", { type: "button", disabled: !choose, onclick: () => choose?.(click) }, click.content));
    }
  }
  if (body.tail_content) box.append(el("p", {}, body.tail_content));
  return box;
}

// The inside of a bubble, and whether it stands without one.
function content(line, choose) {
  const { msgtype, body } = line;
  switch (msgtype) {
    case "text": return [textWithLinks(body.content ?? ""), false];
    case "msgmenu": return [[menu(body, choose)], false];
    case "image": return [[picture(body.media_id, say("image"))], true];
    case "video": return [[el("video", { src: `/simulator/media/${encodeURIComponent(body.media_id)}`, controls: true })], true];
    case "link": return [[linkCard(body.title, body.desc, body.url, body.thumb_media_id)], true];
    case "news": return [(body.articles ?? []).map((one) => linkCard(one.title, one.description, one.url)), true];
    case "miniprogram":
    case "miniprogrampage": return [[miniProgramCard(body)], true];
    case "location": return [[linkCard(body.name, body.address)], true];
    default: return [[say(msgtype in words ? msgtype : "other")], false];
  }
}

export const toEnd = (box) => { box.scrollTop = box.scrollHeight; };

const GAP = 5 * 60e3;

// Fill `box` with the lines; `mine` tells whose bubbles stand on the right.
export function showLines(box, lines, { mine, choose, typing, empty, kinds }) {
  const sign = JSON.stringify([lines, typing, empty, kinds]);
  if (box.dataset.sign === sign) return; // nothing new: keep selection and scroll position
  box.dataset.sign = sign;
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const known = Number(box.dataset.count ?? 0), same = box.dataset.key === kinds.key;
  let last = 0;
  const nodes = [];
  lines.forEach((line, index) => {
    const at = Date.parse(line.at);
    if (at - last > GAP) nodes.push(el("div", { class: "stamp" }, time(line.at)));
    last = at;
    nodes.push(row(line, { mine, choose, kinds, fresh: same && index >= known }));
  });
  if (!lines.length) nodes.push(el("p", { class: "hint" }, empty));
  if (typing) nodes.push(el("div", { class: "typing", "aria-label": say("typing") }, el("i"), el("i"), el("i")));
  box.replaceChildren(...nodes);
  box.dataset.count = lines.length;
  box.dataset.key = kinds.key;
  if (!atEnd && same && lines.length <= known) return;
  toEnd(box);
  for (const picture of box.querySelectorAll("img")) picture.addEventListener("load", () => toEnd(box), { once: true });
}

function row(line, { mine, choose, kinds, fresh }) {
  if (line.speaker === "platform") return el("div", { class: "notice" }, line.body.content ?? "");
  if (line.recalled) return el("div", { class: "notice" }, `${line.name} ${say("recalled_customer")}`);
  const [inside, bare] = content(line, choose);
  const right = mine(line);
  const kind = line.speaker === "bot" ? "shop" : "";
  const label = !right || kinds.always ? el("small", {}, line.name) : "";
  return el("div", { class: `row ${right ? "mine" : ""} ${fresh ? "fresh" : ""}`, "data-id": line.id },
    avatar(line.name || "店", kind),
    el("div", { class: "said" }, label, el("div", { class: `bubble ${bare ? "bare" : ""}` }, ...inside)));
}

// Enter sends, Shift+Enter breaks the line, and an input method's Enter only chooses characters.
export function onSend(form, send) {
  const area = form.querySelector("textarea");
  const grow = () => { area.style.height = "auto"; area.style.height = `${Math.min(area.scrollHeight, 112)}px`; };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    grow();
    try { await send(text); } catch { area.value = text; grow(); }
    area.focus();
  });
  area.addEventListener("input", grow);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
