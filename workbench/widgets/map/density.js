// How crowded places are: points counted in small squares of the canvas, smoothed.

const SQUARE = 4; // pixels
const REACH = 2; // squares to each side over which counts are spread, twice

/** Levels of 0 to 255, from the lowest row up; logarithmic, since a crowd is often a thousand times as dense as a fringe. */
export function densityOf(points, camera, isShown) {
  const width = Math.max(1, Math.ceil(camera.width / SQUARE));
  const height = Math.max(1, Math.ceil(camera.height / SQUARE));
  const counts = countedIn(points, camera, isShown, width, height);
  for (let pass = 0; pass < 2; pass++) {
    smoothed(counts, width, height, 1, width);
    smoothed(counts, height, width, width, 1);
  }
  const most = Math.log1p(counts.reduce((high, count) => Math.max(high, count), 0)) || 1;
  return { width, height, levels: Uint8Array.from(counts, (count) => (255 * Math.log1p(count)) / most) };
}

function countedIn(points, camera, isShown, width, height) {
  const counts = new Float32Array(width * height);
  const scale = camera.scale / SQUARE;
  const left = camera.x - camera.width / 2 / camera.scale;
  const bottom = camera.y - camera.height / 2 / camera.scale;
  for (let place = 0; 2 * place < points.length; place++) {
    const column = Math.floor((points[2 * place] - left) * scale);
    const row = Math.floor((points[2 * place + 1] - bottom) * scale);
    if (column >= 0 && column < width && row >= 0 && row < height && isShown(place)) counts[row * width + column]++;
  }
  return counts;
}

/** The mean over a window that slides along each of `lines` lines; `step` is from one to the next on a line. */
function smoothed(counts, length, lines, step, stride) {
  const line = new Float32Array(length);
  for (let which = 0; which < lines; which++) {
    const start = which * stride;
    for (let at = 0; at < length; at++) line[at] = counts[start + at * step];
    let sum = 0;
    for (let at = -REACH; at < length; at++) {
      if (at + REACH < length) sum += line[at + REACH];
      if (at - REACH - 1 >= 0) sum -= line[at - REACH - 1];
      if (at >= 0) counts[start + at * step] = sum / (2 * REACH + 1);
    }
  }
}
