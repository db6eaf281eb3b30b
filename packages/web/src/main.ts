/** Opens the demo, and lets the browser keep its files for when there is no network. */
import { openHouse } from "./house/house.js";

openHouse(document.body);

// Where storage is blocked, or the page is not served securely, it works as it does on a first visit.
if ("serviceWorker" in navigator) {
  window.addEventListener("load", () => {
    navigator.serviceWorker.register("service-worker.js").catch(() => {});
  });
}
