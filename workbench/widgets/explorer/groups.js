// Groups of like sound: how many and by which method, and a card for each.

import { calmly, fill, make } from "../page/dom.js";
import { HOW_HINT, countedTracks, following, howOf } from "./gestures.js";

const LONGEST_Z = 3; // robust z that fills a bar
const LONGEST_LIFT = 3; // octaves of lift that fill a bar
const FEWEST_GROUPS = 2;
const METHOD_NAMES = { kmeans: "k-means", hdbscan: "HDBSCAN (finds the number)" };

/** Number, method, and the button that starts anew. */
function groupControls(model) {
  let wanted; // the number on its way to the kernel, which what the kernel says of an earlier one must not overwrite

  function send(changed) {
    const { n, method, seed } = { ...model.get("asked"), ...changed };
    wanted = method === "hdbscan" ? null : n;
    model.send({ kind: "group", n: wanted, method, seed });
  }

  const sendCalmly = calmly(200, send);
  const number = make("input", { type: "range", min: FEWEST_GROUPS, class: "wb-explorer-number" });
  const shown = make("output", { class: "wb-explorer-shown" });
  const auto = make("input", { type: "checkbox" });
  const method = make("select", { class: "wb-select" });
  number.addEventListener("input", () => {
    shown.textContent = number.value;
    auto.checked = false;
    wanted = Number(number.value);
    sendCalmly({ n: wanted });
  });
  auto.addEventListener("change", () => send({ n: auto.checked ? null : Number(number.value) }));
  method.addEventListener("change", () => send({ method: method.value }));
  const again = make("button", { class: "wb-button", type: "button", title: "From another start, with what was analysed since",
    onclick: () => send({ seed: model.get("asked").seed + 1 }) }, "Group again");

  function show() {
    const { n, method: chosen, methods, most } = model.get("asked");
    const cards = model.get("groups").cards ?? [];
    const isFree = chosen === "hdbscan";
    if (method.options.length !== methods.length) {
      fill(method, ...methods.map((name) => make("option", { value: name }, METHOD_NAMES[name] ?? name)));
    }
    method.value = chosen;
    number.disabled = auto.disabled = isFree;
    number.max = most ?? 40;
    if (wanted !== undefined && wanted !== n) return;
    wanted = undefined;
    number.value = n ?? cards.length;
    shown.textContent = n ?? (cards.length || "–");
    auto.checked = n === null;
  }

  const row = make("div", { class: "wb-row wb-explorer-controls" },
    make("label", { class: "wb-row" }, "Number of groups", number), shown,
    make("label", { class: "wb-row" }, auto, "auto"),
    make("label", { class: "wb-row" }, "Method", method), again);
  return { row, end: following(model, ["asked", "groups"], show) };
}

/** A bar from the middle (signed) or from the left, with its word and its number. */
function barRow(word, number, share, isSigned, title) {
  const width = Math.min(Math.abs(share), 1) * (isSigned ? 50 : 100);
  const fillBar = make("span", { class: `wb-explorer-fill${share < 0 ? " wb-explorer-below" : ""}` });
  fillBar.style.width = `${width}%`;
  fillBar.style.left = `${isSigned ? (share < 0 ? 50 - width : 50) : 0}%`;
  const track = make("span", { class: `wb-explorer-bar${isSigned ? " wb-explorer-signed" : ""}`, "aria-hidden": "true" }, fillBar);
  return make("li", { title }, make("span", { class: "wb-explorer-word" }, word), track, make("span", { class: "wb-explorer-figure" }, number));
}

function featureRow({ column, word, z }) {
  const number = `${z < 0 ? "−" : "+"}${Math.abs(z).toFixed(1)}`;
  return barRow(word, number, z / LONGEST_Z, true, `${column}: robust z ${number} against the collection`);
}

function tagRow({ tag, lift }) {
  return barRow(tag, `×${lift.toFixed(1)}`, Math.log2(Math.max(lift, 1)) / LONGEST_LIFT, false,
    `${tag}: ${lift.toFixed(1)} times as probable as in the collection`);
}

