// Sets of points: one bit a point on their way to the kernel and from there, a bit of each point's byte on the page.

export const SELECTED = 1;
export const FOUND = 2;
export const DIM = 4;
export const NEW = 8;

/** Set or take one bit of every point's byte, as a mask of one bit a point says; gives how many are set. */
export function spread(marks, bit, mask) {
  let count = 0;
  for (let place = 0; place < marks.length; place++) {
    const is = (mask[place >> 3] >> (place & 7)) & 1;
    marks[place] = is ? marks[place] | bit : marks[place] & ~bit;
    count += is;
  }
  return count;
}

/** The mask of those points whose byte has the bit. */
export function gathered(marks, bit) {
  const mask = new Uint8Array((marks.length + 7) >> 3);
  for (let place = 0; place < marks.length; place++) if (marks[place] & bit) mask[place >> 3] |= 1 << (place & 7);
  return mask;
}

/** How many points have one of the bits. */
export function counted(marks, bits) {
  let count = 0;
  for (let place = 0; place < marks.length; place++) if (marks[place] & bits) count++;
  return count;
}

/** Places of the points that stand out of the others: selected or new ones, and above them those found. */
export function raised(marks) {
  const found = counted(marks, FOUND);
  const places = new Uint32Array(counted(marks, FOUND | SELECTED | NEW));
  let below = 0;
  let above = places.length - found;
  for (let place = 0; place < marks.length; place++) {
    if (marks[place] & FOUND) places[above++] = place;
    else if (marks[place] & (SELECTED | NEW)) places[below++] = place;
  }
  return places;
}
