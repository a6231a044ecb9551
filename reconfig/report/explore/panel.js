// What the page says beside its map: sites, figures, groups, rules and points, as text only.

function at(id) {
  return document.getElementById(`explore-${id}`);
}

// A new element with text, attributes and children.
function element(tag, text = "", attributes = {}, children = []) {
  const made = document.createElement(tag);
  if (text !== "") {
    made.textContent = text;
  }
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

function button(text, press, attributes = {}) {
  const made = element("button", text, { type: "button", ...attributes });
  made.addEventListener("click", press);
  return made;
}

function options(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, text]) => element("option", text, { value })));
  if (pairs.some(([value]) => value === chosen)) {
    select.value = chosen;
  }
}

// One row a candidate: a switch that opens or closes it, and a button that fixes it as it is.
function siteRows(told, toggle, pin) {
  const named = told.sites.map((site, column) => ({ ...site, column })).filter(({ candidate }) => candidate);
  named.sort((a, b) => a.name.localeCompare(b.name, "en"));
  at("sites").replaceChildren(
    ...named.map((site) => {
      const change = button("", () => toggle(site.column), { role: "switch", class: "site", "data-site": site.id });
      change.append(
        element("span", site.name, { class: "name" }),
        element("span", "", { class: "state", "aria-hidden": "true" }),
      );
      if (site.full_name !== site.name) {
        change.title = site.full_name;
      }
      const fix = button("Fix", () => pin(site.column), { class: "fix", "data-fix": site.id, "aria-label": `Fix ${site.name} as it is` });
      return element("li", "", { "data-column": site.column }, [change, fix]);
    }),
  );
}

function markSites(told, open, pins) {
  for (const row of at("sites").children) {
    const column = Number(row.dataset.column);
    const [change, fix] = row.children;
    change.setAttribute("aria-checked", String(Boolean(open[column])));
    change.querySelector(".state").textContent = open[column] ? "open" : told.sites[column].proposed ? "proposed" : "closed";
    fix.setAttribute("aria-pressed", String(pins.has(column)));
    fix.textContent = pins.has(column) ? "Fixed" : "Fix";
  }
}

function filterSites(text) {
  for (const row of at("sites").children) {
    row.hidden = !row.querySelector(".name").textContent.toLowerCase().includes(text.trim().toLowerCase());
  }
}

function table(caption, headings, rows) {
  const head = element("tr", "", {}, headings.map((text, k) => element("th", text, { scope: "col", ...(k ? { class: "number" } : {}) })));
  const body = rows.map((row) =>
    element("tr", "", {}, row.map((text, k) => element(k ? "td" : "th", text, k ? { class: "number" } : { scope: "row" }))),
  );
  const made = element("table", "", {}, [
    element("caption", "", {}, [element("span", caption)]),
    element("thead", "", {}, [head]),
    element("tbody", "", {}, body),
  ]);
  return element("div", "", { class: "wide", role: "region", tabindex: "0", "aria-label": caption }, [made]);
}

// A value as text; where the page has none of this choice of sites it says so.
function valueText(appraised, measure, set = null) {
  const value = appraised.value(measure, set);
  const unknown = measure.how.kind === "known" && Number.isNaN(value) && !appraised.stranded.length;
  return unknown ? "not worked out here" : asText(value, measure);
}

function unitOf(measure) {
  const plain = measure.share || measure.unit === "sites" ? "" : `, ${measure.unit}`;
  return `${measure.label}${plain}${measure.estimated ? " (estimated)" : ""}`;
}

// The maps that are set side by side, each with its name.
function sideBySide(told, { same, before, after, now }) {
  const proposed = same ? [] : [[told.after_name, after]];
  return [[told.before_name, before], ...proposed, ["Your map", now]];
}

function figures(told, state) {
  const { before, now } = state;
  const maps = sideBySide(told, state);
  const rows = [...now.grid.measures.values()].map((measure) => {
    const texts = maps.map(([, one]) => valueText(one, measure));
    return [unitOf(measure), ...texts, changeText(now.value(measure), before.value(measure), measure)];
  });
  const headings = ["Measure", ...maps.map(([name]) => name), `Change from ${told.before_name}`];
  const caption = told.lives === null ? "Every measure" : "Every measure; the uncertainty of lives saved is stated above";
  at("figures").replaceChildren(table(caption, headings, rows));
}

// The few figures that are looked at first, beside those of before.
function cards(told, { before, now }) {
  const names = ["lives_saved", "qalys", "mean_minutes", "p95_minutes", told.standard, "min_volume"];
  const found = names.flatMap((name) => now.grid.measures.get(name) ?? []);
  at("cards").replaceChildren(
    ...found.map((measure) => {
      const [old, own] = [before.value(measure), now.value(measure)];
      const unit = measure.share ? "" : ` ${measure.unit}`;
      const more = qualified(measure, now);
      return element("div", "", { class: "card" }, [
        element("p", `${measure.label}${measure.estimated && more === "" ? " (estimated)" : ""}`, { class: "card-name" }),
        element("p", `${valueText(now, measure)}${Number.isNaN(own) ? "" : unit}`, { class: "card-value" }),
        element("p", `${told.before_name}: ${asText(old, measure)}; change ${changeText(own, old, measure)}`, { class: "card-more" }),
        ...(more === "" ? [] : [element("p", more.trim(), { class: "card-more" })]),
      ]);
    }),
  );
}