function barList(label, rows) {
  return rows.length ? make("ul", { class: "wb-explorer-bars", "aria-label": label }, ...rows) : null;
}

/** A card of one group; `mark` shows how many of its tracks are selected. */
function groupCard(model, card, edition) {
  const choose = (event) => model.send({ kind: "choose_group", group: card.group, genre: null, edition, how: howOf(event) });
  const marked = make("span", { class: "wb-explorer-marked", hidden: true });
  const share = make("span", { class: "wb-explorer-fill" });
  share.style.width = `${card.share * 100}%`;
  const medoids = card.medoids.map((track) =>
    make("button", { class: "wb-explorer-play", type: "button", title: `Play ${track.caption}`, "aria-label": `Play ${track.caption}`,
      onclick: () => model.send({ kind: "play", track_id: track.track_id }) }, make("span", { "aria-hidden": "true" }, "▶"), make("span", {}, track.caption)));
  const words = card.genres.length ? make("div", {}, make("span", { class: "wb-faint" }, "Genres "), card.genres.join(", ")) : null;
  const unknown = card.unknown.length ? make("div", { class: "wb-faint" }, `Not known: ${card.unknown.join(", ")}`) : null;
  const element = make("article", { class: "wb-explorer-card", "aria-label": card.name,
    onclick: (event) => event.target.closest("button") || choose(event) },
    make("div", { class: "wb-explorer-head" }, make("h4", {}, card.name),
      make("button", { class: "wb-button", type: "button", "aria-label": `Select ${card.name}`,
        title: `Select these tracks. ${HOW_HINT}.`, onclick: choose }, "Select")),
    make("div", { class: "wb-row" },
      make("span", {}, `${countedTracks(card.size)}, ${Math.round(card.share * 100)} %`), marked),
    make("div", { class: "wb-explorer-bar", "aria-hidden": "true" }, share),
    make("div", { class: "wb-explorer-plays", role: "group", "aria-label": "Most typical tracks" }, ...medoids),
    barList("Sound against the collection", card.features.map(featureRow)),
    barList("Learned tags against the collection", card.tags.map(tagRow)),
    words, unknown);

  function mark(count) {
    marked.hidden = !count;
    marked.textContent = count === card.size ? "all selected" : `${count} selected`;
    element.classList.toggle("wb-explorer-chosen-card", Boolean(count));
  }
  return { element, group: card.group, mark };
}

/** The part with the groups, drawn into `panel`; gives the function that ends it. */
export function showGroups(model, panel) {
  const controls = groupControls(model);
  const state = make("div", { class: "wb-row wb-explorer-state", role: "status" });
  const grid = make("div", { class: "wb-explorer-cards" });
  let cards = [];
  panel.append(controls.row, state, grid);

  function mark() {
    const marks = model.get("marks");
    cards.forEach((card) => card.mark(marks[card.group] ?? 0));
  }

  function draw() {
    const { cards: given, edition } = model.get("groups");
    cards = (given ?? []).map((card) => groupCard(model, card, edition));
    fill(grid, ...cards.map((card) => card.element));
    mark();
  }

  function say() {
    const { summary, between, edition } = model.get("groups");
    const empty = model.get("empty");
    const busy = model.get("is_grouping");
    const rest = () => model.send({ kind: "choose_group", group: null, genre: null, edition, how: "new" });
    grid.classList.toggle("wb-explorer-old", busy);
    grid.setAttribute("aria-busy", String(busy));
    grid.hidden = Boolean(empty);
    fill(state,
      busy ? make("span", { class: "wb-explorer-busy" }, "Grouping …") : null,
      empty ? make("div", { class: "wb-empty" }, empty) : null,
      !empty && summary ? make("span", { class: "wb-faint" }, summary) : null,
      !empty && between ? make("button", { class: "wb-button", type: "button", onclick: rest }, "Select those between") : null);
  }

  const endings = [
    controls.end,
    following(model, ["groups"], draw),
    following(model, ["marks"], mark),
    following(model, ["groups", "empty", "is_grouping"], say),
  ];
  return () => endings.forEach((end) => end());
}
