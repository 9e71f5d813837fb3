// Tells the kernel what is selected, clicked and asked about in one plotly figure of the page, and marks what it says.
// FigureWidget tells it by a state that the next hover overwrites while the kernel is busy; messages are all delivered.

import { make, onMessage } from "../page/dom.js";
import { hoverCard } from "../page/hover_card.js";
import { freeRoom } from "./free_room.js";

const DRAWN = "plotlywidget-after-render";
const EMPTY_FOR_MS = 500; // a figure that is empty for so long will not fill itself

/** Corners of a lasso or a box, in the map's units; none where neither was drawn. */
function cornersOf(event) {
  if (event.lassoPoints?.x) return event.lassoPoints.x.map((x, place) => [x, event.lassoPoints.y[place]]);
  if (!event.range?.x) return [];
  const [[left, right], [bottom, top]] = [event.range.x, event.range.y];
  return [[left, bottom], [right, bottom], [right, top], [left, top]];
}

/** Traces that the legend does not hide. */
function shownOf(plot) {
  return plot._fullData.filter((trace) => trace.visible === true).map((trace) => trace.index);
}

/** Shift and alt as they were when the mouse was let go, and whether it is down over what `isOver` says. */
function watchMouse(isOver, up) {
  const mouse = { mode: "replace", isDown: false };
  const note = (event) => {
    const wasDown = mouse.isDown;
    mouse.isDown = event.type === "mousedown" && isOver(event.target);
    mouse.mode = event.altKey ? "remove" : event.shiftKey ? "add" : "replace";
    if (wasDown && !mouse.isDown) setTimeout(up, 0); // plotly hears of it after us
  };
  for (const kind of ["mousedown", "mouseup"]) window.addEventListener(kind, note, true);
  const end = () => ["mousedown", "mouseup"].forEach((kind) => window.removeEventListener(kind, note, true));
  return { mouse, end };
}

/** Marks and rings in a figure; its zoom and its tool stay. An outline goes first: plotly marks once more when it goes. */
async function apply(plot, { marks, found }) {
  const quietly = (change) => ({ ...change, _doNotReportToPy: true });
  if (plot.layout.selections?.length) await window.Plotly.relayout(plot, quietly({ selections: [] }));
  await window.Plotly.restyle(plot, quietly({ selectedpoints: marks }), [...marks.keys()]);
  if (found) await window.Plotly.restyle(plot, quietly({ x: [found.x], y: [found.y] }), [found.trace]);
}

/** Of names that overlap, the one of the larger group is shown: it comes first. */
function thinNames(plot) {
  const take = freeRoom();
  for (const name of plot.querySelectorAll(".annotation")) {
    const { left, top, right, bottom } = name.getBoundingClientRect();
    name.style.visibility = take([left, top, right, bottom]) ? "" : "hidden";
  }
}

/** One figure on the page: its events become messages. */
function listen(plot, model, mouse) {
  const tell = (kind, more = {}) => model.send({ kind, name: model.get("name"), ...more });
  const idsOf = (event) => event.points.map((point) => point.customdata).filter((id) => id !== undefined).map(Number);
  const select = (drawn, polygon, trackIds) =>
    tell("selected", { drawn, polygon, track_ids: trackIds, shown: shownOf(plot), mode: mouse.mode });
  const clear = () => tell("selected", { drawn: "lasso", polygon: [], track_ids: [], shown: shownOf(plot), mode: "replace" });

  plot.classList.add("wb-plot");
  plot.tabIndex = 0;
  plot.setAttribute("aria-label", "Map of the tracks");
  const over = make("div", { class: "wb wb-over-plot" });
  plot.append(over);
  const card = hoverCard(over, (trackId) => tell("hover", { track_id: trackId }));

  for (const event of ["selected", "deselect", "click", "hover", "unhover"]) {
    plot.removeAllListeners(`plotly_${event}`); // FigureWidget's own, which tell the kernel of every point
  }
  plot.on("plotly_afterplot", () => thinNames(plot));
  thinNames(plot);
  plot.on("plotly_selected", (event) => {
    if (!event?.points) return;
    const corners = cornersOf(event);
    if (event.selections && !corners.length) return; // the outline was taken away, by us
    select(event.range ? "box" : "lasso", corners, corners.length ? [] : idsOf(event));
  });
  plot.on("plotly_deselect", clear);
  plot.on("plotly_click", (event) => event?.points && tell("clicked", { track_ids: idsOf(event).slice(0, 1) }));
  plot.on("plotly_unhover", () => card.want(null));
  plot.on("plotly_hover", (event) => {
    const [trackId] = idsOf(event);
    const box = over.getBoundingClientRect();
    if (trackId === undefined || mouse.isDown || !event.event) return;
    card.want(trackId, event.event.clientX - box.x, event.event.clientY - box.y);
  });
  plot.addEventListener(
    "mousedown",
    () => {
      card.hide();
      plot.focus({ preventScroll: true });
    },
    true,
  );
  plot.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    clear();
  });
  tell("drawn");
  return card;
}

export default {
  initialize({ model }) {
    const cards = new Map();
    const waiting = [];
    let working = Promise.resolve();
    const isMine = (plot) => // by its first trace; an empty one by its class, which comes a little later
      Boolean(model.get("name")) && (plot.data?.[0]?.uid === model.get("name") || plot.classList.contains(model.get("name")));
    const isOver = (target) => [...cards.keys()].some((plot) => plot.contains(target));
    const { mouse, end } = watchMouse(isOver, flush);

    function meet(plot) {
      if (!plot?.isConnected || !isMine(plot) || cards.has(plot)) return;
      if (!plot._fullData?.length) return model.send({ kind: "blank", name: model.get("name") });
      cards.set(plot, listen(plot, model, mouse));
    }
    /** Marks in all views; a view that the page took away has no data any more. */
    function mark(state) {
      for (const plot of cards.keys()) if (!plot._fullData || !isMine(plot)) cards.delete(plot);
      if (!cards.size) return model.send({ kind: "gone", name: model.get("name") });
      return Promise.all([...cards.keys()].map((plot) => apply(plot, state)));
    }
    /** A figure that changes under a lasso loses it: what comes meanwhile waits. */
    function flush() {
      while (waiting.length && !mouse.isDown) {
        const state = waiting.shift();
        if (state.name === model.get("name")) working = working.then(() => mark(state)).catch(console.error);
      }
    }
    const drawn = (event) => {
      const plot = event.detail?.element;
      if (plot?._fullData?.length) meet(plot);
      setTimeout(() => meet(plot), EMPTY_FOR_MS);
    };
    const look = () => document.querySelectorAll(".js-plotly-plot").forEach((plot) => plot._fullData?.length && meet(plot));
    const answer = (content, buffers) => {
      if (content.kind === "card") cards.forEach((card) => card.answer(content.track_id, content.lines, buffers?.[0]));
      if (content.kind === "state") waiting.push(content);
      flush();
    };
    document.addEventListener(DRAWN, drawn);
    model.on("change:name", look);
    onMessage(model, answer);
    look();
    return () => {
      end();
      document.removeEventListener(DRAWN, drawn);
    };
  },
};
