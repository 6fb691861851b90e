// The chat toolbar (聊天工具栏): the app's page beside the chat. A real client puts window.WeixinJSBridge into that page;
// here the page asks by postMessage (static/sidebar_frame.js of the console), and the platform answers as the client would.
const frame = document.getElementById("toolbar-page"), bar = document.getElementById("toolbar");
let shown = "", member = "";

export function beside(whose) {
  window.addEventListener("message", async ({ source, origin, data }) => {
    if (source !== frame.contentWindow || !data?.invoke || new URL(data.url).origin !== origin) return;
    const answer = await fetch(`/simulator/api/js/${encodeURIComponent(data.invoke)}`, {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...whose(), url: data.url, params: data.params ?? {} }),
    });
    const result = answer.ok ? await answer.json() : { err_msg: `${data.invoke}:fail without context of external contact` };
    source.postMessage({ answers: data.call, result }, origin);
  });
  document.getElementById("toolbar-close").addEventListener("click", () => document.body.classList.remove("toolbar-open"));
  return { show: ({ page, sign_in }) => show(whose(), page, sign_in) };
}

function show(whose, page, signIn) {
  const key = page ? JSON.stringify(whose) : "";
  if (key === shown) return;
  shown = key;
  bar.hidden = !page;
  document.body.classList.toggle("with-toolbar", Boolean(page));
  if (!page) { document.body.classList.remove("toolbar-open"); frame.src = "about:blank"; return; }
  // a member's first page signs her in: this browser may know somebody else
  frame.src = member === whose.userid ? page : signIn;
  member = whose.userid;
}
