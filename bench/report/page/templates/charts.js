// The charts: perception and distortion, quality against latency and memory, budget curves.

const measuredPerceptual = data.perceptual.map(metricOf);
const inNumbers = (metric) => (value) => Number(value.toFixed(metric.digits)).toString();

function chart(table, drawing, remark = "") {
  const figure = el("figure", { class: "chart" }, el("figcaption", {}, table.title));
  if (remark) figure.querySelector("figcaption").append(el("small", {}, remark));
  figure.append(drawing.root);
  if (drawing.set?.length) {
    figure.append(el("p", {}, `Pareto set: ${drawing.set.map((point) => data.methods[point.m].name).join(", ")}`));
  }
  return figure;
}

// One panel for each split shown. `across(line)` gives a value with its bar, or null.
function panels(place, quality, axis, across, pareto) {
  place.replaceChildren();
  const tables = tablesShown().filter((table) => linesShown(table).some((line) => line.scores[quality.column] && across(line)));
  place.classList.toggle("one", tables.length === 1);
  if (!tables.length) place.append(el("p", { class: "note" }, "Nothing to show: of no method shown are both measured."));
  const slots = slotsFor(place, tables);
  for (const [i, table] of tables.entries()) {
    const points = linesShown(table).flatMap((line) => {
      const score = line.scores[quality.column];
      const cost = across(line);
      if (!score || !cost) return [];
      const [mean, low, high, partial] = score;
      const lines = [data.methods[line.m].name, `${quality.title} ${withBounds(mean, low, high, (v) => v.toFixed(quality.digits))}`,
        `${axis.name} ${withBounds(cost.value, ...(cost.bar ?? [null, null]), axis.exact)}`];
      return [{ m: line.m, x: cost.value, y: mean, bars: { x: cost.bar, y: low === null ? null : [low, high] }, hollow: partial || cost.partial, text: lines.join("\n") }];
    });
    const words = `${table.title}: ${quality.title} against ${axis.name} of ${points.length} methods. The arrow keys read the points.`;
    const up = { title: quality.header, reversed: quality.lower, text: inNumbers(quality) };
    const [over, of] = table.over;
    const remark = over === of ? "" : `${over} of ${of} images, which all restored`;
    slots[i].replaceWith(chart(table, scatter(slots[i], axis, up, points, words, pareto), remark));
  }
}
// All places at once, for the width of each depends on how many there are: as many to a row as have
// room, and the rows of one length, or all but the last.
const LEAST_WIDTH = 304;
function slotsFor(place, tables) {
  const most = Math.max(1, Math.floor(place.clientWidth / LEAST_WIDTH));
  place.style.setProperty("--across", Math.ceil(tables.length / Math.ceil(tables.length / most)) || 1);
  const slots = tables.map(() => el("div"));
  place.append(...slots);
  return slots;
}
const withBounds = (value, low, high, text) => text(value) + (low === null || low === undefined ? "" : ` [${text(low)}, ${text(high)}]`);

function drawPlanes() {
  const quality = metricOf($("quality").value);
  const against = metricOf($("distortion").value);
  if (!quality || !against) return;
  const score = (line) => {
    const found = line.scores[against.column];
    return found && { value: found[0], bar: found[1] === null ? null : [found[1], found[2]], partial: found[3] };
  };
  panels($("chart-plane"), quality,
    { title: against.header, name: against.title, reversed: against.lower, text: inNumbers(against), exact: (v) => v.toFixed(against.digits) }, score, false);
  const latency = (line) => line.latency[0] && { value: line.latency[0], bar: line.latency[1] === null ? null : line.latency.slice(1) };
  panels($("chart-latency"), quality, { title: "latency of one image", name: "latency", log: true, text: shortSeconds, exact: seconds }, latency, true);
  const memory = (line) => line.memory && { value: line.memory, bar: null };
  panels($("chart-memory"), quality, { title: "peak memory", name: "peak memory", log: true, base: 2, text: shortBytes, exact: mebibytes }, memory, true);
}
function shortSeconds(value) {
  const [unit, factor] = [["s", 1], ["ms", 1e3], ["µs", 1e6]].find(([, by]) => value * by >= 0.999) ?? ["µs", 1e6];
  return `${Number((value * factor).toPrecision(2))} ${unit}`;
}
function shortBytes(value) {
  const mib = value / 2 ** 20;
  return mib >= 1 ? `${Number(mib.toPrecision(3))} MiB` : `${Number((mib * 1024).toPrecision(3))} KiB`;
}

