// Pictures of figures: each element with data-chart holds what to draw as JSON; the table beside it says the same.
// Tooltips are drawn as rich text: the page's policy allows no inline styles.
const INK = "#1d2524", GREY = "#56625f", LINE = "#e2e5e0", COLOURS = ["#11695d", "#b7791f", "#2b5fb0", "#b3362b"];
const FONT = '"PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif';
const AS = {
  percent: (value) => `${Math.round(value * 1000) / 10}%`,
  minutes: (value) => `${Math.round(value * 10) / 10} 分`,
  plain: (value) => `${Math.round(value * 100) / 100}`,
};

// What AS can tell apart: ticks that are nearer to each other would bear the same label.
const LEAST = { percent: 0.001, minutes: 0.1, plain: 0.01 };

export function draw(element, option) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const chart = echarts.init(element, null, { renderer: "svg" });
  chart.setOption({ animation: !calm, color: COLOURS, textStyle: { fontFamily: FONT, color: INK }, ...option });
  new ResizeObserver(() => chart.resize()).observe(element);
  return chart;
}

function heat(told) {
  const most = Math.max(...told.series[0].data.map((cell) => cell[2]));
  const names = (data, inverse) => ({ type: "category", data, inverse, axisLabel: { color: GREY }, axisTick: { show: false } });
  return {
    grid: { left: 8, right: 16, top: 8, bottom: 44, containLabel: true },
    tooltip: { renderMode: "richText", formatter: ({ value: [at, day, count] }) => `${told.y[day]} ${told.x[at]}\n${told.series[0].name} ${count}` },
    visualMap: { min: 0, max: most, precision: 0, text: [String(most), "0"], orient: "horizontal", left: "center", bottom: 0, itemHeight: 120, itemWidth: 12, textStyle: { color: INK }, inRange: { color: ["#eef4f2", "#11695d"] } },
    xAxis: names(told.x, false), yAxis: names(told.y, true),
    series: [{ name: told.series[0].name, type: "heatmap", data: told.series[0].data, itemStyle: { borderColor: "#fff", borderWidth: 1 } }],
  };
}

function figure(told) {
  if (told.kind === "heat") return heat(told);
  const said = AS[told.unit] || AS.plain;
  const flat = told.kind === "rows";
  const names = { type: "category", data: told.x, inverse: flat, axisLabel: { color: GREY }, axisTick: { show: false } };
  const values = {
    type: "value", max: told.unit === "percent" ? 1 : undefined, minInterval: LEAST[told.unit] ?? LEAST.plain,
    axisLabel: { color: GREY, formatter: said }, splitLine: { lineStyle: { color: LINE } },
  };
  return {
    grid: { left: 8, right: 16, top: told.series.length > 1 ? 34 : 14, bottom: 4, containLabel: true },
    legend: told.series.length > 1 ? { top: 0, left: 0, itemHeight: 9, textStyle: { color: INK } } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value) => (value == null ? "–" : said(value)) },
    xAxis: flat ? values : names,
    yAxis: flat ? names : values,
    series: told.series.map((each) => ({
      name: each.name, data: told.unit === "minutes" ? each.data.map((value) => (value == null ? null : value / 60)) : each.data, type: told.kind === "line" ? "line" : "bar",
      symbolSize: 6, connectNulls: false, barMaxWidth: 22, lineStyle: { width: 2.5, type: each.dashed ? "dashed" : "solid" },
    })),
  };
}

export function drawAll(root) {
  for (const element of root.querySelectorAll("[data-chart]:not([data-drawn])")) {
    element.dataset.drawn = "yes";
    draw(element, figure(JSON.parse(element.dataset.chart)));
  }
}
