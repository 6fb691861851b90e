// Who is signed out while she fills in a form finds there, after signing in again, what she had typed.
// Kept in this tab alone, for her alone, and never secrets: no password, no file, no token of ours.
const KEY = "typed-form", ENDED = "typed-form-unsent";
const tab = window.sessionStorage;
const me = document.querySelector("meta[name=person]")?.content; // the page of the sign-in has none

function fieldsOf(form) {
  return [...form.elements].filter((each) => each.name && each.name !== "csrf" && !["password", "file", "submit"].includes(each.type));
}

function keep(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || !fieldsOf(form).some((each) => each.type !== "hidden")) return;
  const typed = fieldsOf(form).map((each) => [each.name, each.value, each.checked ?? false]);
  tab.removeItem(ENDED);
  tab.setItem(KEY, JSON.stringify({ me, page: location.pathname, action: form.getAttribute("action"), typed }));
}

function putBack() {
  const kept = JSON.parse(tab.getItem(KEY) ?? "null"), unsent = tab.getItem(ENDED);
  if (kept && unsent && kept.me === me && kept.page !== location.pathname) return; // on her way back
  tab.removeItem(KEY);
  tab.removeItem(ENDED);
  const form = kept && unsent && kept.me === me && [...document.forms].find((each) => each.getAttribute("action") === kept.action);
  if (!form) return;
  const now = fieldsOf(form);
  kept.typed.forEach(([name, value, checked]) => {
    const field = now.find((each) => each.name === name && (!["checkbox", "radio"].includes(each.type) || each.value === value));
    if (!field) return;
    now.splice(now.indexOf(field), 1);
    if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
    else field.value = value;
    for (let around = field.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  });
  document.getElementById("put-back").hidden = false;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

if (me === undefined) {
  if (tab.getItem(KEY)) tab.setItem(ENDED, "yes");
} else {
  window.addEventListener("submit", keep); // last of all: what a script sends itself is prevented by then
  putBack();
}
