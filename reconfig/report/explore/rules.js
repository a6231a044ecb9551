// Which of the problem's rules a choice of sites breaks: what rc.violations says, in the page.

// One entry a rule: its words, and in what way it is broken ("" where it is kept).
function judged(appraised) {
  const { told } = appraised.grid;
  if (appraised.stranded.length) {
    return told.rules.map(({ words }) => ({ words, broken: "some places can reach no open site" }));
  }
  return told.rules.map((rule) => ({ words: rule.words, broken: JUDGES[rule.kind](rule, appraised) }));
}

function keepsAll(appraised) {
  return judged(appraised).every(({ broken }) => broken === "");
}

function outside(value, low, high, roomLow, roomHigh) {
  return (low !== null && value < low - roomLow) || (high !== null && value > high + roomHigh);
}

const JUDGES = {
  number(rule, { open }) {
    const number = rule.sites.filter((column) => open[column]).length;
    return outside(number, rule.low, rule.high, 0, 0) ? `${number} of them open` : "";
  },

  differ(rule, { open, chosen }) {
    const shut = rule.sites.filter((column) => !open[column]).length;
    const other = chosen.filter((column) => !rule.sites.includes(column)).length;
    return shut + other < rule.by ? `it differs at ${countOf(shut + other, "site")}` : "";
  },

  needs(rule, { open, grid }) {
    const alone = rule.near.filter(([site, near]) => open[site] && !near.some((n) => open[n]));
    return listed(alone.map(([site]) => `${grid.told.sites[site].name} is without it`));
  },

  capacity(rule, appraised) {
    const volumes = appraised.volumes();
    const over = rule.most.filter(
      ([site, most, room]) => appraised.open[site] && volumes[site] > most + room,
    );
    const { sites } = appraised.grid.told;
    return listed(
      over.map(([k, most]) => `${sites[k].name} has ${fixed(volumes[k], 0)}, more than ${fixed(most, 0)}`),
    );
  },

  spend(rule, appraised) {
    let total = 0;
    appraised.chosen.forEach((column) => (total += rule.fixed[column]));
    appraised.volumes().forEach((volume, column) => (total += volume * rule.per_case[column]));
    return total > rule.total + rule.room ? `${rule.says} is ${fixed(total, 0)}` : "";
  },

  limit(rule, appraised) {
    const { grid } = appraised;
    const measure = grid.measures.get(rule.measure);
    const group = rule.by === "" ? null : grid.groups.get(rule.by);
    const broken = rule.bounds.flatMap(([name, low, high, roomLow, roomHigh]) => {
      const set = group === null ? null : group.sets[group.names.indexOf(name)];
      const value = appraised.value(measure, set);
      const where = name === "" ? "" : ` in ${name}`;
      return outside(value, low, high, roomLow, roomHigh) ? [`it is ${asText(value, measure)}${where}`] : [];
    });
    return listed(broken.length > 4 ? [...broken.slice(0, 4), `${broken.length - 4} more`] : broken);
  },
};
