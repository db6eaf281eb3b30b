/** What the visitor has shown: classes by name, and pictures of each as the network sees them. */

/** Height and width of a picture; of three channels. As packages/web/src/front/front-pictures.mjs has it. */
export const SIZE = 48;
export const CHANNELS = 3;
export const PICTURE_BYTES = SIZE * SIZE * CHANNELS;
/** Outputs of the head. As packages/web/src/front/front-model.mjs has it. */
export const MOST_CLASSES = 10;
export const LEAST_CLASSES = 2;
/** A class with fewer holds none back. */
const LEAST_TO_HOLD_BACK = 5;

export type PictureBytes = Uint8Array<ArrayBuffer>;

export interface TaughtClass {
  name: string;
  readonly pictures: PictureBytes[];
}

/** Pictures and the classes they are of, side by side. */
export interface Lesson {
  readonly pictures: readonly PictureBytes[];
  readonly classes: readonly number[];
}

export interface Split {
  readonly learned: Lesson;
  /** Every tenth of each class, which is only judged; empty where there are few. */
  readonly heldBack: Lesson;
}

/** A tenth of each class is held back, one at least where there are five. */
export function splitLesson(classes: readonly TaughtClass[]): Split {
  const learned = { pictures: [] as PictureBytes[], classes: [] as number[] };
  const heldBack = { pictures: [] as PictureBytes[], classes: [] as number[] };
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
 * Pictures as they are, and each once more a few pixels aside and a little lighter or darker, so that the place and the
 * light of a recording are not what is learned.
 */
export function varied({ pictures, classes }: Lesson, random: () => number = Math.random): Lesson {
  return {
    pictures: [...pictures, ...pictures.map((picture) => moved(picture, random))],
    classes: [...classes, ...classes],
  };
}

function moved(picture: PictureBytes, random: () => number): PictureBytes {
  const shift = () => Math.round((random() - 0.5) * 8);
  const [right, down, light] = [shift(), shift(), 0.8 + 0.4 * random()];
  const inside = (at: number) => Math.max(0, Math.min(SIZE - 1, at));
  const made = new Uint8ClampedArray(PICTURE_BYTES);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const from = (inside(y - down) * SIZE + inside(x - right)) * CHANNELS;
      const to = (y * SIZE + x) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        made[to + channel] = light * (picture[from + channel] as number);
      }
    }
  }
  return new Uint8Array(made.buffer);
}

/** One array of all of them. */
export function joined(pictures: readonly PictureBytes[]): PictureBytes {
  const all = new Uint8Array(pictures.length * PICTURE_BYTES);
  for (const [at, picture] of pictures.entries()) all.set(picture, at * PICTURE_BYTES);
  return all;
}
