// The player: names and cover of a track, its waveform, and what one does with them.

import { fill, make, ownKeys } from "../page/dom.js";
import { Sound } from "./sound.js";
import { clockOf, waveformOf } from "./waveform.js";

const STEP_S = 5;
const STEP_VOLUME = 0.05;

/** What a key does while the player has the focus; null for a key of the page or of the control that has it. */
function actionOf(sound, event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const hasOwnKeys = event.target.matches("input[type=range]");
  const hasOwnSpace = hasOwnKeys || event.target.matches("button, input");
  const isAtWave = event.target.matches("[role=slider]");
  const actions = {
    " ": hasOwnSpace ? null : () => sound.toggle(),
    ArrowLeft: () => sound.seek(sound.position() - STEP_S),
    ArrowRight: () => sound.seek(sound.position() + STEP_S),
    ArrowUp: () => sound.turnVolume(STEP_VOLUME),
    ArrowDown: () => sound.turnVolume(-STEP_VOLUME),
    Home: isAtWave ? () => sound.seek(0) : null,
    End: isAtWave ? () => sound.seek(sound.duration()) : null,
  };
  return hasOwnKeys ? null : actions[event.key];
}

function headOf(sound) {
  const cover = make("img", { class: "wb-player-cover", alt: "Cover", hidden: true });
  const names = make("div", { class: "wb-player-names" });
  const draw = () => {
    cover.hidden = !sound.cover;
    if (sound.cover && cover.src !== sound.cover) cover.src = sound.cover;
    const [title, ...others] = sound.track.names;
    fill(names, make("strong", {}, title), ...others.map((line) => make("span", { class: "wb-faint" }, line)));
  };
  return { element: make("div", { class: "wb-player-head" }, cover, names), draw };
}

function controlsOf(sound) {
  const button = (label, title, onclick) => make("button", { type: "button", class: "wb-button", title, onclick }, label);
  const before = button("Previous", "Play the track before", () => sound.walk(-1));
  const play = button("Play", "Play or pause (space)", () => sound.toggle());
  const after = button("Next", "Play the track after", () => sound.walk(1));
  const time = make("span", { class: "wb-player-time" });
  const note = make("span", { class: "wb-faint", role: "status" });
  const playOn = make("input", { type: "checkbox", checked: sound.playsOn, onchange: () => (sound.playsOn = playOn.checked) });
  const volume = make("input", { type: "range", min: "0", max: "1", step: "0.05", "aria-label": "Volume" });
  volume.addEventListener("input", () => (sound.audio.volume = volume.valueAsNumber));
  const draw = () => {
    const isPlaying = !sound.audio.paused;
    play.textContent = isPlaying ? "Pause" : "Play";
    play.classList.toggle("wb-player-playing", isPlaying);
    const duration = sound.duration();
    time.textContent = duration ? `${clockOf(Math.min(sound.position(), duration))} / ${clockOf(duration)}` : "";
    note.textContent = sound.note;
    volume.value = String(sound.audio.volume);
    playOn.checked = sound.playsOn;
  };
  const settings = [
    make("label", { class: "wb-player-label", title: "Go on with the next track at the end of this one" }, playOn, "Play on"),
    make("label", { class: "wb-player-label", title: "Volume (up and down)" }, "Volume", volume),
  ];
  const sides = [make("div", { class: "wb-row" }, before, play, after, time, note), make("div", { class: "wb-row" }, ...settings)];
  return { element: make("div", { class: "wb-player-controls" }, ...sides), draw };
}

function showPlayer(el, sound) {
  const [head, wave, controls] = [headOf(sound), waveformOf(sound), controlsOf(sound)];
  const parts = [head.element, wave.element, controls.element];
  const root = make("div", { class: "wb wb-player", role: "group", tabindex: "0", "aria-label": "Player" }, ...parts);
  root.addEventListener("keydown", (event) => {
    const action = actionOf(sound, event);
    if (action) event.preventDefault();
    if (action !== undefined) event.stopPropagation(); // JupyterLab would move to another cell
    action?.();
  });
  let isDue = false; // once a frame is often enough
  const draw = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      [head, wave, controls].forEach((part) => part.draw());
    });
  };
  ownKeys(root);
  el.append(root);
  const leave = sound.watch(draw);
  draw();
  return () => {
    leave();
    wave.end();
  };
}

export default () => {
  let sound;
  return {
    initialize({ model }) {
      sound = new Sound(model);
      return () => sound.end();
    },
    render: ({ el }) => showPlayer(el, sound),
  };
};
