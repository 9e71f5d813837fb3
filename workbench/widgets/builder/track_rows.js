// The rows of the list: one element for each track, kept while the track is in the list.

import { bytesOf, make } from "../page/dom.js";

/** Let `box` have these children in this order; those that stand right already are not touched. */
export function settle(box, elements) {
  const wanted = new Set(elements);
  for (const child of [...box.children]) if (!wanted.has(child)) child.remove();
  let here = box.firstElementChild;
  for (const element of elements) {
    if (here && here !== element && here.nextElementSibling === element) {
      box.append(here); // one that went down: it is put right when its turn comes
      here = element;
    }
    if (here === element) here = here.nextElementSibling;
    else box.insertBefore(element, here);
  }
}

/** Rows by track id; `prefix` makes their ids in the page, `wantCovers(ids)` asks for covers of rows that are seen. */
export function trackRows(prefix, wantCovers) {
  const rows = new Map();
  const covers = new Map(); // addresses of pictures by track id
  const asked = new Set();
  const seen = new IntersectionObserver((entries) => {
    const ids = entries.filter((entry) => entry.isIntersecting).map((entry) => Number(entry.target.dataset.id));
    const news = ids.filter((id) => !asked.has(id));
    news.forEach((id) => asked.add(id));
    if (news.length) wantCovers(news);
  });

  function create(line) {
    const part = (name, text) => make("span", { class: `wb-builder-${name}` }, text);
    const picture = make("img", { class: "wb-cover", alt: "", draggable: false });
    picture.hidden = !covers.has(line.id);
    if (covers.has(line.id)) picture.src = covers.get(line.id);
    const row = make(
      "div",
      { class: "wb-builder-track", role: "option", id: `${prefix}-${line.id}`, "aria-selected": "false", "data-id": String(line.id) },
      make("span", { class: "wb-builder-grip", title: "Drag to another place", "aria-hidden": "true" }, "\u2807"),
      part("number"),
      make("span", { class: "wb-builder-frame" }, picture),
      make("span", { class: "wb-builder-names" }, part("title", line.title), part("artist", line.artist)),
      make("span", { class: "wb-builder-facts" }, part("key", line.key), part("tempo", line.tempo), part("length", line.length), part("start")),
    );
    row.querySelector(".wb-builder-title").title = line.title;
    row.querySelector(".wb-builder-artist").title = line.artist;
    return row;
  }

  /** Take over lines; a line that came before is replaced. */
  function learn(lines) {
    for (const line of lines) {
      if (rows.has(line.id)) seen.unobserve(rows.get(line.id).element);
      rows.set(line.id, { line, element: create(line) });
      if (!covers.has(line.id)) asked.delete(line.id);
      seen.observe(rows.get(line.id).element);
    }
  }

  /** The elements of these tracks, in order, with their numbers and starts; the others are forgotten. */
  function arrange(ids, starts) {
    const wanted = new Set(ids);
    for (const [id, row] of rows) {
      if (wanted.has(id)) continue;
      seen.unobserve(row.element);
      rows.delete(id);
    }
    return ids.map((id, place) => {
      const row = rows.get(id);
      if (row.place !== place || row.begins !== starts[place]) number(row, place, starts[place]);
      if (row.count !== ids.length) row.element.setAttribute("aria-setsize", String((row.count = ids.length)));
      return row.element;
    });
  }

  function number(row, place, begins) {
    const { line, element } = row;
    Object.assign(row, { place, begins });
    element.querySelector(".wb-builder-number").textContent = String(place + 1);
    element.querySelector(".wb-builder-start").textContent = begins;
    element.setAttribute("aria-posinset", String(place + 1));
    element.setAttribute(
      "aria-label",
      `${place + 1}. ${line.title}, ${line.artist}, key ${line.key}, ${line.tempo} BPM, ${line.length}, begins at ${begins}`,
    );
  }

  function show(ids, buffers) {
    ids.forEach((id, place) => {
      if (covers.has(id)) URL.revokeObjectURL(covers.get(id));
      covers.set(id, URL.createObjectURL(new Blob([bytesOf(buffers[place])], { type: "image/jpeg" })));
      const picture = rows.get(id)?.element.querySelector("img");
      if (!picture) return;
      picture.src = covers.get(id);
      picture.hidden = false;
    });
  }

  function end() {
    seen.disconnect();
    covers.forEach((address) => URL.revokeObjectURL(address));
  }

  return {
    learn,
    arrange,
    show,
    end,
    has: (id) => rows.has(id),
    element: (id) => rows.get(id)?.element,
    title: (id) => rows.get(id)?.line.title ?? "",
  };
}
