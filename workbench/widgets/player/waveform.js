// A waveform that shows how far a track has played, and takes one there.

import { make, withTheme } from "../page/dom.js";

const BAR = 3; // CSS pixels from one bar to the next
const QUIET = 0.03; // of the height; silence is a line

/** Minutes and seconds. */
export function clockOf(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Heights 0..1 of so many bars: the largest of the peaks that fall to each. */
export function heightsOf(peaks, bars) {
  return Array.from({ length: bars }, (_, bar) => {
    const first = Math.floor((bar * peaks.length) / bars);
    const next = Math.max(first + 1, Math.floor(((bar + 1) * peaks.length) / bars));
    return peaks.subarray(first, next).reduce((most, peak) => Math.max(most, peak), 0) / 255;
  });
}

function describe(element, position, duration) {
  element.setAttribute("aria-valuemin", "0");
  element.setAttribute("aria-valuemax", String(Math.round(duration)));
  element.setAttribute("aria-valuenow", String(Math.round(position)));
  element.setAttribute("aria-valuetext", `${clockOf(position)} of ${clockOf(duration)}`);
}

/** Gives a canvas as many pixels as its element has on the screen; its pen counts in CSS pixels. */
function fit(canvas, pen, width, height) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
}

/** Bars of a sound, and a line where it has come to; what cannot be heard is faint. */
function drawWave(pen, sound, element, position, duration) {
  const [width, height] = [element.clientWidth, element.clientHeight];
  fit(pen.canvas, pen, width, height);
  const [from, until] = sound.span();
  const colours = getComputedStyle(element);
  const [played, coming, absent] = ["--wb-strong", "--wb-faint", "--wb-lines"].map((name) => colours.getPropertyValue(name));
  const bars = Math.max(1, Math.floor(width / BAR));
  heightsOf(sound.peaks, bars).forEach((share, bar) => {
    const second = ((bar + 0.5) / bars) * duration;
    const isHeard = second >= from && (second <= until || !until);
    pen.fillStyle = !isHeard ? absent : second < position ? played : coming;
    const tall = Math.max(QUIET, share) * height;
    pen.fillRect(bar * BAR, (height - tall) / 2, BAR - 1, tall);
  });
  pen.fillStyle = colours.getPropertyValue("--wb-ink");
  if (duration) pen.fillRect(Math.min(width - 2, (position / duration) * width), 0, 2, height);
}

/** Calls `move` with the share of the width under a pointer that is down, `drop` when it is let go, `leave` when lost. */
function followPointer(element, { move, drop, leave }) {
  let isDown = false;
  const shareAt = (event) => {
    const box = element.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    isDown = true;
    move(shareAt(event));
  });
  element.addEventListener("pointermove", (event) => isDown && move(shareAt(event)));
  element.addEventListener("pointerup", () => {
    if (isDown) drop();
    isDown = false;
  });
  element.addEventListener("pointercancel", () => {
    isDown = false;
    leave();
  });
}

/** The slider of a sound: { element, draw, end }. */
export function waveformOf(sound) {
  const canvas = make("canvas", { class: "wb-wave-canvas" });
  const element = make("div", { class: "wb-wave", role: "slider", tabindex: "0", "aria-label": "Position" }, canvas);
  const pen = canvas.getContext("2d");
  let dragged = null; // second under the pointer while it is down

  function draw() {
    const duration = sound.duration();
    const position = Math.min(dragged ?? sound.position(), duration);
    describe(element, position, duration);
    drawWave(pen, sound, element, position, duration);
  }

  const drag = (second) => {
    dragged = second;
    draw();
  };
  followPointer(element, {
    move: (share) => drag(share * sound.duration()),
    drop() {
      sound.seek(dragged);
      dragged = null;
    },
    leave: () => drag(null),
  });
  const sizes = new ResizeObserver(draw);
  sizes.observe(element);
  const endTheme = withTheme(draw);
  return {
    element,
    draw,
    end() {
      sizes.disconnect();
      endTheme();
    },
  };
}
