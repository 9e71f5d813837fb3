// Energy, tempo and key along the list, drawn over the running time. What is unknown is a gap.

import { make } from "../page/dom.js";

const LEFT = 46; // pixels for the numbers beside the bands
const RIGHT = 12;
const BAND = 46;
const LABEL = 18;
const STRIP = 22;
const MOST_POINTS = 400; // beyond, lines only
const STEPS_MIN = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 960];
const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, properties = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const known = (values) => values.filter((value) => value !== null);
const number = (value, decimals) => value.toFixed(decimals).replace("-", "\u2212");

/** A plot; `hovered(place)` is told the track under the mouse or null, `pressed(place)` the one that was clicked. */
export function trackPlot(hovered, pressed) {
  const picture = drawn("svg", { class: "wb-builder-course", role: "img" });
  const reading = make("div", { class: "wb-builder-reading wb-faint" });
  const box = make("div", { class: "wb-builder-plot", hidden: true }, picture, reading);
  let course = null;
  let titles = [];
  let width = 0;
  let pointed = null;
  let light = null;

  const scale = () => (width - LEFT - RIGHT) / (course.edges.at(-1) || 1);
  const x = (place) => LEFT + course.edges[place] * scale();
  const height = () => course.bands.length * (BAND + LABEL) + LABEL + STRIP + 34;

  function band({ name, decimals, values }, top, kind) {
    const numbers = known(values);
    const label = drawn("text", { x: LEFT, y: top + 12, class: "wb-builder-plot-name" }, numbers.length ? name : `${name}: unknown`);
    if (!numbers.length) return [label];
    const [least, most] = numbers.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    const floor = top + LABEL + BAND - 4;
    const y = (value) => (most > least ? floor - ((value - least) / (most - least)) * (BAND - 8) : floor - (BAND - 8) / 2);
    const scaleText = (value) => drawn("text", { x: LEFT - 6, y: y(value) + 4, class: "wb-builder-plot-scale" }, number(value, decimals));
    const parts = values.map((value, place) => {
      if (value === null) return "";
      const join = place > 0 && values[place - 1] !== null ? "L" : "M";
      return `${join}${x(place)},${y(value)}H${x(place + 1)}`;
    });
    const points = values.length > MOST_POINTS ? [] : values.flatMap((value, place) =>
      value === null ? [] : [drawn("circle", { class: "wb-builder-plot-point", "data-place": place, cx: (x(place) + x(place + 1)) / 2, cy: y(value), r: values.length > 100 ? 1.5 : 3 })]);
    return [
      drawn("line", { x1: LEFT, x2: width - RIGHT, y1: floor + 4, y2: floor + 4, class: "wb-builder-plot-line" }),
      label,
      scaleText(most),
      ...(most > least ? [scaleText(least)] : []),
      drawn("g", { class: `wb-builder-band wb-builder-band-${kind}` }, drawn("path", { d: parts.join("") }), ...points),
    ];
  }

  /** Colours round the wheel, minor keys darker; below each change a dot where the keys mix, a cross where not. */
  function strip(top) {
    const isAny = known(course.keys).length > 0;
    const label = drawn("text", { x: LEFT, y: top + 12, class: "wb-builder-plot-name" }, isAny ? "key (Camelot): \u25cf mixes with the one before, \u00d7 does not" : "key (Camelot): unknown");
    if (!isAny) return [label];
    const marks = course.keys.flatMap((key, place) => {
      const [from, size] = [x(place), x(place + 1) - x(place)];
      const parts = [];
      if (key !== null) {
        const colour = `hsl(${Number.parseInt(key, 10) * 30} 60% ${key.endsWith("A") ? 66 : 80}%)`;
        parts.push(drawn("rect", { class: "wb-builder-plot-key", "data-place": place, x: from, y: top + LABEL, width: Math.max(0, size - 1), height: STRIP, fill: colour }));
        if (size > 26) parts.push(drawn("text", { x: from + size / 2, y: top + LABEL + 15, class: "wb-builder-plot-code" }, key));
      }
      if (course.mixes[place] !== null && width / course.keys.length > 9) {
        parts.push(drawn("text", { x: from, y: top + LABEL + STRIP + 11, class: `wb-builder-plot-mix wb-builder-mixes-${course.mixes[place]}` }, course.mixes[place] ? "\u25cf" : "\u00d7"));
      }
      return parts;
    });
    return [label, ...marks];
  }

  function axis(top) {
    const end = course.edges.at(-1);
    if (course.by !== "time") return [drawn("text", { x: LEFT, y: top, class: "wb-builder-plot-tick wb-builder-plot-first" }, "in the order of the list: no length is known")];
    const step = STEPS_MIN.find((minutes) => end / (minutes * 60) <= (width - LEFT) / 64) ?? STEPS_MIN.at(-1);
    const ticks = [];
    for (let time = 0; time <= end && ticks.length < 100; time += step * 60) {
      const [hours, minutes, seconds] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
      const two = (value) => String(value).padStart(2, "0");
      const text = hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
      const at = LEFT + time * scale();
      if (at < width - RIGHT - 14 || time === 0) ticks.push(drawn("text", { x: at, y: top, class: `wb-builder-plot-tick${time ? "" : " wb-builder-plot-first"}` }, text));
    }
    return ticks;
  }

  function summary() {
    const bands = course.bands.map(({ name, decimals, values }) => {
      const numbers = known(values);
      const range = numbers.length ? `${number(Math.min(...numbers), decimals)} to ${number(Math.max(...numbers), decimals)}, ` : "";
      return `${name} ${range}known for ${numbers.length} of ${values.length} tracks`;
    });
    const changes = known(course.mixes);
    return `Along the list: ${bands.join("; ")}; ${changes.filter(Boolean).length} of ${changes.length} known changes of key mix`;
  }

  function redraw() {
    if (!course || width < LEFT + RIGHT + 40) return;
    let top = 0;
    const parts = [];
    course.bands.forEach((each, place) => {
      parts.push(...band(each, top, place === course.bands.length - 1 ? "tempo" : "energy"));
      top += BAND + LABEL;
    });
    light = drawn("rect", { class: "wb-builder-plot-light", y: 0, height: height() - 14, width: 0 });
    picture.setAttribute("width", width);
    picture.setAttribute("height", height());
    picture.setAttribute("aria-label", summary());
    picture.replaceChildren(light, ...parts, ...strip(top), ...axis(height() - 4));
    point(pointed);
  }

  /** Light one track up and say what is known of it. */
  function point(place) {
    pointed = place !== null && place < titles.length ? place : null;
    if (!light || pointed === null) {
      light?.setAttribute("width", 0);
      reading.textContent = course ? "Point at the plot, or go to a row, to read its values." : "";
      return;
    }
    light.setAttribute("x", x(pointed));
    light.setAttribute("width", Math.max(2, x(pointed + 1) - x(pointed)));
    const values = course.bands.map(({ name, decimals, values }) => `${name} ${values[pointed] === null ? "unknown" : number(values[pointed], decimals)}`);
    const mix = { true: ", mixes with the one before", false: ", does not mix with the one before" }[String(course.mixes[pointed])] ?? "";
    reading.textContent = `${pointed + 1}. ${titles[pointed]}: ${values.join(", ")}, key ${course.keys[pointed] ?? "unknown"}${mix}`;
  }

  function placeOf(event) {
    const at = (event.clientX - picture.getBoundingClientRect().left - LEFT) / scale();
    if (at < 0 || at > course.edges.at(-1)) return null;
    let place = 0;
    while (place < course.keys.length - 1 && course.edges[place + 1] <= at) place += 1;
    return place;
  }

  picture.addEventListener("pointermove", (event) => course && hovered(placeOf(event)));
  picture.addEventListener("pointerleave", () => hovered(null));
  picture.addEventListener("click", (event) => course && placeOf(event) !== null && pressed(placeOf(event)));
  const sizes = new ResizeObserver(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    redraw();
  });
  sizes.observe(box);

  function show(nextCourse, nextTitles) {
    course = nextTitles.length ? nextCourse : null;
    titles = nextTitles;
    box.hidden = !course;
    redraw();
  }

  return { element: box, show, point, end: () => sizes.disconnect() };
}
