// The drawings of one track, one above the other over one axis of time, and the cursor through all of them.

import { bytesOf, fill, make } from "../page/dom.js";
import { pictureOf, rampTable } from "./ramp.js";

const PANELS = [
  { key: "waveform", title: "Waveform", about: "Waveform: lowest and highest sample over time", draw: drawWaveform },
  { key: "mel", title: "Mel spectrogram (Hz; dark to bright: 80 dB)", about: "Mel spectrogram up to 11 kHz", draw: drawPicture },
  { key: "chroma", title: "Chroma (strength of each note)", about: "Chroma: strength of the twelve notes", draw: drawPicture },
  { key: "tempogram", title: "Tempogram (BPM; white ticks: beats)", about: "Tempogram from 40 to 240 BPM, with beats", draw: drawTempogram },
  { key: "loudness", title: "Momentary loudness (LUFS; dashed: the whole track)", about: "Momentary loudness over time", draw: drawLoudness },
];
const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300];
const TICK_ROOM = 64; // pixels between two times on the axis
const LAST_ROOM = 16; // pixels that a time near the end needs to its right
const BEAT_TICK = 9; // pixels

/** Minutes, seconds and, if asked for, tenths. */
export function minutes(seconds, digits = 0) {
  const rounded = Number(seconds.toFixed(digits));
  const rest = (rounded % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return `${Math.floor(rounded / 60)}:${rest}`;
}

/** The curves of a message: what was sent, and the arrays of its buffers by name. */
export function received(content, buffers) {
  const bytes = buffers.map(bytesOf);
  const floats = (place) => new Float32Array(bytes[place].buffer);
  const signed = (place) => new Int8Array(bytes[place].buffer);
  const [, mel, chroma, tempogram] = bytes;
  const table = rampTable(content.ramp);
  const pictures = {};
  for (const [key, picture] of Object.entries({ mel, chroma, tempogram })) {
    pictures[key] = pictureOf(picture, content.columns, content.rows[key], table);
  }
  return {
    ...content,
    pictures,
    span: content.end_s - content.start_s,
    waveform: signed(0),
    beats: floats(4),
    loudness: floats(5),
    noteAt: signed(6),
    bpm: floats(7),
  };
}

/** What is measured at a time, as pairs of a name and a text; what is unknown is a dash. */
export function measuredAt(track, seconds) {
  const share = (seconds - track.start_s) / track.span;
  const column = Math.max(0, Math.min(track.columns - 1, Math.floor(share * track.columns)));
  const level = track.loudness[column];
  const note = track.noteAt[column];
  const bpm = track.bpm[column];
  return [
    ["Time", minutes(seconds, 1)],
    ["Level", Number.isNaN(level) ? "–" : `${level.toFixed(1)} LUFS`],
    ["Strongest note", note < 0 ? "–" : track.notes[note]],
    ["Tempo by the beats", Number.isNaN(bpm) ? "–" : `${bpm.toFixed(0)} BPM`],
  ];
}

/**
 * The stack of drawings. `seek(seconds)` is called when a place is clicked or reached by keys;
 * `hovered(seconds or null)` when the mouse is over one.
 */
export function trackPanels(seek, hovered) {
  const canvases = {};
  const axes = {};
  const times = make("div", { class: "wb-track-times", "aria-hidden": "true" });
  const cursor = make("div", { class: "wb-track-cursor", hidden: true });
  const parts = PANELS.map(({ key, title, about }) => {
    canvases[key] = make("canvas", { role: "img", "aria-label": about });
    axes[key] = make("div", { class: "wb-track-axis", "aria-hidden": "true" });
    const plot = make("div", { class: "wb-track-plot" }, canvases[key]);
    return make("div", { class: `wb-track-panel wb-track-${key}` }, make("div", { class: "wb-track-title" }, title), axes[key], plot);
  });
  const stack = make(
    "div",
    {
      class: "wb-track-stack",
      role: "slider",
      tabindex: "0",
      "aria-label": "Position in the track",
      title: "Click, or use the arrow keys (1 s), Page Up and Down (10 s), Home and End",
      onclick: (event) => track && seek(timeAt(event)),
      onkeydown: move,
      onpointermove: (event) => track && hovered(timeAt(event)),
      onpointerleave: () => hovered(null),
    },
    ...parts,
    times,
    cursor,
  );
  let track = null;
  let position = null;

  function field() {
    const plot = canvases.waveform.getBoundingClientRect();
    return { left: plot.left - stack.getBoundingClientRect().left, right: plot.left, width: plot.width };
  }

  function inside(seconds) {
    return Math.max(track.start_s, Math.min(track.end_s, seconds));
  }

  function timeAt(event) {
    const { right, width } = field();
    return inside(track.start_s + ((event.clientX - right) / width) * track.span);
  }

  function move(event) {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 };
    const ends = track && { Home: track.start_s, End: track.end_s };
    if (!track || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in ends) seek(ends[event.key]);
    else if (event.key in steps) seek(inside((position ?? track.start_s) + steps[event.key]));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Put the line at `seconds`, or take it away; `kept` is where the keys go on from. */
  function point(seconds, kept) {
    position = kept;
    cursor.hidden = !track || seconds === null;
    if (!track) return;
    const { left, width } = field();
    if (seconds !== null) cursor.style.left = `${left + ((seconds - track.start_s) / track.span) * width}px`;
    const now = kept ?? track.start_s;
    stack.setAttribute("aria-valuemin", track.start_s.toFixed(1));
    stack.setAttribute("aria-valuemax", track.end_s.toFixed(1));
    stack.setAttribute("aria-valuenow", now.toFixed(1));
    stack.setAttribute("aria-valuetext", measuredAt(track, now).map((pair) => pair.join(" ")).join(", "));
  }

  function redraw() {
    if (!track || !stack.isConnected) return;
    const look = getComputedStyle(stack);
    const colour = (name) => look.getPropertyValue(`--wb-${name}`).trim();
    const colours = { strong: colour("strong"), faint: colour("faint") };
    for (const { key, draw } of PANELS) {
      const canvas = canvases[key];
      const { width, height } = canvas.getBoundingClientRect();
      if (!width) continue;
      canvas.width = Math.round(width * devicePixelRatio);
      canvas.height = Math.round(height * devicePixelRatio);
      const context = canvas.getContext("2d");
      context.scale(devicePixelRatio, devicePixelRatio);
      draw(context, width, height, track, colours, key);
      fill(axes[key], ...track.ticks[key].map(([label, share]) => axisLabel(label, share, "bottom")));
    }
    fill(times, ...timeTicks(track, canvases.waveform.clientWidth).map(([label, share]) => axisLabel(label, share, "left")));
  }

  function show(next) {
    track = next;
    stack.hidden = track === null;
    redraw();
    point(null, null);
  }

  show(null);
  return { stack, show, redraw, point };
}

function axisLabel(label, share, side) {
  const made = make("span", {}, label);
  made.style[side] = `${100 * share}%`;
  return made;
}

/** Labels of the time axis with their shares of its width. */
function timeTicks(track, width) {
  const step = TICK_STEPS.find((seconds) => (seconds / track.span) * width >= TICK_ROOM) ?? 600;
  const ticks = [];
  for (let time = Math.ceil(track.start_s / step) * step; time <= track.end_s; time += step) {
    const share = (time - track.start_s) / track.span;
    if ((1 - share) * width >= LAST_ROOM) ticks.push([minutes(time), share]);
  }
  return ticks;
}

function drawWaveform(context, width, height, track, colours) {
  const { waveform, columns } = track;
  const each = width / columns;
  context.fillStyle = colours.strong;
  for (let column = 0; column < columns; column += 1) {
    const top = (0.5 - waveform[columns + column] / 254) * height;
    const bottom = (0.5 - waveform[column] / 254) * height;
    context.fillRect(column * each, top, Math.max(each, 0.5), Math.max(bottom - top, 0.7));
  }
}

function drawPicture(context, width, height, track, colours, key) {
  context.imageSmoothingEnabled = key !== "chroma";
  context.drawImage(track.pictures[key], 0, 0, width, height);
}

function drawTempogram(context, width, height, track, colours, key) {
  drawPicture(context, width, height, track, colours, key);
  context.fillStyle = "#ffffff";
  for (const beat of track.beats) {
    context.fillRect(((beat - track.start_s) / track.span) * width - 0.5, height - BEAT_TICK, 1, BEAT_TICK);
  }
}

function drawLoudness(context, width, height, track, colours) {
  const [low, high] = track.loudness_range;
  const heightOf = (lufs) => (1 - (Math.max(low, lufs) - low) / (high - low)) * height;
  if (track.loudness_lufs !== null) {
    context.strokeStyle = colours.faint;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(0, heightOf(track.loudness_lufs));
    context.lineTo(width, heightOf(track.loudness_lufs));
    context.stroke();
    context.setLineDash([]);
  }
  context.strokeStyle = colours.strong;
  context.lineWidth = 1.5;
  context.beginPath();
  let drawing = false;
  track.loudness.forEach((lufs, column) => {
    const known = !Number.isNaN(lufs);
    if (known) context[drawing ? "lineTo" : "moveTo"](((column + 0.5) / track.columns) * width, heightOf(lufs));
    drawing = known;
  });
  context.stroke();
}
