// What every part of the page shares: the data, the filter, numbers as text, elements, the theme.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

let addresses = null;
function picture(place) { // parsed when the first picture is wanted: there may be megabytes of them
  addresses ??= JSON.parse($("pictures").textContent);
  return addresses[place];
}

// Elements. Text only ever enters as text.
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function mark(m) {
  return svg("svg", { class: `mark m${m}`, "aria-hidden": "true" }, svg("use", { href: `#k${m}` }));
}
function options(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
}

// Numbers, as the tables write them.
const metricOf = (column) => data.metrics.find((metric) => metric.column === column);
const placeOf = (column) => data.metrics.findIndex((metric) => metric.column === column);
const inMetric = (metric, value) => (value === null || value === undefined ? "–" : value.toFixed(metric.digits) + (metric.unit ? ` ${metric.unit}` : ""));
function significant(value) {
  if (value === 0) return "0";
  if (Math.abs(value) < 1e-3) return "<0.001";
  const places = 2 - Math.floor(Math.log10(Math.abs(Number(value.toPrecision(3)))));
  return value.toFixed(Math.max(places, 0));
}
function seconds(value) {
  const [unit, factor] = [["s", 1], ["ms", 1e3], ["µs", 1e6]].find(([, by]) => value * by >= 0.999) ?? ["µs", 1e6];
  return `${significant(value * factor)} ${unit}`;
}
const mebibytes = (value) => `${significant(value / 2 ** 20)} MiB`;
const better = (metric, one, other) => (metric.lower ? one < other : one > other);

// The filter: which split and which methods are shown, everywhere.
const shown = { split: "", methods: new Set(data.methods.keys()) };
const followers = [];
const onFilter = (follow) => followers.push(follow);
const tablesShown = () => data.tables.filter((table) => !shown.split || table.split === shown.split);
const linesShown = (table) => table.lines.filter((line) => shown.methods.has(line.m));

function applyFilter() {
  for (const chip of document.querySelectorAll(".chip")) {
    chip.setAttribute("aria-pressed", String(shown.methods.has(Number(chip.dataset.m))));
  }
  $("split-filter").value = shown.split;
  for (const part of document.querySelectorAll("[data-split]")) {
    part.hidden = Boolean(shown.split) && part.dataset.split !== shown.split;
  }
  for (const row of document.querySelectorAll("tr[data-m]")) {
    const ofSplit = !shown.split || !row.dataset.split || row.dataset.split === shown.split;
    row.hidden = !(ofSplit && shown.methods.has(Number(row.dataset.m)));
  }
  followers.forEach((follow) => follow());
}

$("split-filter").addEventListener("change", (event) => {
  shown.split = event.target.value;
  applyFilter();
});
$("filter-reset").addEventListener("click", () => {
  shown.split = "";
  shown.methods = new Set(data.methods.keys());
  applyFilter();
});
for (const chip of document.querySelectorAll(".chip")) {
  chip.addEventListener("click", () => {
    const m = Number(chip.dataset.m);
    if (!shown.methods.delete(m)) shown.methods.add(m);
    applyFilter();
  });
}

// Light, dark, or as the system has it.
const THEMES = ["auto", "light", "dark"];
function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme").textContent = `Theme: ${theme}`;
  try {
    localStorage.setItem("bench-theme", theme);
  } catch { /* a page from a file may have no storage */ }
}
function keptTheme() {
  try {
    return THEMES.includes(localStorage.getItem("bench-theme")) ? localStorage.getItem("bench-theme") : "auto";
  } catch {
    return "auto";
  }
}
setTheme(keptTheme());
$("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme ?? "auto";
  setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
});

for (const part of document.querySelectorAll(".scripted")) part.hidden = !data.tables.length;
$("theme").hidden = false;
$("filter").hidden = !data.tables.length;
