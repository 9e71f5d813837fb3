// A rectangle as large as the canvas.
attribute vec2 corner;
varying vec2 at;

void main() {
  at = corner * 0.5 + 0.5;
  gl_Position = vec4(corner, 0.0, 1.0);
}
