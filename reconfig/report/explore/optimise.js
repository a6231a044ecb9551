// The form that asks the local server for the best choice of sites, and shows what comes of it.
// Every text is put in as text, never as HTML: names come from the region's files.
(() => {
"use strict";

function offer(place, explorer) {
  const { token, form: desk } = JSON.parse(document.getElementById("optimise-data").textContent);
  const POLL = 500; // milliseconds between two questions
  const PATIENCE = 5; // questions without an answer until the server counts as gone
  let job = null; // id of the solve that is followed
  let chosen = null; // the entry of the service that the form shows
  let shown = null; // the result that is on the page, as text
  let held = false; // whether the keyboard was at Optimise when the solve was asked for

  // ---- small helpers -------------------------------------------------------------------------
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null) { continue; }
      element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children); // strings become text
    return element;
  }

  function labelled(words, control, unit = "") {
    const label = make("label", { for: control.id }, words);
    const after = unit ? [make("span", { class: "optimise-unit" }, unit)] : [];
    return make("div", { class: "optimise-field" }, label, make("span", {}, control, ...after));
  }

  function numberInput(id, value, attributes = {}) {
    const input = make("input", { id, type: "number", inputmode: "decimal", ...attributes });
    if (value !== null && value !== undefined) { input.value = value; }
    return input;
  }

  const value = (id) => {
    const input = document.getElementById(id);
    if (input.validity.badInput) { throw new Error(`${labelOf(input)}: not a number.`); }
    return input.value.trim() === "" ? null : Number(input.value);
  };
  const labelOf = (input) => place.querySelector(`label[for="${input.id}"]`).textContent;

  async function ask(path, content) {
    const options = { headers: { "X-Reconfig-Token": token }, cache: "no-store" };
    if (content !== undefined) {
      options.method = "POST";
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(content);
    }
    const response = await fetch(path, options);
    return { code: response.status, content: await response.json() };
  }

  // ---- the form ------------------------------------------------------------------------------
  const fields = make("div", {});
  const start = make("button", { type: "submit", id: "optimise-start" }, "Optimise");
  const stop = make("button", { type: "button", id: "optimise-stop", disabled: true }, "Stop");
  const instead = make("button", { type: "button", id: "optimise-instead", hidden: true },
    "Stop the other and start this one");
  const form = make("form", { id: "optimise-form", novalidate: true }, fields,
    make("p", { class: "optimise-buttons" }, start, stop, instead));
  const faults = make("div", { id: "optimise-faults", role: "alert" });
  const bar = make("progress", { id: "optimise-bar", max: 1, value: 0,
    "aria-label": "Time used, of the time limit", hidden: true });
  const clock = make("p", { id: "optimise-clock" }); // not live: it changes twice a second
  const progress = make("p", { id: "optimise-progress", role: "status", "aria-live": "polite" });
  const result = make("div", { id: "optimise-result", "aria-live": "polite" });

  function build() {
    const { service } = chosen;
    const goals = (id, first) => {
      const select = make("select", { id });
      if (first) { select.append(make("option", { value: "" }, first)); }
      chosen.goals.forEach((goal, k) => select.append(make("option", { value: k }, goal.label)));
      return select;
    };
    const index = (stage) => chosen.goals.findIndex(
      (goal) => stage && goal.measure === stage.measure && goal.sense === stage.sense);
    const [one, two, ...later] = chosen.objective;
    const goal = goals("optimise-goal", "");
    goal.value = String(Math.max(index(one), 0));
    const then = goals("optimise-then", "Nothing further");
    then.value = index(two) >= 0 ? String(index(two)) : "";
    const whole = { min: 0, max: chosen.candidates, step: 1, inputmode: "numeric" };
    const set = (title, ...children) => make("fieldset", {}, make("legend", {}, title), ...children);
    const further = [
      labelled("Choices count as equal within", numberInput("optimise-tolerance",
        one.tolerance || null, { min: 0, step: "any" }), "in the unit of what is best"),
      labelled("Among equals, then", then),
    ];
    if (later.length) {
      further.push(make("p", {}, "Objectives of the scenario after the second are left aside here."));
    }
    const limits = chosen.limits.map((limit, k) => labelled(limit.label,
      numberInput(`optimise-limit-${k}`, null, { min: 0, step: "any" }), limit.unit));
    const asked = chosen.asked.map((words, k) => {
      const box = make("input", { type: "checkbox", id: `optimise-asked-${k}`, checked: true });
      return make("div", { class: "optimise-box" }, box, make("label", { for: box.id }, words));
    });
    fields.replaceChildren(
      make("p", {}, `Service: ${chosen.name}.`),
      ...desk.notes.map((note) => make("p", {}, note)),
      set("What is best", labelled("Aim", goal), make("details", { open: Boolean(two) },
        make("summary", {}, "And then"), ...further)),
      set(`Number of sites, of ${chosen.candidates}`,
        labelled("At least", numberInput("optimise-fewest", chosen.sites.at_least, whole)),
        labelled("At most", numberInput("optimise-most", chosen.sites.at_most, whole))),
      set("Fixed sites", make("p", { id: "optimise-pins" })),
      set("Limits (leave empty what need not hold)", ...limits),
      ...(asked.length ? [set("Asked for by the scenario", ...asked)] : []),
      labelled("Time limit", numberInput("optimise-seconds", desk.time_limit,
        { min: 1, step: "any" }), "seconds"),
    );
    fields.dataset.service = service;
    pins();
  }

  function pins() {
    const names = new Map(explorer.candidates().map((site) => [site.id, site.name]));
    const { open, closed } = explorer.pinned();
    const said = (ids) => ids.map((id) => names.get(id) ?? id).join(", ");
    const parts = [];
    if (open.length) { parts.push(`Must be open: ${said(open)}.`); }
    if (closed.length) { parts.push(`Must be closed: ${said(closed)}.`); }
    document.getElementById("optimise-pins").textContent = parts.join(" ")
      || "None: every site may be open or closed. Fix sites in the list of sites to change that.";
  }

  function refresh() {
    const entry = desk.services.find((service) => service.service === explorer.service());
    form.hidden = !entry;
    if (!entry) {
      faults.replaceChildren(make("p", {}, "The solver is not offered for this service here."));
      return;
    }
    if (chosen !== entry) { chosen = entry; faults.replaceChildren(); build(); } else { pins(); }
  }

  function request() {
    const goal = chosen.goals[Number(document.getElementById("optimise-goal").value)];
    const then = document.getElementById("optimise-then").value;
    const objective = { measure: goal.measure, sense: goal.sense };
    const tolerance = value("optimise-tolerance");
    if (tolerance !== null) { objective.tolerance = tolerance; }
    if (then !== "") {
      const { measure, sense } = chosen.goals[Number(then)];
      objective.then = { measure, sense };
      const second = chosen.objective[1];
      if (second && second.measure === measure && second.tolerance) {
        objective.then.tolerance = second.tolerance;
      }
    }
    const sites = {};
    const [fewest, most] = [value("optimise-fewest"), value("optimise-most")];
    if (fewest !== null) { sites.at_least = fewest; }
    if (most !== null) { sites.at_most = most; }
    const limits = chosen.limits.flatMap((limit, k) => {
      const bound = value(`optimise-limit-${k}`);
      if (bound === null) { return []; }
      if (limit.percent && !(bound >= 0 && bound <= 100)) {
        throw new Error(`${limit.label} ${bound} %: expected 0 to 100, such as 95 for 95 %.`);
      }
      const by = limit.by === null ? {} : { by: limit.by };
      return [{ measure: limit.measure, [limit.end]: limit.percent ? bound / 100 : bound, ...by }];
    });
    const asked = chosen.asked.map((_, k) => k)
      .filter((k) => document.getElementById(`optimise-asked-${k}`).checked);
    const { open, closed } = explorer.pinned();
    const content = { service: chosen.service, objective, sites, limits, asked,
      keep: open, close: closed };
    const seconds = value("optimise-seconds");
    return seconds === null ? content : { ...content, time_limit: seconds };
  }

  // ---- asking, following, showing ------------------------------------------------------------
  function complain(sentence, list = []) {
    const items = list.map((fault) => make("li", {}, fault));
    faults.replaceChildren(make("p", {}, sentence), ...(items.length ? [make("ul", {}, ...items)] : []));
  }

  function running(yes) {
    start.disabled = yes;
    stop.disabled = !yes;
    bar.hidden = !yes;
    if (yes) { instead.hidden = true; }
    // A button that is switched off loses the keyboard.
    if (held && [document.body, start, stop].includes(document.activeElement)) {
      (yes ? stop : start).focus({ preventScroll: true });
    }
  }

  async function askToSolve(more = {}) {
    faults.replaceChildren();
    instead.hidden = true;
    let content;
    try { content = { ...request(), ...more }; } catch (error) { complain(error.message); return; }
    result.replaceChildren();
    shown = null;
    start.disabled = true;
    try {
      const answer = await ask("api/optimise", content);
      if (answer.code === 202) { follow(answer.content); return; }
      running(false);
      complain(answer.content.error, answer.content.faults);
      instead.hidden = answer.code !== 409;
    } catch { gone(); }
  }

  function follow(view) {
    job = view.id;
    running(true);
    tell(view);
    let silent = 0;
    const look = async () => {
      if (job !== view.id) { return; }
      try {
        const answer = await ask(`api/jobs/${view.id}`);
        silent = 0;
        if (answer.code !== 200) { running(false); complain(answer.content.error); return; }
        tell(answer.content);
        if (["stopped", "done", "failed"].includes(answer.content.state)) { end(answer.content); return; }
      } catch {
        silent += 1;
        if (silent >= PATIENCE) { gone(); return; }
      }
      setTimeout(look, POLL);
    };
    setTimeout(look, POLL);
  }

  function tell(view) {
    const words = view.messages[view.messages.length - 1];
    if (progress.textContent !== words) { progress.textContent = words; }
    const limit = `${view.time_limit.toLocaleString("en-GB")} seconds at most`;
    clock.textContent = `${view.seconds.toFixed(1)} seconds so far; ${limit}.`;
    bar.value = Math.min(view.seconds / view.time_limit, 1);
    if (view.stopping) { stop.disabled = true; }
    if (view.result) { show(view.result); }
  }

  function show(found) {
    const text = JSON.stringify(found);
    if (text === shown) { return; }
    shown = text;
    const list = (title, items) => (items.length
      ? [make("p", {}, title), make("ul", {}, ...items.map((item) => make("li", {}, item)))] : []);
    const figures = [...found.figures, ["Seconds", found.seconds.toFixed(1)]];
    if (found.lives !== null) { figures.push(["Lives saved", found.lives]); }
    result.replaceChildren(
      make("p", { class: "optimise-verdict" }, found.verdict),
      make("p", {}, found.open.length ? `Open (${found.open.length}): ${found.names.join(", ")}.`
        : "There is no choice of sites to show."),
      make("dl", {}, ...figures.flatMap(([what, much]) => [make("dt", {}, what), make("dd", {}, much)])),
      ...list("These cannot hold together:", found.conflict),
      ...list("What would have to give:", found.ways),
      ...list("Not kept by this choice:", found.violations),
      ...list("What was asked for:", found.asked),
    );
  }

  function end(view) {
    running(false);
    clock.textContent = `${view.seconds.toFixed(1)} seconds in all.`;
    if (view.state === "failed") { complain(view.messages[view.messages.length - 1]); }
    const found = view.result;
    if (!found || !found.open.length) { return; }
    const aim = `${found.sense} ${found.label.toLowerCase()}`;
    const many = found.open.length === 1 ? "1 site" : `${found.open.length} sites`;
    const label = `Optimised: ${aim}, ${many}`;
    explorer.add({ service: found.service, open: found.open, label, verdict: found.verdict });
    explorer.show(found.service, found.open, label);
  }

  function gone() {
    running(false);
    complain("The program behind this page no longer answers. Start `reconfig explore` again, "
      + "and load the page that it names.");
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); held = document.activeElement === start; askToSolve(); });
  instead.addEventListener("click", () => askToSolve({ replace: true }));
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    try { tell((await ask(`api/jobs/${job}/stop`, {})).content); } catch { gone(); }
  });
  explorer.onChange(refresh);
  place.append(
    make("section", { class: "optimise", "aria-labelledby": "optimise-title" },
      make("h3", { id: "optimise-title" }, "Find the best choice"),
      make("p", {}, "The solver looks for the best of all choices that keep what you ask for, and "
        + "says whether it is proven. Stopped early, or out of time, it shows the best so far."),
      form, faults, bar, progress, clock, result));
  refresh();
  // A page that is loaded again finds the solve that it left running.
  ask("api/job").then(({ code, content }) => {
    const view = code === 200 ? content.job : null;
    if (view && (view.state === "waiting" || view.state === "solving")) { follow(view); }
  }).catch(gone);
}

// The map unpacks its data first, and says when it is there.
const begin = () => {
  const place = document.getElementById("explore-optimise");
  if (place && window.reconfigExplorer && !place.hasChildNodes()) {
    offer(place, window.reconfigExplorer);
  }
};
document.addEventListener("reconfig-explorer", begin);
begin();
})();
