// One page of rows: tracks that can be selected, or the albums and artists that they belong to.

import { bytesOf, fill, make } from "../page/dom.js";

const MOST_COVERS = 600;

/**
 * `edit(gesture)` writes the search anew, `select(gesture)` changes what is selected, `play(id)` plays,
 * `turn(step)` goes to another page.
 */
export function rowsTable({ edit, select, play, turn }) {
  const head = make("thead");
  const body = make("tbody");
  const table = make("table", {
    role: "grid", "aria-label": "Tracks", "aria-multiselectable": "true",
    "aria-description": "Up and down from row to row, right and left to the links of a row; Space selects, Enter plays or opens",
  }, head, body);
  const nothing = make("div", { class: "wb-empty", hidden: true });
  const root = make("div", { class: "wb-browser-rows", tabindex: "-1" }, table, nothing);
  const covers = new Map();
  let shown = { rows: [] };
  let here = 0;
  let anchor = null;

  const lineAt = (place) => body.children[place];

  function header(column) {
    const content = column.field === undefined ? column.label : make(
      "button",
      {
        class: "wb-browser-sort", type: "button", title: `Sort by ${column.label.toLowerCase()}; with shift after the other orders`,
        onclick: (event) => edit({ action: "sort", field: column.field, added: event.shiftKey }),
      },
      column.label, make("span", { "aria-hidden": "true" }, { ascending: " ▲", descending: " ▼", none: "" }[column.sort]),
    );
    return make("th", {
      scope: "col", role: "columnheader", class: `wb-browser-col-${column.name}${column.is_number ? " wb-browser-number" : ""}`,
      "aria-sort": column.field === undefined ? undefined : column.sort, "data-column": column.name,
    }, content);
  }

  function link(part) {
    const { text, ...target } = part;
    return make("span", {
      class: "wb-browser-link", role: "link", tabindex: "-1", title: `Go to ${text}`,
      onclick: (event) => { event.stopPropagation(); edit({ action: "drill", ...target }); },
      ondblclick: (event) => event.stopPropagation(),
    }, text);
  }

  function cell(value, column, place) {
    const parts = typeof value === "string" ? [value] : value.flatMap((part, number) => number ? [", ", link(part)] : [link(part)]);
    return make("td", {
      role: place ? "gridcell" : "rowheader", class: `wb-browser-col-${column.name}${column.is_number ? " wb-browser-number" : ""}`,
    }, make("div", { class: "wb-clamp" }, ...parts));
  }

  function picture(row) {
    const image = make("img", { class: "wb-cover", alt: "", hidden: !covers.get(row.id) });
    if (covers.get(row.id)) image.src = covers.get(row.id);
    return make("td", { role: "gridcell", class: "wb-browser-col-cover" }, image);
  }

  function line(row, place) {
    const isTrack = row.id !== undefined;
    const tick = isTrack && make("input", {
      type: "checkbox", tabindex: "-1", checked: row.selected, "aria-label": `Select ${row.name}`,
      onclick: (event) => { event.stopPropagation(); pick(place, "toggle"); },
      ondblclick: (event) => event.stopPropagation(),
    });
    return make(
      "tr",
      {
        role: "row", tabindex: "-1", "data-id": isTrack ? String(row.id) : undefined,
        "aria-rowindex": String(shown.first + place + 2), "aria-selected": isTrack ? String(row.selected) : undefined,
        onclick: (event) => (isTrack ? choose(event, place) : open(place)), ondblclick: () => isTrack && play(row.id),
      },
      isTrack ? make("td", { role: "gridcell", class: "wb-browser-col-tick" }, tick) : null,
      isTrack && shown.hasCovers ? picture(row) : null,
      ...row.cells.map((value, number) => cell(value, shown.head[number], number)),
    );
  }

  /** Where the keyboard stands; one row is in the order of tabs. */
  function stand(place, isFocused) {
    lineAt(here)?.setAttribute("tabindex", "-1");
    here = Math.max(0, Math.min(place, shown.rows.length - 1));
    lineAt(here)?.setAttribute("tabindex", "0");
    if (isFocused) lineAt(here)?.focus();
  }

  function pick(place, how) {
    stand(place, true);
    const id = shown.rows[place].id;
    select({ how, id, anchor });
    if (how === "one" || how === "toggle") anchor = id;
  }

  function choose(event, place) {
    const isMore = event.ctrlKey || event.metaKey;
    pick(place, event.shiftKey ? (isMore ? "add" : "range") : isMore ? "toggle" : "one");
  }

  /** Into an artist or an album. */
  function open(place) {
    const { text, ...target } = shown.rows[place].cells[0][0];
    edit({ action: "drill", ...target });
  }

  function move(event, place) {
    const beyond = place < 0 ? -1 : place >= shown.rows.length ? 1 : 0;
    if (beyond && shown.page + beyond >= 0 && shown.page + beyond < shown.pages && !event.shiftKey) {
      here = beyond < 0 ? shown.rows.length - 1 : 0;
      return turn(beyond);
    }
    anchor ??= shown.rows[here].id ?? null;
    stand(place, true);
    if (event.shiftKey && shown.rows[here].id !== undefined) {
      select({ how: "range", id: shown.rows[here].id, anchor });
    }
  }

  /** From a row into its links, from link to link, and back to the row before the first. */
  function walk(event, step) {
    const stops = [lineAt(here), ...lineAt(here).querySelectorAll(".wb-browser-link")];
    stops[Math.max(0, stops.indexOf(event.target)) + step]?.focus();
  }

  const moves = {
    ArrowRight: (event) => walk(event, 1),
    ArrowLeft: (event) => walk(event, -1),
    ArrowDown: (event) => move(event, here + 1),
    ArrowUp: (event) => move(event, here - 1),
    Home: (event) => move(event, 0),
    End: (event) => move(event, shown.rows.length - 1),
    PageDown: () => turn(1),
    PageUp: () => turn(-1),
    Enter: (event) => {
      if (event.target.matches(".wb-browser-link")) event.target.click();
      else if (shown.rows[here].id === undefined) open(here);
      else play(shown.rows[here].id);
    },
    " ": () => shown.rows[here].id !== undefined && pick(here, "toggle"),
  };

  function press(event) {
    if (!shown.rows.length) return;
    const isAll = event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey);
    if (!isAll && !moves[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    if (isAll) select({ how: "all" });
    else moves[event.key](event);
  }

  body.addEventListener("keydown", press);
  body.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); }); // selects no text
  body.addEventListener("focusin", (event) => {
    const place = [...body.children].indexOf(event.target.closest("tr"));
    if (place >= 0 && place !== here) stand(place, false);
  });

  function show(message) {
    const hadFocus = body.contains(document.activeElement) || document.activeElement === root;
    const sorted = head.contains(document.activeElement) && document.activeElement.closest("th").dataset.column;
    const isSame = message.level === shown.level && message.page === shown.page && message.query === shown.query;
    shown = { ...message, hasCovers: message.rows.some((row) => row.cover) };
    const extra = message.level !== "tracks" ? [] : [make("td", { class: "wb-browser-col-tick" }), shown.hasCovers ? make("td", { class: "wb-browser-col-cover" }) : null];
    fill(head, make("tr", { role: "row" }, ...extra.filter(Boolean), ...message.head.map(header)));
    fill(body, ...message.rows.map(line));
    table.setAttribute("aria-label", { tracks: "Tracks", albums: "Albums", artists: "Artists" }[message.level]);
    table.setAttribute("aria-rowcount", String(message.count + 1));
    table.hidden = !message.rows.length;
    nothing.hidden = !message.empty;
    nothing.textContent = message.empty;
    if (!isSame) root.scrollTop = 0;
    stand(hadFocus ? here : 0, hadFocus);
    if (hadFocus && !message.rows.length) root.focus({ preventScroll: true }); // until there are rows again
    if (sorted) head.querySelector(`[data-column="${sorted}"] button`)?.focus({ preventScroll: true });
    sound(message.clicked);
  }

  function mark(ids) {
    const marked = new Set(ids);
    shown.rows.forEach((row, place) => {
      if (row.id === undefined) return;
      row.selected = marked.has(row.id);
      lineAt(place).setAttribute("aria-selected", String(row.selected));
      lineAt(place).querySelector("input").checked = row.selected;
    });
  }

  /** Mark the row that was played last. */
  function sound(id) {
    shown.rows.forEach((row, place) => lineAt(place).classList.toggle("wb-browser-played", row.id !== undefined && row.id === id));
  }

  /** Ids of rows whose cover is not known yet. */
  function uncovered() {
    return shown.rows.filter((row) => row.cover && !covers.has(row.id)).map((row) => row.id);
  }

  function cover(ids, covered, buffers) {
    for (const id of ids) covers.set(id, "");
    covered.forEach((id, place) => {
      const address = URL.createObjectURL(new Blob([bytesOf(buffers[place])], { type: "image/jpeg" }));
      covers.set(id, address);
      const image = body.querySelector(`tr[data-id="${id}"] img`);
      if (image) { image.src = address; image.hidden = false; }
    });
    for (const [id, address] of covers) {
      if (covers.size <= MOST_COVERS) break;
      if (shown.rows.some((row) => row.id === id)) continue;
      URL.revokeObjectURL(address);
      covers.delete(id);
    }
  }

  function forget() {
    for (const address of covers.values()) URL.revokeObjectURL(address);
    covers.clear();
  }

  return { root, show, mark, sound, cover, uncovered, forget };
}
