// The customer's phone: choose who you are, open a conversation, talk.
import { act, avatar, brief, el, gather, get, live, onSend, say, showLines, time, toEnd } from "./common.js";

const $ = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);
const state = { customer: wanted.get("customer") ?? sessionStorage.getItem("customer"), place: "", view: { places: [] } };

const here = () => state.view.places.find((place) => place.id === state.place);
const me = (more = {}) => ({ customer: state.customer, place: state.place, ...more });

async function refresh() {
  if (!state.customer) return;
  const { customer, place } = state;
  const view = await get("phone", { customer });
  const lines = place ? (await get("thread", { customer, place })).lines : [];
  if (customer !== state.customer || place !== state.place) return;
  state.view = view;
  drawPlaces();
  drawChat(lines);
  drawTraffic((await get("traffic")).callbacks);
}

function drawPlaces() {
  $("places").replaceChildren(...state.view.places.map((place) => el("li", {},
    el("button", { type: "button", onclick: () => open(place.id) },
      avatar(place.title, "shop"),
      el("span", { class: "place-text" },
        el("b", {}, place.title, el("small", {}, say(`${place.kind}_badge`)), place.last ? el("time", {}, time(place.last.at)) : ""),
        el("span", {}, brief(place.last) || hint(place)))))));
}

const hint = (place) => (place.kind === "official" && !place.followed ? say("not_followed") : say("no_messages"));

function drawChat(lines) {
  const place = here();
  $("places").hidden = Boolean(place);
  $("chat").hidden = $("back").hidden = $("subtitle").hidden = !place;
  if (!place) { $("title").textContent = "微信"; return; }
  $("title").textContent = place.title;
  $("subtitle").textContent = place.typing ? say("typing")
    : place.kind === "kf" ? `${say("kf_badge")} · ${say(`state_${place.state}`)}` : say("official_badge");
  const follows = place.kind === "kf" || place.followed;
  $("composer").hidden = !follows;
  $("follow").hidden = follows;
  $("follow-title").textContent = place.title;
  $("menubar").hidden = !follows || !(place.menu ?? []).length;
  $("menubar").replaceChildren(...(place.menu ?? []).map((item) =>
    el("button", { type: "button", onclick: () => act("click_account_menu", me({ key: item.key })) }, item.name)));
  for (const button of $("drawer").querySelectorAll("[data-for]")) button.hidden = button.dataset.for !== place.kind;
  showLines($("lines"), lines, {
    mine: (line) => line.speaker === "customer",
    choose: (click) => act("customer_writes", me({ text: click.content, menu_id: String(click.id) })),
    typing: place.typing,
    empty: follows ? say("empty_chat") : say("not_followed"),
    kinds: { key: `${state.customer}/${state.place}` },
  });
}

function drawTraffic(callbacks) {
  $("traffic").replaceChildren(...callbacks.slice(0, 14).map((one) => {
    const status = one.statuses.at(-1);
    const ok = status === 200;
    return el("li", {}, el("code", {}, `${one.account} · ${one.label}`),
      el("span", { class: ok ? "ok" : "bad" }, status === undefined ? "…" : status > 0 ? `${status}` : say("callback_waiting")));
  }));
}

async function open(place) {
  state.place = place;
  $("drawer").hidden = true;
  $("more").setAttribute("aria-expanded", "false");
  await refresh();
  const found = here();
  if (found?.kind === "kf" && !found.entered) await act("customer_enters", me({ scene: wanted.get("scene") ?? "", scene_param: wanted.get("scene_param") ?? "" }));
  if (matchMedia("(min-width: 721px)").matches) $("text").focus();
}

async function choose(customer) {
  state.customer = customer;
  sessionStorage.setItem("customer", customer);
  for (const button of $("customers").children) button.setAttribute("aria-checked", String(button.dataset.key === customer));
  await refresh();
}

const drawer = {
  image: () => act("customer_sends_sample", me()),
  enter: () => act("customer_enters", me({ scene: $("scene").value })),
  scan: () => act("scan", me({ scene: $("scene").value || "demo" })),
  unsubscribe: () => act("unsubscribe", me()),
};

// A contact way, a QR code or a contact link leads here with its scene.
async function arrive() {
  if (wanted.get("kf")) return open(wanted.get("kf"));
  if (wanted.get("official")) {
    await open(wanted.get("official"));
    if (wanted.get("scan")) await act("scan", me({ scene: wanted.get("scan") }));
  }
  if (wanted.get("add")) await act("customer_adds_member", { customer: state.customer, corp: wanted.get("corp"), userid: wanted.get("add"), state: wanted.get("state") ?? "" });
  return undefined;
}

const tick = () => { $("clock").textContent = new Date().toLocaleTimeString("zh-CN", { hour: "numeric", minute: "2-digit", hour12: false }); };

async function start() {
  const { customers } = await get("people");
  $("customers").replaceChildren(...customers.map((who) =>
    el("button", { type: "button", role: "radio", "data-key": who.key, onclick: () => choose(who.key) }, avatar(who.name), who.name)));
  const known = customers.some((who) => who.key === state.customer);
  onSend($("composer"), (text) => act("customer_writes", me({ text })));
  $("back").addEventListener("click", () => { state.place = ""; refresh(); });
  $("subscribe").addEventListener("click", () => act("subscribe", me({ scene: $("scene").value })));
  $("more").addEventListener("click", () => {
    $("drawer").hidden = !$("drawer").hidden;
    $("more").setAttribute("aria-expanded", String(!$("drawer").hidden));
    toEnd($("lines"));
  });
  for (const button of $("drawer").querySelectorAll("[data-act]")) button.addEventListener("click", () => drawer[button.dataset.act]());
  await choose(known ? state.customer : customers[0]?.key);
  await arrive();
  live(gather(refresh));
  tick();
  setInterval(tick, 10e3);
  setInterval(refresh, 5e3); // typing ends by time, and callbacks get their status
}

start();
