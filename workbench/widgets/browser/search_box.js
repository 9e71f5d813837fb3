// The box in which a search is typed: what it could become, and where it cannot be read.
// A combobox with a list, after the WAI-ARIA Authoring Practices.

import { fill, make } from "../page/dom.js";

let boxes = 0;

/**
 * `typed(text)` is called when the text has changed, `asked(text, caret)` when completions are wanted.
 */
export function searchBox({ typed, asked }) {
  const name = `wb-search-${(boxes += 1)}`;
  const input = make("input", {
    class: "wb-input", type: "text", role: "combobox", "aria-label": "Search the collection",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${name}-list`,
    "aria-describedby": `${name}-error`, autocomplete: "off", spellcheck: "false",
    placeholder: "Search, e.g. genre:ambient bpm:60..90 -artist:eno",
  });
  const list = make("ul", { class: "wb-browser-offers", id: `${name}-list`, role: "listbox", "aria-label": "Completions", hidden: true });
  const error = make("div", { class: "wb-browser-problem", id: `${name}-error`, role: "alert", hidden: true });
  const clear = make("button", { class: "wb-button", type: "button", title: "Clear the search", "aria-label": "Clear the search", onclick: empty }, "✕");
  const root = make("div", { class: "wb-browser-search" }, make("div", { class: "wb-browser-box" }, input, list), clear, error);
  let offers = [];
  let active = -1;

  function close() {
    offers = [];
    active = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function activate(place) {
    active = place;
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
    if (place < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `${name}-${place}`);
    list.children[place].scrollIntoView({ block: "nearest" });
  }

  function offer(found) {
    if (!found.length || document.activeElement !== input) return close(); // or somebody has gone elsewhere
    offers = found;
    fill(list, ...found.map((each, place) => make(
      "li",
      {
        id: `${name}-${place}`, role: "option", "aria-selected": "false",
        onmousedown: (event) => event.preventDefault(), onclick: () => take(place),
      },
      make("span", { class: "wb-browser-offer" }, each.label), make("span", { class: "wb-faint" }, each.detail),
    )));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    activate(-1);
  }

  function take(place) {
    const taken = offers[place];
    close();
    input.value = taken.text;
    input.focus();
    input.setSelectionRange(taken.caret, taken.caret);
    typed(input.value);
    if (taken.text[taken.caret - 1] === ":") asked(input.value, taken.caret);
  }

  function empty() {
    close();
    input.value = "";
    input.focus();
    typed("");
  }

  function step(way) {
    if (list.hidden) return asked(input.value, input.selectionStart);
    const places = offers.length + 1; // one of them is the box itself
    activate(((active + 1 + way + places) % places) - 1);
  }

  function press(event) {
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && isOpen && active >= 0) take(active);
    else if (event.key === "Enter") { close(); typed(input.value); }
    else if (event.key === "Tab" && isOpen && !event.shiftKey) take(Math.max(active, 0));
    else if (event.key === "Escape" && isOpen) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  input.addEventListener("keydown", press);
  input.addEventListener("input", () => {
    typed(input.value);
    if (input.value) asked(input.value, input.selectionStart);
    else close();
  });
  input.addEventListener("blur", close);

  /** Say what cannot be read, under the character where it begins. */
  function complain(message, text, position) {
    input.setAttribute("aria-invalid", String(Boolean(message)));
    error.hidden = !message;
    if (!message) return fill(error);
    const at = position ?? text.length;
    fill(
      error,
      make("div", { class: "wb-browser-where", "aria-hidden": "true" },
        make("span", {}, text.slice(0, at)), make("mark", {}, text[at] ?? " "), make("span", {}, text.slice(at + 1))),
      make("div", {}, message),
    );
  }

  return { root, input, offer, complain, close, text: () => input.value, write: (text) => { input.value = text; } };
}
