// Names of groups, just above their centres; one that would lie on an earlier name is not shown.

import { fill, make } from "../page/dom.js";
import { freeRoom } from "./free_room.js";

const ABOVE = 12; // pixels between a centre and its name: a small group must not vanish behind it

/** Names inside `box`: `load` takes them, `move` puts them where the camera sees them. */
export function labelsIn(box) {
  let names = [];

  function load(labels) {
    names = labels.map(([text, x, y]) => ({ at: [x, y], element: make("div", { class: "wb-label" }, text) }));
    fill(box, ...names.map(({ element }) => element));
    for (const name of names) name.size = [name.element.offsetWidth, name.element.offsetHeight];
  }

  function move(camera) {
    const take = freeRoom();
    for (const { at, element, size } of names) {
      const centre = camera.toPixel(at);
      const area = above(centre, size, camera);
      const isFree = isWithin(centre, camera) && take(area);
      element.style.visibility = isFree ? "visible" : "hidden";
      element.style.transform = `translate(${area[0]}px, ${area[1]}px)`;
    }
  }

  return { load, move };
}

/** Left, top, right and bottom of a name, pushed back where it would stand out of the map. */
function above([across, down], [width, height], camera) {
  const left = Math.max(0, Math.min(across - width / 2, camera.width - width));
  const top = Math.max(0, Math.min(down - ABOVE - height, camera.height - height));
  return [left, top, left + width, top + height];
}

function isWithin([across, down], camera) {
  return across >= 0 && down >= 0 && across <= camera.width && down <= camera.height;
}
