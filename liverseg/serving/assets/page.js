"use strict";

const POLL_MS = 1000;
const VOLUMES = [
  ["Lesions", (scan) => scan.num_lesions],
  ["Lesion volume", (scan) => `${scan.lesion_ml} ml`],
  ["Liver volume", (scan) => `${scan.liver_ml} ml`],
  ["Burden", (scan) => scan.burden],
];
const DOWNLOADS = {
  "labels.nii.gz": "Labels (NIfTI)",
  "lesions.csv": "Lesions (CSV)",
  "summary.json": "Summary (JSON)",
  "uncertainty.nii.gz": "Uncertainty (NIfTI)",
  "segmentation.dcm": "Labels (DICOM-SEG)",
  "measurements.dcm": "Measurements (DICOM SR)",
  "report.dcm": "Report (DICOM)",
  "uncertainty.dcm": "Uncertainty (DICOM)",
};

const cards = new Map();

function describeState(job) {
  const scans = job.num_scans === 1 ? "scan" : "scans";
  switch (job.state) {
    case "uploading": {
      const share = uploads.get(job.key);
      const files = `${job.num_files} ${job.num_files === 1 ? "file" : "files"}`;
      return share === undefined ? `Uploading: ${files} so far` : `Uploading: ${Math.round(100 * share)} %`;
    }
    case "queued":
      return job.place === 1 ? "Waiting: next" : `Waiting: number ${job.place}`;
    case "running":
      if (job.num_scans === null) return "Reading what was sent";
      return `Predicting: ${job.num_done} of ${job.num_scans} ${scans} done`;
    case "done":
      return `Done: ${job.scans.length} of ${job.num_scans} ${scans}`;
    default:
      return "Failed";
  }
}

function fill(list, texts) {
  if (list.childElementCount === texts.length) return;
  list.replaceChildren(...texts.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
}

function buildLink(text, href, attributes = {}) {
  return Object.assign(document.createElement("a"), { textContent: text, href, ...attributes });
}

async function showPicture(image, path) {
  const response = await ask("GET", path);
  image.src = URL.createObjectURL(await response.blob());
}

function buildScan(job, scan) {
  const section = find("scan").content.firstElementChild.cloneNode(true);
  const pick = (selector) => section.querySelector(selector);
  const base = `jobs/${job.key}/scans/${encodeURIComponent(scan.name)}/`;
  pick("h4").textContent = scan.name;
  pick(".models").textContent = scan.models;
  for (const [title, value] of VOLUMES) {
    const group = document.createElement("div");
    group.append(
      Object.assign(document.createElement("dt"), { textContent: title }),
      Object.assign(document.createElement("dd"), { textContent: value(scan) }),
    );
    pick(".volumes").append(group);
  }
  fill(pick(".notes"), scan.findings);
  pick(".picture").href = `${base}report.html`;
  pick("img").alt = `Key slices of ${scan.name} with liver and lesions outlined: to the report`;
  showPicture(pick("img"), `${base}overlay.png`).catch((error) => say(error.message));
  pick(".wide").hidden = !scan.rows.length;
  for (const cells of scan.rows) {
    const row = pick("tbody").insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
  }
  const others = scan.num_lesions - scan.rows.length;
  if (others > 0) {
    pick(".more").hidden = false;
    pick(".more").textContent = `${others} smaller: in lesions.csv`;
  }
  const tab = { target: "_blank", rel: "noopener" };
  pick("nav").append(
    buildLink("Report", `${base}report.html`, tab),
    ...(scan.can_be_viewed ? [buildLink("Viewer", `${base}view/`, tab)] : []),
    ...scan.downloads.map((name) => buildLink(DOWNLOADS[name], base + name, { download: "" })),
  );
  return section;
}

function buildCard(job) {
  const card = find("job").content.firstElementChild.cloneNode(true);
  const button = card.querySelector(".delete");
  button.addEventListener("click", async () => {
    button.disabled = true;
    await ask("DELETE", `jobs/${job.key}`).catch((error) => say(error.message));
    await refresh();
    find("choose-files").focus();
  });
  return card;
}

function updateCard(card, job) {
  const pick = (selector) => card.querySelector(selector);
  card.dataset.state = job.state;
  const title = job.title || "New job";
  pick("h3").textContent = job.num_files > 1 ? `${title} and ${job.num_files - 1} more` : title;
  pick(".delete").setAttribute("aria-label", `Delete ${title} and its results`);
  const state = describeState(job);
  if (pick(".state").textContent !== state) pick(".state").textContent = state; // it is read out
  pick(".seconds").textContent = job.seconds === null ? "" : `, ${Math.round(job.seconds)} s`;
  const progress = pick("progress");
  progress.hidden = job.state !== "uploading" && job.state !== "running";
  progress.setAttribute("aria-label", `Progress of ${title}`);
  const share = job.state === "uploading" ? uploads.get(job.key) : job.num_done / job.num_scans;
  if (share > 0) progress.value = share;
  else progress.removeAttribute("value");
  fill(pick(".failures"), job.failures);
  fill(pick(".job > .notes"), job.notes);
  const scans = pick(".scans");
  if (job.state === "done" && !scans.childElementCount) {
    scans.append(
      ...job.scans.map((scan) => buildScan(job, scan)),
      buildLink("Save all results (zip)", `jobs/${job.key}/results.zip`, { download: "", className: "all" }),
    );
  }
}

async function refresh() {
  const { jobs } = await (await ask("GET", "jobs")).json();
  const keys = new Set(jobs.map((job) => job.key));
  for (const [key, card] of cards) {
    if (keys.has(key)) continue;
    for (const image of card.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    card.remove();
    cards.delete(key);
  }
  for (const job of [...jobs].reverse()) {
    if (!cards.has(job.key)) {
      cards.set(job.key, buildCard(job));
      find("jobs").prepend(cards.get(job.key));
    }
    updateCard(cards.get(job.key), job);
  }
  find("none").hidden = jobs.length > 0;
}

async function poll() {
  try {
    await refresh();
    if (find("message").dataset.lost) say("");
    delete find("message").dataset.lost;
  } catch {
    find("message").dataset.lost = "true";
    say("The server does not answer. Start it again with `liverseg serve`; what it held is gone.");
  }
  setTimeout(poll, POLL_MS);
}

poll();
