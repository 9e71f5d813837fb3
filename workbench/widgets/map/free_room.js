// Which names on a map have room: where two would overlap, the earlier one is shown.

const GAP = 4; // pixels between two names

/** Room for names one after the other: a function that tells whether an area (left, top, right, bottom) is free, and takes it. */
export function freeRoom() {
  const taken = [];
  return (area) => {
    const isFree = !taken.some((other) => overlap(area, other));
    if (isFree) taken.push(area);
    return isFree;
  };
}

function overlap(one, other) {
  return one[0] < other[2] + GAP && other[0] < one[2] + GAP && one[1] < other[3] + GAP && other[1] < one[3] + GAP;
}