function groupTables(told, measure, state) {
  const { before, now } = state;
  const { grid } = now;
  const maps = sideBySide(told, state);
  const shown = [...grid.groups.values()].filter((group) => group.shown);
  const made = shown.map((group) => {
    const rows = group.names.map((name, k) => {
      const set = group.sets[k];
      const texts = maps.map(([, one]) => valueText(one, measure, set));
      const change = changeText(now.value(measure, set), before.value(measure, set), measure);
      return [name, fixed(set.total, 0), ...texts, change];
    });
    const headings = [group.label, "Cases a year", ...maps.map(([name]) => name), `Change from ${told.before_name}`];
    return table(`${unitOf(measure)}, by ${group.label.toLowerCase()}`, headings, rows);
  });
  at("groups").replaceChildren(...made);
}

// What is said after a value of lives saved wherever it stands; "" for every other measure.
function qualified(measure, appraised) {
  if (measure.name !== "lives_saved" || Number.isNaN(appraised.value(measure))) {
    return "";
  }
  const { low, high, probability_of_no_gain: chance, baseline_deaths: deaths } = appraised.lives();
  const of = `of ${livesText(deaths, 0)} deaths at baseline`;
  return low === null || Number.isNaN(low)
    ? ` ${of} (estimated; interval not worked out on this page)`
    : ` ${of} (estimated; 95 % interval ${endText(low)} to ${endText(high)}, ${fixed(100 * chance, 0)}% chance of no gain)`;
}

// Lives saved, never without interval, baseline and chance of no gain.
function livesSentence(lives) {
  if (lives === null) {
    return "not estimated: some places can reach no open site";
  }
  if (Number.isNaN(lives.central)) {
    return "not worked out on this page for this choice of sites";
  }
  const ends =
    lives.low === null || Number.isNaN(lives.low)
      ? "interval and chance of no gain not worked out on this page"
      : `95 % interval ${endText(lives.low)} to ${endText(lives.high)}; ` +
        `${fixed(100 * lives.probability_of_no_gain, 0)}% chance of no gain or of harm`;
  return `${livesText(lives.central, 1)} lives a year (${ends}) of ${livesText(lives.baseline_deaths, 0)} deaths at baseline (${lives.baseline})`;
}

function livesLines(told, state) {
  at("lives-part").hidden = told.lives === null;
  if (told.lives === null) {
    return;
  }
  at("lives").replaceChildren(
    ...sideBySide(told, state).flatMap(([name, one]) => [element("dt", name), element("dd", livesSentence(one.lives()))]),
  );
  at("lives-basis").textContent = `Estimated. ${told.lives.basis}.`;
}

function rulesList(told, now) {
  const all = judged(now);
  at("rules-part").hidden = all.length + told.unjudged.length === 0;
  const entries = all.map(({ words, broken }) =>
    element("li", broken === "" ? `Kept: ${words}` : `Broken: ${words} (${broken})`, { class: broken === "" ? "kept" : "broken" }),
  );
  const left = told.unjudged.map((words) => element("li", `Not judged on this page: ${words}`));
  at("rules").replaceChildren(...entries, ...left);
  return all.filter(({ broken }) => broken !== "").length;
}

function unreached(now, names) {
  const { grid, stranded } = now;
  const zones = [...new Set(stranded.map((row) => grid.zoneOf(row)))];
  if (!zones.length) {
    return "";
  }
  const shown = zones.slice(0, 5).map((zone) => names[zone]);
  const more = zones.length > 5 ? ` and ${fixed(zones.length - 5, 0)} more` : "";
  const from = zones.length > 5 ? shown.join(", ") + more : listed(shown);
  return `No open site can be reached from ${countOf(zones.length, "place")}: ${from}. No figure is given for such a map.`;
}

function axisOptions(told) {
  return told.measures.map(({ name, label }) => [name, label]);
}

function legendOf(way, told, now, sites) {
  const { minutes, change } = told.classes;
  let entries = [];
  if (way === "site") {
    const used = [...sites].map(([k, colour]) => [colour, told.sites[k].name]);
    entries = used.length > MOST_NAMES ? [] : used;
  } else {
    const classes = way === "change" ? change : minutes;
    entries = classes.colours.map((colour, k) => [colour, classes.labels[k]]);
  }
  if (now.stranded.length) {
    entries.push([UNREACHED, "no open site can be reached"]);
  }
  at("key-title").textContent = told.key_titles[way];
  at("key").replaceChildren(
    ...entries.map(([colour, text]) => {
      const swatch = element("span", "", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = colour;
      return element("li", "", {}, [swatch, text]);
    }),
  );
}
