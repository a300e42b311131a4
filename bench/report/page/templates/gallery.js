// The failure gallery: worst images by each metric, and images on which metrics disagree.

const MOST_CARDS = 12;

function thumbnail(place, name, ...lines) {
  return el("figure", {}, place === undefined ? null : el("img", { src: picture(place), alt: name, loading: "lazy" }),
    el("figcaption", {}, name, ...lines.flatMap((line) => [el("br"), line])));
}
function card(table, image, left, what, ...thumbnails) {
  const open = () => openImage(data.tables.indexOf(table), image.name, left);
  return el("button", { type: "button", class: "card", onclick: panes ? open : null }, el("span", { class: "what" }, what), el("span", { class: "row" }, thumbnails));
}

function drawWorst() {
  const metric = metricOf($("worst-metric").value);
  const only = $("worst-method").value;
  if (!metric) return;
  const at = placeOf(metric.column);
  const rows = tablesShown().flatMap((table) => table.images.flatMap((image) => image.rows
    .filter((row) => shown.methods.has(row.m) && row.v && row.v[at] !== null && (only === "" || row.m === Number(only)))
    .map((row) => ({ table, image, row, value: row.v[at] }))));
  rows.sort((a, b) => (metric.lower ? b.value - a.value : a.value - b.value));
  const seen = new Set();
  const worst = only === "" ? rows.filter(({ row }) => !seen.has(row.m) && seen.add(row.m)) : rows;
  $("worst-cards").replaceChildren(...worst.slice(0, MOST_CARDS).map(({ table, image, row, value }) => card(
    table, image, key(row), `${label(row)} · ${table.title} · ${image.name}`,
    thumbnail(image.input, "input"), thumbnail(row.p, `${metric.title} ${inMetric(metric, value)}`), thumbnail(image.truth, "truth"))));
  if (!worst.length) $("worst-cards").append(el("p", { class: "note" }, "Nothing to show: no method shown was measured by this metric here."));
}

function drawDisagreements() {
  const [one, other] = [$("disagree-one").value, $("disagree-other").value].map(metricOf);
  if (!one || !other) return;
  const found = tablesShown().flatMap((table) => table.disagreements
    .filter((each) => [each.one, each.other].includes(one.column) && [each.one, each.other].includes(other.column) && one !== other)
    .filter((each) => shown.methods.has(each.first) && shown.methods.has(each.second))
    .map((each) => ({ table, ...each, ...(each.one === one.column ? {} : { first: each.second, second: each.first }) })))
    .sort((a, b) => b.strength - a.strength);
  $("disagree-cards").replaceChildren(...found.slice(0, MOST_CARDS).map(({ table, image: name, first, second }) => {
    const image = table.images.find((each) => each.name === name);
    const [left, right] = [first, second].map((m) => image.rows.find((row) => row.m === m && !row.seed) ?? image.rows.find((row) => row.m === m));
    const lines = (row) => [one, other].map((metric) => `${metric.title} ${inMetric(metric, row.v?.[placeOf(metric.column)])}`);
    return card(table, image, key(left), `${table.title} · ${name}`,
      thumbnail(left.p, label(left), ...lines(left)), thumbnail(image.truth, "truth"), thumbnail(right.p, label(right), ...lines(right)));
  }));
  if (!found.length) $("disagree-cards").append(el("p", { class: "note" }, "Nothing to show: on no image do these two prefer different methods."));
}

if (data.metrics.length) {
  const entries = data.metrics.map((metric) => [metric.column, metric.title]);
  const fidelity = metricOf(data.fidelity) ? data.fidelity : entries[0][0];
  options($("worst-metric"), entries, data.quality);
  options($("worst-method"), [["", "every method"], ...data.methods.map((method, i) => [String(i), method.name])], "");
  options($("disagree-one"), entries, fidelity);
  options($("disagree-other"), entries, fidelity === data.quality ? entries.at(-1)[0] : data.quality);
  for (const id of ["worst-metric", "worst-method"]) $(id).addEventListener("change", drawWorst);
  for (const id of ["disagree-one", "disagree-other"]) $(id).addEventListener("change", drawDisagreements);
  onFilter(() => { drawWorst(); drawDisagreements(); });
}
if (data.tables.length) applyFilter();
