// The map you can argue with: what is open, what is fixed, and what follows from it.

const POINT_COLOURS = { before: "#ffb81c", after: "#005eb8" };

class Explorer {
  constructor(content, grids) {
    this.content = content;
    this.grids = grids;
    this.listeners = [];
    this.number = 0;
    this.states = grids.map((grid) => this.stateOf(grid));
  }

  stateOf(grid) {
    const { told } = grid;
    return {
      grid,
      told,
      open: grid.opened(told.after),
      pins: new Map(),
      history: [],
      points: told.points.map((point) => ({ ...point })),
      // Where nothing is proposed both are the same map, which is then shown once.
      same: grid.key(grid.opened(told.before)) === grid.key(grid.opened(told.after)),
      before: new Appraised(grid, grid.opened(told.before)),
      after: new Appraised(grid, grid.opened(told.after)),
      now: null,
      values: null,
    };
  }

  get state() {
    return this.states[this.number];
  }

  get hasMap() {
    return this.content.shapes !== null;
  }

  // ---- what the user does

  toggle(column) {
    const open = this.state.open.slice();
    open[column] = open[column] ? 0 : 1;
    const { name } = this.state.told.sites[column];
    this.change(open, `${name} ${open[column] ? "opens" : "closes"}.`);
  }

  pin(column) {
    const { pins, open } = this.state;
    if (!pins.delete(column)) {
      pins.set(column, Boolean(open[column]));
    }
    markSites(this.state.told, open, pins);
    this.link();
    this.listeners.forEach((call) => call());
  }

  change(open, why = "") {
    const { state } = this;
    state.history.push(state.open);
    // What is fixed stays fixed as the user now has it.
    state.pins.forEach((_, column) => state.pins.set(column, Boolean(open[column])));
    state.open = open;
    this.update(why);
  }

  undo() {
    const last = this.state.history.pop();
    if (last) {
      this.state.open = last;
      this.state.pins.forEach((_, column) => this.state.pins.set(column, Boolean(last[column])));
      this.update("Undone.");
    }
  }

  showColumns(columns, why) {
    this.change(this.state.grid.opened(columns), why);
  }

  // ---- what follows

  update(why = "") {
    const { state } = this;
    const { told, grid } = state;
    state.now = new Appraised(grid, state.open);
    markSites(told, state.open, state.pins);
    const broken = rulesList(told, state.now);
    at("status").textContent = [why, this.sentence(broken)].filter(Boolean).join(" ");
    at("unreached").textContent = unreached(state.now, grid.names);
    cards(told, state);
    figures(told, state);
    livesLines(told, state);
    this.groups();
    this.drawMap();
    this.chart();
    this.link();
    at("undo").disabled = !state.history.length;
    this.listeners.forEach((call) => call());
  }

  sentence(broken) {
    const { now, before, told, grid } = this.state;
    const names = listed(now.chosen.map((column) => told.sites[column].name));
    const many = countOf(now.chosen.length, "site");
    const said = [now.chosen.length > 12 ? `${many} open.` : `${many} open: ${names || "none"}.`];
    if (now.stranded.length) {
      return said.join(" ");
    }
    const mean = grid.measures.get("mean_minutes");
    const [own, old] = [now.value(mean), before.value(mean)];
    if (Number.isFinite(own)) {
      said.push(`Mean journey ${asText(own, mean)} minutes (${told.before_name}: ${asText(old, mean)}).`);
    }
    if (told.rules.length) {
      said.push(broken ? `${countOf(broken, "rule")} broken.` : "Every rule judged here is kept.");
    }
    const point = this.pointShown();
    return point ? `${said.join(" ")} This is: ${point.label}${point.verdict ? ` (${point.verdict})` : ""}.` : said.join(" ");
  }

  pointShown() {
    const { grid, open, points } = this.state;
    return points.find((point) => grid.key(grid.opened(point.open)) === grid.key(open));
  }

