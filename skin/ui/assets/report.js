// The report prints itself; a picture that has been erased cannot be chosen.
document.querySelector("[data-print]").addEventListener("click", () => print());
document.querySelector("img[data-may-be-erased]").addEventListener("error", () => {
  const choice = document.getElementById("with-picture");
  [choice.checked, choice.disabled] = [false, true];
  choice.closest("label").append(` ${choice.dataset.erased}`);
});
