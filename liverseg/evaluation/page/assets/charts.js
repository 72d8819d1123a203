// Draws every chart in the colours of the page, and again when those or the paper change.
"use strict";

const CONFIG = {
  responsive: true,
  displaylogo: false,
  displayModeBar: matchMedia("(min-width: 40rem)").matches && "hover",
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
};
const PAPER_WIDTH = 660;  // CSS pixels between the margins of A4

function getTheme() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  const axis = {
    gridcolor: get("--line"),
    linecolor: get("--line"),
    zerolinecolor: get("--line"),
    automargin: true,
    title: { standoff: 8, font: { size: 13 } },
  };
  return {
    layout: {
      font: { family: get("--font"), size: 13, color: get("--text") },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 56, r: 12, t: 8, b: 48 },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      hoverlabel: { bgcolor: get("--surface"), bordercolor: get("--line"), font: { color: get("--text") } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: get("--muted"), activecolor: get("--text") },
      xaxis: axis,
      yaxis: axis,
    },
  };
}

function drawChart(plot, size = {}) {
  const content = JSON.parse(plot.nextElementSibling.textContent);
  const layout = { ...content.layout, ...size, showlegend: true, template: getTheme() };
  return Plotly.react(plot, content.data, layout, CONFIG);
}

const plots = document.querySelectorAll(".plot");
const drawAll = () => plots.forEach((plot) => drawChart(plot));

function drawForPaper(plot) {
  const isAlone = plot.parentElement.matches(":only-child");
  return drawChart(plot, { width: PAPER_WIDTH / (isAlone ? 1 : 2) - 8, height: 280 });
}

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("printing");  // dark colours are for screens
  plots.forEach(drawForPaper);
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("printing");
  drawAll();
});
