/**
 * One page that has all it needs within it, the network, and what of Hone computes it. It opens from a disk; what is
 * written in it by hand is nine lines.
 */
import type { PictureForm } from "./front.js";

/** The nine lines: what a page of one's own does with the model. */
export const usage = ({
  size,
  channels,
}: PictureForm) => `import { compile, openModel, pictures, wasm } from "hone";
const model = await openModel(await fetch(document.querySelector("#model").href));
const session = await compile(model, { device: await wasm().open() });
const names = Object.values(model.classNames)[0].filter((name) => name !== "");
globalThis.classify = async (picture) => {
  const rows = await pictures(picture, { size: [${size}, ${size}], ${channels === 1 ? "channels: 1, " : ""}fit: "cover", background: [255, 255, 255] });
  const { data } = await session.predict(rows);
  return names.map((name, at) => ({ name, share: data[at] })).sort((a, b) => b.share - a.share);
};`;

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
video,img{width:100%;max-width:20rem;aspect-ratio:1;object-fit:cover;border-radius:.5rem;display:block;margin:1rem 0}
output{display:block;white-space:pre-line;font-size:1.25rem}button,input{font:inherit}`;

/** What shows it: a camera, a file, and the answer. */
const SHOWN = `const show = async (picture) => {
  const found = await classify(picture);
  document.querySelector("output").textContent =
    found.map(({ name, share }) => name + "  " + Math.round(100 * share) + " %").join("\\n");
};
const [image, video] = document.querySelectorAll("img, video");
document.querySelector("input").onchange = async ({ target }) => {
  const [file] = target.files;
  image.src = URL.createObjectURL(file);
  image.hidden = false;
  await show(file);
};
document.querySelector("button").onclick = async () => {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  video.hidden = false;
  await video.play();
  for (;;) {
    await show(video);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
document.body.dataset.ready = "";`;

/**
 * @param runtime the module `exported-runtime.js`, as text
 * @param model the file that `session.save` gives
 */
export function exportedPage(options: {
  readonly title: string;
  readonly form: PictureForm;
  readonly runtime: string;
  readonly model: Uint8Array;
}): string {
  const { title, form, runtime, model } = options;
  const address = (kind: string, bytes: Uint8Array) => `data:${kind};base64,${base64(bytes)}`;
  const imports = { hone: address("text/javascript", new TextEncoder().encode(runtime)) };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<h1>${escaped(title)}</h1>
<p><button>Use the camera</button> or <label>a picture <input type="file" accept="image/*"></label></p>
<img alt="The picture that was chosen" hidden><video aria-label="What the camera sees" muted playsinline hidden></video>
<output></output>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
${usage(form)}

${SHOWN}
</script>
<link id="model" rel="alternate" href="${address("application/octet-stream", model)}">
</html>
`;
}

/** Of bytes, in slices that fit a call's arguments. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

function escaped(text: string): string {
  const words: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (letter) => words[letter] as string);
}
