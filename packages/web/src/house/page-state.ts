/** What the page's address says: which view, and its settings, as in `#train?model=cnn&batch=64`. */

/** Small records of words, kept in the address so that a link holds them. */
export interface PageState {
  read(): Readonly<Record<string, string>>;
  /** Replaces all of them, without a step in the browser's history; words that are undefined are left out. */
  write(record: Readonly<Record<string, string | number | undefined>>): void;
}

export interface Address {
  readonly view: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** @param hash with its `#`, or empty */
export function readAddress(hash: string): Address {
  const [view = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  return { view, settings: Object.fromEntries(new URLSearchParams(query)) };
}

export function addressText(
  view: string,
  settings: Readonly<Record<string, string | number | undefined>>,
): string {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, `${value}`])).toString();
  return query === "" ? `#${view}` : `#${view}?${query}`;
}

/** The backend that an address asks for: the page's own setting beside those of its view. */
const BACKEND = "backend";

export function backendIn(hash: string): string | undefined {
  return readAddress(hash).settings[BACKEND];
}

/**
 * The settings of the view that the address names.
 * @param chosen the backend that the visitor chose; undefined where the page chooses, which addresses do not say
 */
export function pageState(chosen: () => string | undefined): PageState {
  return {
    read: () => {
      const { [BACKEND]: _, ...settings } = readAddress(location.hash).settings;
      return settings;
    },
    write: (record) => {
      const { view } = readAddress(location.hash);
      history.replaceState(null, "", addressText(view, { ...record, [BACKEND]: chosen() }));
    },
  };
}
