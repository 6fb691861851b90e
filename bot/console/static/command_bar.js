// The command bar: go to a ticket, a customer or a page, or do what the page can do now.
import { Options } from "./options.js";

const SEARCH_MS = 150;
const bar = () => document.getElementById("command-bar");

function commands() { // what the page has: its modules, and the actions that are there now
  const pages = [...document.querySelectorAll(".rail ul a")].map((link) => option(link.textContent.trim(), () => { location.href = link.href; }));
  const acts = [...document.querySelectorAll(".acts summary, .acts form > button, .tab, [data-command=keys]")]
    .map((each) => option(each.getAttribute("aria-label") ?? each.firstChild.textContent.trim(), () => (each.tagName === "SUMMARY" ? openPop(each) : each.click())));
  return [...acts, ...pages];
}

function openPop(summary) { summary.parentElement.open = true; }

function option(words, act) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const name = document.createElement("b");
  name.textContent = words;
  item.append(name);
  item.act = act;
  return item;
}

export function openBar() {
  if (bar().open) return;
  bar().showModal();
  bar().dispatchEvent(new Event("open"));
}

export function watchBar() {
  const input = document.getElementById("command-text"), nothing = document.getElementById("command-nothing");
  const options = new Options(document.getElementById("command-options"), input, (taken) => {
    bar().close();
    if (taken.act) taken.act();
    else location.href = taken.dataset.href;
  });
  let timer = 0, asked = 0;

  function show(found) {
    const typed = input.value.trim().toLowerCase();
    const own = commands().filter((each) => each.textContent.toLowerCase().includes(typed));
    options.show([...found, ...own]);
    nothing.hidden = options.isOpen;
  }

  async function find() {
    const typed = input.value.trim(), number = ++asked;
    let found = [];
    if (typed) {
      try {
        const response = await fetch(`/console/find?q=${encodeURIComponent(typed)}`, { headers: { Accept: "text/html" } });
        if (response.ok) found = [...new DOMParser().parseFromString(await response.text(), "text/html").querySelectorAll("[role=option]")];
      } catch { /* the page's own commands are still there */ }
    }
    if (number === asked) show(found);
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(find, SEARCH_MS); });
  input.addEventListener("keydown", (event) => { if (event.key !== "Escape") options.handles(event); });
  bar().addEventListener("click", (event) => { if (event.target === bar()) bar().close(); });
  bar().addEventListener("open", () => { input.value = ""; show([]); });
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-command=bar]")) openBar(); });
}