  groups() {
    const measure = this.state.grid.measures.get(at("group-measure").value);
    if (measure) {
      groupTables(this.state.told, measure, this.state);
    }
  }

  drawMap() {
    if (!this.hasMap) {
      return;
    }
    const { now, before, told, grid, open } = this.state;
    const way = at("colour").value;
    const [own, old] = [now.byZone(), (before.zones ??= before.byZone())];
    const sites = catchmentColours(told, now);
    legendOf(way, told, now, sites);
    recolour(coloursOf(way, told, own, old, sites), told, own, old, grid.names);
    drawSites(told, open);
  }

  chart() {
    const { grid, points, now } = this.state;
    const [first, second] = ["first", "second"].map((id) => grid.measures.get(at(id).value));
    const shown = points.map((point) => {
      point.appraised ??= new Appraised(grid, grid.opened(point.open));
      const colour = POINT_COLOURS[point.kind] ?? "#ffffff";
      const [y, x] = [first, second].map((measure) => point.appraised.value(measure));
      const words = [[first, y], [second, x]].map(
        ([measure, value]) => `${measure.label}: ${asText(value, measure)}${qualified(measure, point.appraised)}`,
      );
      return { ...point, colour, x, y, first: words[0], second: words[1], words: words.join("; ") };
    });
    this.drawn = drawChart(first, second, shown, { x: now.value(second), y: now.value(first) });
    // Whoever goes by keyboard stays at the point that was chosen.
    const held = at("points").contains(document.activeElement) ? document.activeElement.dataset.point : null;
    at("points").replaceChildren(
      ...shown.map((point, k) =>
        element("li", "", {}, [
          button(point.label, () => this.showPoint(points[k]), { "data-point": k }),
          ` ${point.words}${point.verdict ? `; ${point.verdict}` : ""}`,
        ]),
      ),
    );
    at("points").querySelector(`[data-point="${held}"]`)?.focus({ preventScroll: true });
  }

  showPoint(point) {
    this.showColumns(point.open, `Shown: ${point.label}.`);
  }

  // Grey dots behind the points: every choice of sites there is, where they are few.
  async cloud() {
    const { state } = this;
    const choices = everyChoice(state.grid);
    const names = [at("first").value, at("second").value];
    at("cloud-words").hidden = choices === null;
    const still = () => this.state === state && names[0] === at("first").value && names[1] === at("second").value;
    const values = choices === null ? null : await valuesOf(state.grid, choices, names, still);
    if (!still()) {
      return;
    }
    const [first, second] = names.map((name) => state.grid.measures.get(name));
    drawCloud(first, second, values ? values[names[1]] : [], values ? values[names[0]] : []);
  }

  async best() {
    const { state } = this;
    const measure = state.grid.measures.get(at("best-measure").value);
    const chosen = at("best-number").value;
    const number = chosen === "any" ? null : Number(chosen);
    const [open, pins, rules] = [state.open, new Map(state.pins), at("best-rules").checked];
    const turn = (this.turn = (this.turn ?? 0) + 1);
    at("best-result").textContent = "Looking …";
    // The map that is shown comes first: no other that is only as good takes its place.
    const seen = [open, ...state.history].map((one) => state.grid.candidates.filter((column) => one[column]));
    const found = await bestOf(state.grid, [...seen, ...state.points.map((point) => point.open)], {
      measure: measure.name,
      sense: measure.better === "higher" ? "maximise" : "minimise",
      number,
      pins,
      rules,
    });
    if (this.state !== state || this.turn !== turn) {
      return;
    }
    const held = pins.size === state.pins.size && [...pins].every(([column, on]) => state.pins.get(column) === on);
    if (state.open !== open || !held) {
      at("best-result").textContent = "The map, or what is fixed, was changed meanwhile. Ask again.";
      return;
    }
    at("best-result").textContent = this.bestSentence(found, measure, number, rules);
    if (found.open !== null) {
      this.showColumns(found.open, "Shown: the best with these fixed.");
    }
  }

