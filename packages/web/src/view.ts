/** The contract between the house, which is the page, and the views that are shown in it. */
import type { BackendChoice } from "./house/backend-names.js";
import type { PageState } from "./house/page-state.js";
import type { Services } from "./house/services.js";
import type { Training } from "./training/training.js";

/** One of the demo's views. Its module is loaded when it is first shown. */
export interface View {
  readonly title: string;
  /**
   * Fills `place`, which is empty.
   * @returns what takes it down again: ends workers, cameras and timers that are the view's own
   */
  mount(place: HTMLElement, house: House): Promise<() => void> | (() => void);
}

/** What views share. */
export interface House extends Services {
  /** What the visitor has chosen: a backend, or "auto". */
  readonly choice: BackendChoice;
  /** Opens another backend, and lets all who listen move to it before the one before is closed. */
  switchTo(choice: BackendChoice): Promise<void>;
  /** The page's one training of pictures, which Train leads and Draw asks; loaded when it is first wanted. */
  training(): Promise<Training>;
  /** The settings of the view that is shown, in the page's address. */
  readonly state: PageState;
}
