import { element } from "../element.js";

/** Gives the visitor a file. */
export function download(name: string, content: BlobPart, type = "application/octet-stream"): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has the content by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