function drawBudgets() {
  const place = $("chart-budgets");
  if (!place) return;
  place.replaceChildren();
  const quality = metricOf($("budget-quality").value);
  const inSeconds = $("budget-x").value === "seconds";
  const spent = (stage) => (inSeconds ? stage[1] : stage[0]);
  const of = (table) => data.curves.filter((curve) => data.tables[curve.table] === table && curve.column === quality?.column &&
    shown.methods.has(curve.m) && curve.stages.every((stage) => spent(stage) > 0));
  const tables = tablesShown().filter((table) => of(table).length);
  place.classList.toggle("one", tables.length === 1);
  if (!tables.length) place.append(el("p", { class: "note" }, "Nothing to show: no method shown has stages here."));
  const slots = slotsFor(place, tables);
  for (const [i, table] of tables.entries()) {
    const curves = of(table);
    const stages = curves.flatMap((curve) => curve.stages);
    const x = { values: stages.map(spent), log: true, title: inSeconds ? "seconds of one image" : "optimisation steps", text: inSeconds ? shortSeconds : (v) => String(Number(v.toPrecision(2))) };
    const y = { values: stages.flatMap((stage) => stage.slice(2).filter((v) => v !== null)), reversed: quality.lower, title: quality.header, text: inNumbers(quality) };
    const drawn = frame(slots[i], x, y, `${table.title}: ${quality.title} after part of the steps. The arrow keys read the stages.`);
    const dots = [];
    const ends = [];
    for (const curve of curves) {
      const line = curve.stages.map((stage) => [drawn.across.at(spent(stage)), drawn.up.at(stage[2])]);
      if (curve.stages.every((stage) => stage[3] !== null)) {
        const low = curve.stages.map((stage) => `${drawn.across.at(spent(stage))} ${drawn.up.at(stage[3])}`);
        const high = curve.stages.map((stage) => `${drawn.across.at(spent(stage))} ${drawn.up.at(stage[4])}`);
        drawn.root.append(svg("path", { class: `band m${curve.m}`, d: `M${[...low, ...high.reverse()].join("L")}Z` }));
      }
      drawn.root.append(svg("path", { class: `curve m${curve.m}`, d: `M${line.map((p) => p.join(" ")).join("L")}` }));
      curve.stages.forEach((stage, at) => {
        const [, time, mean, low, high] = stage;
        const text = [data.methods[curve.m].name, `${stage[0]} steps${time === null ? "" : `, ${seconds(time)}`}`, `${quality.title} ${withBounds(mean, low, high, (v) => v.toFixed(quality.digits))}`];
        dots.push(dot({ m: curve.m, text: text.join("\n") }, ...line[at], 8));
      });
      ends.push({ m: curve.m, px: line.at(-1)[0], py: line.at(-1)[1] });
    }
    drawn.root.append(...names(ends, [], drawn.box), ...dots);
    listen(drawn.root, dots);
    slots[i].replaceWith(chart(table, drawn));
  }
}

function drawCharts() {
  drawPlanes();
  drawBudgets();
}

if (data.metrics.length) {
  const entries = data.metrics.map((metric) => [metric.column, metric.title]);
  const fidelity = metricOf(data.fidelity) ? data.fidelity : data.metrics[0].column;
  options($("quality"), entries, data.quality);
  options($("distortion"), entries, fidelity === data.quality ? (data.metrics.at(-1).column) : fidelity);
  $("quality").addEventListener("change", drawPlanes);
  $("distortion").addEventListener("change", drawPlanes);
}
if ($("budget-quality")) {
  const columns = new Set(data.curves.map((curve) => curve.column));
  options($("budget-quality"), data.metrics.filter((metric) => columns.has(metric.column)).map((metric) => [metric.column, metric.title]), data.quality);
  $("budget-quality").addEventListener("change", drawBudgets);
  $("budget-x").addEventListener("change", drawBudgets);
}
onFilter(drawCharts);
let width = window.innerWidth;
let waiting = 0;
window.addEventListener("resize", () => {
  if (window.innerWidth === width) return; // a phone's address bar changes the height alone
  width = window.innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(drawCharts, 150);
});
