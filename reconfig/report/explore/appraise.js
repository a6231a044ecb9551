// Who goes where, and every measure of it: what rc.appraise works out, in the page.

// One choice of sites, appraised as far as it is asked.
class Appraised {
  constructor(grid, open) {
    this.grid = grid;
    this.open = open;
    this.at = grid.nearest(open);
    this.chosen = grid.candidates.filter((column) => open[column]);
    this.stranded = [];
    this.at.forEach((column, row) => column < 0 && this.stranded.push(row));
    this.kept = new Map();
    this.minutes = new Float64Array(grid.rows);
    for (let row = 0; row < grid.rows; row += 1) {
      this.minutes[row] = this.at[row] < 0 ? Infinity : grid.minutesAt(row, this.at[row]);
    }
  }

  // Everything that rc.appraise reports: overall, by group, by site, and of lives.
  report() {
    const measures = {};
    const by = {};
    for (const measure of this.grid.measures.values()) {
      measures[measure.name] = this.value(measure);
    }
    for (const [column, group] of this.grid.groups) {
      if (group.shown) {
        by[column] = Object.fromEntries(
          group.names.map((name, k) => [name, this.ofGroup(group.sets[k])]),
        );
      }
    }
    return { measures, by, volumes: this.volumesByCandidate(), lives: this.lives() };
  }

  ofGroup(set) {
    const found = { cases: set.total };
    for (const measure of this.grid.measures.values()) {
      if (measure.by_group) {
        found[measure.name] = this.value(measure, set);
      }
    }
    return found;
  }

  // The value of a measure of all rows, or of a set of them; NaN where there is none.
  value(measure, set = null) {
    if (this.stranded.length) {
      return NaN;
    }
    const rows = this.grid.counted(set ?? this.grid.everyone, measure);
    const { how } = measure;
    if (how.kind === "known") {
      return set === null ? this.knownValue(measure.name) : NaN;
    }
    if (how.kind === "between") {
      return this.between(measure, set);
    }
    if (["max_minutes", "p95_minutes", "min_volume", "max_volume", "open_sites"].includes(how.kind)) {
      return this.statistic(how.kind, rows);
    }
    let amount = this.total(how, rows);
    if (measure.per_site && set === null) {
      const costs = Float64Array.from(this.chosen, (column) => measure.per_site[column]);
      amount += pairwiseSum(costs, 0, costs.length);
    }
    if (!measure.average) {
      return amount;
    }
    return rows.total > 0 ? amount / rows.total : NaN;
  }

  knownValue(name) {
    const place = this.grid.place(this.open);
    return place < 0 ? NaN : this.grid.measuresKnown.get(name)[place];
  }

  // The worst group's average, or the gap between groups; groups without cases do not count.
  between(measure, within) {
    const { column, which, worst, average } = measure.how;
    const values = this.grid.groups
      .get(column)
      .sets.map((set) => this.grid.counted(set, measure))
      .filter((set) => set.total > 0 && within === null)
      .map((set) => this.total(average.how, set) / (average.average ? set.total : 1));
    if (!values.length) {
      return NaN;
    }
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return which === "gap" ? high - low : worst === "most" ? high : low;
  }

  // The sum of a measure's amounts over the rows of a set.
  total(how, set) {
    const amounts = this.amounts(how);
    if (set.rows === null) {
      return pairwiseSum(amounts, 0, amounts.length);
    }
    const { scratch } = this.grid;
    set.rows.forEach((row, k) => (scratch[k] = amounts[row]));
    return pairwiseSum(scratch, 0, set.rows.length);
  }

  // By row, how much of a measure there is; kept, since every group asks for it.
  amounts(how) {
    if (!this.kept.has(how)) {
      const { cases, rows } = this.grid;
      const each = this.eachCase(how);
      const found = new Float64Array(rows);
      for (let row = 0; row < rows; row += 1) {
        found[row] = cases[row] * each(row);
      }
      this.kept.set(how, found);
    }
    return this.kept.get(how);
  }

  // What one case of a row adds to a measure.
  eachCase(how) {
    const { at, minutes, grid } = this;
    if (how.kind === "minutes") {
      return (row) => minutes[row];
    }
    if (how.kind === "within") {
      return (row) => (minutes[row] <= how.minutes ? 1 : 0);
    }
    if (how.kind === "neighbour") {
      return (row) => (grid.told.sites[at[row]].candidate ? 0 : 1);
    }
    const number = this.chosen.length;
    const parts = how.parts.map(({ values, codes, by_number }) => {
      const times = by_number.length > 1 ? by_number[number] : by_number[0];
      const worth = codes === null ? (k) => values[k] : (k) => values[codes[k]];
      return { times, worth };
    });
    const used = parts.filter((part) => part.times !== 0);
    return (row) => {
      const place = row * grid.columns + at[row];
      return used.reduce((sum, { times, worth }) => sum + times * worth(place), 0);
    };
  }

