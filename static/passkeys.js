// Says in the page that a passkey could not be used; allauth's scripts only write it to the console.
"use strict";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const button = document.getElementById("passkey-button");
  const notice = document.createElement("p");
  notice.className = "notice bad passkey-error";
  notice.setAttribute("role", "alert");
  notice.textContent = "The passkey was not used. Try again, or use another way.";
  document.querySelector(".passkey-error")?.remove();
  button.before(notice);
});
