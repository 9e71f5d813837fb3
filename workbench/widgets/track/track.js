// The window on one track: head, drawings, what is measured at the cursor, its place among the others.

import { bytesOf, fill, make, onMessage, ownKeys, withTheme } from "../page/dom.js";
import { measuredAt, received, trackPanels } from "./panels.js";
import { placeRow } from "./places.js";

function render({ model, el }) {
  const picture = make("img", { class: "wb-cover wb-track-cover", alt: "Cover", hidden: true });
  const names = make("div", { class: "wb-track-names" });
  const news = make("div", { class: "wb-track-news" });
  const readout = make("div", { class: "wb-track-readout", hidden: true });
  const places = make("div", { class: "wb-track-places", role: "list", "aria-label": "Features against the collection" });
  const remark = make("div", { class: "wb-track-remark wb-faint" });
  const against = make("div", { hidden: true }, make("div", { class: "wb-track-heading" }, "Against the collection"), remark, places);
  const panels = trackPanels(seek, hover);
  const head = make("div", { class: "wb-track-head" }, picture, names);
  const root = make("section", { class: "wb wb-track", "aria-label": "One track" }, head, news, readout, panels.stack, against);
  let track = null;
  let hovered = null;
  let address = "";

  function seek(seconds) {
    model.set("position_s", seconds);
    model.save_changes();
    pointAt();
  }

  function hover(seconds) {
    hovered = seconds;
    pointAt();
  }

  /** The line and the values under it: where the mouse is, else where the cursor was left. */
  function pointAt() {
    const kept = model.get("position_s");
    const seconds = hovered ?? kept;
    panels.point(seconds, kept);
    if (track) fill(readout, ...measuredAt(track, seconds ?? track.start_s).map(reading));
  }

  function reading([name, text]) {
    return make("span", {}, make("span", { class: "wb-faint" }, `${name} `), make("b", {}, text));
  }

  function showTrack(next) {
    track = next;
    hovered = null;
    readout.hidden = track === null;
    panels.show(track);
    pointAt();
  }

  function showHead() {
    const { title = "", lines = [] } = model.get("head");
    fill(names, make("div", { class: "wb-track-heading" }, title), ...lines.map((line) => make("div", {}, line)));
    head.hidden = title === "";
  }

  function showCover() {
    URL.revokeObjectURL(address);
    const bytes = bytesOf(model.get("cover"));
    address = bytes.length ? URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })) : "";
    picture.hidden = address === "";
    if (address) picture.src = address;
    else picture.removeAttribute("src");
  }

  function showNews() {
    const { kind = "", text = "" } = model.get("news");
    const looks = { error: "wb-error", empty: "wb-empty", listening: "wb-faint" };
    news.className = `wb-track-news ${looks[kind] ?? ""}`;
    news.setAttribute("role", kind === "error" ? "alert" : "status");
    news.hidden = text === "";
    fill(news, text);
    root.setAttribute("aria-busy", String(kind === "listening"));
    if (kind !== "ready" && track) showTrack(null);
  }

  function showPlaces() {
    against.hidden = model.get("places").length === 0 && model.get("remark") === "";
    fill(places, ...model.get("places").map(placeRow));
    fill(remark, model.get("remark"));
  }

  function hear(content, buffers) {
    if (content.kind === "panels") showTrack(received(content, buffers));
  }

  const heard = { head: showHead, cover: showCover, news: showNews, places: showPlaces, remark: showPlaces, position_s: pointAt };
  for (const [name, action] of Object.entries(heard)) {
    model.on(`change:${name}`, action);
    action();
  }
  const deafen = onMessage(model, hear);
  ownKeys(root);
  fill(el, root);
  const resized = new ResizeObserver(() => {
    panels.redraw();
    pointAt();
  });
  resized.observe(root);
  const endTheme = withTheme(panels.redraw);
  model.send({ kind: "ready" });
  return () => {
    for (const [name, action] of Object.entries(heard)) model.off(`change:${name}`, action);
    deafen();
    resized.disconnect();
    endTheme();
    URL.revokeObjectURL(address);
    try {
      model.send({ kind: "gone" });
    } catch {
      // the kernel has gone first
    }
  };
}

export default { render };
