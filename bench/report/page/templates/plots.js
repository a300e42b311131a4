// Drawing: axes, points with bars, names that cover nothing, a tip that follows pointer and keys.

const MARGIN = { left: 52, right: 16, top: 14, bottom: 36 };
const pen = document.createElement("canvas").getContext("2d");
pen.font = "11px Inter, 'Helvetica Neue', 'Segoe UI', 'Liberation Sans', Arial, sans-serif";

// An axis turns values into pixels; `up` values grow towards the better end.
function makeAxis(values, { log = false, base = 10, reversed = false, from, to, room = 0.1 }) {
  const real = log ? values.filter((value) => value > 0).map(Math.log10) : values;
  let low = Math.min(...real);
  let high = Math.max(...real);
  const least = log ? 1 : Math.abs(high) * 1e-3 || 1;
  if (high - low < least) [low, high] = [(low + high - least) / 2, (low + high + least) / 2];
  const pad = (high - low) * room;
  [low, high] = [low - pad, high + pad];
  const at = (value) => {
    const share = ((log ? Math.log10(value) : value) - low) / (high - low);
    return from + (reversed ? 1 - share : share) * (to - from);
  };
  return { at, ticks: log ? logTicks(low, high, base) : ticks(low, high) };
}
function ticks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((by) => by * power >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step); tick * step <= high; tick++) found.push(Number((tick * step).toPrecision(12)));
  return found;
}
function logTicks(low, high, base) {
  const unit = Math.log10(base);
  const parts = base === 10 && high - low < 1.5 ? [1, 2, 5] : [1];
  const found = [];
  for (let power = Math.floor(low / unit); power * unit <= high; power++) {
    for (const part of parts) {
      const exponent = power * unit + Math.log10(part);
      if (exponent >= low && exponent <= high) found.push(10 ** exponent);
    }
  }
  return found.filter((_, i) => i % Math.ceil(found.length / 5) === 0);
}

