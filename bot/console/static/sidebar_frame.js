// Trial runs only: the simulator's WeCom client is a page, and this page a frame in it. What the real client puts into
// its browser (the name in the user agent, window.WeixinJSBridge) stands in here, and hands every call to the frame's
// owner, which must be the origin that the settings name. The JS-SDK after it is the real one, and notices nothing.
(() => {
  const owner = document.querySelector("meta[name=frame]").content;
  if (window.parent === window) return;
  const waiting = new Map();
  let count = 0;
  const agent = `${navigator.userAgent} wxwork/4.1.36 MicroMessenger/7.0.1 Language/zh`;
  Object.defineProperty(navigator, "userAgent", { get: () => agent, configurable: true });
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || origin !== owner || data?.answers === undefined) return;
    waiting.get(data.answers)?.(data.result);
    waiting.delete(data.answers);
  });
  window.WeixinJSBridge = {
    invoke(name, params, callback) {
      count += 1;
      waiting.set(count, callback);
      window.parent.postMessage({ invoke: name, params, call: count, url: location.href }, owner);
    },
    on() {},
  };
})();
