// What part of the map is in sight, with one scale for both axes.

const MARGIN = 24; // pixels around all points at home
const DEEPEST = 5000; // times the scale at home

/** The smallest box around points: [left, bottom, right, top]. */
export function boundsOf(points) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < points.length; at += 2) {
    const x = points[at];
    const y = points[at + 1];
    if (x < bounds[0]) bounds[0] = x;
    if (y < bounds[1]) bounds[1] = y;
    if (x > bounds[2]) bounds[2] = x;
    if (y > bounds[3]) bounds[3] = y;
  }
  return bounds.every(Number.isFinite) ? bounds : [0, 0, 1, 1];
}

/** A camera above the map; `x` and `y` are what its middle shows, `scale` is pixels a unit. */
export function cameraOver(bounds) {
  const camera = { x: 0, y: 0, scale: 1, width: 1, height: 1 };
  let isHome = true;

  function homeScale() {
    const across = (camera.width - 2 * MARGIN) / (bounds[2] - bounds[0]);
    const down = (camera.height - 2 * MARGIN) / (bounds[3] - bounds[1]);
    const scale = Math.min(across, down);
    return Number.isFinite(scale) && scale > 0 ? scale : 1;
  }

  /** All points in sight. */
  camera.home = () => {
    isHome = true;
    camera.x = (bounds[0] + bounds[2]) / 2;
    camera.y = (bounds[1] + bounds[3]) / 2;
    camera.scale = homeScale();
  };

  camera.resize = (width, height) => {
    [camera.width, camera.height] = [width, height];
    if (isHome) camera.home();
  };

  /** Other bounds; what is in sight stays, unless that was everything. */
  camera.over = (others) => {
    bounds = others;
    if (isHome) camera.home();
  };

  camera.pan = (across, down) => {
    isHome = false;
    camera.x -= across / camera.scale;
    camera.y += down / camera.scale;
  };

  /** Nearer by a factor, keeping what is at a pixel where it is. */
  camera.zoom = (factor, pixel = [camera.width / 2, camera.height / 2]) => {
    isHome = false;
    const [x, y] = camera.toMap(pixel);
    const scale = camera.scale * factor;
    camera.scale = Math.max(homeScale() / 10, Math.min(homeScale() * DEEPEST, scale));
    const [movedX, movedY] = camera.toMap(pixel);
    camera.x += x - movedX;
    camera.y += y - movedY;
  };

  camera.toMap = ([across, down]) => [
    camera.x + (across - camera.width / 2) / camera.scale,
    camera.y - (down - camera.height / 2) / camera.scale,
  ];

  camera.toPixel = ([x, y]) => [
    camera.width / 2 + (x - camera.x) * camera.scale,
    camera.height / 2 - (y - camera.y) * camera.scale,
  ];

  return camera;
}
