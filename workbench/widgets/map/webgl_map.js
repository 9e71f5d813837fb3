// A map of up to a million points: one store a map, one canvas a view of it.

import { calmly, fill, make, withTheme } from "../page/dom.js";
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
  const root = make("div", { class: "wb wb-glmap", "data-lm-suppress-shortcuts": "true" }, toolBox, body);
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

/** One view; gives what ends it. */
function viewOf(model, el, store) {
  const parts = partsOf(model);
  const { root, stage } = parts;
  el.append(root);
  const camera = cameraOver([0, 0, 1, 1]);
  const labels = labelsIn(parts.names);
  const legend = legendIn(parts.legendBox, store);
  const card = hoverCard(stage, calmly(REST, store.ask));
  const tools = toolbarIn(parts.toolBox, camera, () => move());
  const pace = paceOf(() => draw());
  let waiting = 0;

  function draw() {
    waiting ||= requestAnimationFrame(paint);
  }

  function paint() {
    cancelAnimationFrame(waiting);
    waiting = 0;
    if (!screen.isThere() || !stage.clientWidth) return;
    screen.paint(store, camera, lookOf(root), pace.strideAt(performance.now()));
    labels.move(camera);
    if (!store.picture) return;
    root.dataset.view = `${camera.x} ${camera.y} ${camera.scale}`;
    root.dataset.ready = "true";
  }

  function move() {
    card.hide();
    pace.moved();
    draw();
  }

  function say(text, ...more) {
    if (text) delete root.dataset.ready;
    fill(parts.notice, text, ...more);
    parts.notice.hidden = !text;
  }

  function complain() {
    if (store.picture || !screen.isThere()) return;
    say(NO_DATA, " ", make("button", { class: "wb-button", type: "button", onclick: store.begin }, "Ask again"));
  }

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
    draw();
  }

  function hide() {
    legend.press();
    card.hide();
    draw();
  }

  const heard = {
    picture: load,
    anew: () => screen.anew(),
    marks: mark,
    hidden: hide,
    card: ({ place, lines }, buffers) => card.answer(place, lines, buffers[0]),
    trouble: ({ text }) => tools.warn(text),
  };

  function fit() {
    root.classList.toggle("wb-narrow", root.clientWidth < NARROW);
    const [width, height] = [stage.clientWidth, stage.clientHeight];
    if (!width) return;
    screen.resize(width, height);
    camera.resize(width, height);
    paint();
  }

  handsOn(parts, store, camera, { tools, card, move });
  const unwatch = store.watch((what, ...given) => heard[what](...given));
  const sizes = new ResizeObserver(fit);
  sizes.observe(stage);
  sizes.observe(root);
  const screen = screenOn(parts.canvas, say, load);
  const endTheme = withTheme(draw);
  const late = setTimeout(complain, PATIENCE);
  fit();
  load();

  return () => {
    [unwatch, endTheme].forEach((end) => end());
    sizes.disconnect();
    clearTimeout(late);
    cancelAnimationFrame(waiting);
    screen.end();
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
