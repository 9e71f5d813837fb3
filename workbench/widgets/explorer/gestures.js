// What a click means.

/** Whether a click or a drag adds to what is selected, takes away from it or replaces it. */
export function howOf(event) {
  if (event.altKey) return "remove";
  return event.shiftKey ? "add" : "new";
}

/** What a button says of its keys. */
export const HOW_HINT = "Shift adds, Alt takes away";

/** Call `action` now and whenever one of the traits changes; gives the function that ends it. */
export function following(model, traits, action) {
  const events = traits.map((trait) => `change:${trait}`).join(" ");
  model.on(events, action);
  action();
  return () => model.off(events, action);
}

/** 3 tracks, 1 track. */
export function countedTracks(number) {
  return `${number.toLocaleString("en")} track${number === 1 ? "" : "s"}`;
}
