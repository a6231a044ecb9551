// A map as a link and as a file, and back again; what is not right is refused in words.

const MADE_BY = "reconfig";
const LINK = "#explore?";
const MOST_BYTES = 1000000;

function linkTo(region, service, ids, pinned) {
  const asked = new URLSearchParams([["region", region], ["service", service], ...ids.map((id) => ["open", id])]);
  pinned.forEach((id) => asked.append("fixed", id));
  if (!ids.length) {
    asked.append("none", "1");
  }
  return LINK + asked.toString();
}

// {service, open, fixed} of a link; null where it is no such link; throws what is wrong in words.
// A link that says no region is taken to be of this one: links did not always say it.
function readLink(hash, services, region) {
  if (!hash.startsWith(LINK)) {
    return null;
  }
  const asked = new URLSearchParams(hash.slice(LINK.length));
  const open = asked.getAll("open");
  const strange = [...asked.keys()].find((key) => !["region", "service", "open", "fixed", "none"].includes(key));
  if (strange !== undefined) {
    throw new Error(`The link has “${strange}”, which means nothing here.`);
  }
  const other = asked.getAll("region").find((name) => name !== region);
  if (other !== undefined) {
    throw new Error(`The link is of the region “${other}”; here it is “${region}”.`);
  }
  if (!open.length && !asked.has("none")) {
    throw new Error("The link names no site.");
  }
  return checkedMap(asked.get("service"), open, asked.getAll("fixed"), services, "The link");
}

// The same of a saved file's text.
function readFile(text, services, current, region) {
  let content = null;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error("The file is not one that was saved here: it is not JSON.");
  }
  if (content === null || typeof content !== "object" || content.made_by !== MADE_BY) {
    throw new Error("The file is not one that was saved here: it does not say “made_by: reconfig”.");
  }
  if (content.region !== undefined && content.region !== region) {
    throw new Error(`The file is of the region “${content.region}”; here it is “${region}”.`);
  }
  let { service, open } = content;
  if (open !== null && typeof open === "object" && !Array.isArray(open)) {
    service = current in open ? current : Object.keys(open)[0];
    open = open[service];
  }
  return checkedMap(service, open, content.fixed ?? [], services, "The file");
}

function checkedMap(service, open, pinned, services, what) {
  if (typeof service !== "string") {
    throw new Error(`${what} does not say which service it is of.`);
  }
  const told = services.find(({ id }) => id === service);
  if (!told) {
    throw new Error(`${what} is of “${service}”; here there is ${listed(services.map(({ id }) => `“${id}”`))}.`);
  }
  const names = told.sites.filter(({ candidate }) => candidate).map(({ id }) => id);
  for (const list of [open, pinned]) {
    if (!Array.isArray(list)) {
      throw new Error(`${what} does not list the sites that are open.`);
    }
    const unknown = list.find((id) => !names.includes(id));
    if (unknown !== undefined) {
      throw new Error(`${what} names “${unknown}”, which is not a site that can be opened or closed here.`);
    }
  }
  return { service, open, fixed: pinned };
}

function savedText(region, service, ids, names, pinned) {
  const content = { made_by: MADE_BY, region, service, open: ids, names, fixed: pinned };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function offerFile(name, text) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
}
