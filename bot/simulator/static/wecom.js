// The members' WeCom client: cards with buttons, and the kf conversations that concern me.
import { act, avatar, brief, el, gather, get, live, onSend, safeUrl, say, showLines, time, toast } from "./common.js";
import { beside } from "./toolbar.js";

const $ = (id) => document.getElementById(id);
const state = { corp: "", userid: "", people: [], view: { messages: [], conversations: [], desks: [] }, open: null, read: {} };

const toolbar = beside(() => ({ corp: state.corp, userid: state.userid, customer: state.open?.customer ?? "", place: state.open?.place ?? "" }));
const conversation = () => state.open && state.view.conversations.find((one) => one.place === state.open.place && one.customer === state.open.customer);
const it = (more = {}) => ({ userid: state.userid, customer: state.open.customer, place: state.open.place, ...more });

async function refresh() {
  const { userid, corp, open } = state;
  const view = await get("wecom", { corp, userid });
  const lines = open ? (await get("thread", { customer: open.customer, place: open.place })).lines : [];
  if (userid !== state.userid || open !== state.open) return;
  state.view = view;
  drawList();
  drawPane(lines);
}

function drawList() {
  const { messages, conversations, desks } = state.view;
  const unread = messages.length - (state.read[state.userid] ?? 0);
  $("inbox").setAttribute("aria-current", String(!state.open));
  $("inbox-last").textContent = messages[0] ? headline(messages[0]) : say("no_messages");
  $("inbox-count").hidden = unread <= 0 || !state.open;
  $("inbox-count").textContent = unread;
  const receives = desks.some((desk) => desk.receiving);
  $("receiving").hidden = !desks.length;
  $("receiving").setAttribute("aria-pressed", String(receives));
  $("receiving").textContent = say(receives ? "receiving_on" : "receiving_off");
  const entries = conversations.sort((a, b) => (a.state % 4 || 9) - (b.state % 4 || 9) || (b.last?.at ?? "").localeCompare(a.last?.at ?? ""));
  $("conversations").replaceChildren(...entries.map(entry), entries.length ? "" : el("li", { class: "hint" }, say("no_conversations")));
}

const entry = (one) => el("li", {}, el("button", {
  type: "button", class: "entry", "aria-current": String(conversation() === one),
  onclick: () => { state.open = { place: one.place, customer: one.customer }; document.body.classList.add("opened"); refresh(); },
}, avatar(one.name), el("span", { class: "entry-text" },
  el("b", {}, one.name, el("span", { class: `tag s${one.state}` }, say(`desk_${one.state}`))),
  el("span", {}, brief(one.last)))));

const headline = ({ body, msgtype }) => body.main_title?.title ?? body.title ?? body.content ?? say(msgtype);

function drawPane(lines) {
  const open = conversation();
  if (state.open && !open) { state.open = null; drawList(); }
  $("cards").hidden = Boolean(open);
  $("lines").hidden = $("tools").hidden = $("card-tags").hidden = !open;
  toolbar.show(open?.hers ? state.view.toolbar : {});
  if (!open) {
    $("composer").hidden = true;
    $("title").textContent = "店小二";
    $("subtitle").textContent = "";
    state.read[state.userid] = state.view.messages.length;
    drawCards();
    return;
  }
  const desk = state.view.desks.find((one) => one.place === open.place);
  $("title").textContent = open.name;
  $("subtitle").textContent = `${say("kf_badge")} · ${desk?.name ?? ""} · ${say(`desk_${open.state}`)}`;
  drawTags(open);
  $("composer").hidden = open.state === 2;
  for (const button of $("tools").children) button.hidden = button.dataset.act === "take" ? open.state !== 2 : !open.hers || (button.dataset.act === "beside" && !state.view.toolbar.page);
  showLines($("lines"), lines, {
    mine: (line) => line.speaker !== "customer", typing: false, empty: say("no_messages"),
    kinds: { key: `${open.place}/${open.customer}`, always: true },
  });
}

// The customer card's tags, and what a member can do with it: become her contact, give or take a tag.
function drawTags({ follows, tags, customer }) {
  const who = { corp: state.corp, userid: state.userid, customer };
  const chips = tags.map(({ group, name, by_app: ours }) => el("span", { class: ours ? "chip" : "chip byhand", title: group }, name,
    el("button", { type: "button", "aria-label": say("take_tag"), onclick: () => act("member_tags_customer", { ...who, group, name, on: 0 }) }, "×")));
  const none = follows && !tags.length ? [el("span", { class: "hint" }, say("no_tags"))] : [];
  const befriend = el("button", { type: "button", onclick: () => act("customer_adds_member", who) }, say("befriend"));
  $("card-tags").replaceChildren(...(follows ? [...chips, ...none] : [el("span", { class: "hint" }, say("not_a_contact")), befriend]));
}

function drawCards() {
  const box = $("cards");
  const known = new Set([...box.children].map((card) => card.dataset.id));
  const cards = [...state.view.messages].reverse().map((message) => card(message, known.size > 0 && !known.has(message.msgid)));
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  box.replaceChildren(...(cards.length ? cards : [el("p", { class: "hint" }, say("no_cards"))]));
  if (atEnd || known.size !== cards.length) box.scrollTop = box.scrollHeight;
}

