// The viewer: one image, its input, truth and every method shown, zoomed and panned together.

const view = { table: 0, image: 0, mode: "side", left: "input", right: "truth", gain: 4, z: 1, x: 0, y: 0, at: 50 };
const panes = $("panes");
const MOST_ZOOM = 32;

const key = (row) => `${row.m}.${row.seed ?? 0}`;
const imageNow = () => data.tables[view.table].images[view.image];

// What can be shown of a table, the best method beside the truth.
function choices(table) {
  const rows = new Map(table.images.flatMap((image) => image.rows.map((row) => [key(row), row])));
  const metric = metricOf(data.quality);
  const mean = (row) => table.lines.find((line) => line.m === row.m)?.scores[data.quality]?.[0];
  const worth = (row) => (mean(row) === undefined ? -Infinity : (metric.lower ? -1 : 1) * mean(row));
  const sorted = [...rows.values()].sort((a, b) => worth(a) - worth(b) || a.m - b.m || (a.seed ?? 0) - (b.seed ?? 0));
  return [["input", "input"], ...sorted.map((row) => [key(row), label(row)]), ["truth", "truth"]];
}
const label = (row) => data.methods[row.m].name + (row.seed ? `, seed ${row.seed}` : "");

// One choice on the present image: its picture if it has one, and its row.
function look(choice) {
  const image = imageNow();
  if (choice === "input" || choice === "truth") return { name: choice, place: image[choice] };
  const row = image.rows.find((found) => key(found) === choice);
  const [m] = choice.split(".").map(Number);
  return { name: row ? label(row) : data.methods[m].name, m, row, place: row?.p };
}
function img(found) {
  const node = el("img", { src: picture(found.place), alt: `${found.name} of ${imageNow().name}`, draggable: "false" });
  node.addEventListener("load", () => panes.style.setProperty("--ratio", node.naturalWidth / node.naturalHeight), { once: true });
  node.addEventListener("error", () => node.replaceWith(el("div", { class: "missing" }, `${decodeURI(picture(found.place))} is not beside this page`)));
  return node;
}
function pane(found, best, ...over) {
  const reason = (found.row?.reason ?? "").replaceAll("`", "");
  const absent = [found.row?.state, reason].filter(Boolean).join(": ") || "no picture";
  const shownPicture = found.place === undefined
    ? el("div", { class: "frame absent" }, absent)
    : el("div", { class: `frame${over.length ? " map" : ""}` }, img(found), over);
  return el("figure", { class: "pane" }, shownPicture, caption(found, best));
}
function caption(found, best) {
  const title = el("div", { class: "name" }, found.m === undefined ? null : mark(found.m), el("span", {}, found.name));
  const list = el("dl");
  if (found.row?.v) {
    data.metrics.forEach((metric, i) => {
      const value = found.row.v[i];
      if (value === null || value === undefined) return;
      list.append(el("dt", { title: metric.protocol }, metric.title), el("dd", { class: value === best?.[i] ? "top" : null }, inMetric(metric, value)));
    });
    if (found.row.t !== undefined) list.append(el("dt", {}, "latency"), el("dd", {}, seconds(found.row.t)));
  }
  return el("figcaption", {}, title, list);
}
// The best value of each metric on this image among the methods shown; of one method, none.
function bests(rows) {
  return data.metrics.map((metric, i) => {
    const values = rows.map((row) => row.v?.[i]).filter((value) => value !== null && value !== undefined);
    return values.length > 1 ? values.reduce((a, b) => (better(metric, a, b) ? a : b)) : undefined;
  });
}

