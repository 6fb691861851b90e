// What is being typed: kept over reloads, sent by Enter, shown at once, said only once.
const drafts = window.sessionStorage;

function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID would need https
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

export function watchComposer({ log, toEnd, look }) {
  const area = () => document.getElementById("say-text");
  const draftKey = (element) => `draft-${element.dataset.draft}`;

  if (area()) {
    area().value ||= drafts.getItem(draftKey(area())) ?? "";
    fit(area());
    if (matchMedia("(min-width: 901px)").matches) area().focus();
  }

  document.addEventListener("input", (event) => {
    if (event.target !== area()) return;
    drafts.setItem(draftKey(area()), area().value);
    fit(area());
    document.getElementById("say-wrong").hidden = true;
  });
  document.addEventListener("compositionstart", (event) => event.target.setAttribute("data-composing", ""));
  document.addEventListener("compositionend", (event) => event.target.removeAttribute("data-composing"));
  document.addEventListener("keydown", (event) => {
    // keyCode 229: Safari ends the composition before it tells of the Enter that ended it.
    if (event.target !== area() || event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if ("last" in area().dataset) return; // one message is left: it is sent by its button, so that it is whole
    event.preventDefault();
    area().form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "say") return;
    event.preventDefault();
    const words = area().value.trim();
    if (!words) return;
    const form = new FormData(event.target);
    form.set("text", words);
    form.set("client_id", freshId());
    drafts.removeItem(draftKey(area()));
    area().value = "";
    fit(area());
    send(event.target.action, form, showBubble(words));
  });

  function showBubble(words) {
    const bubble = document.getElementById("bubble").content.firstElementChild.cloneNode(true);
    bubble.classList.add("sending");
    bubble.dataset.key = `mine-${freshId()}`;
    bubble.querySelector(".words").textContent = words;
    log().querySelector(".empty")?.remove();
    log().append(bubble);
    toEnd();
    return bubble;
  }

  async function send(url, form, bubble) {
    const lost = bubble.querySelector(".lost"), busy = bubble.querySelector(".busy");
    busy.hidden = false;
    lost.hidden = true;
    bubble.classList.remove("failed");
    bubble.classList.add("pending", "sending");
    let why = bubble.querySelector(".lost-why").dataset.offline ??= bubble.querySelector(".lost-why").textContent;
    let refused = false;
    try {
      const response = await fetch(url, { method: "POST", body: new URLSearchParams(form), headers: { Accept: "application/json" } });
      if (response.ok) {
        bubble.classList.remove("sending"); // from now on the server knows it: the next look replaces it
        look();
        return;
      }
      document.getElementById("signed-out").hidden = response.status !== 401;
      if (response.headers.get("Content-Type")?.startsWith("application/json")) {
        why = (await response.json()).why;
        refused = true;
      }
    } catch { /* why says that the network is down */ }
    busy.hidden = true;
    lost.hidden = false;
    bubble.classList.remove("pending", "sending");
    bubble.classList.add("failed");
    bubble.querySelector(".lost-why").textContent = why;
    bubble.querySelector(".again").onclick = () => send(url, form, bubble); // the same client_id: said once
    if (refused) look();
  }
}
