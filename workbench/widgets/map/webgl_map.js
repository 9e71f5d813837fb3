// A map of up to a million points: one store a map, one canvas a view of it.

import { calmly, fill, make, ownKeys, withTheme } from "../page/dom.js";
import { hoverCard } from "../page/hover_card.js";
import { cameraOver } from "./camera.js";
import { gesturesOn } from "./gestures.js";
import { labelsIn } from "./labels.js";
import { legendIn } from "./legend.js";
import { lookOf } from "./look_of.js";
import { mapStore } from "./map_store.js";
import { paceOf } from "./pace.js";
import { screenOn } from "./screen.js";
import { toolbarIn } from "./toolbar.js";

const NARROW = 640; // pixels; below, the legend is under the map
const NEAR = 8; // pixels from the mouse to the point it is on
const REST = 60; // milliseconds on a point until its card is asked for
const PATIENCE = 12_000; // milliseconds until the page says that nothing came
const NO_DATA = "The map's data did not arrive. Ask for it when the kernel is free, or run the cell again.";

/** The parts of one view. */
function partsOf(model) {
  const canvas = make("canvas", { "aria-hidden": "true" });
  const outline = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  const overlay = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  overlay.setAttribute("aria-hidden", "true");
  overlay.append(outline);
  const names = make("div", { class: "wb-labels" });
  const notice = make("div", { class: "wb-empty wb-notice", role: "status" }, "Waiting for the map's data…");
  const stage = make("div", { class: "wb-stage", tabindex: "0", role: "application" }, canvas, names, overlay, notice);
  stage.style.height = `${model.get("height")}px`;
  const legendBox = make("div", { class: "wb-legend", role: "group", "aria-label": "Colours" });
  const toolBox = make("div", { class: "wb-row", role: "toolbar", "aria-label": "Map tools" });
  const body = make("div", { class: "wb-glmap-body" }, stage, legendBox);
  const root = make("div", { class: "wb wb-glmap" }, toolBox, body);
  if (model.get("theme")) root.classList.add("wb-forced", `wb-${model.get("theme")}`);
  return { root, toolBox, stage, canvas, names, outline, notice, legendBox };
}

/** What a view's gestures do to the map. */
function handsOn({ stage, outline }, store, camera, { tools, card, move }) {
  let hovered = -1;

  function find(pixel) {
    if (!store.picture?.count) return -1;
    const reach = Math.max(NEAR, store.picture.diameter / 2) / camera.scale;
    return store.near(...camera.toMap(pixel), reach);
  }

  function hover(pixel) {
    hovered = pixel ? find(pixel) : -1;
    card.want(hovered < 0 ? null : hovered, ...(pixel ?? []));
  }

  const play = (place) => place >= 0 && store.click(place);
  gesturesOn(stage, camera, {
    tool: tools.current,
    outline: (ring) => outline.setAttribute("points", ring.join(" ")),
    chosen: store.choose,
    cleared: () => store.choose(tools.current() === "box" ? "box" : "lasso", []),
    clicked: (pixel) => play(find(pixel)),
    entered: () => play(hovered),
    hovered: hover,
    moved: move,
  });
}

/** A view's notice: `say` shows one or none, `complain` that nothing came. */
function noticeOf({ root, notice }, store) {
  function say(text, ...more) {
    if (text) delete root.dataset.ready;
    fill(notice, text, ...more);
    notice.hidden = !text;
  }

  function complain() {
    say(NO_DATA, " ", make("button", { class: "wb-button", type: "button", onclick: store.begin }, "Ask again"));
  }

  return { say, complain };
}

