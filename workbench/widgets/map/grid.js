// Which point is the mouse on: points sorted into the cells of a square grid.

/** Cells of some two points each; `near(x, y, radius, isShown)` gives the place of the nearest point, or -1. */
export function gridOf(points, bounds) {
  const count = points.length / 2;
  const side = Math.max(1, Math.min(1024, Math.round(Math.sqrt(count / 2))));
  const [left, bottom, right, top] = bounds;
  const within = (cell) => Math.max(0, Math.min(side - 1, cell));
  const column = (x) => within(Math.floor(((x - left) / (right - left || 1)) * side));
  const row = (y) => within(Math.floor(((y - bottom) / (top - bottom || 1)) * side));
  const cellOf = (place) => row(points[2 * place + 1]) * side + column(points[2 * place]);
  const { starts, order } = sorted(count, side * side, (place) => cellOf(place) || 0);

  function near(x, y, radius, isShown) {
    let best = -1;
    let least = radius * radius;
    for (let across = row(y - radius); across <= row(y + radius); across++) {
      const first = starts[across * side + column(x - radius)];
      const end = starts[across * side + column(x + radius) + 1];
      for (let at = first; at < end; at++) {
        const place = order[at];
        const distance = (points[2 * place] - x) ** 2 + (points[2 * place + 1] - y) ** 2;
        if (distance <= least && isShown(place)) [best, least] = [place, distance];
      }
    }
    return best;
  }

  return { near };
}

/** Places in the order of their cells, and where each cell starts. */
function sorted(count, cells, cellOf) {
  const starts = new Uint32Array(cells + 1);
  for (let place = 0; place < count; place++) starts[cellOf(place) + 1]++;
  for (let cell = 0; cell < cells; cell++) starts[cell + 1] += starts[cell];
  const next = starts.slice();
  const order = new Uint32Array(count);
  for (let place = 0; place < count; place++) order[next[cellOf(place)]++] = place;
  return { starts, order };
}
