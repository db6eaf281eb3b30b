/** When and where a page's figures were made: the same section at the end of each. */
import { definitionList, foldedSection, type Section } from "./html/kit.js";

export interface MadeOn {
  /** Names with their values: processor, cores, system. */
  readonly machine?: Readonly<Record<string, string | number>>;
  /** When, as it is to be read. */
  readonly date?: string;
}

/** Nothing where neither is known. */
export function madeOnSection({ machine, date }: MadeOn): Section[] {
  if (machine === undefined && date === undefined) return [];
  return [foldedSection("Machine and date", definitionList({ ...machine, date }))];
}
