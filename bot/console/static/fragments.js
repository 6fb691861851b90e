// What a page asks for later (htmx) and does not get: said in its place, with a button that asks again.
// `data-again` on the part: what to ask for then, where that is not the same as at first.
const words = document.getElementById("not-come");
const waiting = new WeakMap(); // place → what stood there before

function why(ctx, error) {
  if (ctx.request.signal?.reason === "timeout") return "slow";
  if (ctx.response?.status === 401) return "signed_out";
  return error && !ctx.response ? "lost" : "failed";
}

function tell(reason, { source, target, swap, method, path }) {
  if (!target?.isConnected) return;
  const told = words.content.firstElementChild.cloneNode(true);
  for (const each of told.querySelectorAll("[data-why]")) if (each.dataset.why !== reason) each.remove();
  told.querySelector("button").addEventListener("click", () => {
    target.replaceChildren(...waiting.get(target));
    target.tabIndex = -1;
    target.focus(); // the button is gone
    window.htmx.ajax(method, path, { source, target, swap });
  });
  if (!target.querySelector(":scope > [data-not-come]")) waiting.set(target, [...target.childNodes]);
  target.replaceChildren(told);
}

function asked(ctx) { // as it was asked, or is to be asked again; read before htmx makes anything else of it
  const { sourceElement: source, target, swap, request: { method, action } } = ctx;
  return { source, target, swap, method, path: source.dataset.again ?? action };
}

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const again = asked(ctx);
  ctx.swap = "none"; // a page about the error is no part of this one
  tell(why(ctx), again);
});

document.addEventListener("htmx:error", ({ detail: { ctx, error } }) => {
  if (ctx) tell(why(ctx, error), asked(ctx));
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => ctx.target?.removeAttribute("aria-busy"));