function card(message, fresh) {
  const { body } = message;
  const parts = [el("div", {}, el("span", { class: "source" }, body.source?.desc ?? "店小二", el("time", {}, time(message.at))),
    ...inside(message))];
  const jumps = (body.jump_list ?? []).filter((jump) => safeUrl(jump.url));
  if (safeUrl(body.card_action?.url)) jumps.push({ url: body.card_action.url, title: say("open_link") });
  if (jumps.length) {
    parts.push(el("div", { class: "jumps" }, ...jumps.map((jump) =>
      el("a", { href: jump.url, target: "_blank", rel: "noopener" }, jump.title))));
  }
  if (message.replaced) parts.push(el("div", { class: "done" }, message.replaced));
  else if (body.button_list?.length) parts.push(buttons(message));
  return el("article", { class: `card ${fresh ? "fresh" : ""}`, "data-id": message.msgid }, ...parts);
}

function inside({ msgtype, body }) {
  if (msgtype === "textcard") return [el("h3", {}, body.title), el("p", { class: "desc" }, body.description.replace(/<[^>]+>/g, ""))];
  if (msgtype !== "template_card") return [el("p", { class: "desc" }, body.content ?? say(msgtype))];
  const rows = (body.horizontal_content_list ?? []).flatMap((item) => [el("dt", {}, item.keyname),
    el("dd", {}, safeUrl(item.url) ? el("a", { href: item.url, target: "_blank", rel: "noopener" }, item.value ?? "") : item.value ?? "")]);
  return [
    el("h3", {}, body.main_title?.title ?? ""),
    body.main_title?.desc ? el("p", { class: "desc" }, body.main_title.desc) : "",
    body.emphasis_content ? el("div", { class: "emphasis" }, el("b", {}, body.emphasis_content.title ?? ""), body.emphasis_content.desc ?? "") : "",
    body.quote_area ? el("p", { class: "quote" }, [body.quote_area.title, body.quote_area.quote_text].filter(Boolean).join("\n")) : "",
    body.sub_title_text ? el("p", { class: "desc" }, body.sub_title_text) : "",
    rows.length ? el("dl", {}, ...rows) : "",
  ];
}

const buttons = (message) => el("div", { class: "buttons" }, ...message.body.button_list.map((button) => el("button", {
  type: "button", class: `style-${button.style ?? 1}`,
  onclick: async (event) => {
    event.target.disabled = true;
    try { await act("member_clicks_card", { userid: state.userid, corp: state.corp, msgid: message.msgid, key: button.key }); } finally { setTimeout(() => { event.target.disabled = false; }, 1500); }
  },
}, button.text)));

function offerColleagues() {
  const desk = state.view.desks.find((one) => one.place === state.open.place);
  const others = (desk?.servicers ?? []).filter((one) => one.userid !== state.userid && one.receiving);
  if (!others.length) { toast(say("nobody")); return; }
  $("colleagues").replaceChildren(...others.map((one) => el("button", {
    value: one.userid, onclick: () => act("servicer_transfers", it({ to: one.userid })),
  }, avatar(one.name), one.name)));
  $("transfer").showModal();
}

const tools = {
  take: () => act("servicer_takes_from_pool", it()),
  transfer: offerColleagues,
  end: () => act("servicer_ends_session", it()),
  beside: () => document.body.classList.add("toolbar-open"),
};

function become(userid) {
  const who = state.people.find((one) => one.userid === userid);
  Object.assign(state, { userid, corp: who.corp, open: null });
  sessionStorage.setItem("member", userid);
  document.cookie = `simulated_member=${encodeURIComponent(userid)}; path=/wecom; SameSite=Lax`; // whom the toolbar's page signs in
  const face = avatar(who.name);
  $("me").textContent = face.textContent;
  $("me").style.setProperty("--hue", face.style.getPropertyValue("--hue"));
  $("cards").replaceChildren();
  return refresh();
}

async function start() {
  state.people = (await get("people")).members;
  if (!state.people.length) return;
  $("members").replaceChildren(...state.people.map((who) => el("option", { value: who.userid }, who.position ? `${who.name}（${who.position}）` : who.name)));
  const wanted = new URLSearchParams(location.search).get("member") ?? sessionStorage.getItem("member");
  const first = state.people.some((who) => who.userid === wanted) ? wanted : state.people[0].userid;
  $("members").value = first;
  $("members").addEventListener("change", () => become($("members").value));
  $("inbox").addEventListener("click", () => { state.open = null; document.body.classList.add("opened"); refresh(); });
  $("back").addEventListener("click", () => document.body.classList.remove("opened"));
  $("receiving").addEventListener("click", () => {
    const receiving = $("receiving").getAttribute("aria-pressed") === "true" ? 0 : 1;
    for (const desk of state.view.desks) act("servicer_receives", { userid: state.userid, place: desk.place, receiving });
  });
  for (const button of $("tools").children) button.addEventListener("click", () => tools[button.dataset.act]());
  onSend($("composer"), (text) => act("servicer_answers", it({ text })));
  await become(first);
  live(gather(refresh));
}

start();
