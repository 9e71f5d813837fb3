// What all views of one map share: the picture, what is selected, found and hidden. The kernel is asked for it once.

import { bytesOf, onMessage } from "../page/dom.js";
import { FOUND, SELECTED, counted, gathered, spread } from "./bits.js";
import { boundsOf } from "./camera.js";
import { gridOf } from "./grid.js";
import { inside } from "./lasso.js";

const ASKED_AGAIN = 10_000; // milliseconds until the kernel is asked once more

/** Listeners hear "picture", "anew", "marks", "hidden", "card" and "trouble". */
export function mapStore(model) {
  const listeners = new Set();
  const store = { picture: null, marks: new Uint8Array(), hidden: new Uint8Array(256), selected: 0, found: 0, isSearched: false, number: 0 };
  let grid = null;
  let wasSeen = false; // a view was on the page
  let isGone = false; // and none is now, as the kernel was told

  const changed = (what, content, buffers) => [...listeners].forEach((listener) => listener(what, content, buffers));

  store.watch = (listener) => {
    listeners.add(listener);
    if (isGone) model.send({ kind: "returned" });
    [wasSeen, isGone] = [true, false];
    return () => listeners.delete(listener);
  };

  store.isShown = (place) => !store.hidden[store.picture.codes[place]];

  /** Place of the shown point nearest to x, y, or -1. */
  store.near = (x, y, radius) => {
    grid ??= gridOf(store.picture.points, store.picture.bounds);
    return grid.near(x, y, radius, store.isShown);
  };

  /** Hide these categories and no others. */
  store.hide = (codes) => {
    store.hidden.fill(0);
    for (const code of codes) store.hidden[code] = 1;
    changed("hidden");
  };

  store.click = (place) => model.send({ kind: "clicked", place });

  store.ask = (place) => model.send({ kind: "hover", place });

  /** Select what lies in the ring: `how` is "new", "add" or "take". An empty ring clears. */
  store.choose = (kind, ring, how = "new") => {
    if (!store.picture) return;
    const isHiding = merged(store, ring.length ? inside(store.picture.points, ring) : null, how);
    const polygon = how === "new" && !isHiding ? ring : [];
    model.send({ kind, polygon, seen: store.number }, undefined, [gathered(store.marks, SELECTED).buffer]);
    changed("marks");
  };

  const heard = {
    picture(content, buffers) {
      if (!received(store, content, buffers)) return;
      if (content.parts.includes("points")) grid = null;
      changed(content.is_anew ? "anew" : "picture");
    },
    selected(content, buffers) {
      store.number = content.number;
      store.selected = spread(store.marks, SELECTED, bytesOf(buffers[0]));
      changed("marks");
      if (!wasSeen || listeners.size || isGone) return;
      isGone = true;
      model.send({ kind: "gone" });
    },
    found(content, buffers) {
      store.isSearched = content.is_searched;
      store.found = spread(store.marks, FOUND, bytesOf(buffers[0]));
      changed("marks");
    },
    card: (content, buffers) => changed("card", content, buffers),
    trouble: (content) => changed("trouble", content),
  };

  onMessage(model, (content, buffers) => heard[content.kind]?.(content, buffers));
  store.begin = () => model.send({ kind: "ready" });
  store.begin();
  const again = setTimeout(() => store.picture || store.begin(), ASKED_AGAIN);
  store.end = () => clearTimeout(again);
  return store;
}

/** Take in a picture; false where its points were sent before this page listened. */
function received(store, content, buffers) {
  const parts = Object.fromEntries(content.parts.map((name, at) => [name, bytesOf(buffers[at])]));
  const old = store.picture;
  if (!parts.points && !old) return false;
  const points = parts.points ? new Float32Array(parts.points.buffer) : old.points;
  const bounds = parts.points ? boundsOf(points) : old.bounds;
  store.picture = { ...content, ...parts, points, bounds };
  const kept = old?.count === content.count ? store.marks : new Uint8Array(content.count);
  store.marks = parts.flags.map((flags, place) => flags | (kept[place] & (SELECTED | FOUND)));
  if (JSON.stringify(old?.colour) !== JSON.stringify(content.colour)) store.hidden.fill(0);
  return true;
}

/** Change what is selected by what lies within; tells whether any point was hidden. */
function merged(store, within, how) {
  const { marks, hidden } = store;
  const { codes } = store.picture;
  let isHiding = 0;
  for (let place = 0; place < marks.length; place++) {
    const isHidden = hidden[codes[place]];
    isHiding |= isHidden;
    const is = within !== null && within[place] && !isHidden;
    if (is) marks[place] = how === "take" ? marks[place] & ~SELECTED : marks[place] | SELECTED;
    else if (how === "new") marks[place] &= ~SELECTED;
  }
  store.selected = counted(marks, SELECTED);
  return isHiding > 0;
}
