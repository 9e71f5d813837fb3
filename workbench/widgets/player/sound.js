// What a player plays: one audio element for each player, however many outputs show it.

import { bytesOf, make, onMessage } from "../page/dom.js";

const STARTS = "workbench-sound-starts"; // told to the page, so that one player sounds at a time

/** Where the page's own Jupyter server has a path; null where the page is not of one. */
export function addressAt(path) {
  const config = document.getElementById("jupyter-config-data");
  if (!path || !config) return null;
  try {
    const base = new URL(JSON.parse(config.textContent).baseUrl, location.href);
    const address = new URL(`${base.pathname.replace(/\/*$/, "/")}${path}`, base.origin);
    return address.origin === location.origin ? address.href : null;
  } catch {
    return null;
  }
}

/** Lets the server load what it needs to find tracks, which takes it a second once; what it answers does not matter. */
function awaken(path) {
  const address = addressAt(path);
  if (address) fetch(address, { method: "HEAD" }).catch(() => {});
}

/** The sound of a player; `changed` runs whenever there is something else to show. */
export function soundOf(model) {
  const audio = make("audio", { preload: "auto" });
  const watchers = new Set();
  const sound = { audio, track: { turn: 0, names: [""] }, note: "", cover: null, peaks: new Uint8Array(), playsOn: false };
  let lent = null; // address of an excerpt's bytes
  let startS = 0; // where in the track the audio element's time begins

  const changed = () => watchers.forEach((watcher) => watcher());
  const say = (note) => {
    sound.note = note;
    changed();
  };
  const lend = (bytes, type) => URL.createObjectURL(new Blob([bytes], { type }));

  function load(address) {
    if (lent) URL.revokeObjectURL(lent);
    lent = address?.startsWith("blob:") ? address : null;
    startS = 0;
    if (address) audio.src = address;
    else audio.removeAttribute("src");
    audio.load();
  }

  function begin() {
    audio.play().catch((error) => {
      if (error.name === "NotAllowedError") say("Press Play to begin.");
    }); // an error of the file itself has an event of its own
  }

  function askForExcerpt() {
    model.send({ kind: "excerpt", turn: sound.track.turn });
    say("Fetching an excerpt …");
  }

  function open() {
    const address = addressAt(sound.track.address);
    if (!address) return askForExcerpt();
    load(address);
    begin();
  }

  function show(track) {
    load(null);
    if (sound.cover) URL.revokeObjectURL(sound.cover);
    Object.assign(sound, { track, note: "", cover: null, peaks: new Uint8Array() });
    audio.dataset.trackId = track.track_id ?? "";
    if (track.plays) open();
    else awaken(track.address);
    changed();
  }

  const told = {
    track: show,
    excerpt({ start_s, type }, sent) {
      load(lend(bytesOf(sent), type));
      startS = start_s;
      sound.note = "";
      begin();
    },
    refused: () => say("This file cannot be played."),
    cover: (_, sent) => (sound.cover = lend(bytesOf(sent), "image/jpeg")),
    waveform: (_, sent) => (sound.peaks = bytesOf(sent)),
  };

  function hear(message, buffers) {
    if (message.kind !== "track" && message.turn !== sound.track.turn) return;
    told[message.kind]?.(message, buffers?.[0]);
    changed();
  }

  function failed() {
    if (!audio.hasAttribute("src")) return;
    if (lent) return say("This browser cannot play it.");
    load(null);
    askForExcerpt();
  }

  function noteLength() {
    const whole = sound.track.duration_s;
    if (lent && !(whole && audio.duration > whole - 0.5)) sound.note = `${Math.round(audio.duration)} s excerpt`;
    changed();
  }

  const yieldToOthers = (event) => {
    if (event.detail !== audio) audio.pause();
  };
  audio.addEventListener("play", () => document.dispatchEvent(new CustomEvent(STARTS, { detail: audio })));
  audio.addEventListener("playing", () => say(lent ? sound.note : ""));
  audio.addEventListener("loadedmetadata", noteLength);
  audio.addEventListener("error", failed);
  audio.addEventListener("ended", () => sound.playsOn && model.send({ kind: "ended" }));
  for (const name of ["play", "pause", "timeupdate", "seeked", "volumechange", "durationchange"]) {
    audio.addEventListener(name, changed);
  }
  document.addEventListener(STARTS, yieldToOthers);
  document.body.append(audio); // without controls it is not seen
  onMessage(model, hear);
  model.send({ kind: "ready" });

  /** First and last second of the track that can be heard. */
  sound.span = () => [startS, startS + (Number.isFinite(audio.duration) ? audio.duration : 0)];
  sound.position = () => startS + audio.currentTime;
  sound.duration = () => {
    const end = sound.span()[1];
    return lent ? (sound.track.duration_s ?? end) : end || (sound.track.duration_s ?? 0);
  };
  sound.walk = (step) => model.send({ kind: "walk", step });
  sound.toggle = () => {
    if (!audio.paused) audio.pause();
    else if (audio.hasAttribute("src")) begin();
    else if (sound.track.track_id) open();
    else sound.walk(0);
  };
  sound.seek = (second) => {
    const [from, until] = sound.span();
    if (audio.hasAttribute("src")) audio.currentTime = Math.max(0, Math.min(second, until || second) - from);
  };
  sound.turnVolume = (step) => {
    audio.volume = Math.max(0, Math.min(1, audio.volume + step));
  };
  sound.watch = (watcher) => {
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      if (!watchers.size) audio.pause(); // nobody could stop it
    };
  };
  sound.end = () => {
    document.removeEventListener(STARTS, yieldToOthers);
    load(null);
    audio.remove();
  };
  return sound;
}
