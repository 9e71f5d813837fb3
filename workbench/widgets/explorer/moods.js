// The mood plane: points by valence and arousal, a lasso, and a button for each quadrant.

import { bytesOf, fill, make, onMessage, withTheme } from "../page/dom.js";
import { hoverCard } from "../page/hover_card.js";
import { HOW_HINT, countedTracks, following, howOf } from "./gestures.js";

const REACH = 1.05; // the plane is -1 to 1, with a margin
const NEAR = 9; // pixels between the mouse and a point that is meant
const CLICK = 4; // pixels of a drag that is still a click
const STEP = 4; // pixels between two corners of a lasso
const DIGITS = 1e4;

/** Size of a point, in pixels, so that many stay apart and few are seen. */
function pointSize(count) {
  if (count <= 500) return 7;
  if (count <= 5000) return 5;
  return count <= 30000 ? 3 : 2;
}

/** Which mood a point has: the same quadrants as in moods.region. */
function quadrantOf(valence, arousal) {
  if (arousal >= 0) return valence >= 0 ? 0 : 1;
  return valence >= 0 ? 3 : 2;
}

/** Draws points on a canvas and finds them again. */
function pointCanvas(root, canvas) {
  let places = new Float32Array();
  let chosen = new Uint8Array();
  let colours = [];
  let side = 0;

  const toPixel = (value, isUp) => ((isUp ? -value : value) / REACH + 1) * side / 2;
  const toValue = (pixel, isUp) => (2 * pixel / side - 1) * REACH * (isUp ? -1 : 1);

  function axes(pen, ink) {
    pen.globalAlpha = 0.5;
    pen.strokeStyle = ink;
    pen.beginPath();
    pen.moveTo(side / 2, 0);
    pen.lineTo(side / 2, side);
    pen.moveTo(0, side / 2);
    pen.lineTo(side, side / 2);
    pen.stroke();
  }

  function drawPoints(pen, size, wanted) {
    for (let quadrant = 0; quadrant < colours.length; quadrant += 1) {
      pen.fillStyle = colours[quadrant];
      for (let at = 0; at < places.length / 2; at += 1) {
        const x = places[2 * at];
        const y = places[2 * at + 1];
        if (quadrantOf(x, y) !== quadrant || (wanted !== null && (chosen[at] ?? 0) !== wanted)) continue;
        pen.fillRect(toPixel(x) - size / 2, toPixel(y, true) - size / 2, size, size);
      }
    }
  }

  function ring(pen, size, ink) {
    pen.fillStyle = ink;
    for (let at = 0; at < chosen.length; at += 1) {
      if (chosen[at]) pen.fillRect(toPixel(places[2 * at]) - size / 2 - 1.5, toPixel(places[2 * at + 1], true) - size / 2 - 1.5, size + 3, size + 3);
    }
  }

  function draw() {
    side = canvas.clientWidth;
    if (!side) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = canvas.height = Math.round(side * scale);
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    const look = getComputedStyle(root);
    axes(pen, look.getPropertyValue("--wb-faint"));
    const size = pointSize(places.length / 2);
    const isAny = chosen.includes(1);
    pen.globalAlpha = isAny ? 0.45 : 0.9;
    drawPoints(pen, size, isAny ? 0 : null);
    pen.globalAlpha = 1;
    if (!isAny) return;
    ring(pen, size, look.getPropertyValue("--wb-ink"));
    drawPoints(pen, size, 1);
  }

  /** The point under the mouse; null where there is none. */
  function nearest(x, y) {
    let best = null;
    let least = NEAR * NEAR;
    for (let at = 0; at < places.length / 2; at += 1) {
      const across = toPixel(places[2 * at]) - x;
      const down = toPixel(places[2 * at + 1], true) - y;
      const far = across * across + down * down;
      if (far <= least) [best, least] = [at, far];
    }
    return best;
  }

  const polygonOf = (path) => path.map(([x, y]) => [toValue(x), toValue(y, true)].map((value) => Math.round(value * DIGITS) / DIGITS));

  function take(points, marks, given) {
    places = new Float32Array(bytesOf(points).buffer);
    chosen = bytesOf(marks);
    colours = given;
    draw();
  }
  return { draw, nearest, polygonOf, take };
}

