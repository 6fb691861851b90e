// Pictures of the reports, those that come later too.
import { drawAll } from "./charts.js";

drawAll(document);
new MutationObserver(() => drawAll(document)).observe(document.querySelector("main"), { childList: true, subtree: true });
