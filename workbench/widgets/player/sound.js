// What a player plays: one audio element for each player, however many outputs show it.

import { bytesOf, make, onMessage } from "../page/dom.js";

const STARTS = "workbench-sound-starts"; // told to the page, so that one player sounds at a time

const SHOWN = ["play", "pause", "timeupdate", "seeked", "volumechange", "durationchange"];

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

const lend = (bytes, type) => URL.createObjectURL(new Blob([bytes], { type }));

/** The sound of a player. */
export class Sound {
  track = { turn: 0, names: [""] };
  note = "";
  cover = null; // address of its bytes
  peaks = new Uint8Array();
  playsOn = false;
  audio = make("audio", { preload: "auto" });
  #model;
  #watchers = new Set();
  #wasShown = false;
  #lent = null; // address of an excerpt's bytes
  #startS = 0; // where in the track the audio element's time begins
  #yieldToOthers = (event) => {
    if (event.detail !== this.audio) this.audio.pause();
  };

  constructor(model) {
    this.#model = model;
    const { audio } = this;
    audio.addEventListener("play", () => document.dispatchEvent(new CustomEvent(STARTS, { detail: audio })));
    audio.addEventListener("playing", () => this.#say(this.#lent ? this.note : ""));
    audio.addEventListener("loadedmetadata", () => this.#noteLength());
    audio.addEventListener("error", () => this.#fail());
    audio.addEventListener("ended", () => this.playsOn && model.send({ kind: "ended" }));
    SHOWN.forEach((name) => audio.addEventListener(name, () => this.#changed()));
    document.addEventListener(STARTS, this.#yieldToOthers);
    document.body.append(audio); // without controls it is not seen
    onMessage(model, (message, buffers) => this.#hear(message, buffers));
    model.send({ kind: "ready" });
  }

  /** First and last second of the track that can be heard. */
  span() {
    return [this.#startS, this.#startS + (Number.isFinite(this.audio.duration) ? this.audio.duration : 0)];
  }

  position() {
    return this.#startS + this.audio.currentTime;
  }

  duration() {
    const end = this.span()[1];
    return this.#lent ? (this.track.duration_s ?? end) : end || (this.track.duration_s ?? 0);
  }

  walk(step) {
    this.#model.send({ kind: "walk", step });
  }

  toggle() {
    if (!this.audio.paused) this.audio.pause();
    else if (this.audio.hasAttribute("src")) this.#begin();
    else if (this.track.track_id) this.#open();
    else this.walk(0);
  }

  seek(second) {
    const [from, until] = this.span();
    if (this.audio.hasAttribute("src")) this.audio.currentTime = Math.max(0, Math.min(second, until || second) - from);
  }

  turnVolume(step) {
    this.audio.volume = Math.max(0, Math.min(1, this.audio.volume + step));
  }

  /** Calls `watcher` whenever there is something else to show; gives what ends that. */
  watch(watcher) {
    this.#watchers.add(watcher);
    this.#wasShown = true;
    return () => {
      this.#watchers.delete(watcher);
      if (!this.#watchers.size) this.audio.pause(); // nobody could stop it
    };
  }

  end() {
    document.removeEventListener(STARTS, this.#yieldToOthers);
    this.#load(null);
    this.#setCover(null);
    this.audio.remove();
  }

  #changed() {
    this.#watchers.forEach((watcher) => watcher());
  }

  #say(note) {
    this.note = note;
    this.#changed();
  }

  #load(address, startS = 0) {
    if (this.#lent) URL.revokeObjectURL(this.#lent);
    this.#lent = address?.startsWith("blob:") ? address : null;
    this.#startS = startS;
    if (address) this.audio.src = address;
    else this.audio.removeAttribute("src");
    this.audio.load();
  }

  #begin() {
    this.audio.play().catch((error) => {
      if (error.name === "NotAllowedError") this.#say("Press Play to begin.");
    }); // an error of the file itself has an event of its own
  }

  #askForExcerpt() {
    this.#model.send({ kind: "excerpt", turn: this.track.turn });
    this.#say("Fetching an excerpt …");
  }

  #open() {
    const address = addressAt(this.track.address);
    if (!address) return this.#askForExcerpt();
    this.#load(address);
    this.#begin();
  }

  #setCover(address) {
    if (this.cover) URL.revokeObjectURL(this.cover);
    this.cover = address;
  }

  #show(track) {
    if (track.turn && track.turn === this.track.turn) return; // said again, for another page
    this.#load(null);
    this.#setCover(null);
    Object.assign(this, { track, note: "", peaks: new Uint8Array() });
    this.audio.dataset.trackId = track.track_id ?? "";
    const isOver = this.#wasShown && !this.#watchers.size; // its cell was run again: another player is shown
    if (track.plays && !isOver) this.#open();
    else awaken(track.address);
  }

  #hear(message, buffers) {
    if (message.kind !== "track" && message.turn !== this.track.turn) return;
    const told = {
      track: () => this.#show(message),
      excerpt: () => this.#playExcerpt(message, buffers[0]),
      refused: () => this.#say("This file cannot be played."),
      cover: () => this.#setCover(lend(bytesOf(buffers[0]), "image/jpeg")),
      waveform: () => (this.peaks = bytesOf(buffers[0])),
    };
    told[message.kind]?.();
    this.#changed();
  }

  #playExcerpt({ start_s, type }, sent) {
    this.#load(lend(bytesOf(sent), type), start_s);
    this.note = "";
    this.#begin();
  }

  #fail() {
    if (!this.audio.hasAttribute("src")) return;
    if (this.#lent) return this.#say("This browser cannot play it.");
    this.#load(null);
    this.#askForExcerpt();
  }

  #noteLength() {
    const { duration } = this.audio;
    const whole = this.track.duration_s;
    if (this.#lent && !(whole && duration > whole - 0.5)) this.note = `${Math.round(duration)} s excerpt`;
    this.#changed();
  }
}
