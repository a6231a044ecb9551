// One service's minutes and cases, as they came with the page: what reconfig.appraise.grid is.

// One service's arrays. Rows are zones, or shares of them; columns are sites, sorted by id.
class Grid {
  static async of(told) {
    const grid = new Grid();
    grid.told = told;
    for (const site of told.sites) {
      [site.x, site.y, site.colour] = told.places?.[site.id] ?? [NaN, NaN, ""];
    }
    grid.columns = told.sites.length;
    grid.rows = told.rows;
    grid.candidates = told.sites.flatMap((site, k) => (site.candidate ? [k] : []));
    grid.neighbours = told.sites.flatMap((site, k) => (site.candidate ? [] : [k]));
    for (const name of ["minutes", "zone", "order", "cases", "names"]) {
      grid[name] = await unpacked(told[name]);
    }
    grid.tenths = grid.minutes instanceof Uint16Array;
    grid.everyone = { rows: null, total: pairwiseSum(grid.cases, 0, grid.rows) };
    grid.groups = new Map();
    for (const group of told.groups) {
      grid.groups.set(group.column, await grid.grouped(group));
    }
    for (const measure of told.measures) {
      measure.mask = await unpacked(measure.only);
      const how = measure.how.kind === "between" ? measure.how.average.how : measure.how;
      for (const part of how.parts ?? []) {
        part.values = await unpacked(part.table.values);
        part.codes = await unpacked(part.table.codes);
      }
    }
    grid.measures = new Map(told.measures.map((measure) => [measure.name, measure]));
    grid.livesKnown = await unpacked(told.known.lives);
    grid.measuresKnown = new Map();
    for (const [name, values] of Object.entries(told.known.measures)) {
      grid.measuresKnown.set(name, await unpacked(values));
    }
    grid.scratch = new Float64Array(grid.rows);
    grid.subsets = new Map();
    return grid;
  }

  zoneOf(row) {
    return this.zone === null ? row : this.zone[row];
  }

  // The rows of each group of a column of the zones, and their cases.
  async grouped(group) {
    const of = await unpacked(group.of);
    const lists = group.names.map(() => []);
    const last = lists.length;
    for (let row = 0; row < this.rows; row += 1) {
      const code = of[this.zoneOf(row)];
      if (code < last) {
        lists[code].push(row);
      }
    }
    const byRow = Uint32Array.from({ length: this.rows }, (_, row) => of[this.zoneOf(row)]);
    const sets = lists.map((list, k) => this.setOf(Uint32Array.from(list), byRow, k));
    return { ...group, sets };
  }

  setOf(rows, byRow = null, code = 0) {
    const cases = Float64Array.from(rows, (row) => this.cases[row]);
    return { rows, byRow, code, total: pairwiseSum(cases, 0, cases.length) };
  }

  // The rows of a set whose zones a measure counts.
  counted(set, measure) {
    if (!measure.mask) {
      return set;
    }
    const key = `${measure.name}|${set.byRow === null ? "" : set.rows[0]}`;
    const kept = this.subsets.get(key);
    if (kept && kept.from === set) {
      return kept.set;
    }
    const all = set.rows ?? Uint32Array.from({ length: this.rows }, (_, row) => row);
    const rows = all.filter((row) => measure.mask[row]);
    const found = { from: set, set: { ...this.setOf(rows), mask: new Set(rows) } };
    this.subsets.set(key, found);
    return found.set;
  }

  minutesAt(row, column) {
    const value = this.minutes[this.zoneOf(row) * this.columns + column];
    if (!this.tenths) {
      return value;
    }
    return value === NO_WAY ? Infinity : value / 10;
  }

  // The column where each row is treated; -1 where no open site can be reached.
  nearest(open) {
    const at = new Int16Array(this.rows).fill(-1);
    const columns = [];
    open.forEach((on, column) => on && columns.push(column));
    if (this.order !== null) {
      return this.firstInOrder(at, open);
    }
    const none = this.tenths ? NO_WAY : Infinity;
    for (let row = 0, begin = 0; row < this.rows; row += 1, begin += this.columns) {
      let best = none;
      for (const column of columns) {
        if (this.minutes[begin + column] < best) {
          best = this.minutes[begin + column];
          at[row] = column;
        }
      }
    }
    return at;
  }

  firstInOrder(at, open) {
    for (let row = 0, begin = 0; row < this.rows; row += 1, begin += this.columns) {
      for (let place = begin; place < begin + this.columns; place += 1) {
        const column = this.order[place];
        if (open[column]) {
          at[row] = this.minutesAt(row, column) < Infinity ? column : -1;
          break;
        }
      }
    }
    return at;
  }

  // A choice of candidates as one text, and as the number by which what is known of it is found.
  key(open) {
    return this.candidates.map((column) => (open[column] ? "1" : "0")).join("");
  }

  place(open) {
    if (this.told.known.every) {
      return this.candidates.reduce((sum, column, k) => sum + (open[column] ? 2 ** k : 0), 0);
    }
    const key = this.key(open);
    return this.told.points.findIndex((point) => this.key(this.opened(point.open)) === key);
  }

  // By column whether it is open: these candidates, and every neighbour.
  opened(columns) {
    const open = new Uint8Array(this.columns);
    this.neighbours.forEach((column) => (open[column] = 1));
    columns.forEach((column) => (open[column] = 1));
    return open;
  }
}
