// The canvas of one view, and what happens when a browser has no WebGL or takes a drawing away.

import { make } from "../page/dom.js";
import { painterOn } from "./painter.js";

const NO_WEBGL = "WebGL is not available here. Draw the map without it: MapView(..., engine='plotly').";
const TAKEN = "The browser has taken this drawing away, as it does when there are many.";

/** A screen on `canvas`: `say(text, ...)` shows a notice, `renewed()` is called when all is to be loaded again. */
export function screenOn(canvas, say, renewed) {
  let painter = null;

  function start() {
    painter = painterOn(canvas);
    if (!painter) return say(NO_WEBGL);
    canvas.addEventListener("webglcontextlost", lost);
    canvas.addEventListener("webglcontextrestored", restored);
  }

  function lost(event) {
    event.preventDefault(); // a browser restores only what asks for it
    if (event.target !== canvas) return;
    painter = null;
    say(TAKEN, " ", make("button", { class: "wb-button", type: "button", onclick: anew }, "Redraw"));
  }

  function restored(event) {
    if (event.target !== canvas) return;
    painter = painterOn(canvas);
    renewed();
  }

  /** All again on another canvas. */
  function anew() {
    const [old, ended] = [canvas, painter];
    canvas = old.cloneNode();
    old.replaceWith(canvas);
    ended?.end();
    start();
    renewed();
  }

  function resize(width, height) {
    const ratio = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  }

  function end() {
    const ended = painter;
    painter = null;
    ended?.end();
  }

  start();
  const load = (picture) => painter?.load(picture);
  const mark = (marks) => painter?.mark(marks);
  const paint = (store, camera, look, stride) => painter?.paint(store, camera, look, devicePixelRatio || 1, stride);
  return { isThere: () => painter !== null, load, mark, paint, resize, anew, end };
}
