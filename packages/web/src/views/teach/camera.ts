/** The visitor's camera, from the moment it is asked for until it is ended. */
import { pictures } from "@hone/core/runtime";
import { element } from "../../element.js";
import type { KeptPicture } from "./examples.js";
import type { PictureForm } from "./front.js";

/** Where pictures come from. */
export interface PictureSource {
  readonly place: HTMLElement;
  /** What is seen now; undefined while there is nothing. */
  picture(form: PictureForm): Promise<KeptPicture | undefined>;
  /** It was taken as an example: what stays must not be taken twice. */
  taken(): void;
  end(): void;
}

/** @throws DOMException where the visitor or the browser says no; Error where there is no camera to ask */
export async function openCamera(): Promise<PictureSource> {
  if (!navigator.mediaDevices) {
    throw new Error(
      "This page may not ask for a camera: its address must begin with https, or be this machine's own. Draw, or choose files.",
    );
  }
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: 480 }, height: { ideal: 480 }, facingMode: "user" },
  });
  const video = element("video", {
    class: "seen",
    autoplay: true,
    playsinline: true,
    "aria-label": "What the camera sees",
  });
  video.muted = true;
  video.srcObject = stream;
  await video.play().catch(() => {});
  return {
    place: video,
    picture: async (form) => (video.readyState < 2 ? undefined : seenBy(video, form)),
    taken() {},
    end() {
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    },
  };
}

/** A picture as the network sees it: the middle of it, squared. One that has this form already stays as it is. */
export async function seenBy(
  picture: HTMLVideoElement | HTMLCanvasElement | Blob | KeptPicture,
  { size, channels }: PictureForm,
): Promise<KeptPicture> {
  const isKept = "data" in picture;
  if (isKept && picture.width === size && picture.data.length === size * size * channels)
    return picture;
  const { data } = await pictures(picture, {
    size: [size, size],
    channels,
    fit: "cover",
    background: [255, 255, 255],
  });
  return { data, width: size, height: size };
}

/** What to tell of a camera that does not open. */
export function cameraFault(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError")
    return "The camera was not allowed. Allow it beside the page's address, draw, or choose files.";
  if (name === "NotFoundError") return "There is no camera. Draw, or choose files.";
  if (name === "NotReadableError")
    return "Another program has the camera. End that, draw, or choose files.";
  return error instanceof Error ? error.message : `${error}`;
}
