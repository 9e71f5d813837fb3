// The explorer's page: three parts under tabs, a line on what is selected, and what the parts need of each other.

import { fill, make, ownKeys } from "../page/dom.js";
import { showGenres } from "./genres.js";
import { following } from "./gestures.js";
import { showGroups } from "./groups.js";
import { showMoods } from "./moods.js";

const PARTS = [
  ["groups", "Groups", showGroups],
  ["genres", "Genres", showGenres],
  ["moods", "Moods", showMoods],
];

/** Tabs over panels, one of which is in sight; arrows go from tab to tab. */
function makeTabs(model, panels) {
  const prefix = `wb-explorer-${Math.random().toString(36).slice(2)}`;
  const tabs = PARTS.map(([part, label]) =>
    make("button", { class: "wb-button", role: "tab", type: "button", id: `${prefix}-${part}`, onclick: () => open(part) }, label));
  PARTS.forEach(([part], place) => {
    panels[place].id = `${prefix}-${part}-panel`;
    panels[place].setAttribute("aria-labelledby", tabs[place].id);
    tabs[place].setAttribute("aria-controls", panels[place].id);
  });

  function open(part) {
    model.set("part", part);
    model.save_changes();
  }

  function show() {
    PARTS.forEach(([part], place) => {
      const isOpen = model.get("part") === part;
      tabs[place].setAttribute("aria-selected", String(isOpen));
      tabs[place].tabIndex = isOpen ? 0 : -1;
      panels[place].hidden = !isOpen;
    });
  }

  function move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const place = (tabs.indexOf(event.target) + step + tabs.length) % tabs.length;
    event.preventDefault();
    tabs[place].focus();
    open(PARTS[place][0]);
  }

  const list = make("div", { class: "wb-row wb-explorer-tabs", role: "tablist", "aria-label": "Parts of the explorer", onkeydown: move }, ...tabs);
  return { list, show };
}

/** The line on what is selected. */
function makeChosen(model) {
  const line = make("div", { class: "wb-row wb-explorer-chosen" });
  const clear = () => model.send({ kind: "clear" });

  function show() {
    const { text, code } = model.get("chosen");
    if (!text) return fill(line, make("span", { class: "wb-faint" }, "Nothing is selected. Shift adds to a selection, Alt takes away from it."));
    fill(line, make("span", {}, `Selected ${text}.`),
      make("button", { class: "wb-button", type: "button", onclick: clear }, "Clear"),
      code ? make("code", { title: "Gives these tracks again" }, code) : null);
  }
  return { line, show };
}

export default {
  render({ model, el }) {
    const panels = PARTS.map(() => make("div", { role: "tabpanel", tabIndex: -1 }));
    const endings = PARTS.map(([, , draw], place) => draw(model, panels[place]));
    const tabs = makeTabs(model, panels);
    const chosen = makeChosen(model);
    const body = make("div", { class: "wb-explorer-body" }, ...panels);
    const root = make("div", { class: "wb wb-explorer" }, tabs.list, body, chosen.line);
    ownKeys(root);
    el.append(root);
    endings.push(following(model, ["part"], tabs.show), following(model, ["chosen"], chosen.show));
    return () => endings.forEach((end) => end());
  },
};
