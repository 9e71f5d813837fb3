// Tools of a map, and how many points are selected and found.

import { make } from "../page/dom.js";

const TOOLS = {
  lasso: ["Lasso", "Draw around points to select them; Shift adds, Alt takes away"],
  box: ["Box", "Draw a box over points to select them; Shift adds, Alt takes away"],
  pan: ["Move", "Drag the map; with another tool the middle button or Space does it"],
};
const HELP = "Arrow keys move, plus and minus zoom, Home shows all, Escape clears, Enter plays the point under the mouse.";

/** Buttons inside `box`; the tool is this view's own. */
export function toolbarIn(box, camera, moved) {
  let tool = "lasso";
  const buttons = Object.entries(TOOLS).map(([name, [label, title]]) =>
    make("button", { class: "wb-button", type: "button", title, "data-tool": name, onclick: () => choose(name) }, label),
  );
  const act = (action) => () => {
    action();
    moved();
  };
  const looks = [
    ["+", "Zoom in (the wheel does it when the map was clicked, or with Ctrl)", () => camera.zoom(1.4)],
    ["−", "Zoom out", () => camera.zoom(1 / 1.4)],
    ["All", "Show the whole map", camera.home],
  ].map(([label, title, action]) =>
    make("button", { class: "wb-button", type: "button", title, "aria-label": title, onclick: act(action) }, label),
  );
  const counts = make("span", { class: "wb-faint", role: "status" });
  const trouble = make("span", { class: "wb-error", role: "alert" });
  box.append(...buttons, make("span", { class: "wb-gap" }), ...looks, counts, trouble);

  function choose(name) {
    tool = name;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
    box.parentElement?.setAttribute("data-tool", name);
  }

  function count(selected, found) {
    trouble.textContent = "";
    const texts = [selected ? `${selected.toLocaleString("en")} selected` : "", found === null ? "" : `${found.toLocaleString("en")} found`];
    counts.textContent = texts.filter(Boolean).join(", ");
  }

  choose(tool);
  return { current: () => tool, count, help: HELP, warn: (text) => (trouble.textContent = text) };
}
