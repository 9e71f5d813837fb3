// One point: where it is, its colour, and how it stands out.
attribute vec2 place;
attribute float code;
attribute float size;
attribute float mark;

uniform vec2 middle;
uniform vec2 zoom;
uniform vec4 palette[64];
uniform vec4 unknown;
uniform float stops;
uniform float diameter;
uniform float ratio;
uniform bool isRaised;
uniform bool isSelecting;
uniform bool isSearching;
uniform float faint;

varying vec4 colour;
varying vec4 ring;
varying float radius;
varying float side;

float bit(float value) {
  return mod(floor(mark / value), 2.0);
}

vec4 ramped() {
  float at = code / 254.0 * (stops - 1.0);
  int below = int(min(floor(at), stops - 2.0));
  return code > 254.5 ? unknown : mix(palette[below], palette[below + 1], at - float(below));
}

// Selected, new or found: as a ring, its middle, half its width, its opacity, and whether it is a search's.
void raise(float width) {
  bool isSelected = bit(1.0) > 0.5;
  bool isFound = bit(2.0) > 0.5;
  if (isSelected) width += 1.5 * ratio;
  if (isFound) width = max(width, 6.0 * ratio);
  radius = width / 2.0;
  bool isBelow = isSelecting && !isSelected;
  if (isSelected) colour.a = min(1.0, 2.0 * colour.a);
  else if (!isFound) colour.a *= isBelow ? faint : isSearching ? 0.4 : 1.0;
  if (isFound) ring = vec4(radius + 2.5 * ratio, 1.25 * ratio, 1.0, 1.0);
  else if (bit(8.0) > 0.5) ring = vec4(radius + 1.5 * ratio, 0.6 * ratio, isBelow ? 0.3 : 0.9, 0.0);
}

void main() {
  gl_Position = vec4((place - middle) * zoom, 0.0, 1.0);
  colour = stops > 0.5 ? ramped() : palette[int(code)];
  if (colour.a < 0.5) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  float width = size * diameter;
  radius = width / 2.0;
  ring = vec4(0.0);
  colour.a = mod(mark, 8.0) > 3.5 ? 0.3 : 0.85;
  if (isRaised) raise(width);
  else colour.a *= (isSelecting ? faint : 1.0) * (isSearching ? 0.4 : 1.0);
  side = 2.0 * max(radius, ring.x + ring.y) + 1.0;
  gl_PointSize = side;
}
