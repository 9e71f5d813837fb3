// Which points lie inside what was drawn: the rule, the comparisons and the double precision of maps/regions.py.

const BANDS = 256;

/** Of each point (x, y, x, y ...), 1 where it lies inside the ring of [x, y], by the even-odd rule. */
export function inside(points, ring) {
  const within = new Uint8Array(points.length / 2);
  const bands = banded(ring);
  for (let place = 0; place < within.length; place++) {
    const x = points[2 * place];
    const y = points[2 * place + 1];
    if (!(y >= bands.low && y <= bands.high)) continue;
    const edges = bands.edges[bands.of(y)];
    for (let at = 0; at < edges.length; at += 4) {
      const x0 = edges[at];
      const y0 = edges[at + 1];
      const x1 = edges[at + 2];
      const y1 = edges[at + 3];
      if (y0 > y !== y1 > y && x < x0 + ((x1 - x0) * (y - y0)) / (y1 - y0)) within[place] ^= 1;
    }
  }
  return within;
}

/** The corners of a box between two opposite ones. */
export function boxBetween([x0, y0], [x1, y1]) {
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
}

/** The ring's edges by the height they pass, so that a point meets only the few at its own. */
function banded(ring) {
  const heights = ring.map(([, y]) => y);
  const low = Math.min(...heights);
  const high = Math.max(...heights);
  const of = (y) => Math.min(BANDS - 1, Math.floor(((y - low) * BANDS) / (high - low)));
  const lists = Array.from({ length: BANDS }, () => []);
  ring.forEach(([x1, y1], corner) => {
    const [x0, y0] = ring.at(corner - 1);
    if (y0 === y1) return;
    const last = of(Math.max(y0, y1));
    for (let band = of(Math.min(y0, y1)); band <= last; band++) lists[band].push(x0, y0, x1, y1);
  });
  return { low, high: low === high ? NaN : high, of, edges: lists.map((list) => Float64Array.from(list)) };
}