/** Draws what the mouse encloses, and tells its corners. */
function lassoOver(root, canvas, told) {
  let path = null;

  function draw() {
    const scale = window.devicePixelRatio || 1;
    canvas.width = canvas.height = Math.round(canvas.clientWidth * scale);
    if (!path) return;
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.strokeStyle = pen.fillStyle = getComputedStyle(root).getPropertyValue("--wb-strong");
    pen.lineWidth = 2;
    pen.beginPath();
    path.forEach(([x, y]) => pen.lineTo(x, y));
    pen.stroke();
    pen.globalAlpha = 0.12;
    pen.fill();
  }

  const placeOf = (event) => [event.offsetX, event.offsetY];

  function start(event) {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    path = [placeOf(event)];
  }

  function move(event) {
    if (!path) return told.hover(placeOf(event));
    const [x, y] = path.at(-1);
    const [newX, newY] = placeOf(event);
    if (Math.hypot(newX - x, newY - y) < STEP) return;
    path.push([newX, newY]);
    draw();
  }

  function end(event) {
    if (!path) return;
    const drawn = path;
    stop();
    const isClick = drawn.every(([x, y]) => Math.hypot(x - drawn[0][0], y - drawn[0][1]) <= CLICK);
    if (isClick) told.click(drawn[0]);
    else if (drawn.length > 2) told.lasso(drawn, howOf(event));
  }

  function stop() {
    path = null;
    draw();
  }

  function key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    if (path) stop();
    else told.clear();
  }

  canvas.addEventListener("pointerdown", start);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", stop);
  canvas.addEventListener("pointerleave", () => told.hover(null));
  canvas.addEventListener("keydown", key);
}

/** The part with the mood plane, drawn into `panel`; gives the function that ends it. */
export function showMoods(model, panel) {
  const state = make("div", { class: "wb-row wb-explorer-state", role: "status" });
  const dots = make("canvas", { "aria-hidden": "true" });
  const over = make("canvas", { tabIndex: 0, role: "img", "aria-label": "Mood plane: drag around points to select them, Escape clears; the buttons select a mood" });
  const box = make("div", { class: "wb-explorer-plane" }, dots, over);
  const [high, low] = [make("div", { class: "wb-explorer-corners" }), make("div", { class: "wb-explorer-corners" })];
  const frame = make("div", { class: "wb-explorer-frame" },
    make("div", { class: "wb-faint wb-explorer-upwards" }, "Arousal: calm to energetic"), high, box, low,
    make("div", { class: "wb-faint wb-explorer-across" }, "Valence: sad to happy"));
  const said = make("ul", { class: "wb-faint wb-explorer-said" });
  panel.append(state, make("div", { class: "wb-explorer-moods" }, frame, said));

  const plot = pointCanvas(panel, dots);
  const card = hoverCard(box, (point) => model.send({ kind: "about", point }));
  lassoOver(panel, over, {
    hover: (place) => place ? card.want(plot.nearest(...place), ...place) : card.want(null),
    click: (place) => {
      const point = plot.nearest(...place);
      if (point !== null) model.send({ kind: "play_point", point });
    },
    lasso: (path, how) => model.send({ kind: "choose_mood", polygon: plot.polygonOf(path), how }),
    clear: () => model.send({ kind: "clear" }),
  });

  function corner({ name, colour, tracks }) {
    const dot = make("span", { class: "wb-explorer-dot", "aria-hidden": "true" });
    dot.style.background = colour;
    return make("button", { class: "wb-button", type: "button", title: `Select the tracks of this mood. ${HOW_HINT}.`, disabled: !tracks,
      "aria-label": `Select ${name}, ${countedTracks(tracks)}`,
      onclick: (event) => model.send({ kind: "choose_mood", mood: name, how: howOf(event) }) }, dot, `${name} (${tracks})`);
  }

  function draw() {
    const { points, moods, lines, empty } = model.get("plane");
    const isKnown = moods !== undefined || model.get("is_estimating");
    const text = isKnown ? empty : model.get("empty");
    frame.hidden = !points;
    fill(state,
      model.get("is_estimating") ? make("span", { class: "wb-explorer-busy" }, "Estimating …") : null,
      text ? make("div", { class: "wb-empty" }, text) : null,
      points ? make("span", { class: "wb-faint" }, `Drag around points to select them; ${HOW_HINT}; Escape clears. A click on a point plays it.`) : null);
    fill(said, ...(lines ?? []).map((line) => make("li", {}, line)));
    if (!points) return;
    const [energetic, tense, sad, calm] = moods.map(corner);
    fill(high, tense, energetic);
    fill(low, sad, calm);
    take();
  }

  function take() {
    const { moods } = model.get("plane");
    if (moods) plot.take(model.get("points"), model.get("chosen_points"), moods.map((mood) => mood.colour));
  }

  function answer(content, buffers) {
    if (content.kind === "about") card.answer(content.point, content.lines, buffers?.[0]);
  }

  const sizes = new ResizeObserver(() => plot.draw());
  sizes.observe(box);
  const deafen = onMessage(model, answer);
  const endings = [
    following(model, ["plane", "is_estimating", "empty"], draw),
    following(model, ["points", "chosen_points"], take),
    withTheme(() => plot.draw()),
    () => sizes.disconnect(),
    deafen,
  ];
  return () => endings.forEach((end) => end());
}