/** Draws a view, once a frame at most: `draw` in the next one, `moved` while the camera moves, `fit` in another size. */
function drawingOf({ root, stage }, store, camera, { screen, labels }) {
  const pace = paceOf(draw);
  let waiting = 0;

  function draw() {
    waiting ||= requestAnimationFrame(paint);
  }

  function stop() {
    cancelAnimationFrame(waiting);
    waiting = 0;
  }

  function paint() {
    stop();
    if (!screen.isThere() || !stage.clientWidth) return;
    screen.paint(store, camera, lookOf(root), pace.strideAt(performance.now()));
    labels.move(camera);
    if (!store.picture) return;
    root.dataset.view = `${camera.x} ${camera.y} ${camera.scale}`;
    root.dataset.ready = "true";
  }

  function moved() {
    pace.moved();
    draw();
  }

  function fit() {
    root.classList.toggle("wb-narrow", root.clientWidth < NARROW);
    const [width, height] = [stage.clientWidth, stage.clientHeight];
    if (!width) return;
    screen.resize(width, height);
    camera.resize(width, height);
    paint();
  }

  return { draw, moved, fit, stop };
}

/** What a view takes over from the store: `load` the picture, `mark` what is selected and found. */
function contentOf({ root, stage }, store, camera, { screen, labels, legend, tools, drawing, say }) {
  function load() {
    const { picture } = store;
    if (!picture) return;
    camera.over(picture.bounds);
    screen.load(picture);
    labels.load(picture.labels);
    legend.draw(Math.max(160, stage.clientHeight));
    stage.setAttribute("aria-label", `Map of ${picture.count} points. ${tools.help}`);
    root.dataset.points = picture.count;
    if (screen.isThere()) say(picture.count ? "" : "There is nothing on this map.");
    mark();
  }

  function mark() {
    screen.mark(store.marks);
    tools.count(store.selected, store.isSearched ? store.found : null);
    root.dataset.selected = store.selected;
    root.dataset.found = store.isSearched ? store.found : "";
    drawing.draw();
  }

  return { load, mark };
}

/** What a view does when the store tells something. */
function earsOf({ load, mark }, { screen, legend, card, tools, drawing }) {
  function hide() {
    legend.press();
    card.hide();
    drawing.draw();
  }

  return {
    picture: load,
    anew: () => screen.anew(),
    marks: mark,
    hidden: hide,
    card: ({ place, lines }, buffers) => card.answer(place, lines, buffers[0]),
    trouble: ({ text }) => tools.warn(text),
  };
}

/** Calls `fit` whenever the view has another size; gives what ends it. */
function watchSize({ root, stage }, fit) {
  const sizes = new ResizeObserver(fit);
  sizes.observe(stage);
  sizes.observe(root);
  return () => sizes.disconnect();
}

/** One view; gives what ends it. */
function viewOf(model, el, store) {
  const parts = partsOf(model);
  ownKeys(parts.root);
  el.append(parts.root);
  const camera = cameraOver([0, 0, 1, 1]);
  const { say, complain } = noticeOf(parts, store);
  const labels = labelsIn(parts.names);
  const legend = legendIn(parts.legendBox, store);
  const card = hoverCard(parts.stage, calmly(REST, store.ask));
  const screen = screenOn(parts.canvas, say, () => content.load());
  const drawing = drawingOf(parts, store, camera, { screen, labels });
  const move = () => {
    card.hide();
    drawing.moved();
  };
  const tools = toolbarIn(parts.toolBox, camera, move);
  const content = contentOf(parts, store, camera, { screen, labels, legend, tools, drawing, say });
  handsOn(parts, store, camera, { tools, card, move });
  const heard = earsOf(content, { screen, legend, card, tools, drawing });
  const late = setTimeout(() => store.picture || !screen.isThere() || complain(), PATIENCE);
  const ends = [store.watch((what, ...given) => heard[what](...given)), watchSize(parts, drawing.fit), withTheme(drawing.draw)];
  drawing.fit();
  content.load();
  return () => {
    clearTimeout(late);
    [...ends, drawing.stop, screen.end].forEach((end) => end());
  };
}

export default () => {
  let store = null;
  return {
    initialize({ model }) {
      store = mapStore(model);
      return store.end;
    },
    render: ({ model, el }) => viewOf(model, el, store),
  };
};