// An empty plot of the width that its place has, with grid, ticks and titles.
function frame(place, x, y, words) {
  const width = Math.max(250, Math.min(place.clientWidth || 340, 760) - 18);
  const height = Math.round(Math.min(width * 0.78, 430));
  const box = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const across = makeAxis(x.values, { ...x, from: box.left, to: box.right });
  const up = makeAxis(y.values, { ...y, from: box.bottom, to: box.top });
  const root = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: 0, "aria-label": words });
  for (const tick of across.ticks) {
    const at = across.at(tick);
    root.append(svg("line", { class: "grid", x1: at, x2: at, y1: box.top, y2: box.bottom }));
    root.append(svg("text", { x: at, y: box.bottom + 14, "text-anchor": "middle" }, x.text(tick)));
  }
  for (const tick of up.ticks) {
    const at = up.at(tick);
    root.append(svg("line", { class: "grid", x1: box.left, x2: box.right, y1: at, y2: at }));
    root.append(svg("text", { x: box.left - 6, y: at + 4, "text-anchor": "end" }, y.text(tick)));
  }
  root.append(svg("path", { class: "axis", fill: "none", d: `M${box.left} ${box.top}V${box.bottom}H${box.right}` }));
  root.append(svg("text", { x: (box.left + box.right) / 2, y: height - 4, "text-anchor": "middle" }, x.title));
  root.append(svg("text", { transform: `translate(11 ${(box.top + box.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, y.title));
  return { root, box, across, up };
}

// Points with bars. Each: m, x, y, bars {x, y} as [low, high] or null, hollow, text.
function scatter(place, x, y, points, words, pareto = false) {
  const all = (axis) => points.flatMap((point) => [point[axis], ...(point.bars[axis] ?? [])]);
  const drawn = frame(place, { ...x, values: all("x") }, { ...y, values: all("y") }, words);
  const { root, box, across, up } = drawn;
  const placed = points.map((point) => ({ ...point, px: across.at(point.x), py: up.at(point.y) }));
  const set = pareto ? paretoSet(placed) : [];
  if (set.length > 1) {
    const path = set.map((point, i) => (i ? `H${point.px}V${point.py}` : `M${point.px} ${point.py}`)).join("");
    root.append(svg("path", { class: "pareto", d: path }));
  }
  const bars = [];
  for (const point of placed) {
    if (point.bars.x) bars.push([across.at(point.bars.x[0]), point.py, across.at(point.bars.x[1]), point.py, point.m]);
    if (point.bars.y) bars.push([point.px, up.at(point.bars.y[0]), point.px, up.at(point.bars.y[1]), point.m]);
  }
  for (const [x1, y1, x2, y2, m] of bars) root.append(svg("line", { class: `whisker m${m}`, x1, y1, x2, y2 }));
  const dots = placed.map((point) => dot(point, point.px, point.py));
  root.append(...names(placed, bars, box), ...dots);
  listen(root, dots);
  return { root, set };
}
function dot(point, x, y, size = 9.5) {
  const group = svg("g", { class: `dot m${point.m}`, transform: `translate(${x} ${y})` },
    svg("circle", { r: 11, fill: "transparent" }),
    svg("path", { class: `point${point.hollow ? " hollow" : ""}`, d: data.methods[point.m].path, transform: `scale(${size})`, "vector-effect": "non-scaling-stroke" }));
  group.tip = point.text;
  return group;
}

// Of points further left (cheaper) and higher (better), those that no other beats at both.
function paretoSet(placed) {
  const found = [];
  for (const point of [...placed].filter((p) => !p.hollow).sort((a, b) => a.px - b.px || a.py - b.py)) {
    if (!found.length || point.py < found.at(-1).py - 1e-9) found.push(point);
  }
  return found;
}

// A name beside each point, where it covers as little as possible; crowded points choose first.
function names(points, bars, box) {
  const taken = [];
  const near = (point) => points.filter((other) => Math.hypot(other.px - point.px, other.py - point.py) < 60).length;
  const marks = points.map((point) => [point.px - 6, point.py - 6, point.px + 6, point.py + 6]);
  const lines = bars.map(([x1, y1, x2, y2]) => [Math.min(x1, x2) - 1, Math.min(y1, y2) - 1, Math.max(x1, x2) + 1, Math.max(y1, y2) + 1]);
  const nodes = [];
  for (const point of [...points].sort((a, b) => near(b) - near(a))) {
    const text = short(data.methods[point.m].name, 24);
    const [width, height] = [pen.measureText(text).width + 2, 12];
    let best = null;
    for (const [rank, angle] of [35, 325, 145, 215, 0, 180, 90, 270].entries()) {
      for (const distance of [9, 16, 25, 36, 50, 66]) {
        const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
        const cx = point.px + cos * distance + (Math.abs(cos) > 0.1 ? (Math.sign(cos) * width) / 2 : 0);
        const cy = point.py - sin * (distance + height / 2);
        const rect = [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2];
        const outside = width * height - overlap(rect, [box.left, box.top - 8, box.right + 10, box.bottom]);
        const price = 10 * total(rect, taken) + 10 * total(rect, marks) + 0.4 * total(rect, lines) + 3 * outside + distance * 0.9 + rank / 10;
        if (!best || price < best.price) best = { price, rect, cx, cy, distance };
      }
    }
    taken.push(best.rect);
    if (best.distance > 14) {
      const x2 = Math.max(best.rect[0], Math.min(point.px, best.rect[2]));
      const y2 = Math.max(best.rect[1], Math.min(point.py, best.rect[3]));
      nodes.push(svg("line", { class: "leader", x1: point.px, y1: point.py, x2, y2 }));
    }
    nodes.push(svg("text", { class: "name", x: best.cx, y: best.cy + 4, "text-anchor": "middle" }, text));
  }
  return nodes;
}
const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
const total = (rect, others) => others.reduce((sum, other) => sum + overlap(rect, other), 0);
const short = (text, longest) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

// The tip: by pointer over a point, by arrow keys when the chart has the focus.
function showTip(target) {
  const tip = $("tip");
  tip.textContent = target.tip;
  tip.hidden = false;
  const at = target.getBoundingClientRect();
  const left = Math.min(at.right + 8, document.documentElement.clientWidth - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
  tip.style.top = `${at.bottom + 6 + window.scrollY}px`;
}
function listen(root, dots) {
  let now = -1;
  const leave = () => {
    dots.forEach((other) => other.classList.remove("on"));
    $("tip").hidden = true;
  };
  const enter = (i) => {
    leave();
    now = i;
    dots[i].classList.add("on");
    showTip(dots[i]);
  };
  dots.forEach((each, i) => {
    each.addEventListener("pointerenter", () => enter(i));
    each.addEventListener("pointerleave", leave);
  });
  root.addEventListener("blur", leave);
  root.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") leave();
    if (!step || !dots.length) return;
    event.preventDefault();
    enter((now + step + dots.length) % dots.length);
  });
}
