// Work in the background: what it does, how far it has come, what was found, and a button that stops it.

import { make } from "../page/dom.js";

const ENDINGS = { done: "Done", cancelled: "Cancelled", failed: "Failed" };
const IDLE = "Nothing is being done. Begin with analyze() or scan(folder) of this job.";

function jobHeading(state, view) {
  if (state === "waiting") return IDLE;
  if (state !== "running") return `${view.title}: ${ENDINGS[state].toLowerCase()}`;
  return view.stopping ? `${view.title}: stopping …` : `${view.title} …`;
}

function drawBar(bar, fill, view, isRunning) {
  const isKnown = Number.isFinite(view.total) && view.total > 0;
  bar.hidden = !isRunning;
  bar.classList.toggle("wb-job-unknown", !isKnown);
  bar.setAttribute("aria-label", view.title ?? "");
  fill.style.width = isKnown ? `${(100 * view.done) / view.total}%` : "";
  for (const [name, value] of Object.entries({
    "aria-valuenow": isKnown ? view.done : null,
    "aria-valuemax": isKnown ? view.total : null,
    "aria-valuetext": isKnown ? [view.count, view.pace].filter(Boolean).join(", ") : "starting",
  })) {
    if (value === null) bar.removeAttribute(name);
    else bar.setAttribute(name, String(value));
  }
}

function say(element, text) {
  const wanted = text ?? "";
  if (element.textContent !== wanted) element.textContent = wanted; // unchanged text is not read out again
  element.hidden = wanted === "";
}

function render({ model, el }) {
  const heading = make("b", { role: "status" });
  const elapsed = make("span", { class: "wb-faint", title: "Time since this began" });
  const cancel = make("button", { class: "wb-button", type: "button", title: "Stop; what was done is kept" }, "Cancel");
  const fill = make("div", { class: "wb-job-fill" });
  const bar = make("div", { class: "wb-job-bar", role: "progressbar", "aria-valuemin": "0" }, fill);
  const count = make("span", { class: "wb-job-count" });
  const pace = make("span", {});
  const current = make("div", { class: "wb-job-current wb-faint" });
  const found = make("div", {});
  const summary = make("div", { class: "wb-job-summary", role: "status" });
  const error = make("div", { class: "wb-error", role: "alert" });
  const trace = make("pre", { class: "wb-job-trace", tabindex: "0", "aria-label": "Where the error was raised" });
  const head = make("div", { class: "wb-row" }, heading, make("span", { class: "wb-job-space" }), elapsed, cancel);
  const numbers = make("div", { class: "wb-row wb-job-numbers" }, count, pace);
  el.append(make("div", { class: "wb wb-job", role: "group", "aria-label": "Background job" },
    head, bar, numbers, current, found, summary, error, trace));

  cancel.addEventListener("click", () => {
    cancel.disabled = true;
    model.send({ kind: "cancel" });
  });

  function draw() {
    const [state, view] = [model.get("state"), model.get("view")];
    const isRunning = state === "running";
    say(heading, jobHeading(state, view));
    drawBar(bar, fill, view, isRunning);
    cancel.hidden = !isRunning || !view.can_stop;
    cancel.disabled = Boolean(view.stopping);
    say(elapsed, isRunning ? view.elapsed : "");
    say(count, isRunning ? view.count : "");
    say(pace, isRunning ? view.pace : "");
    say(found, isRunning ? view.found : "");
    say(current, isRunning ? view.current : "");
    current.title = view.current ?? "";
    say(summary, isRunning ? "" : view.summary);
    say(error, view.error);
    say(trace, view.trace);
  }

  const changes = ["change:state", "change:view"];
  changes.forEach((name) => model.on(name, draw));
  draw();
  return () => changes.forEach((name) => model.off(name, draw));
}

export default { render };
