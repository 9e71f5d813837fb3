// The page's colours as numbers, for shaders.

const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const known = new Map();

/** Paper, ink and strong colour of an element of the class `wb`, each as three numbers of 0 to 1. */
export function lookOf(element) {
  const style = getComputedStyle(element);
  return {
    paper: numbersOf(style.backgroundColor),
    ink: numbersOf(style.color),
    strong: numbersOf(style.getPropertyValue("--wb-strong").trim()),
  };
}

/** Any colour that style sheets know: a browser is asked to paint with it. */
function numbersOf(colour) {
  if (!known.has(colour)) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    known.set(colour, [...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((level) => level / 255));
  }
  return known.get(colour);
}
