// What can be picked beside a search, with numbers of tracks.

import { fill, make } from "../page/dom.js";

/** `edit(gesture)` writes the search anew; `reopen(names)` asks for the facets that are longer. */
export function facetPanel({ edit, reopen }) {
  const groups = make("div", { class: "wb-browser-facets" });
  const root = make("details", { class: "wb-browser-sift", open: true }, make("summary", {}, "Narrow down"), groups);
  const longer = new Set();
  const folded = new Set(["camelot", "bpm", "mood", "group_name"]); // the others fill a page
  const unfolded = new Set();
  let shown = [];

  function toggle(names, name) {
    if (!names.delete(name)) names.add(name);
  }

  function line(facet, entry, isParent) {
    const pick = make(
      "button",
      {
        class: "wb-browser-pick", type: "button", role: "checkbox",
        "aria-checked": { on: "true", off: "false", part: "mixed" }[entry.state],
        "data-key": entry.key, title: entry.label,
        onclick: () => edit({ action: "toggle", facet: facet.name, key: entry.key }),
      },
      make("span", { class: "wb-browser-tick", "aria-hidden": "true" }), make("span", { class: "wb-browser-label wb-clamp" }, entry.label),
      make("span", { class: "wb-faint" }, entry.tracks.toLocaleString("en")),
    );
    const twist = isParent && make("button", {
      class: "wb-browser-twist", type: "button", "aria-expanded": String(unfolded.has(entry.key)),
      "aria-label": `Genres below ${entry.label}`,
      onclick: () => { toggle(unfolded, entry.key); refocus(() => draw(), facet.name, entry.key, ".wb-browser-twist"); },
    });
    return make("li", { style: `--wb-depth: ${entry.depth}`, class: isParent ? "wb-browser-parent" : "" }, twist || null, pick);
  }

  /** Lines of a facet; below a genre only where it is unfolded, or something there is picked. */
  function lines(facet) {
    const made = [];
    let hiddenBelow = Infinity;
    facet.entries.forEach((entry, place) => {
      if (entry.depth > hiddenBelow) return;
      hiddenBelow = Infinity;
      const below = facet.entries.slice(place + 1);
      const end = below.findIndex((other) => other.depth <= entry.depth);
      const family = end < 0 ? below : below.slice(0, end);
      const isPartly = entry.state === "part";
      if (family.length && !unfolded.has(entry.key) && !isPartly) hiddenBelow = entry.depth;
      made.push(line(facet, entry, family.length > 0));
    });
    return made;
  }

  function range(facet) {
    const ends = ["low", "high"].map((end) => make("input", {
      class: "wb-input wb-browser-end", type: "text", inputmode: "decimal", value: facet[end], "data-end": end,
      placeholder: end === "low" ? "from" : "to", "aria-label": `${facet.title} ${end === "low" ? "from" : "to"}`,
    }));
    const send = () => edit({ action: "range", facet: facet.name, low: ends[0].value, high: ends[1].value });
    for (const end of ends) end.addEventListener("keydown", (event) => { if (event.key === "Enter") send(); });
    const set = make("button", { class: "wb-button", type: "button", "aria-label": `Set ${facet.title.toLowerCase()}`, onclick: send }, "Set");
    return make("div", { class: "wb-row wb-browser-range" }, ...ends, set); // no form: JupyterLab lets Enter submit none
  }

  function group(facet) {
    const more = facet.more || longer.has(facet.name);
    const head = make(
      "summary", {}, make("span", {}, facet.title),
      facet.is_picked && make("button", {
        class: "wb-browser-undo", type: "button", "aria-label": `Any ${facet.title.toLowerCase()}`, title: `Any ${facet.title.toLowerCase()}`,
        onclick: (event) => { event.preventDefault(); edit({ action: "clear", facet: facet.name }); },
      }, "any") || null,
    );
    const made = make(
      "details", { class: "wb-browser-facet", "data-facet": facet.name, open: !folded.has(facet.name) || facet.is_picked }, head,
      facet.is_range ? range(facet) : null, make("ul", {}, ...lines(facet)),
      more ? make("button", {
        class: "wb-browser-more", type: "button",
        onclick: () => { toggle(longer, facet.name); reopen([...longer]); },
      }, longer.has(facet.name) ? "Fewer" : `More (${facet.more.toLocaleString("en")})`) : null,
    );
    made.addEventListener("toggle", () => { if (made.open) folded.delete(facet.name); else folded.add(facet.name); });
    return made;
  }

  /** Draw, and keep the focus where it was. */
  function refocus(action, facet, key, kind) {
    action();
    const box = [...groups.children].find((each) => each.dataset.facet === facet);
    const pick = box && [...box.querySelectorAll(".wb-browser-pick")].find((each) => each.dataset.key === key);
    (kind === ".wb-browser-twist" ? pick?.parentElement.querySelector(kind) : pick)?.focus({ preventScroll: true });
  }

  function draw() {
    fill(groups, ...shown.map(group));
  }

  function show(facets) {
    const held = groups.contains(document.activeElement) ? document.activeElement : null;
    const facet = held?.closest(".wb-browser-facet")?.dataset.facet;
    const typed = [...held?.closest(".wb-browser-range")?.querySelectorAll(".wb-browser-end") ?? []]; // perhaps not sent yet
    shown = facets;
    refocus(draw, facet, held?.dataset.key, ".wb-browser-pick");
    for (const end of typed) {
      const drawn = groups.querySelector(`[data-facet="${facet}"] [data-end="${end.dataset.end}"]`);
      if (drawn && end.value !== end.defaultValue) drawn.value = end.value;
      if (end === held) drawn?.focus({ preventScroll: true });
    }
  }

  return { root, show, longer: () => [...longer] };
}
