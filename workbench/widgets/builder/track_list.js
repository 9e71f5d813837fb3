// The tracks of a playlist: choose, drag, move and remove them with the mouse, a finger or the keyboard.
// Python has the list; what is done here is told to it, and what it answers is shown.

import { calmly, make, onMessage, ownKeys } from "../page/dom.js";
import { draggable } from "./track_drag.js";
import { trackPlot } from "./track_plot.js";
import { settle, trackRows } from "./track_rows.js";

const EMPTY = "No tracks yet. Select some in another window, then press Take selection; or load a playlist.";
const HELP =
  "Drag rows, or choose with Space and move with Alt and the up and down arrows. Delete takes out, Enter plays, Control Z undoes.";

let views = 0;

function render({ model, el }) {
  const prefix = `wb-track-${(views += 1)}`;
  const state = { ids: [], chosen: new Set(), marked: new Set(), playing: null, here: null, from: null, hope: null };
  const wanted = [];
  const askCovers = calmly(60, () => model.send({ kind: "covers", ids: wanted.splice(0, 60) }));
  const rows = trackRows(prefix, (ids) => {
    wanted.push(...ids);
    askCovers();
  });
  const empty = make("div", { class: "wb-empty" }, EMPTY);
  const part = (name, text) => make("span", { class: `wb-builder-${name}` }, text);
  const names = make(
    "div",
    { class: "wb-builder-track wb-builder-track-names", "aria-hidden": "true" },
    part("grip"), part("number", "#"), part("frame"), part("names", "Title, artist"),
    make("span", { class: "wb-builder-facts" }, part("key", "Key"), part("tempo", "BPM"), part("length", "Length"), part("start", "Starts")),
  );
  const list = make("div", {
    class: "wb-builder-tracks",
    role: "listbox",
    tabindex: "0",
    "aria-multiselectable": "true",
    "aria-label": "Tracks of the playlist",
    "aria-describedby": `${prefix}-help`,
  });
  const news = make("div", { class: "wb-builder-news", role: "status", "aria-live": "polite" });
  const more = make("div", { class: "wb-faint wb-builder-more", hidden: true });
  const help = make("div", { class: "wb-faint wb-builder-help", id: `${prefix}-help` }, HELP);
  const plot = trackPlot(
    (place) => point(place === null ? null : state.ids[place]),
    (place) => {
      goTo(state.ids[place]);
      chooseOnly(state.ids[place]);
    },
  );
  const drag = draggable(list, (id) => acting(id), (ids, before) => {
    goTo(ids[0]);
    hope("moved", ids);
    model.send({ kind: "moved", ids, before });
  });
  const root = make("div", { class: "wb wb-builder" }, names, empty, list, more, news, help, plot.element);
  ownKeys(root);
  el.append(root);

  // What a gesture is about: all chosen ones if it begins at one of them, else the row it begins at.
  function acting(id) {
    return state.chosen.has(id) ? state.ids.filter((each) => state.chosen.has(each)) : [id];
  }

  function hope(verb, ids) {
    state.hope = { verb, ids, place: state.ids.indexOf(state.here) };
  }

  function paint() {
    for (const id of state.ids) {
      const row = rows.element(id);
      row.setAttribute("aria-selected", String(state.chosen.has(id)));
      row.classList.toggle("wb-builder-here", id === state.here);
      row.classList.toggle("wb-builder-elsewhere", state.marked.has(id));
      row.classList.toggle("wb-builder-playing", id === state.playing);
    }
    if (state.here === null) list.removeAttribute("aria-activedescendant");
    else list.setAttribute("aria-activedescendant", `${prefix}-${state.here}`);
  }

  function point(id) {
    for (const row of [...list.getElementsByClassName("wb-builder-pointed")]) row.classList.remove("wb-builder-pointed");
    rows.element(id)?.classList.add("wb-builder-pointed");
    plot.point(id === null ? placeOrNull(state.here) : placeOrNull(id));
  }

  function placeOrNull(id) {
    const place = state.ids.indexOf(id);
    return place < 0 ? null : place;
  }

  function choose(ids) {
    state.chosen = new Set(ids);
    paint();
    model.send({ kind: "chosen", ids: [...state.chosen] });
  }

  function chooseOnly(id) {
    state.from = id;
    choose([id]);
  }

  function toggle(id) {
    const chosen = new Set(state.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    state.from = id;
    choose(chosen);
  }

  function chooseTo(id) {
    const places = [placeOrNull(state.from) ?? placeOrNull(id), placeOrNull(id)].sort((one, other) => one - other);
    choose(state.ids.slice(places[0], places[1] + 1));
  }

  function goTo(id) {
    state.here = id;
    paint();
    rows.element(id)?.scrollIntoView({ block: "nearest" });
    point(null);
  }

  function walk(step, isChoosing) {
    if (!state.ids.length) return;
    const place = placeOrNull(state.here);
    const next = place === null ? 0 : Math.min(Math.max(place + step, 0), state.ids.length - 1);
    if (isChoosing && placeOrNull(state.from) === null) state.from = state.here ?? state.ids[next];
    goTo(state.ids[next]);
    if (isChoosing) chooseTo(state.here);
  }

  function edit(verb, details) {
    if (state.here === null) return;
    const ids = acting(state.here);
    hope(verb, ids);
    model.send({ kind: verb, ids, ...details });
  }

  const keys = {
    ArrowUp: (event) => (event.altKey ? edit("stepped", { step: -1 }) : walk(-1, event.shiftKey)),
    ArrowDown: (event) => (event.altKey ? edit("stepped", { step: 1 }) : walk(1, event.shiftKey)),
    PageUp: (event) => walk(-8, event.shiftKey),
    PageDown: (event) => walk(8, event.shiftKey),
    Home: (event) => walk(-state.ids.length, event.shiftKey),
    End: (event) => walk(state.ids.length, event.shiftKey),
    " ": () => state.here !== null && toggle(state.here),
    Enter: () => state.here !== null && model.send({ kind: "played", id: state.here }),
    Delete: () => edit("removed"),
    Backspace: () => edit("removed"),
    a: (event) => (event.ctrlKey || event.metaKey) && choose(state.ids),
    z: (event) => (event.ctrlKey || event.metaKey) && model.send({ kind: event.shiftKey ? "redo" : "undo" }),
    y: (event) => (event.ctrlKey || event.metaKey) && model.send({ kind: "redo" }),
  };
  list.addEventListener("keydown", (event) => {
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    action(event);
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".wb-builder-track");
    if (!row || drag.wasDragged()) return;
    const id = Number(row.dataset.id);
    list.focus({ preventScroll: true });
    goTo(id);
    if (event.shiftKey) chooseTo(id);
    else if (event.ctrlKey || event.metaKey) toggle(id);
    else chooseOnly(id);
  });
  list.addEventListener("dblclick", (event) => {
    const row = event.target.closest(".wb-builder-track");
    if (row) model.send({ kind: "played", id: Number(row.dataset.id) });
  });
  list.addEventListener("pointerover", (event) => {
    const row = event.target.closest(".wb-builder-track");
    point(row ? Number(row.dataset.id) : null);
  });
  list.addEventListener("pointerleave", () => point(null));
  list.addEventListener("focus", () => state.here === null && state.ids.length && goTo(state.ids[0]));

  function say() {
    const done = state.hope;
    news.textContent = "";
    if (!done) return;
    const { verb, ids } = done;
    state.hope = null;
    const count = ids.length === 1 ? "1 track" : `${ids.length} tracks`;
    const place = placeOrNull(ids[0]);
    news.textContent = verb === "removed" ? `${count} taken out, ${state.ids.length} left` : `${count} moved to ${place === null ? "past the limit" : place + 1}`;
  }

  const kinds = {
    list({ ids, more: past, lines, starts, course }) {
      rows.learn(lines);
      if (!ids.every((id) => rows.has(id))) return model.send({ kind: "ready" }); // a message was missed
      const place = state.hope?.place ?? placeOrNull(state.here);
      state.ids = ids;
      state.chosen = new Set(ids.filter((id) => state.chosen.has(id)));
      if (placeOrNull(state.here) === null) state.here = ids[Math.min(place ?? -1, ids.length - 1)] ?? null;
      settle(list, [...rows.arrange(ids, starts), drag.line]);
      names.hidden = list.hidden = help.hidden = !ids.length;
      empty.hidden = ids.length > 0;
      more.hidden = !past;
      more.textContent = `These are the first ${ids.length}; ${past} more belong to the playlist and are not listed.`;
      plot.show(course, ids.map(rows.title));
      paint();
      point(null);
      if (state.hope) rows.element(state.here)?.scrollIntoView({ block: "nearest" });
      say();
    },
    chosen({ ids }) {
      state.chosen = new Set(ids);
      paint();
    },
    marks({ marked, playing }) {
      state.marked = new Set(marked);
      state.playing = playing;
      paint();
    },
    covers: ({ ids }, buffers) => rows.show(ids, buffers),
  };
  const hear = (message, buffers) => {
    kinds[message.kind]?.(message, buffers);
    if (message.kind === "covers" && wanted.length) askCovers();
  };
  const deafen = onMessage(model, hear);
  names.hidden = list.hidden = help.hidden = true;
  model.send({ kind: "ready" });
  return () => {
    deafen();
    rows.end();
    plot.end();
  };
}

export default { render };
