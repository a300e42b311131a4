// The first look: an image of each split, from the input over every method shown to the truth.

const has = (row) => row.p !== undefined && !row.seed && shown.methods.has(row.m);

// Of a table the first image of which most methods shown have a picture.
function stripImage(table) {
  const counts = table.images.map((image) => (image.input === undefined ? 0 : image.rows.filter(has).length));
  const most = Math.max(0, ...counts);
  return most ? table.images[counts.indexOf(most)] : undefined;
}
// Methods in the order in which most tables have them, the best beside the truth.
function stripMethods(found) {
  const places = new Map();
  for (const { table, image } of found) {
    const rows = image.rows.filter(has);
    const order = choices(table).map(([choice]) => choice).filter((choice) => rows.some((row) => key(row) === choice));
    for (const row of rows) places.set(row.m, [...(places.get(row.m) ?? []), order.indexOf(key(row)) / order.length]);
  }
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [...places.keys()].sort((a, b) => mean(places.get(a)) - mean(places.get(b)) || a - b);
}
function stripPicture(table, image, place, name) {
  if (place === undefined) return el("td", { class: "none" }, "–");
  const open = () => openImage(data.tables.indexOf(table), image.name);
  return el("td", {}, el("button", { type: "button", title: `${name}: ${table.title}, ${image.name}`, onclick: open },
    el("img", { src: picture(place), alt: `${name} of ${image.name}` })));
}

function drawStrip() {
  const found = tablesShown().map((table) => ({ table, image: stripImage(table) })).filter(({ image }) => image);
  $("strip").hidden = !found.length;
  const methods = stripMethods(found);
  const names = methods.map((m) => el("th", { scope: "col" }, mark(m), " ", data.methods[m].name));
  const head = el("tr", {}, el("th", { scope: "col" }, "split"), el("th", { scope: "col" }, "input"), names, el("th", { scope: "col" }, "truth"));
  const body = found.map(({ table, image }) => el("tr", {},
    el("th", { scope: "row" }, table.title),
    stripPicture(table, image, image.input, "input"),
    methods.map((m) => stripPicture(table, image, image.rows.find((row) => row.m === m && has(row))?.p, data.methods[m].name)),
    stripPicture(table, image, image.truth, "truth")));
  $("strip-table").style.setProperty("--columns", methods.length + 2);
  $("strip-table").replaceChildren(el("thead", {}, head), el("tbody", {}, body));
}
if (panes) onFilter(drawStrip);
