// The page around them: definitions beside the words, and where in the page the reader is.
"use strict";

const tooltip = document.getElementById("tooltip");
let described = null;

function placeDefinition() {
  if (!described) return;
  const { left, bottom, top } = described.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = tooltip;
  const fitsBelow = bottom + 6 + offsetHeight < innerHeight;
  tooltip.style.left = `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`;
  tooltip.style.top = `${fitsBelow ? bottom + 6 : top - 6 - offsetHeight}px`;
}

function showDefinition(element) {
  described = element;
  tooltip.textContent = document.getElementById(element.getAttribute("aria-describedby")).textContent;
  tooltip.hidden = false;
  placeDefinition();
}

function hideDefinition() {
  described = null;
  tooltip.hidden = true;
}

for (const element of document.querySelectorAll("[aria-describedby]")) {
  for (const event of ["mouseenter", "focus"]) element.addEventListener(event, () => showDefinition(element));
  for (const event of ["mouseleave", "blur", "click"]) element.addEventListener(event, hideDefinition);
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideDefinition();
});
addEventListener("scroll", placeDefinition, { capture: true, passive: true });

const links = new Map(
  [...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]),
);
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) links.get(target.id).setAttribute("aria-current", "true");
      else links.get(target.id).removeAttribute("aria-current");
    }
  },
  { rootMargin: "-30% 0px -69% 0px" },
);
for (const id of links.keys()) observer.observe(document.getElementById(id));
