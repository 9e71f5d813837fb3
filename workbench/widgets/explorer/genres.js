// Genres of the files against groups of like sound: a table of buttons, as dark as the share of the genre.

import { fill, make } from "../page/dom.js";
import { HOW_HINT, countedTracks, following, howOf } from "./gestures.js";

const INK_TURNS = 0.8; // share from which a cell's ink is the one for a strong ground
const NO_GENRES = "No grouped track has a genre in its tags.";

const percent = (share) => `${Math.round(share * 100)} %`;

/** Arrows go through the table's buttons, of which only one is a stop of the tabulator. */
function walkTable(table) {
  const grid = () => [...table.rows].map((row) => [...row.cells].map((cell) => cell.querySelector("button")));

  function find(rows, button) {
    const row = rows.findIndex((cells) => cells.includes(button));
    return [row, row < 0 ? -1 : rows[row].indexOf(button)];
  }

  function next(rows, [row, column], [down, right]) {
    for (let y = row + down, x = column + right; rows[y]?.[x] !== undefined; y += down, x += right) {
      if (rows[y][x]) return rows[y][x];
    }
    return null;
  }

  function focus(button) {
    for (const each of table.querySelectorAll("button")) each.tabIndex = each === button ? 0 : -1;
    button.focus();
  }

  table.addEventListener("keydown", (event) => {
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key];
    const rows = grid();
    const place = find(rows, event.target);
    if (!step || place[0] < 0) return;
    event.preventDefault();
    const wanted = next(rows, place, step);
    if (wanted) focus(wanted);
  });
  table.addEventListener("click", (event) => event.target.closest("button") && focus(event.target.closest("button")));
}

/** The table for one grouping. */
function heatTable(model, { columns, rows, edition }) {
  const choose = (genre, group) => (event) => model.send({ kind: "choose_group", genre, group, edition, how: howOf(event) });
  const button = (text, label, genre, group) =>
    make("button", { type: "button", tabIndex: -1, title: label, "aria-label": label, onclick: choose(genre, group) }, text);

  const head = make("tr", {}, make("td", {}), ...columns.map(({ group, name, size }) =>
    make("th", { scope: "col" }, button(name, `Group ${name}, ${countedTracks(size)}`, null, group))));

  const body = rows.map((row, place) => {
    const name = row.name ?? `${row.genres} other genres`;
    const cells = row.cells.map((cell, at) => {
      if (!cell) return make("td", {});
      const [count, ofGenre, ofGroup] = cell;
      const label = `${name} in ${columns[at].name}: ${countedTracks(count)}, ${percent(ofGenre)} of the genre, ${percent(ofGroup)} of the group`;
      const made = button(String(count), label, place, columns[at].group);
      made.style.setProperty("--share", percent(ofGenre).replace(" ", ""));
      made.classList.toggle("wb-explorer-strong", ofGenre >= INK_TURNS);
      return make("td", {}, made);
    });
    const header = button(`${name} (${row.tracks})`, `Genre ${name}, ${countedTracks(row.tracks)}`, place, null);
    return make("tr", {}, make("th", { scope: "row" }, header), ...cells);
  });
  const table = make("table", { class: "wb-explorer-heat", "aria-label": "Genres against groups" }, make("thead", {}, head), make("tbody", {}, ...body));
  const first = table.querySelector("tbody button");
  if (first) first.tabIndex = 0;
  walkTable(table);
  return table;
}

/** The part with genres against groups, drawn into `panel`; gives the function that ends it. */
export function showGenres(model, panel) {
  const said = make("div", { class: "wb-faint wb-explorer-state" });
  const frame = make("div", { class: "wb-explorer-scroll" });
  panel.append(said, frame);

  function draw() {
    const given = model.get("genres");
    const empty = model.get("empty");
    frame.classList.toggle("wb-explorer-old", model.get("is_grouping"));
    if (empty) return fill(said), fill(frame, make("div", { class: "wb-empty" }, empty));
    if (!given.rows) return fill(said, "Grouping …");
    const without = given.untagged ? `${countedTracks(given.untagged)} without a genre.` : "";
    if (!given.rows.length) return fill(said), fill(frame, make("div", { class: "wb-empty" }, NO_GENRES));
    fill(said, `Numbers are tracks; the darker, the larger the share of the genre. A click selects; ${HOW_HINT}. Arrows go from cell to cell. ${without}`);
    fill(frame, heatTable(model, given));
  }
  return following(model, ["genres", "empty", "is_grouping"], draw);
}
