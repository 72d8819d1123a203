// Gallery: a slider moves through the slices of a case, two switches show and hide outlines.
"use strict";

function showSlice(example, { title, image, outlines }) {
  example.querySelector(".view image").setAttribute("href", image);
  for (const [name, path] of Object.entries(outlines)) {
    example.querySelector(`path[class="${name}"]`).setAttribute("d", path);
  }
  example.querySelector("output").textContent = title;
  example.querySelector("input").setAttribute("aria-valuetext", title);
}

for (const example of document.querySelectorAll(".example")) {
  const slices = JSON.parse(example.querySelector("script").textContent);
  const slider = example.querySelector("input");
  const show = () => showSlice(example, slices[slider.value]);
  slider.addEventListener("input", show);
  show();
}

const gallery = document.getElementById("gallery");
const SHORTCUTS = { r: "reference", p: "predicted" };
for (const whose of Object.values(SHORTCUTS)) {
  const box = document.getElementById(`show-${whose}`);
  box.addEventListener("change", () => gallery.classList.toggle(`without-${whose}`, !box.checked));
}

function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top < innerHeight && bottom > 0;
}

document.addEventListener("keydown", (event) => {
  const whose = SHORTCUTS[event.key.toLowerCase()];
  if (!whose || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input[type=search], select") || !isInView(gallery)) return;
  document.getElementById(`show-${whose}`).click();
});