  bestSentence(found, measure, number, asked) {
    const { pins, told } = this.state;
    const held = pins.size ? `, with ${countOf(pins.size, "site")} fixed` : "";
    const sites = number === null ? "any number of sites" : countOf(number, "site");
    const rules = asked && told.rules.length ? " that keep every rule judged here" : "";
    if (found.open === null) {
      const which = found.all ? "No map" : "None of the maps at hand";
      return `${which} with ${sites}${held}${rules} gives a figure.`;
    }
    const best = new Appraised(this.state.grid, this.state.grid.opened(found.open));
    const unit = measure.share ? "" : ` ${measure.unit}`;
    const value = `${measure.label}: ${asText(found.value, measure)}${unit}${qualified(measure, best)}`;
    const ties = found.ties ? ` ${countOf(found.ties, "other map")} ${found.ties === 1 ? "is" : "are"} as good.` : "";
    const proof = found.all
      ? `Proven: all ${countOf(found.considered, "map")} with ${sites}${held}${rules} were compared.`
      : `Not proven: the best of the maps at hand, ${countOf(found.considered, "map")} with ${sites}${held}${rules}; another may be better.`;
    return `${value}.${ties} ${proof}`;
  }

  // ---- link and file

  ids() {
    const { now, told } = this.state;
    return now.chosen.map((column) => told.sites[column].id);
  }

  fixedIds() {
    return [...this.state.pins.keys()].map((column) => this.state.told.sites[column].id);
  }

  // A frame in a notebook has no address that could be passed on.
  link() {
    at("link-part").hidden = location.protocol === "about:";
    at("link").value = location.href.split("#")[0] + linkTo(this.content.region, this.state.told.id, this.ids(), this.fixedIds());
  }

  save() {
    const { told, now } = this.state;
    const names = now.chosen.map((column) => told.sites[column].name);
    const text = savedText(this.content.region, told.id, this.ids(), names, this.fixedIds());
    offerFile(`${told.id}-${now.chosen.length}-sites.json`, text);
    return text;
  }

  // Show a map that came from outside, {service, open, fixed}; all of it was checked.
  take({ service, open, fixed: held }, why) {
    const number = this.states.findIndex(({ told }) => told.id === service);
    const before = this.number;
    if (number !== before) {
      this.showService(number);
    }
    const { grid, told, pins } = this.state;
    const columns = (ids) => ids.map((id) => told.sites.findIndex((site) => site.id === id));
    pins.clear();
    const opened = grid.opened(columns(open));
    columns(held).forEach((column) => pins.set(column, Boolean(opened[column])));
    this.change(opened, why);
    if (number !== before) {
      this.cloud();
    }
  }

  // Do what may be refused; say so where it is, and leave the map as it was.
  guarded(act) {
    try {
      at("refused").textContent = "";
      act();
    } catch (error) {
      at("refused").textContent = `${error.message} The map stays as it was.`;
    }
  }

  fromLink() {
    this.guarded(() => {
      const asked = readLink(location.hash, this.content.services, this.content.region);
      if (asked) {
        this.take(asked, "Shown: the map of the link.");
        document.getElementById("explore-status").scrollIntoView({ block: "center" });
      }
    });
  }

  fromText(text) {
    this.guarded(() => {
      const service = this.state.told.id;
      this.take(readFile(text, this.content.services, service, this.content.region), "Shown: the map of the file.");
    });
  }

  // ---- services and choices of the page