function drawPanes() {
  if (!panes || !data.tables.length) return;
  const table = data.tables[view.table];
  const visible = choices(table).filter(([choice]) => !choice.includes(".") || shown.methods.has(Number(choice.split(".")[0])));
  const found = visible.map(([choice]) => look(choice));
  const best = bests(found.flatMap((each) => each.row ?? []));
  panes.className = { slider: "compare", difference: "difference", side: "" }[view.mode];
  panes.classList.toggle("pixels", $("view-pixels").checked);
  if (view.mode === "slider") drawSlider(look(view.left), look(view.right));
  else {
    const reference = look(view.right);
    panes.replaceChildren(...found.map((each) => {
      const isMap = view.mode === "difference" && each.name !== reference.name && each.place !== undefined && reference.place !== undefined;
      return isMap ? pane(each, best, img(reference)) : pane(each, best);
    }));
  }
  $("view-place").textContent = `${view.image + 1}/${table.images.length}`;
  $("legend").hidden = view.mode !== "difference";
  $("legend-most").textContent = (255 / view.gain).toFixed(0);
  const share = view.gain / 3;
  const line = `${share} ${share} ${share} 0 0 `;
  $("heat-gain").setAttribute("values", `${line}${line}${line}0 0 0 1 0`);
  for (const [name, mode] of [["for-slider", "slider"], ["for-difference", "difference"]]) {
    for (const tool of document.querySelectorAll(`.${name}`)) tool.hidden = !(tool.classList.contains(`for-${view.mode}`) || view.mode === mode);
  }
  $("view-right").previousElementSibling.textContent = view.mode === "difference" ? "from" : "right";
}

function drawSlider(left, right) {
  const best = bests([left, right].flatMap((each) => each.row ?? []));
  const handle = el("div", { class: "handle", role: "slider", tabindex: 0, "aria-label": `between ${left.name} and ${right.name}`, "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100 });
  const stack = el("div", { class: "frame" });
  if (left.place !== undefined) stack.append(img(left));
  if (right.place !== undefined) stack.append(el("div", { class: "over" }, img(right)));
  stack.append(el("span", { class: "side left" }, left.name), el("span", { class: "side right" }, right.name), handle);
  const move = (at) => {
    view.at = Math.max(0, Math.min(100, at));
    stack.style.setProperty("--s", `${view.at}%`);
    handle.setAttribute("aria-valuenow", String(Math.round(view.at)));
    handle.setAttribute("aria-valuetext", `${Math.round(view.at)}% ${left.name}`);
  };
  move(view.at);
  handle.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const rect = stack.getBoundingClientRect();
    move((100 * (event.clientX - rect.left)) / rect.width);
  });
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -100, End: 100 }[event.key];
    if (!by || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(view.at + by);
  });
  panes.replaceChildren(el("figure", { class: "pane" }, stack), el("div", { class: "pane" }, caption(left, best)), el("div", { class: "pane" }, caption(right, best)));
}

// Zoom and pan: x and y are the picture's corner in widths and heights of the frame.
function place(z, x, y) {
  view.z = Math.max(1, Math.min(MOST_ZOOM, z));
  view.x = Math.max(1 - view.z, Math.min(0, x));
  view.y = Math.max(1 - view.z, Math.min(0, y));
  for (const name of ["z", "x", "y"]) panes.style.setProperty(`--${name}`, view[name]);
  panes.parentElement.classList.toggle("zoomed", view.z > 1);
  $("view-zoom").textContent = `${significant(view.z).replace(/\.?0+$/, "")}×`;
}
function zoomAt(factor, u = 0.5, v = 0.5) {
  const z = Math.max(1, Math.min(MOST_ZOOM, view.z * factor));
  place(z, u - ((u - view.x) * z) / view.z, v - ((v - view.y) * z) / view.z);
}
function within(frame, event) {
  const rect = frame.getBoundingClientRect();
  return [(event.clientX - rect.left) / rect.width, (event.clientY - rect.top) / rect.height];
}

function showImage(step) {
  const images = data.tables[view.table].images;
  view.image = (view.image + step + images.length) % images.length;
  $("view-image").value = String(view.image);
  drawPanes();
}
function showTable(place) {
  view.table = place;
  const table = data.tables[place];
  view.image = Math.min(view.image, table.images.length - 1);
  options($("view-image"), table.images.map((image, i) => [String(i), image.name]), String(view.image));
  const all = choices(table);
  const known = (choice, otherwise) => (all.some(([value]) => value === choice) ? choice : otherwise);
  view.left = known(view.left, "input");
  view.right = known(view.right, "truth");
  options($("view-left"), all, view.left);
  options($("view-right"), all, view.right);
  $("view-table").value = String(place);
  drawPanes();
}
function setMode(mode) {
  view.mode = mode;
  document.querySelector(`input[name="view-mode"][value="${mode}"]`).checked = true;
  const all = choices(data.tables[view.table]);
  if (mode === "slider" && view.left === "input" && all.length > 2) $("view-left").value = view.left = all.at(-2)[0];
  drawPanes();
}
// For the galleries: show that image, and take the reader there.
function openImage(table, name, left) {
  view.image = Math.max(0, data.tables[table].images.findIndex((image) => image.name === name));
  if (left) view.left = left;
  showTable(table);
  $("viewer").scrollIntoView();
  $("view").focus({ preventScroll: true });
}

