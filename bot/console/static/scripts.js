// Shows of each attachment only the fields that its kind has.
for (const attachment of document.querySelectorAll("[data-attachment]")) {
  const kind = attachment.querySelector("[data-kind]");
  const show = () => {
    for (const part of attachment.querySelectorAll("[data-for]")) {
      part.hidden = !part.dataset.for.split(" ").includes(kind.value);
    }
  };
  kind.addEventListener("change", show);
  show();
}
