// The best among the choices of sites that are known: all there are, or those that were found.

const PAUSE_AFTER = 30; // milliseconds of work before the page may draw again
const SAME = 1e-9;

// Every choice of candidates as columns, or null where they are too many for the page.
function everyChoice(grid) {
  if (!grid.told.known.every) {
    return null;
  }
  return Array.from({ length: 2 ** grid.candidates.length }, (_, place) =>
    grid.candidates.filter((_column, k) => Math.floor(place / 2 ** k) % 2 === 1),
  );
}

// Call work(item, k) for every item, pausing so that the page stays alive; false stops it.
async function unhurried(items, work) {
  let since = performance.now();
  for (let k = 0; k < items.length; k += 1) {
    if (work(items[k], k) === false) {
      return false;
    }
    if (performance.now() - since > PAUSE_AFTER) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      since = performance.now();
    }
  }
  return true;
}

// Values of measures for all the given choices: name -> one number a choice.
async function valuesOf(grid, choices, names, wanted = () => true) {
  const found = Object.fromEntries(names.map((name) => [name, new Float64Array(choices.length).fill(NaN)]));
  const done = await unhurried(choices, (columns, k) => {
    if (!wanted()) {
      return false;
    }
    const appraised = new Appraised(grid, grid.opened(columns));
    names.forEach((name) => (found[name][k] = appraised.value(grid.measures.get(name))));
    return true;
  });
  return done ? found : null;
}

// The best known choice by a measure, with the fixed sites as they are.
// asked: {measure, sense, number (or null), pins: column -> open, rules: whether they must be kept}
async function bestOf(grid, others, asked) {
  const every = everyChoice(grid);
  // One map may have several names; it counts once.
  const known = new Map(others.map((columns) => [grid.key(grid.opened(columns)), columns]));
  const measure = grid.measures.get(asked.measure);
  const sign = asked.sense === "maximise" ? -1 : 1;
  const allowed = (every ?? [...known.values()]).filter(
    (columns) =>
      (asked.number === null || columns.length === asked.number) &&
      [...asked.pins].every(([column, on]) => columns.includes(column) === on),
  );
  const found = { considered: 0, all: every !== null, open: null, value: NaN, ties: 0 };
  await unhurried(allowed, (columns) => {
    const appraised = new Appraised(grid, grid.opened(columns));
    const value = appraised.value(measure);
    if (Number.isNaN(value) || (asked.rules && !keepsAll(appraised))) {
      return;
    }
    found.considered += 1;
    const room = SAME * Math.max(1, Math.abs(value));
    if (found.open === null || sign * value < sign * found.value - room) {
      Object.assign(found, { open: columns, value, ties: 0 });
    } else if (Math.abs(value - found.value) <= room) {
      found.ties += 1;
    }
  });
  return found;
}
