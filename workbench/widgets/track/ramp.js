// Bytes as colours: a ramp of a few colours, made a table of 256.

/** RGBA of each of 256 steps, from colours such as "#440154", evenly spaced. */
export function rampTable(colours) {
  const stops = colours.map((colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16)));
  const table = new Uint8ClampedArray(256 * 4);
  for (let step = 0; step < 256; step += 1) {
    const place = (step / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    for (let part = 0; part < 3; part += 1) {
      table[4 * step + part] = stops[below][part] + (place - below) * (stops[below + 1][part] - stops[below][part]);
    }
    table[4 * step + 3] = 255;
  }
  return table;
}

/** A canvas of one pixel a byte, the first row at the bottom. */
export function pictureOf(bytes, columns, rows, table) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const step = bytes[row * columns + column];
      image.data.set(table.subarray(4 * step, 4 * step + 4), 4 * ((rows - 1 - row) * columns + column));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
