// What the colours mean. Categories can be hidden and shown; what is hidden cannot be selected.

import { fill, make } from "../page/dom.js";

const ENTRY_HEIGHT = 28; // pixels, at most

/** A legend inside `box` that follows the store; gives what draws it for a height of so many pixels. */
export function legendIn(box, store) {
  let isWhole = false;
  let drawn = null;
  let room = 0;

  const hiddenCodes = () => [...store.hidden.keys()].filter((code) => store.hidden[code]);

  function toggle(code) {
    const hidden = new Set(hiddenCodes());
    if (!hidden.delete(code)) hidden.add(code);
    store.hide(hidden);
  }

  /** Show one category alone, or all where it was alone already. */
  function isolate(code) {
    const others = drawn.names.map((_, other) => other).filter((other) => other !== code);
    const isAlone = !store.hidden[code] && others.every((other) => store.hidden[other]);
    store.hide(isAlone ? [] : others);
  }

  function entry(name, code) {
    const title = `${name}: click hides or shows, double-click shows it alone`;
    const dot = make("span", { class: "wb-dot" });
    dot.style.background = drawn.colours[code];
    const about = { class: "wb-entry", type: "button", title, "aria-pressed": "true" };
    // the second click of a double-click has undone the first when it is heard
    return make("button", { ...about, onclick: () => toggle(code), ondblclick: () => isolate(code) }, dot, make("span", {}, name));
  }

  function drawCategories() {
    const fitting = Math.max(4, Math.floor(room / ENTRY_HEIGHT) - 2);
    const names = isWhole || drawn.names.length <= fitting + 1 ? drawn.names : drawn.names.slice(0, fitting);
    const more = make("button", { class: "wb-button", type: "button", onclick: expand }, `${drawn.names.length - names.length} more`);
    more.hidden = names.length === drawn.names.length;
    fill(box, make("div", { class: "wb-legend-title" }, drawn.title), ...names.map(entry), more);
    press();
  }

  function drawScale() {
    const bar = make("div", { class: "wb-bar", role: "img", "aria-label": `Colours from ${plainNumber(drawn.low)} to ${plainNumber(drawn.high)}` });
    bar.style.background = `linear-gradient(to right, ${(drawn.ramp.length > 1 ? drawn.ramp : [drawn.ramp[0], drawn.ramp[0]]).join(", ")})`;
    const ends = make("div", { class: "wb-ends" }, make("span", {}, plainNumber(drawn.low)), make("span", {}, plainNumber(drawn.high)));
    const dot = make("span", { class: "wb-dot" });
    dot.style.background = drawn.unknown;
    const unknown = make("div", { class: "wb-entry", hidden: !drawn.has_unknown }, dot, make("span", {}, "unknown"));
    fill(box, make("div", { class: "wb-legend-title" }, drawn.title), make("div", {}, bar, ends), unknown);
  }

  function expand() {
    isWhole = true;
    draw(room);
  }

  function press() {
    box.querySelectorAll("button.wb-entry").forEach((button, code) => button.setAttribute("aria-pressed", String(!store.hidden[code])));
  }

  function draw(height = room) {
    const colour = store.picture?.colour;
    if (!colour || (colour === drawn && height === room && !isWhole)) return;
    [drawn, room] = [colour, height];
    if (colour.names) drawCategories();
    else drawScale();
  }

  return { draw, press };
}

/** A number with as many digits as mean something. */
function plainNumber(value) {
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}
