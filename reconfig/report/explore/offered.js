// What other scripts of the page may ask and do.
function offered(explorer) {
  const idOf = (column) => explorer.state.told.sites[column].id;
  const columnsOf = (ids) => {
    const { sites } = explorer.state.told;
    const found = ids.map((id) => sites.findIndex((site) => site.candidate && site.id === id));
    if (found.includes(-1)) {
      throw new Error(`“${ids[found.indexOf(-1)]}” is not a site that can be opened or closed here.`);
    }
    return found;
  };
  const chosen = (service) => {
    const number = explorer.states.findIndex(({ told }) => told.id === service);
    if (number < 0) {
      throw new Error(`There is no service “${service}” here.`);
    }
    if (number !== explorer.number) {
      explorer.showService(number);
      explorer.update();
      explorer.cloud();
    }
  };
  return {
    service: () => explorer.state.told.id,
    open: () => explorer.ids(),
    pinned: () => {
      const pins = [...explorer.state.pins];
      const those = (wanted) => pins.filter(([, on]) => on === wanted).map(([column]) => idOf(column));
      return { open: those(true), closed: those(false) };
    },
    candidates: () => explorer.state.grid.candidates.map((k) => ({ id: idOf(k), name: explorer.state.told.sites[k].name })),
    measures: () => explorer.state.told.measures.map(({ name, label, better }) => ({ name, label, sense: better === "higher" ? "maximise" : "minimise" })),
    show: (service, ids, label = "") => {
      chosen(service);
      explorer.showColumns(columnsOf(ids), label ? `Shown: ${label}.` : "");
    },
    add: ({ service, open, label, verdict = "" }) => {
      chosen(service);
      const { grid, points } = explorer.state;
      const columns = columnsOf(open);
      const key = (some) => grid.key(grid.opened(some));
      const there = points.some((point) => point.label === label && key(point.open) === key(columns));
      if (!there) {
        points.push({ open: columns, label, verdict });
      }
      explorer.chart();
    },
    onChange: (call) => explorer.listeners.push(call),
    figures: () => explorer.state.now.report(),
    load: (text) => explorer.fromText(text),
    best: () => explorer.best(),
  };
}

async function begin() {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser is older than 2023 and cannot read compressed figures.");
  }
  const content = JSON.parse(document.getElementById("explore-data").textContent);
  const grids = [];
  for (const told of content.services) {
    grids.push(await Grid.of(told));
  }
  await whenDrawn();
  if (content.shapes !== null) {
    await fillShapes(content.shapes);
  }
  const explorer = new Explorer(content, grids);
  explorer.start();
  at("waiting").hidden = true;
  window.reconfigExplorer = offered(explorer);
  document.dispatchEvent(new Event("reconfig-explorer"));
}

begin().catch((error) => {
  at("waiting").textContent = `The map could not be made: ${error.message}`;
  throw error;
});
