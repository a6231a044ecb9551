// The map and the chart: Bokeh's sources, filled from what was worked out.

const UNREACHED = "#ffffff";
// As the names are drawn: see reconfig.report.explore.plot.
const NAME_FONT = "bold 12px helvetica";
const NAME_PADDING = 2;
const PEN = document.createElement("canvas").getContext("2d");
const LINE_HEIGHT = 19;
const MARKER_RADIUS = 8;
const MOST_NAMES = 20;

function model(name) {
  for (const document_ of window.Bokeh?.documents ?? []) {
    const found = document_.get_model_by_name(`explore-${name}`);
    if (found) {
      return found;
    }
  }
  return null;
}

// Wait until Bokeh has made its models.
async function whenDrawn() {
  while (model("chart") === null) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Undo reconfig.report.explore.shapes: whole numbers -> zone -> polygon -> ring -> metres.
async function ringsOf(packed, { west, south, step }) {
  const [counts, dx, dy] = [await unpacked(packed.counts), await unpacked(packed.x), await unpacked(packed.y)];
  const [xs, ys] = [[], []];
  let [place, corner, x, y] = [0, 0, 0, 0];
  while (place < counts.length) {
    const [xZone, yZone] = [[], []];
    for (let polygons = counts[place++]; polygons > 0; polygons -= 1) {
      const [xPolygon, yPolygon] = [[], []];
      for (let rings = counts[place++]; rings > 0; rings -= 1) {
        const length = counts[place++];
        const [xRing, yRing] = [new Float64Array(length), new Float64Array(length)];
        for (let k = 0; k < length; k += 1, corner += 1) {
          x += dx[corner];
          y += dy[corner];
          xRing[k] = west + x * step;
          yRing[k] = south + y * step;
        }
        xPolygon.push(xRing);
        yPolygon.push(yRing);
      }
      xZone.push(xPolygon);
      yZone.push(yPolygon);
    }
    xs.push(xZone);
    ys.push(yZone);
  }
  return { xs, ys };
}

// Put the shapes of zones and districts on the map, once.
async function fillShapes(shapes) {
  let found = null;
  if (shapes.areas) {
    found = await ringsOf(shapes.zones, shapes);
  } else {
    const points = await unpacked(shapes.points);
    const count = points.length / 2;
    found = {
      xs: Array.from({ length: count }, (_, k) => shapes.west + points[2 * k] * shapes.step),
      ys: Array.from({ length: count }, (_, k) => shapes.south + points[2 * k + 1] * shapes.step),
    };
  }
  const blank = () => new Array(found.xs.length).fill("");
  const colour = new Array(found.xs.length).fill(UNREACHED);
  model("zones").data = { ...found, colour, name: blank(), now: blank(), site: blank(), today: blank() };
  if (shapes.districts) {
    model("districts").data = await ringsOf(shapes.districts, shapes);
  }
}

function classOf(value, bounds) {
  const found = bounds.findIndex((bound) => value <= bound);
  return found < 0 ? bounds.length : found;
}

// Columns where anybody goes -> their colour: each its own, or another's where all are taken.
function catchmentColours(told, now) {
  const volumes = now.volumes();
  const used = told.sites.flatMap((_, k) => (now.open[k] && volumes[k] > 0 ? [k] : []));
  const taken = new Set();
  const found = new Map();
  // Those that take most keep their colour, so that a toggle changes few.
  for (const k of used.sort((a, b) => volumes[b] - volumes[a])) {
    const own = told.sites[k].colour;
    const free = told.palette.find((colour) => !taken.has(colour));
    const colour = taken.has(own) ? (free ?? own) : own;
    taken.add(colour);
    found.set(k, colour);
  }
  return found;
}

// By zone its colour, for one way of colouring: "minutes", "change" or "site".
function coloursOf(way, told, now, before, sites) {
  const { minutes, change } = told.classes;
  return Array.from(now.minutes, (value, zone) => {
    if (!Number.isFinite(value)) {
      return UNREACHED;
    }
    if (way === "site") {
      return sites.get(now.at[zone]) ?? told.sites[now.at[zone]].colour;
    }
    const by = way === "change" ? value - before.minutes[zone] : value;
    const classes = way === "change" ? change : minutes;
    return Number.isFinite(by) ? classes.colours[classOf(by, classes.bounds)] : UNREACHED;
  });
}

// Colour the zones anew; what is said of a zone is looked up only when it is pointed at.
function recolour(colours, told, now, before, names) {
  const source = model("zones");
  const words = (zone, of) =>
    Number.isFinite(of.minutes[zone])
      ? `${fixed(of.minutes[zone], 1)} minutes`
      : "no open site can be reached";
  const site = (zone, of) => (of.at[zone] < 0 ? "" : `to ${told.sites[of.at[zone]].name}`);
  const { data } = source;
  for (let zone = 0; zone < colours.length; zone += 1) {
    data.name[zone] = names[zone];
    data.now[zone] = words(zone, now);
    data.site[zone] = site(zone, now);
    data.today[zone] = `${words(zone, before)} ${site(zone, before)}`;
  }
  source.patch({ colour: [[{ start: 0, stop: colours.length }, colours]] });
}

const MARKS = {
  open: { marker: "circle_dot", fill: "white", line: "black", size: 15, width: 3 },
  closed: { marker: "circle_x", fill: "white", line: "#4c6272", size: 11, width: 1.5 },
  proposed: { marker: "diamond", fill: "white", line: "#4c6272", size: 13, width: 1.5 },
  neighbour: { marker: "square", fill: "#777777", line: "white", size: 9, width: 1 },
};
const SAID = {
  open: "open: tap to close",
  closed: "closed: tap to open",
  proposed: "proposed, not open: tap to open",
  neighbour: "neighbour, always open",
};

function stateOf(site, isOpen) {
  if (!site.candidate) {
    return "neighbour";
  }
  return isOpen ? "open" : site.proposed ? "proposed" : "closed";
}

function drawSites(told, open) {
  const columns = { x: [], y: [], marker: [], fill: [], line: [], size: [], width: [], name: [], state: [] };
  told.sites.forEach((site, k) => {
    const state = stateOf(site, open[k]);
    const row = { ...MARKS[state], x: site.x, y: site.y, name: site.name, state: SAID[state] };
    Object.entries(row).forEach(([column, value]) => columns[column].push(value));
  });
  model("sites").data = columns;
  drawNames(told, open);
}

// Name the open sites in view, where they are few, each on the side of its mark where it covers
// least. A name that would cover another, or run off the map, is left out: it is in the list, and
// on the map for who points at the site or zooms in.
function drawNames(told, open) {
  const columns = { x: [], y: [], name: [], dx: [], dy: [], align: [] };
  const { frame, points } = inPixels(told);
  const marks = points.map(([x, y]) => boxAt(x, y, 2 * MARKER_RADIUS, 2 * MARKER_RADIUS));
  const shown = told.sites.flatMap((site, k) =>
    (site.candidate && open[k] && Number.isFinite(site.x) && shared(marks[k], frame) > 0 ? [k] : []),
  );
  const taken = [];
  for (const k of shown.length <= MOST_NAMES ? shown : []) {
    const { name, x, y } = told.sites[k];
    const free = placesOf(name, points[k])
      .filter(({ box }) => within(box, frame) && covered(box, taken) === 0)
      .map((place) => ({ ...place, cost: covered(place.box, marks) }));
    if (free.length) {
      const best = free.reduce((one, other) => (other.cost < one.cost ? other : one));
      taken.push(best.box);
      const row = { x, y, name, dx: best.dx, dy: best.dy, align: best.align };
      Object.entries(row).forEach(([column, value]) => columns[column].push(value));
    }
  }
  model("names").data = columns;
}

// The part of the map in view, as a box, and every site, in pixels from its upper left corner.
function inPixels(told) {
  const { x_range: across, y_range: up, inner_width: width, inner_height: height } = model("map");
  const points = told.sites.map((site) => [
    (width * (site.x - across.start)) / (across.end - across.start),
    (height * (up.end - site.y)) / (up.end - up.start),
  ]);
  return { frame: [0, 0, width, height], points };
}

// Call back soon after the map was moved, zoomed, or given another size.
function whenMoved(call) {
  let wait = 0;
  const plot = model("map");
  const size = [plot.properties.inner_width, plot.properties.inner_height];
  for (const property of [plot.x_range.properties.start, plot.y_range.properties.start, ...size]) {
    property.change.connect(() => {
      clearTimeout(wait);
      wait = setTimeout(call, 80);
    });
  }
}

// Where a name may stand: right and left of its mark, above and below it.
function placesOf(name, [x, y]) {
  PEN.font = NAME_FONT;
  const width = PEN.measureText(name).width + 2 * NAME_PADDING;
  const far = MARKER_RADIUS + 3;
  return [
    { dx: far, dy: 0, align: "left", box: boxAt(x + far + width / 2, y, width, LINE_HEIGHT) },
    { dx: -far, dy: 0, align: "right", box: boxAt(x - far - width / 2, y, width, LINE_HEIGHT) },
    { dx: 0, dy: -19, align: "center", box: boxAt(x, y - 19, width, LINE_HEIGHT) },
    { dx: 0, dy: 19, align: "center", box: boxAt(x, y + 19, width, LINE_HEIGHT) },
  ];
}

// Square pixels of a box that cover others.
function covered(box, others) {
  return others.reduce((sum, other) => sum + shared(box, other), 0);
}

function within(box, frame) {
  return box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3];
}

