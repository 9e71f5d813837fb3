// The card beside the mouse: a track's lines and its cover, asked of the kernel when the mouse rests on it.

import { bytesOf, make } from "./dom.js";

/**
 * A card inside `box`, which must be positioned.
 * `ask(about)` asks the kernel; its answer goes to `answer(about, lines, coverBytes)`.
 */
export function hoverCard(box, ask) {
  const picture = make("img", { class: "wb-cover", alt: "" });
  const text = make("div");
  const card = make("div", { class: "wb-card", role: "tooltip", hidden: true }, picture, text);
  box.append(card);
  let wanted = null;
  let address = "";

  function place(x, y) {
    const room = box.getBoundingClientRect();
    const left = x + 14 + card.offsetWidth > room.width ? x - 14 - card.offsetWidth : x + 14;
    const top = y + 14 + card.offsetHeight > room.height ? y - 14 - card.offsetHeight : y + 14;
    card.style.left = `${Math.max(0, left)}px`;
    card.style.top = `${Math.max(0, top)}px`;
  }

  function hide() {
    wanted = null;
    card.hidden = true;
  }

  /** Ask about a thing, to be shown at x, y of the box; null hides. */
  function want(about, x, y) {
    if (about === null) return hide();
    if (wanted?.about === about) return place(x, y);
    card.hidden = true;
    wanted = { about, x, y };
    ask(about);
  }

  function answer(about, lines, cover) {
    if (wanted?.about !== about || !lines.length) return;
    URL.revokeObjectURL(address);
    const bytes = bytesOf(cover);
    picture.hidden = bytes.length === 0;
    address = bytes.length ? URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })) : "";
    if (address) picture.src = address;
    text.replaceChildren(...lines.map((line, place) => make(place ? "div" : "b", {}, line)));
    card.hidden = false;
    place(wanted.x, wanted.y);
  }

  return { want, answer, hide };
}
