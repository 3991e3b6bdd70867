// Closes an open part of the filter on Escape or on a click elsewhere; without this script its own heading closes it.
"use strict";

function closeFacets(keep) {
  for (const details of document.querySelectorAll(".facet details[open]")) {
    if (!details.contains(keep)) details.open = false;
  }
}

document.addEventListener("click", (event) => closeFacets(event.target));
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.activeElement?.closest(".facet details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
