// On every page: the patterns of the design system, the worker that takes over without a network, and pages that look
// again.
import { initAll } from "./govuk-frontend.js";
import { forgetDrafts } from "./forms.js";
import { flush, forgetKeys, listAssessments, isSecure, listUnsent } from "./device.js";
import { say, sayCount } from "./texts.js";

initAll();
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js").catch(() => {});

for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    forgetDrafts();
    await forgetKeys();
    form.submit();
  });
}

// A page that waits for something looks again every second; a live page every fifteen.
const refreshing = document.querySelector("[data-refresh]");
if (refreshing) setTimeout(() => location.reload(), 1000 * Number(refreshing.dataset.refresh));
const live = document.querySelector("[data-live]");
if (live) {
  setInterval(async () => {
    if (document.hidden || live.contains(document.activeElement)) return;
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
      const now = page.querySelector("[data-live]");
      if (now && now.innerHTML !== live.innerHTML) live.innerHTML = now.innerHTML;
    } catch {
      // Without a network the page stays as it is.
    }
  }, 15000);
}

// My work: what this device keeps.
const devicePanel = document.querySelector("[data-device]");
if (devicePanel && isSecure) {
  if (document.body.dataset.person) await flush();
  const assessments = await listAssessments();
  const waiting = await listUnsent();
  devicePanel.hidden = assessments.length === 0 && waiting.length === 0;
  devicePanel.querySelector("[data-device-text]").textContent = waiting.length
    ? sayCount("device_not_sent", waiting.length)
    : say("device_sent");
  showAssessments(devicePanel.querySelector("[data-device-cases]"), assessments);
}

export function showAssessments(place, assessments) {
  place.replaceChildren(
    ...assessments.map((assessment) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.className = "govuk-link";
      link.href = `/assessments/${assessment.assessment}/`;
      link.textContent = `${assessment.data.case}, ${assessment.data.area}`;
      item.append(link);
      return item;
    }),
  );
}

// People hear that a file is too large before it is sent.
for (const form of document.querySelectorAll("[data-largest]")) {
  form.addEventListener("submit", (event) => {
    const largest = Number(form.dataset.largest);
    for (const field of form.querySelectorAll("input[type=file]")) {
      const tooLarge = [...field.files].find((file) => file.size > largest);
      field.parentElement.querySelector("[data-too-large]")?.remove();
      if (!tooLarge) continue;
      event.preventDefault();
      const error = document.createElement("p");
      error.className = "govuk-error-message";
      error.dataset.tooLarge = "";
      error.setAttribute("role", "alert");
      error.textContent = say("file_too_large", { name: tooLarge.name, limit: largest / 1e6 });
      field.before(error);
      field.focus();
    }
  });
}