if (panes) {
  options($("view-table"), data.tables.map((table, i) => [String(i), table.title]), "0");
  $("view-table").addEventListener("change", (event) => showTable(Number(event.target.value)));
  $("view-image").addEventListener("change", (event) => { view.image = Number(event.target.value); drawPanes(); });
  $("view-previous").addEventListener("click", () => showImage(-1));
  $("view-next").addEventListener("click", () => showImage(1));
  $("view-left").addEventListener("change", (event) => { view.left = event.target.value; drawPanes(); });
  $("view-right").addEventListener("change", (event) => { view.right = event.target.value; drawPanes(); });
  $("view-gain").addEventListener("input", (event) => { view.gain = Number(event.target.value); drawPanes(); });
  $("view-size").addEventListener("input", (event) => panes.style.setProperty("--pane", `${event.target.value}px`));
  $("view-pixels").addEventListener("change", drawPanes);
  $("view-in").addEventListener("click", () => zoomAt(1.5));
  $("view-out").addEventListener("click", () => zoomAt(1 / 1.5));
  $("view-fit").addEventListener("click", () => place(1, 0, 0));
  for (const radio of document.querySelectorAll('input[name="view-mode"]')) radio.addEventListener("change", () => setMode(radio.value));

  const pointers = new Map();
  panes.addEventListener("pointerdown", (event) => {
    const frame = event.target.closest(".frame:not(.absent)");
    if (!frame) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, frame });
    if (event.pointerType === "mouse") frame.setPointerCapture(event.pointerId);
  });
  panes.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const rect = before.frame.getBoundingClientRect();
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const ratio = Math.hypot(event.clientX - other.x, event.clientY - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      zoomAt(ratio, ...within(before.frame, event));
    } else place(view.z, view.x + (event.clientX - before.x) / rect.width, view.y + (event.clientY - before.y) / rect.height);
    [before.x, before.y] = [event.clientX, event.clientY];
  });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, (event) => pointers.delete(event.pointerId));
  panes.addEventListener("dblclick", (event) => {
    const frame = event.target.closest(".frame:not(.absent)");
    if (!frame || event.target.closest(".handle")) return;
    if (view.z > 1) place(1, 0, 0);
    else zoomAt(4, ...within(frame, event));
  });
  panes.addEventListener("wheel", (event) => {
    const frame = event.target.closest(".frame:not(.absent)");
    // Without the focus the wheel scrolls the page, as readers expect of it.
    if (!frame || !(event.ctrlKey || $("view").contains(document.activeElement)) || (view.z === 1 && event.deltaY > 0)) return;
    event.preventDefault();
    zoomAt(Math.exp(-event.deltaY / 400), ...within(frame, event));
  }, { passive: false });

  const PAN = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const KEYS = { ArrowLeft: () => showImage(-1), ArrowRight: () => showImage(1), "+": () => zoomAt(1.5), "=": () => zoomAt(1.5), "-": () => zoomAt(1 / 1.5), 0: () => place(1, 0, 0), s: () => setMode("slider"), d: () => setMode("difference"), g: () => setMode("side") };
  $("view").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select, input[type="range"]')) return;
    if (event.target.matches('input[type="radio"]') && event.key.startsWith("Arrow")) return;
    const act = event.shiftKey && PAN[event.key]
      ? () => place(view.z, view.x + PAN[event.key][0] * 0.2, view.y + PAN[event.key][1] * 0.2)
      : KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  onFilter(() => {
    const inSplit = data.tables.findIndex((table) => table.split === shown.split);
    if (inSplit >= 0 && data.tables[view.table].split !== shown.split) showTable(inSplit);
    else drawPanes();
  });
  if (data.tables.length) showTable(0);
}