  statistic(kind, set) {
    if (kind === "open_sites") {
      return this.chosen.length;
    }
    if (kind === "max_minutes") {
      return this.longest(set);
    }
    if (kind === "p95_minutes") {
      return this.percentile(set, 0.95);
    }
    const volumes = this.volumes(set);
    const own = this.chosen.map((column) => volumes[column]);
    if (!own.length) {
      return NaN;
    }
    return kind === "min_volume" ? Math.min(...own) : Math.max(...own);
  }

  longest(set) {
    let found = NaN;
    const { cases } = this.grid;
    const look = (row) => {
      if (cases[row] > 0 && !(this.minutes[row] <= found)) {
        found = this.minutes[row];
      }
    };
    if (set.rows === null) {
      cases.forEach((_, row) => look(row));
    } else {
      set.rows.forEach(look);
    }
    return found;
  }

  // The smallest minutes that at least this share of the cases is within.
  percentile(set, share) {
    const { cases } = this.grid;
    const order = this.inOrder(set);
    let total = 0;
    order.forEach((row) => (total += cases[row]));
    if (!order.length || total <= 0) {
      return NaN;
    }
    // A hair below the share, as in reconfig.appraise.measures.
    const wanted = share * total * (1 - 1e-12);
    let running = 0;
    return this.minutes[order.find((row) => (running += cases[row]) >= wanted)];
  }

  // The rows of a set by minutes, equals as they come.
  inOrder(set) {
    if (!this.sorted) {
      const { minutes } = this;
      const rows = Uint32Array.from(minutes, (_, row) => row);
      this.sorted = rows.sort((a, b) => minutes[a] - minutes[b] || a - b);
      this.buckets = new Map();
    }
    if (set.rows === null) {
      return this.sorted;
    }
    if (set.byRow === null) {
      return this.sorted.filter((row) => set.mask.has(row));
    }
    if (!this.buckets.has(set.byRow)) {
      const lists = new Map();
      this.sorted.forEach((row) => {
        const code = set.byRow[row];
        (lists.get(code) ?? lists.set(code, []).get(code)).push(row);
      });
      this.buckets.set(set.byRow, lists);
    }
    return this.buckets.get(set.byRow).get(set.code) ?? [];
  }

  // Cases a year by column.
  volumes(set = this.grid.everyone) {
    const found = new Float64Array(this.grid.columns);
    const { cases } = this.grid;
    const add = (row) => this.at[row] >= 0 && (found[this.at[row]] += cases[row]);
    if (set.rows === null) {
      cases.forEach((_, row) => add(row));
    } else {
      set.rows.forEach(add);
    }
    return found;
  }

  volumesByCandidate() {
    const volumes = this.volumes();
    const used = this.grid.told.sites.flatMap((site, k) => (this.open[k] ? [[site.id, volumes[k]]] : []));
    return Object.fromEntries(used);
  }

  // Lives saved with what qualifies them; the interval is null where this page has none.
  lives() {
    const told = this.grid.told.lives;
    if (told === null || this.stranded.length) {
      return null;
    }
    const place = this.grid.place(this.open);
    const known = place < 0 ? null : Array.from(this.grid.livesKnown.slice(3 * place, 3 * place + 3));
    return {
      central: this.value(this.grid.measures.get("lives_saved")),
      low: known ? known[0] : null,
      high: known ? known[1] : null,
      probability_of_no_gain: known ? known[2] : null,
      baseline_deaths: told.baseline_deaths,
      baseline: told.baseline,
    };
  }

  // By zone: mean minutes, and the column where most of its cases are treated (-1: nowhere).
  byZone() {
    const { grid, at, minutes } = this;
    if (grid.zone === null) {
      return { minutes, at };
    }
    const [own, columns] = [grid.told.zones, grid.columns];
    const [cases, weight] = [new Float64Array(own), new Float64Array(own)];
    const [sum, bySite] = [new Float64Array(own), new Float64Array(own * columns)];
    grid.cases.forEach((n, row) => (cases[grid.zone[row]] += n));
    grid.cases.forEach((n, row) => {
      const zone = grid.zone[row];
      const w = cases[zone] > 0 ? n : 1;
      weight[zone] += w;
      sum[zone] += w * minutes[row];
      if (at[row] >= 0) {
        bySite[zone * columns + at[row]] += w;
      }
    });
    const most = new Int16Array(own).fill(-1);
    for (let zone = 0; zone < own; zone += 1) {
      sum[zone] /= weight[zone];
      let best = 0;
      for (let column = 0; column < columns; column += 1) {
        if (bySite[zone * columns + column] > best) {
          best = bySite[zone * columns + column];
          most[zone] = column;
        }
      }
    }
    return { minutes: sum, at: most };
  }
}
