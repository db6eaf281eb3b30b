/** What the visitor has shown: classes by name, and pictures of each as the network sees them. */

/** Outputs of the head. As packages/web/src/front/front-model.mjs has it. */
export const MOST_CLASSES = 10;
export const LEAST_CLASSES = 2;
/** A class with fewer holds none back. */
const LEAST_TO_HOLD_BACK = 5;

/** A square picture, as large as the front wanted it when it was taken: bytes of 1 or 3 channels. */
export interface KeptPicture {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export interface TaughtClass {
  name: string;
  pictures: KeptPicture[];
}

/** Pictures and the classes they are of, side by side. */
export interface Lesson {
  readonly pictures: readonly KeptPicture[];
  readonly classes: readonly number[];
}

export interface Split {
  readonly learned: Lesson;
  /** Every tenth of each class, which is only judged; empty where there are few. */
  readonly heldBack: Lesson;
}

/** A tenth of each class is held back, one at least where there are five. */
export function splitLesson(classes: readonly TaughtClass[]): Split {
  const learned = { pictures: [] as KeptPicture[], classes: [] as number[] };
  const heldBack = { pictures: [] as KeptPicture[], classes: [] as number[] };
  for (const [at, { pictures }] of classes.entries()) {
    const holdsBack = pictures.length >= LEAST_TO_HOLD_BACK;
    for (const [index, picture] of pictures.entries()) {
      // From the middle of each ten: the first and the last of a recording are its poorest.
      const isHeld = holdsBack && index % 10 === Math.min(5, pictures.length - 1);
      const part = isHeld ? heldBack : learned;
      part.pictures.push(picture);
      part.classes.push(at);
    }
  }
  return { learned, heldBack };
}

/**
 * Pictures as they are, and each once more a twelfth aside at most and a little lighter or darker, so that the place and the
 * light of a recording are not what is learned.
 */
export function varied({ pictures, classes }: Lesson, random: () => number = Math.random): Lesson {
  return {
    pictures: [...pictures, ...pictures.map((picture) => moved(picture, random))],
    classes: [...classes, ...classes],
  };
}

function moved({ data, width, height }: KeptPicture, random: () => number): KeptPicture {
  const channels = data.length / (width * height);
  const shift = () => Math.round(((random() - 0.5) * width) / 6);
  const [right, down, light] = [shift(), shift(), 0.8 + 0.4 * random()];
  const inside = (at: number) => Math.max(0, Math.min(width - 1, at));
  const made = new Uint8ClampedArray(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (inside(y - down) * width + inside(x - right)) * channels;
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) {
        made[to + channel] = light * (data[from + channel] as number);
      }
    }
  }
  return { data: new Uint8Array(made.buffer), width, height };
}

/** One array of all of them, which are alike in size. */
export function joined(pictures: readonly KeptPicture[]): Uint8Array<ArrayBuffer> {
  const bytes = pictures[0]?.data.length ?? 0;
  const all = new Uint8Array(pictures.length * bytes);
  for (const [at, { data }] of pictures.entries()) all.set(data, at * bytes);
  return all;
}
