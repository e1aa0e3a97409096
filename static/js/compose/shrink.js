// @ts-check
/**
 * Large photos are scaled in the browser before they are sent: for every field of pictures (posts,
 * messages, Fleets, faces), whose attributes say to what size (accounts/pictures.py). What the
 * browser cannot read goes as it is, and the server says what is possible.
 */

import { mayMove, scaleFor } from "./scaling.js";

const HEAD_BYTES = 256 * 1024;
const SMALL_BYTES = 2 * 1024 * 1024; // What is no larger, and not too wide, goes as it is.
const QUALITY = 0.92; // The server encodes it once more.

/**
 * Return the picture as it is sent: the file itself, or a smaller one, upright and in sRGB.
 *
 * @param {File} file @param {HTMLInputElement} input @returns {Promise<File>}
 */
export async function shrunk(file, input) {
  const bounds = {
    area: Number(input.dataset.pictureArea),
    short: Number(input.dataset.pictureShort),
    longArea: Number(input.dataset.pictureLongArea),
  };
  if (mayMove(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()))) return file;
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const scale = scaleFor(width, height, bounds);
    const isTaken = input.accept.split(",").includes(file.type);
    if (isTaken && scale === 1 && file.size <= SMALL_BYTES) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    // A photo has nothing that is clear. Where the browser writes no WebP, it writes PNG.
    const type = file.type === "image/jpeg" ? "image/jpeg" : "image/webp";
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
    if (!(blob instanceof Blob) || (isTaken && blob.size >= file.size)) return file;
    return new File([blob], file.name, { type: blob.type, lastModified: file.lastModified });
  } catch {
    return file; // Not a picture that this browser reads, or too large for it.
  }
}

/**
 * Put other files into a field.
 *
 * @param {HTMLInputElement} input @param {File[]} files
 */
export function put(input, files) {
  const list = new DataTransfer();
  for (const file of files) list.items.add(file);
  input.files = list.files;
}

/** Forms that scale: how many pictures are still under way. @type {WeakMap<Element, number>} */
const underWay = new WeakMap();

/**
 * Scale, while the form waits.
 *
 * @param {HTMLInputElement} input @param {File[]} files @returns {Promise<File[]>}
 */
export async function shrunkAll(input, files) {
  const form = /** @type {HTMLFormElement} */ (input.form);
  underWay.set(form, (underWay.get(form) ?? 0) + 1);
  form.setAttribute("aria-busy", "true");
  try {
    const made = [];
    // One after the other: a bitmap of a large photo is 200 MB.
    for (const file of files) made.push(await shrunk(file, input));
    return made;
  } finally {
    const left = (underWay.get(form) ?? 1) - 1;
    underWay.set(form, left);
    if (!left) form.removeAttribute("aria-busy");
  }
}

// Fields of one picture; those of several are pictures.js's, which shows them, too.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.matches("[data-picture-area]")) return;
  if (input.multiple || !input.files?.length) return;
  const chosen = [...input.files];
  void shrunkAll(input, chosen).then((files) => {
    if (input.files?.[0] === chosen[0] && files[0] !== chosen[0]) put(input, files);
  });
});

// Sent now, a form would go with the large file or with none.
document.addEventListener(
  "submit",
  (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!underWay.get(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    const again = new MutationObserver(() => {
      if (underWay.get(form)) return;
      again.disconnect();
      setTimeout(() => form.requestSubmit(submitter)); // After whoever puts the files in place.
    });
    again.observe(form, { attributes: true, attributeFilter: ["aria-busy"] });
  },
  true,
);
