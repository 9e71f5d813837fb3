// Rows dragged to another place: with the mouse anywhere on a row, with a finger by its grip.

import { make } from "../page/dom.js";

const FAR_ENOUGH = 5; // pixels before a press becomes a drag
const EDGE = 32; // pixels from the list's edge in which it scrolls
const SPEED = 9;

/**
 * Make the rows in `list` draggable.
 * `carried(id)` says which ids go along; `drop(ids, before)` is told the end, `before` an id or null for the last place.
 */
export function draggable(list, carried, drop) {
  const line = make("div", { class: "wb-builder-drop", hidden: true });
  list.append(line);
  let press = null;
  let isDragging = false;
  let justDragged = false;

  const rows = () => list.getElementsByClassName("wb-builder-track");

  /** Number of the first row whose middle is below y, a place on the page. */
  function placeAt(y) {
    const all = rows();
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const box = all[middle].getBoundingClientRect();
      if (y < box.top + box.height / 2) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  function indicate() {
    const all = rows();
    const place = placeAt(press.y);
    const last = all[all.length - 1];
    line.style.top = `${place < all.length ? all[place].offsetTop : last.offsetTop + last.offsetHeight}px`;
    line.hidden = false;
  }

  function scroll() {
    if (!isDragging) return;
    const box = list.getBoundingClientRect();
    if (press.y < box.top + EDGE) list.scrollTop -= SPEED;
    else if (press.y > box.bottom - EDGE) list.scrollTop += SPEED;
    indicate();
    requestAnimationFrame(scroll);
  }

  function start(event) {
    isDragging = true;
    list.setPointerCapture(event.pointerId);
    list.classList.add("wb-builder-dragging");
    press.ids.forEach((id) => list.querySelector(`[data-id="${id}"]`)?.classList.add("wb-builder-carried"));
    requestAnimationFrame(scroll);
  }

  function end() {
    press = null;
    isDragging = false;
    line.hidden = true;
    list.classList.remove("wb-builder-dragging");
    for (const row of [...list.getElementsByClassName("wb-builder-carried")]) row.classList.remove("wb-builder-carried");
  }

  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest(".wb-builder-track");
    justDragged = false;
    if (!row || event.button !== 0) return;
    if (event.pointerType !== "mouse" && !event.target.closest(".wb-builder-grip")) return;
    press = { x: event.clientX, y: event.clientY, fromY: event.clientY, ids: carried(Number(row.dataset.id)) };
  });
  list.addEventListener("pointermove", (event) => {
    if (!press) return;
    if (event.pointerType === "mouse" && event.buttons === 0) return end();
    press.y = event.clientY;
    if (!isDragging && Math.hypot(event.clientX - press.x, event.clientY - press.fromY) > FAR_ENOUGH) start(event);
    if (isDragging) indicate();
  });
  list.addEventListener("pointerup", (event) => {
    if (!isDragging) return end();
    press.y = event.clientY;
    const before = rows()[placeAt(press.y)];
    const ids = press.ids;
    justDragged = true;
    end();
    drop(ids, before ? Number(before.dataset.id) : null);
  });
  list.addEventListener("pointercancel", end);
  list.addEventListener("keydown", (event) => event.key === "Escape" && end());

  return { line, wasDragged: () => justDragged };
}
