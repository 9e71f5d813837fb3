// What hands do on a map: drag with a tool, click, turn the wheel, press keys.

import { boxBetween } from "./lasso.js";

const STILL = 4; // pixels that a click may move
const STEP = 2; // pixels between two corners of a lasso
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Listens on `stage`. `acts` has tool(), moved(), outline(ring of pixels, may be empty), chosen(kind, ring, how),
 * cleared(), clicked(pixel), entered(), hovered(pixel or null).
 */
export function gesturesOn(stage, camera, acts) {
  let drag = null;
  let isSpaceDown = false;

  function down(event) {
    if (event.button > 1 || drag) return;
    stage.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    const tool = event.button === 1 || isSpaceDown ? "pan" : acts.tool();
    drag = { tool, how: howOf(event), ring: [pixelOf(event, stage)], isClick: event.button === 0 };
    acts.hovered(null);
  }

  function move(event) {
    const pixel = pixelOf(event, stage);
    if (!drag) return acts.hovered(pixel);
    const last = drag.ring.at(-1);
    if (drag.isClick && apart(pixel, drag.ring[0]) < STILL) return;
    drag.isClick = false;
    if (drag.tool === "pan") {
      camera.pan(pixel[0] - last[0], pixel[1] - last[1]);
      drag.ring.push(pixel);
      acts.moved();
    } else if (apart(pixel, last) >= STEP) {
      drag.ring.push(pixel);
      acts.outline(outlineOf(drag));
    }
  }

  function up(event) {
    if (!drag) return;
    const ended = drag;
    cancel();
    if (ended.isClick) return acts.clicked(ended.ring[0]);
    if (ended.tool === "pan") return;
    ended.ring.push(pixelOf(event, stage));
    const ring = outlineOf(ended);
    if (ring.length > 2) acts.chosen(ended.tool, ring.map(camera.toMap), ended.how === "new" ? howOf(event) : ended.how);
  }

  function cancel() {
    drag = null;
    acts.outline([]);
  }

  /** The page scrolls on over a map that nobody has touched. */
  function wheel(event) {
    const isMeant = event.ctrlKey || event.metaKey || stage.contains(document.activeElement);
    if (!isMeant) return;
    event.preventDefault();
    acts.hovered(null);
    camera.zoom(Math.exp(-pixelsTurned(event) * 0.0015), pixelOf(event, stage));
    acts.moved();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") acts.entered();
    else if (event.key === "Escape" && drag) cancel();
    else if (event.key === "Escape") acts.cleared();
    else if (event.key === " ") isSpaceDown = true;
    else if (!moveBy(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function moveBy(name) {
    const arrow = ARROWS[name];
    if (arrow) camera.pan(arrow[0] * 60, arrow[1] * 60);
    else if (name === "+" || name === "=") camera.zoom(1.4);
    else if (name === "-") camera.zoom(1 / 1.4);
    else if (name === "Home" || name === "0") camera.home();
    else return false;
    acts.moved();
    return true;
  }

  const release = () => (isSpaceDown = false);
  stage.addEventListener("pointerdown", down);
  stage.addEventListener("pointermove", move);
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", cancel);
  stage.addEventListener("pointerleave", () => acts.hovered(null));
  stage.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays, and nothing scrolls by itself
  stage.addEventListener("dblclick", () => acts.cleared());
  stage.addEventListener("wheel", wheel, { passive: false });
  stage.addEventListener("keydown", key);
  stage.addEventListener("keyup", (event) => event.key === " " && release());
  stage.addEventListener("blur", release);
}

function howOf(event) {
  if (event.altKey) return "take";
  return event.shiftKey ? "add" : "new";
}

function pixelOf(event, stage) {
  const box = stage.getBoundingClientRect();
  return [event.clientX - box.x, event.clientY - box.y];
}

function apart([x0, y0], [x1, y1]) {
  return Math.hypot(x1 - x0, y1 - y0);
}

function outlineOf({ tool, ring }) {
  if (tool !== "box") return ring;
  return boxBetween(ring[0], ring.at(-1));
}

/** A wheel turns in pixels, lines or pages. */
function pixelsTurned(event) {
  return event.deltaY * [1, 16, 400][event.deltaMode];
}
