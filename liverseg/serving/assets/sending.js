"use strict";

const find = (id) => document.getElementById(id);
const uploads = new Map(); // how much of a job was sent, by its key

function say(text) {
  find("message").textContent = text;
}

async function ask(method, path) {
  const response = await fetch(path, { method });
  if (!response.ok) throw new Error(await explain(response.status, await response.text()));
  return response;
}

function explain(status, body) {
  try {
    return JSON.parse(body).message;
  } catch {
    return `The server refused this (${status}): ${body}`;
  }
}

/** Send one file; fetch cannot say how much has gone. */
function send(key, name, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `jobs/${key}/files?name=${encodeURIComponent(name)}`);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new Error(explain(request.status, request.responseText)));
    request.onerror = () =>
      reject(new Error(`${name}: it could not be sent whole. Is it still there, and the server running?`));
    request.send(file);
  });
}

function isHidden(name) {
  return name.split("/").some((part) => part.startsWith("."));
}

/** Send files as one job, and start it. */
async function sendJob(files) {
  const sent = files.filter(({ name }) => !isHidden(name));
  const total = sent.reduce((sum, { file }) => sum + file.size, 0);
  const limit = Number(document.querySelector("main").dataset.limit);
  say("");
  if (!sent.length) return say("No file there. Choose files or a folder with scans.");
  if (total > limit) {
    const [gib, most] = [total, limit].map((bytes) => (bytes / 2 ** 30).toPrecision(3));
    return say(
      `${sent[0].name}: expected at most ${most} GiB at a time. Received: ${gib} GiB. ` +
        "Send fewer scans at a time, or start the server with a larger --limit-gib.",
    );
  }
  let key;
  try {
    const made = await ask("POST", `jobs?force_input=${find("force-input").checked}`);
    ({ key } = await made.json());
    let before = 0;
    for (const { name, file } of sent) {
      await send(key, name, file, (loaded) => uploads.set(key, (before + loaded) / Math.max(total, 1)));
      before += file.size;
    }
    await ask("POST", `jobs/${key}/start`);
  } catch (error) {
    say(error.message);
    if (key) await ask("DELETE", `jobs/${key}`).catch(() => {});
  }
  uploads.delete(key);
  await refresh();
}

/** All files below what was dropped, with their paths. */
async function listDropped(entry, folder = "") {
  const name = folder + entry.name;
  if (entry.isFile) {
    return [{ name, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) return found; // they come in parts of 100
    for (const each of entries) found.push(...(await listDropped(each, `${name}/`)));
  }
}

for (const [button, input] of [["choose-files", "files"], ["choose-folder", "folder"]]) {
  find(button).addEventListener("click", () => find(input).click());
  find(input).addEventListener("change", (event) => {
    const files = [...event.target.files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
    event.target.value = "";
    sendJob(files);
  });
}
addEventListener("dragover", (event) => {
  event.preventDefault();
  find("drop").classList.add("over");
});
addEventListener("dragleave", () => find("drop").classList.remove("over"));
addEventListener("drop", async (event) => {
  event.preventDefault();
  find("drop").classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  try {
    sendJob((await Promise.all(entries.map((entry) => listDropped(entry)))).flat());
  } catch (error) {
    say(`What was dropped cannot be read: ${error.message}`);
  }
});