  showService(number) {
    this.number = number;
    const { told, grid } = this.state;
    for (const [k, tab] of [...at("services").children].entries()) {
      tab.setAttribute("aria-pressed", String(k === number));
    }
    siteRows(told, (column) => this.toggle(column), (column) => this.pin(column));
    at("filter-part").hidden = grid.candidates.length <= MOST_NAMES;
    at("to-before").textContent = `Show: ${told.before_name}`;
    at("to-after").textContent = `Show: ${told.after_name}`;
    at("to-after").hidden = at("key-after").parentElement.hidden = this.state.same;
    at("key-before").textContent = told.before_name;
    at("key-after").textContent = told.after_name;
    const names = told.measures.map(({ name }) => name);
    const worth = ["lives_saved", "qalys", "share_within_45", "mean_minutes"].filter((name) => names.includes(name));
    const axes = told.axes.filter((name) => names.includes(name));
    options(at("first"), axisOptions(told), axes[0] ?? worth[0]);
    options(at("second"), axisOptions(told), axes[1] ?? "mean_minutes");
    options(at("group-measure"), told.measures.filter(({ by_group, how }) => by_group && how.kind !== "known").map(({ name, label }) => [name, label]), "mean_minutes");
    options(at("best-measure"), axisOptions(told), told.objective[0] ?? "mean_minutes");
    const numbers = grid.candidates.map((_, k) => [String(k + 1), countOf(k + 1, "site")]);
    options(at("best-number"), [["any", "any number of sites"], ...numbers], String(told.after.length));
    const left = told.measures.filter(({ by_group, how }) => by_group && how.kind === "known");
    at("group-left").textContent = left.length
      ? `Not worked out by group on this page: ${listed(left.map(({ label }) => label))}.`
      : "";
    at("best-rules-part").hidden = told.rules.length === 0;
    at("known").textContent = told.known.every
      ? `This page can compare every map there is: ${fixed(2 ** grid.candidates.length, 0)} choices of sites.`
      : `There are too many maps to compare them all in a page. At hand are your own, those you looked at before it, and those listed below${this.content.server ? ", with those that Optimise adds" : ""}; the best of them need not be the best there is.`;
  }

  start() {
    at("services").replaceChildren(
      ...this.states.map(({ told }, k) =>
        button(told.name, () => { this.showService(k); this.update(); this.cloud(); }, { "aria-pressed": "false" }),
      ),
    );
    at("services").hidden = this.states.length < 2;
    this.showService(0);
    this.wire();
    if (this.hasMap) {
      onTap("sites", (column) => this.state.told.sites[column].candidate && this.toggle(column));
      whenMoved(() => drawNames(this.state.told, this.state.open));
    }
    onTap("points", (place) => this.showPoint(this.drawn[place]));
    this.update();
    this.fromLink();
    this.cloud();
  }

  wire() {
    const press = (id, act) => at(id).addEventListener("click", act);
    press("undo", () => this.undo());
    press("to-before", () => this.showColumns(this.state.told.before, `Shown: ${this.state.told.before_name}.`));
    press("to-after", () => this.showColumns(this.state.told.after, `Shown: ${this.state.told.after_name}.`));
    press("best", () => this.best());
    press("save", () => this.save());
    press("copy", () => this.copy());
    at("filter").addEventListener("input", () => filterSites(at("filter").value));
    at("colour").addEventListener("change", () => this.drawMap());
    at("group-measure").addEventListener("change", () => this.groups());
    ["first", "second"].forEach((id) => at(id).addEventListener("change", () => { this.chart(); this.cloud(); }));
    at("load").addEventListener("change", async () => {
      const [file] = at("load").files;
      if (file) {
        const text = file.size > MOST_BYTES ? "" : await file.text();
        this.fromText(text);
        at("load").value = "";
      }
    });
    window.addEventListener("hashchange", () => this.fromLink());
  }

  copy() {
    at("link").select();
    navigator.clipboard?.writeText(at("link").value).then(
      () => { at("copied").textContent = "Copied."; },
      () => { at("copied").textContent = "The link is marked: copy it with Ctrl+C."; },
    ) ?? (at("copied").textContent = "The link is marked: copy it with Ctrl+C.");
  }
}
