// Numbers as reconfig has them: added up in the same order, and written by the same rules.

// What the arrays hold where there is no way to a site, in tenths of minutes.
const NO_WAY = 65535;
const NO_NUMBER = "none";
const MOST_MORE = 4; // decimals of a change beyond those of its unit

// Undo reconfig.report.explore.binary: base64 of gzip -> a typed array, or a list of texts.
async function unpacked(packed) {
  if (packed === null) {
    return null;
  }
  const squeezed = Uint8Array.from(atob(packed.data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([squeezed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const content = await new Response(stream).arrayBuffer();
  if (packed.type === "texts") {
    return JSON.parse(new TextDecoder().decode(content));
  }
  return new globalThis[packed.type](content);
}

// Add up values[begin] to values[end - 1] in pairs of halves, as numpy does: the same to the bit.
function pairwiseSum(values, begin, end) {
  const count = end - begin;
  if (count < 8) {
    let total = 0;
    for (let k = begin; k < end; k += 1) {
      total += values[k];
    }
    return total;
  }
  if (count > 128) {
    const half = Math.floor(count / 2);
    const middle = begin + half - (half % 8);
    return pairwiseSum(values, begin, middle) + pairwiseSum(values, middle, end);
  }
  const lanes = values.slice(begin, begin + 8);
  const whole = end - (count % 8);
  for (let k = begin + 8; k < whole; k += 8) {
    for (let lane = 0; lane < 8; lane += 1) {
      lanes[lane] += values[k + lane];
    }
  }
  let total = lanes[0] + lanes[1] + (lanes[2] + lanes[3]);
  total += lanes[4] + lanes[5] + (lanes[6] + lanes[7]);
  for (let k = whole; k < end; k += 1) {
    total += values[k];
  }
  return total;
}

// A number with so many decimals, a half to the even digit as Python writes it, with commas.
function fixed(value, decimals) {
  const long = Math.abs(value).toFixed(60);
  const point = long.indexOf(".");
  let text = Math.abs(value).toFixed(decimals);
  if (/^50*$/.test(long.slice(point + 1 + decimals))) {
    const cut = long.slice(0, decimals ? point + 1 + decimals : point);
    text = "02468".includes(cut.slice(-1)) ? cut : text;
  }
  const [whole, rest] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + (rest === undefined ? grouped : `${grouped}.${rest}`);
}

// A measure's value as text in its unit: what reconfig.report.words.number gives.
// more: decimals beyond those of the unit.
function asText(value, measure, signed = false, more = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return NO_NUMBER;
  }
  let text = fixed(measure.scale * value, decimalsOf(measure) + more);
  if (!/[1-9]/.test(text)) {
    text = text.replace("-", "");
  } else if (signed && !text.startsWith("-")) {
    text = `+${text}`;
  }
  if (!measure.share) {
    return text;
  }
  if (measure.apart) {
    return `${text} percentage points`;
  }
  return signed ? `${text} points` : `${text}%`;
}

function decimalsOf(measure) {
  return measure.share ? 1 : measure.decimals;
}

// A change as text, with more decimals where it is not the difference of the two values as they
// are written beside it: rounding alone must not make 98.5% and 98.4% a change of 0.0.
function changeText(own, old, measure) {
  const plain = asText(own - old, measure, true);
  const decimals = decimalsOf(measure);
  const [now, before, change] = [own, old, own - old].map((value) =>
    Number(fixed(measure.scale * value, decimals).replaceAll(",", "")),
  );
  if (!Number.isFinite(change) || Math.abs(now - before - change) < 0.5 * 10 ** -decimals) {
    return plain;
  }
  for (let more = 1; more <= MOST_MORE; more += 1) {
    const text = asText(own - old, measure, true, more);
    if (/[1-9]/.test(text)) {
      return text;
    }
  }
  return plain;
}

// An end of an interval of lives, and lives themselves: what LivesSaved says of them.
function livesText(value, decimals) {
  const text = fixed(value, decimals).replaceAll(",", "");
  if (value >= 0 || Number(text) !== 0) {
    return text;
  }
  return value < -1e-6 ? String(Number(value.toPrecision(1))) : text.replace("-", "");
}

function endText(value) {
  return livesText(value, Math.abs(value) >= 1 || Math.abs(value) < 0.05 ? 0 : 1);
}

// "A, B and C".
function listed(words) {
  const last = words.at(-1);
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${last}`;
}

function countOf(number, noun) {
  return `${fixed(number, 0)} ${noun}${number === 1 ? "" : "s"}`;
}
