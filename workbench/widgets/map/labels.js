// Names of groups, over the map at their centres; one that would lie on an earlier name is not shown.

import { fill, make } from "../page/dom.js";

const GAP = 4; // pixels between two names

/** Names inside `box`: `load` takes them, `move` puts them where the camera sees them. */
export function labelsIn(box) {
  let names = [];

  function load(labels) {
    names = labels.map(([text, x, y]) => ({ at: [x, y], element: make("div", { class: "wb-label" }, text) }));
    fill(box, ...names.map(({ element }) => element));
    for (const name of names) name.size = [name.element.offsetWidth, name.element.offsetHeight];
  }

  function move(camera) {
    const taken = [];
    for (const { at, element, size } of names) {
      const area = around(camera.toPixel(at), size);
      const isFree = isWithin(area, camera) && !taken.some((other) => overlap(area, other));
      element.style.visibility = isFree ? "visible" : "hidden";
      element.style.transform = `translate(${area[0]}px, ${area[1]}px)`;
      if (isFree) taken.push(area);
    }
  }

  return { load, move };
}

function around([across, down], [width, height]) {
  const left = across - width / 2;
  const top = down - height / 2;
  return [left, top, left + width, top + height];
}

function overlap(one, other) {
  return one[0] < other[2] + GAP && other[0] < one[2] + GAP && one[1] < other[3] + GAP && other[1] < one[3] + GAP;
}

function isWithin([left, top, right, bottom], camera) {
  return left >= 0 && top >= 0 && right <= camera.width && bottom <= camera.height;
}
