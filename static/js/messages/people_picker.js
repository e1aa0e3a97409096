// @ts-check
/**
 * Choosing people: who is ticked moves up among the chosen, so that the next search does not lose
 * them.
 */

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.name !== "people") return;
  const picker = box.closest("[data-picker]");
  if (!picker) return;
  if (box.matches("[data-candidates] input") && box.checked) choose(picker, box);
  else if (!box.checked) box.closest("[data-picked] li")?.remove();
});

/** @param {Element} picker @param {HTMLInputElement} box */
function choose(picker, box) {
  const item = document.createElement("li");
  const label = document.createElement("label");
  label.className = "chip";
  const chosen = document.createElement("input");
  Object.assign(chosen, { type: "checkbox", name: "people", value: box.value, checked: true });
  label.append(chosen, box.dataset.name ?? box.value);
  item.append(label);
  picker.querySelector("[data-picked]")?.append(item);
  const search = /** @type {HTMLInputElement | null} */ (
    picker.querySelector("input[type=search]")
  );
  box.closest("label")?.remove();
  search?.focus();
}