function boxAt(x, y, width, height) {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

function shared(one, other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  return Math.max(width, 0) * Math.max(height, 0);
}

// Call back with the number of what was tapped in a source.
function onTap(name, call) {
  const { selected } = model(name);
  selected.properties.indices.change.connect(() => {
    const [place] = selected.indices;
    if (place !== undefined) {
      selected.indices = [];
      call(place);
    }
  });
}

function axisLabel(measure) {
  const unit = measure.share ? (measure.apart ? "percentage points" : "%") : measure.unit;
  return `${measure.label} (${unit}${measure.estimated ? ", estimated" : ""})`;
}

// points, chosen: {x, y, label, ...}; values are scaled as they are written (shares in %).
function drawChart(first, second, points, chosen) {
  const plot = model("chart");
  plot.below[0].axis_label = axisLabel(second);
  plot.left[0].axis_label = axisLabel(first);
  const good = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  model("points").data = {
    x: good.map(({ x }) => x * second.scale),
    y: good.map(({ y }) => y * first.scale),
    label: good.map(({ label }) => label),
    colour: good.map(({ colour }) => colour),
    first: good.map((point) => point.first),
    second: good.map((point) => point.second),
  };
  const there = Number.isFinite(chosen.x) && Number.isFinite(chosen.y);
  model("chosen").data = {
    x: there ? [chosen.x * second.scale] : [],
    y: there ? [chosen.y * first.scale] : [],
  };
  return good;
}

function drawCloud(first, second, xs, ys) {
  const there = Array.from(xs, (_, k) => k).filter((k) => Number.isFinite(xs[k]) && Number.isFinite(ys[k]));
  model("cloud").data = {
    x: there.map((k) => xs[k] * second.scale),
    y: there.map((k) => ys[k] * first.scale),
  };
}
