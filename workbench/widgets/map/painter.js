// Draws a picture on a canvas with WebGL.

import { raised } from "./bits.js";
import { densityOf } from "./density.js";
import DENSITY_FRAGMENT from "./density.frag";
import DENSITY_VERTEX from "./density.vert";
import POINTS_FRAGMENT from "./points.frag";
import POINTS_VERTEX from "./points.vert";

const COLOURS = 64;
const FAINT = 0.25; // of a point's opacity, where others are selected

/** A painter for this canvas, or null where there is no WebGL. */
export function painterOn(canvas) {
  const gl = canvas.getContext("webgl", { alpha: false, antialias: false });
  if (!gl || gl.isContextLost()) return null;
  const dots = programOf(gl, POINTS_VERTEX, POINTS_FRAGMENT, ["place", "code", "size", "mark"]);
  const crowd = programOf(gl, DENSITY_VERTEX, DENSITY_FRAGMENT, ["corner"]);
  const buffers = buffersOf(gl, ["place", "code", "size", "mark", "corner"]);
  const texture = gl.createTexture();
  const order = gl.createBuffer();
  let standing = 0; // how many points stand out
  gl.getExtension("OES_element_index_uint");
  buffers.corner(new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]));
  gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);

  function load(picture) {
    buffers.place(picture.points);
    buffers.code(picture.codes);
    buffers.size(picture.sizes ?? new Uint8Array());
  }

  function mark(marks) {
    const places = raised(marks);
    standing = places.length;
    buffers.mark(marks);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, places, gl.DYNAMIC_DRAW);
  }

  function paintCrowd(store, camera, look) {
    const { width, height, levels } = densityOf(store.picture.points, camera, store.isShown);
    crowd.use();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.LUMINANCE, width, height, 0, gl.LUMINANCE, gl.UNSIGNED_BYTE, levels);
    for (const edge of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, edge, gl.CLAMP_TO_EDGE);
    for (const size of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, size, gl.LINEAR);
    crowd.set({ ...look });
    crowd.read("corner", buffers.corner, 2, gl.FLOAT, 8);
    gl.disable(gl.BLEND);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** Every so many points. */
  function readDots(picture, stride = 1) {
    dots.read("place", buffers.place, 2, gl.FLOAT, stride * 8);
    dots.read("code", buffers.code, 1, gl.UNSIGNED_BYTE, stride);
    dots.read("mark", buffers.mark, 1, gl.UNSIGNED_BYTE, stride);
    if (picture.sizes) dots.read("size", buffers.size, 1, gl.UNSIGNED_BYTE, stride, true);
    else dots.keep("size", 1);
  }

  function paintDots(store, camera, look, ratio, stride) {
    const { picture } = store;
    dots.use();
    dots.set({ ...look, ...seenBy(camera), ...colouring(store), ratio, faint: FAINT, diameter: picture.diameter * ratio });
    dots.set({ isRaised: false, isSelecting: store.selected > 0, isSearching: store.isSearched });
    gl.enable(gl.BLEND);
    readDots(picture, stride);
    if (!picture.is_density) gl.drawArrays(gl.POINTS, 0, Math.floor(picture.count / stride));
    if (!standing) return;
    readDots(picture);
    dots.set({ isRaised: true });
    gl.drawElements(gl.POINTS, standing, gl.UNSIGNED_INT, 0);
  }

  /** Draw what the camera sees; with a stride only every so many of the points that do not stand out. */
  function paint(store, camera, look, ratio, stride = 1) {
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(...look.paper, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!store.picture?.count) return;
    if (store.picture.is_density) paintCrowd(store, camera, look);
    paintDots(store, camera, look, ratio, Math.min(stride, store.picture.count));
  }

  /** Give the context back: a browser has only some sixteen. */
  const end = () => gl.getExtension("WEBGL_lose_context")?.loseContext();

  return { load, mark, paint, end };
}

/** A colour of a style sheet as three numbers of 0 to 1. */
export function rgbOf(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
}

/** Colours for the shader; what is hidden has no opacity. */
function colouring(store) {
  const { names, colours, ramp, unknown = "#999999" } = store.picture.colour;
  const list = ramp?.length === 1 ? [ramp[0], ramp[0]] : ramp ?? colours;
  const palette = new Float32Array(4 * COLOURS);
  list.slice(0, COLOURS).forEach((colour, code) => palette.set([...rgbOf(colour), names && store.hidden[code] ? 0 : 1], 4 * code));
  return { palette, stops: ramp ? list.length : 0, unknown: [...rgbOf(unknown), 1] };
}

function seenBy(camera) {
  return { middle: [camera.x, camera.y], zoom: [(2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height] };
}

function buffersOf(gl, names) {
  return Object.fromEntries(
    names.map((name) => {
      const buffer = gl.createBuffer();
      const fillWith = (data) => {
        gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
        gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      };
      return [name, Object.assign(fillWith, { buffer })];
    }),
  );
}

/** A pair of shaders, with setters for what is the same for all points and readers for what is not. */
function programOf(gl, vertex, fragment, attributes) {
  const program = gl.createProgram();
  gl.attachShader(program, shaderOf(gl, gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, shaderOf(gl, gl.FRAGMENT_SHADER, fragment));
  attributes.forEach((name, at) => gl.bindAttribLocation(program, at, name));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program));
  const places = {};
  const placeOf = (name) => (places[name] ??= gl.getUniformLocation(program, name));

  function read(name, { buffer }, size, type, stride, isShare = false) {
    const at = attributes.indexOf(name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, isShare, stride, 0);
  }

  function keep(name, value) {
    gl.disableVertexAttribArray(attributes.indexOf(name));
    gl.vertexAttrib1f(attributes.indexOf(name), value);
  }

  function use() {
    gl.useProgram(program);
    for (let at = 0; at < 4; at++) gl.disableVertexAttribArray(at);
  }

  function set(values) {
    for (const [name, value] of Object.entries(values)) {
      const place = placeOf(name);
      if (!place) continue;
      if (typeof value === "object") gl[`uniform${value.length > 4 ? 4 : value.length}fv`](place, value);
      else gl.uniform1f(place, Number(value));
    }
  }

  return { use, set, read, keep };
}

function shaderOf(gl, kind, text) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(gl.getShaderInfoLog(shader));
  return shader;
}
