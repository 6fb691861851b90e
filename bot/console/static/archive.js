// Playing a conversation back: the curve of its mood, and stepping through it by keyboard.
import { draw } from "./charts.js";

const lines = [...document.querySelectorAll("[data-line]")];
const marked = lines.filter((line) => line.dataset.findings !== undefined);
let chart = null;
let here = -1;

function go(place, list = lines) {
  if (!list.length) return;
  const line = list[Math.min(Math.max(place, 0), list.length - 1)];
  here = lines.indexOf(line);
  for (const each of lines) each.tabIndex = each === line ? 0 : -1;
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "center" });
  const point = chart?.points.findIndex(([number]) => number === here + 1);
  if (chart && point >= 0) chart.picture.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: point });
}

function next(step) {
  const beyond = marked.filter((line) => (lines.indexOf(line) - here) * step > 0);
  if (beyond.length) go(step > 0 ? 0 : beyond.length - 1, beyond);
}

const KEYS = {
  j: () => go(here + 1), ArrowDown: () => go(here + 1),
  k: () => go(here - 1), ArrowUp: () => go(here - 1),
  n: () => next(1), p: () => next(-1),
  Home: () => go(0), End: () => go(lines.length - 1),
};

document.addEventListener("keydown", (event) => {
  const elsewhere = event.target.closest?.("input, select, textarea, button, summary, a");
  const moves = KEYS[event.key];
  if (!moves || elsewhere || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  event.preventDefault();
  moves();
});
for (const line of lines) line.addEventListener("focus", () => { here = lines.indexOf(line); });
for (const link of document.querySelectorAll("[data-to]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); go(Number(link.dataset.to) - 1); });
}

const element = document.querySelector("[data-curve]");
if (element) {
  const told = JSON.parse(element.dataset.curve);
  const option = {
    grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "axis", renderMode: "richText",
      formatter: ([point]) => `${told.labels[point.dataIndex]}\n${told.name} ${point.value[1].toFixed(2)}`,
    },
    xAxis: { type: "value", min: 1, max: Math.max(told.last, 2), minInterval: 1, splitLine: { show: false }, axisLabel: { color: "#56625f" } },
    yAxis: { type: "value", min: -1, max: 1, interval: 1, axisLabel: { color: "#56625f", formatter: (value) => (value > 0 ? told.good : value < 0 ? told.bad : "0") } },
    series: [{
      type: "line", data: told.points, symbolSize: 7, lineStyle: { width: 2.5 },
      markLine: {
        silent: true, symbol: "none", label: { show: false }, lineStyle: { color: "#b3362b", type: "dotted" },
        data: told.marks.map((number) => ({ xAxis: number })),
      },
    }],
  };
  const picture = draw(element, option);
  picture.on("click", ({ dataIndex }) => go(told.points[dataIndex][0] - 1));
  chart = { picture, points: told.points };
}
