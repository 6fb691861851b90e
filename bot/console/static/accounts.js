// An examination takes its time: the button says so, and is pressed once.
document.querySelector(".examine")?.addEventListener("submit", (event) => {
  const button = event.currentTarget.querySelector("button");
  button.textContent = "正在检查…";
  button.setAttribute("aria-disabled", "true");
  event.currentTarget.addEventListener("submit", (again) => again.preventDefault());
});
