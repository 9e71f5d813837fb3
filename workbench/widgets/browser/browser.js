// A collection on the page: a box to search it, what narrows it down, and one page of its rows.
// The kernel is asked for all of it; an answer to what has been asked anew since is passed over.

import { calmly, fill, make, onMessage, ownKeys } from "../page/dom.js";
import { facetPanel } from "./facet_panel.js";
import { rowsTable } from "./rows_table.js";
import { searchBox } from "./search_box.js";

const CALM_MS = 70; // between the last key and the question
const QUIET_MS = 120; // between rows and what may follow, so that the next key waits for neither
const COVERS_AT_ONCE = 6; // so that a key need not wait for a page of covers
const NARROW = 720; // pixels, as in browser.css
const LEVELS = { tracks: "Tracks", albums: "Albums", artists: "Artists" };

function render({ model, el }) {
  const view = Math.random().toString(36).slice(2);
  const numbers = { ask: 0, facets: 0, suggest: 0, covers: 0 };
  let typedNumber = -1;
  let state = { page: 0, pages: 1, level: "tracks", only: false };

  const say = (kind, content = {}) => model.send({ kind, view, ...content });
  const ask = (kind, series, content) => say(kind, { number: (numbers[series] += 1), ...content });

  const box = searchBox({
    typed: calmly(CALM_MS, (text) => { ask("ask", "ask", { query: text }); typedNumber = numbers.ask; }),
    asked: calmly(CALM_MS + 1, (text, caret) => ask("suggest", "suggest", { query: text, caret })),
  });
  const edit = (gesture) => ask("edit", "ask", { query: box.text(), ...gesture });
  const turn = (step) => {
    const page = state.page + step;
    if (page >= 0 && page < state.pages) ask("ask", "ask", { page });
  };
  const panel = facetPanel({ edit, reopen: (opened) => ask("facets", "facets", { opened }) });
  const rows = rowsTable({ edit, turn, select: (gesture) => say("select", gesture), play: (id) => say("play", { id }) });

  const button = (label, title, onclick) => make("button", { class: "wb-button", type: "button", title, onclick }, label);
  const buttons = {
    play: button("▶ Play", "Play the first of the selected tracks", () => say("play")),
    liken: button("More like this", "Select what sounds like the selected tracks", () => say("liken")),
    add: button("Add to playlist", "Put the selected tracks at the end of the playlist", () => say("add")),
    all: button("Select all found", "Select what the search finds, on all pages", () => say("select", { how: "all" })),
    none: button("Select none", "Select nothing", () => say("select", { how: "none" })),
    only: button("Show selected only", "Show the selected tracks and no others", () => say("only", { on: !state.only })),
    undo: button("↶ Undo", "What was selected before", () => say("undo")),
    redo: button("↷ Redo", "What was selected before undo", () => say("redo")),
  };
  const levels = Object.fromEntries(Object.entries(LEVELS).map(
    ([level, label]) => [level, button(label, `List ${label.toLowerCase()}`, () => ask("ask", "ask", { level }))],
  ));
  const crumbs = make("nav", { class: "wb-browser-crumbs", "aria-label": "Way down" });
  const counts = make("span", { role: "status", class: "wb-browser-counts" });
  const place = make("span", { class: "wb-browser-place" });
  const before = button("‹ Previous", "Previous page", () => turn(-1));
  const after = button("Next ›", "Next page", () => turn(1));
  const paging = make("div", { class: "wb-row wb-browser-paging" }, before, place, after);
  const root = make(
    "div", { class: "wb wb-browser" }, box.root,
    make("div", { class: "wb-row wb-browser-where-we-are" },
      make("div", { class: "wb-row", role: "group", "aria-label": "List" }, ...Object.values(levels)), crumbs, counts),
    make("div", { class: "wb-browser-body" }, panel.root, make("div", { class: "wb-browser-main" },
      make("div", { class: "wb-row wb-browser-actions", role: "group", "aria-label": "Selection" }, ...Object.values(buttons)),
      rows.root, paging)),
  );
  ownKeys(root);
  el.append(root);

  function tell(message) {
    counts.textContent = message.summary;
    const isSome = message.selected > 0;
    buttons.liken.hidden = !message.can_liken;
    buttons.add.hidden = !message.can_add;
    for (const name of ["liken", "add", "none"]) buttons[name].disabled = !isSome;
    buttons.only.disabled = !isSome && !state.only;
    buttons.all.disabled = !message.found;
    buttons.play.disabled = !message.found;
    buttons.undo.disabled = !message.can_undo;
    buttons.redo.disabled = !message.can_redo;
  }

  function crumb(step, isLast) {
    return isLast
      ? make("span", { "aria-current": "location" }, step.label)
      : make("button", { class: "wb-browser-link", type: "button", onclick: () => edit({ action: "back", to: step.to }) }, step.label);
  }

  function askForCovers() {
    const ids = rows.uncovered().slice(0, COVERS_AT_ONCE);
    if (ids.length) ask("covers", "covers", { ids });
  }

  const followUp = calmly(QUIET_MS, () => {
    if (!root.isConnected) return;
    ask("facets", "facets", { opened: panel.longer() });
    askForCovers();
  });

  function showRows(message) {
    state = message;
    if (message.view !== view || message.number !== typedNumber) box.write(message.query);
    box.complain("");
    rows.show(message);
    const last = message.first + message.rows.length;
    place.textContent = `${(message.first + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${message.count.toLocaleString("en")} ${message.level}`;
    paging.hidden = !message.rows.length;
    before.disabled = message.page === 0;
    after.disabled = message.page >= message.pages - 1;
    fill(crumbs, ...message.crumbs.length > 1
      ? message.crumbs.flatMap((step, number) => [number ? " › " : null, crumb(step, number === message.crumbs.length - 1)]).filter(Boolean)
      : []);
    for (const [level, each] of Object.entries(levels)) each.setAttribute("aria-pressed", String(level === message.level));
    buttons.only.setAttribute("aria-pressed", String(message.only));
    tell(message);
    followUp();
  }

  const heard = {
    rows: (message) => {
      const isMine = message.view === view;
      if (isMine && message.number !== numbers.ask) return; // asked anew since
      showRows(message);
    },
    error: (message) => {
      if (message.view !== view || message.number !== numbers.ask) return;
      if (message.number !== typedNumber) box.write(message.query);
      box.complain(message.message, message.query, message.position);
    },
    facets: (message) => { if (message.view === view && message.number === numbers.facets) panel.show(message.facets); },
    suggestions: (message) => { if (message.view === view && message.number === numbers.suggest && message.query === box.text()) box.offer(message.offers); },
    covers: (message, buffers) => {
      if (message.view !== view) return;
      rows.cover(message.ids, message.covered, buffers);
      if (message.number === numbers.covers) askForCovers();
    },
    marks: (message) => { rows.mark(message.marked); rows.sound(message.clicked); tell(message); },
  };
  const hear = (message, buffers) => heard[message.kind]?.(message, buffers);

  let wasWide = null;
  const sizes = new ResizeObserver(() => { // where it stands above the rows it begins folded
    const isWide = root.clientWidth > NARROW;
    if (isWide !== wasWide) panel.root.open = isWide;
    wasWide = isWide;
  });

  sizes.observe(root);
  const deafen = onMessage(model, hear);
  ask("ask", "ask", {}); // the kernel says what it shows
  return () => {
    deafen();
    sizes.disconnect();
    rows.forget();
    try {
      say("leave");
    } catch {
      // the kernel has left before
    }
  };
}

export default { render };
