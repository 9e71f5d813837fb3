// While a map moves on a slow machine, only every so many points are drawn; all of them once it rests.

import { calmly } from "../page/dom.js";

const SLOW = 90; // milliseconds from frame to frame
const QUICK = 30;
const SPARSEST = 16; // a stride of 8 bytes a point must stay below WebGL's 255
const PAUSE = 250; // milliseconds without a move

/** `moved()` says that the map moves, `stride(now)` is asked once a frame, `rested` is called when all is quiet. */
export function paceOf(rested) {
  let isMoving = false;
  let last = 0;
  let stride = 1;
  const rest = calmly(PAUSE, () => {
    isMoving = false;
    last = 0;
    if (stride > 1) rested();
  });

  function moved() {
    isMoving = true;
    rest();
  }

  function strideAt(now) {
    if (!isMoving) return 1;
    const spent = last ? now - last : QUICK;
    if (spent > SLOW) stride = Math.min(SPARSEST, stride * 2);
    else if (spent < QUICK) stride = Math.max(1, stride / 2);
    last = now;
    return stride;
  }

  return { moved, strideAt };
}
