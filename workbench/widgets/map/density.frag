// How crowded it is, from the page's own colour over the strong one to that of its text.
precision mediump float;

uniform sampler2D levels;
uniform vec3 paper;
uniform vec3 ink;
uniform vec3 strong;

varying vec2 at;

void main() {
  float level = texture2D(levels, at).r;
  vec3 colour = level < 0.6 ? mix(paper, strong, level / 0.6) : mix(strong, ink, (level - 0.6) / 0.4);
  gl_FragColor = vec4(colour, 1.0);
}
