// A track among the others: a line for each feature, with a bar of percentiles.

import { make } from "../page/dom.js";

/** One line: name, value, bar and words. */
export function placeRow({ name, value, note, words, bar }) {
  return make(
    "div",
    { class: "wb-track-place", role: "listitem" },
    make("span", { class: "wb-track-name" }, name),
    make("span", { class: "wb-track-value" }, make("span", {}, value), note ? make("span", { class: "wb-faint" }, ` ${note}`) : null),
    bar ? placeBar(bar, `${name}: ${words || value}`) : make("span", { class: "wb-track-nobar" }),
    make("span", { class: "wb-track-words wb-faint" }, words),
  );
}

function placeBar(bar, about) {
  const made = make("span", { class: "wb-track-bar", role: "img", "aria-label": about, title: about });
  const put = (kind, from, to) => {
    const part = make("span", { class: `wb-track-${kind}` });
    part.style.left = `${100 * from}%`;
    if (to !== undefined) part.style.width = `${100 * (to - from)}%`;
    made.append(part);
  };
  put("most", bar.p5, bar.p95);
  put("half", bar.p25, bar.p75);
  put("median", bar.p50);
  if (bar.own !== undefined) put("own", bar.own);
  return made;
}
