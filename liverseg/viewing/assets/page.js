"use strict";

const LABELS = ["background", "liver", "lesion"];
const scene = JSON.parse(document.getElementById("scene").textContent);
const [place, windowText, opacity] = ["place", "window", "opacity"].map((id) => document.getElementById(id));

const viewer = new niivue.Niivue({
  backColor: [0, 0, 0, 1],
  crosshairColor: [0.94, 0.89, 0.26, 0.6],
  crosshairGap: 12,  // half widths of the line: 4 mm around the centre are free
  crosshairWidth: 0.7,
  crosshairWidthUnit: "mm",
  dragAndDropEnabled: false,
  dragMode: niivue.DRAG_MODE.windowing,
  isRadiologicalConvention: true,
  loadingText: "",
  logLevel: "error",
  multiplanarShowRender: niivue.SHOW_RENDER.NEVER,
  sliceType: niivue.SLICE_TYPE.MULTIPLANAR,
});

/** The bytes of a file: embedded in this page, or served beside it. */
async function readFile(id) {
  const embedded = document.getElementById(id);
  if (!embedded) {
    const response = await fetch(id);
    if (!response.ok) throw new Error(`${id}: ${response.status}`);
    return response.arrayBuffer();
  }
  const text = atob(embedded.textContent);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  embedded.remove();
  return bytes.buffer;
}

/** Steps, not a ramp: below 0.5 nothing, up to 1.5 the liver, above that the lesion. */
function buildColormap(mask) {
  const [liver, lesion] = [mask.liver, mask.lesion].map((hex) =>
    [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16)));
  const [R, G, B] = [0, 1, 2].map((part) =>
    [liver[part], liver[part], liver[part], liver[part], lesion[part], lesion[part]]);
  return { R, G, B, A: [0, 0, 255, 255, 255, 255], I: [0, 63, 64, 191, 192, 255] };
}

/** One colour, of which the map itself says how much is seen: NiiVue takes this alpha as 0 or 1. */
function buildColour(hex) {
  const [R, G, B] = [1, 3, 5].map((start) => Array(2).fill(parseInt(hex.slice(start, start + 2), 16)));
  return { R, G, B, A: [255, 255], I: [0, 255] };
}

function setWindow(volume, { low, high }) {
  Object.assign(volume, { cal_min: low, cal_max: high });
}

function showWindow() {
  const { cal_min: low, cal_max: high } = viewer.volumes[0];
  windowText.textContent = `Window ${Math.round(low)} to ${Math.round(high)} HU`;
}

function showPlace(location) {
  const [x, y, z] = Array.from(location.mm, (value) => value.toFixed(1));
  const [hu, ...values] = location.values.map((each) => each.value);
  const named = scene.masks.map(({ name }, index) => `${name}: ${LABELS[Math.round(values[index])]}`);
  if (scene.uncertainty) named.push(`uncertainty ${values.at(-1).toFixed(2)} bit`);
  place.textContent = [`x ${x}, y ${y}, z ${z} mm (RAS)`, `${Math.round(hu)} HU`, ...named].join(" · ");
}

// Steps in voxels, (x, y, z) in RAS; the patient's right is on the left of the axial plane.
const STEPS = {
  ArrowLeft: [1, 0, 0], ArrowRight: [-1, 0, 0],
  ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0],
  PageUp: [0, 0, 1], PageDown: [0, 0, -1],
};

function moveCrosshair(event) {
  const step = STEPS[event.key];
  if (!step || event.target === opacity || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  viewer.moveCrosshairInVox(...step);
}

/** NiiVue has keys of its own, by which the three planes and the mouse become something else. */
function keepKeysFromNiivue() {
  for (const name of ["keydown", "keyup"]) {
    document.addEventListener(name, (event) => event.stopPropagation(), { capture: true });
  }
}

function addPreset(preset) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = preset.name;
  button.title = `${Math.round(preset.low)} to ${Math.round(preset.high)} HU`;
  button.addEventListener("click", () => {
    setWindow(viewer.volumes[0], preset);
    viewer.updateGLVolume();
    showWindow();
    press(button);
  });
  document.getElementById("presets").append(button);
  return button;
}

function press(pressed) {
  for (const button of document.querySelectorAll("#presets button")) {
    button.setAttribute("aria-pressed", button === pressed);
  }
}

/** A box that shows and hides a layer, with what explains it: nodes and texts. */
function addSwitch(...explained) {
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", checked: true });
  box.addEventListener("change", showLayers);
  const label = document.createElement("label");
  label.append(box, ...explained);
  const item = document.createElement("li");
  item.append(label);
  document.getElementById("layers").append(item);
}

function buildSwatch(background, className = "") {
  const swatch = document.createElement("span");
  swatch.className = `swatch ${className}`;
  swatch.style.background = background;
  return swatch;
}

function showLayers() {
  document.querySelectorAll("#layers input").forEach((box, index) => {
    const share = index < scene.masks.length ? Number(opacity.value) : 1;  // of masks; the map's is in it
    viewer.volumes[index + 1].opacity = box.checked ? share : 0;
  });
  viewer.updateGLVolume();
}

async function addLayer(colormap, colours, shown) {
  viewer.addColormap(colormap, colours);
  const url = await readFile(`file-${viewer.volumes.length}`);
  viewer.addVolume(await niivue.NVImage.loadFromUrl({ url, colormap, cal_min: 0, ...shown }));
}

async function start() {
  const canvas = document.getElementById("canvas");
  if (!document.createElement("canvas").getContext("webgl2")) {
    throw new Error("this browser has no WebGL 2, or it is switched off");
  }
  keepKeysFromNiivue();
  await viewer.attachToCanvas(canvas);
  viewer.onLocationChange = showPlace;
  viewer.onIntensityChange = () => { showWindow(); press(null); };
  const scan = await niivue.NVImage.loadFromUrl({ url: await readFile("file-0") });
  const own = { name: "Scan’s own", low: scan.cal_min, high: scan.cal_max };
  setWindow(scan, scene.presets[0]);  // before it is drawn, which takes long without a GPU
  viewer.addVolume(scan);
  for (const [index, mask] of scene.masks.entries()) {
    await addLayer(`mask-${index}`, buildColormap(mask), { cal_max: 2, opacity: Number(opacity.value) });
    addSwitch(mask.name, buildSwatch(mask.liver), "liver", buildSwatch(mask.lesion), "lesion");
  }
  if (scene.uncertainty) {
    await addLayer("uncertainty", buildColour(scene.uncertainty), { cal_max: 1, opacity: 1 });
    const { id } = viewer.volumes.at(-1);
    viewer.setModulationImage(id, id, 1);
    const ramp = `linear-gradient(to right, transparent, ${scene.uncertainty})`;
    addSwitch("uncertainty: 0", buildSwatch(ramp, "ramp"), "1 bit");
  }
  opacity.addEventListener("input", showLayers);
  opacity.parentElement.hidden = scene.masks.length === 0;
  const [first] = scene.presets.map(addPreset);
  addPreset(own);
  if (scene.start_mm) viewer.scene.crosshairPos = viewer.mm2frac(scene.start_mm);
  viewer.createOnLocationChange();
  document.addEventListener("keydown", moveCrosshair, { capture: true });
  press(first);
  showWindow();
  document.body.dataset.state = "ready";
}

start().catch((error) => {
  place.textContent = `Cannot be shown: ${error.message}`;
  place.className = "error";
  document.body.dataset.state = "failed";
});
