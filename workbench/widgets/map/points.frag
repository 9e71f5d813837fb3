// A disc with soft edges, and its ring.
precision mediump float;

uniform vec3 ink;
uniform vec3 strong;

varying vec4 colour;
varying vec4 ring;
varying float radius;
varying float side;

void main() {
  float away = length(gl_PointCoord - 0.5) * side;
  float disc = colour.a * clamp(radius + 0.5 - away, 0.0, 1.0);
  float line = ring.z * clamp(ring.y + 0.5 - abs(away - ring.x), 0.0, 1.0);
  float cover = max(disc, line);
  if (cover < 0.01) discard;
  vec3 round = ring.w > 0.5 ? strong : ink;
  gl_FragColor = vec4(mix(colour.rgb, round, line / cover), cover);
}
