/** DOM elements in one call each: all the framework that the demo has. */

type Child = Node | string | undefined | false;
type Attribute = string | number | boolean | undefined | ((event: never) => void);

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children. A function listens to the event of its name (`click`), true is an attribute
 * without value, false and undefined are none.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function drawing<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled<Given extends Element>(
  made: Given,
  attributes: Readonly<Record<string, Attribute>>,
  children: readonly Child[],
): Given {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value as EventListener);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== undefined && value !== false) made.setAttribute(name, `${value}`);
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** A choice with its label: `options` are values and what stands for each. */
export function choice(
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
  changed: (value: string) => void,
): { readonly field: HTMLElement; readonly input: HTMLSelectElement } {
  const input = element(
    "select",
    { change: () => changed(input.value) },
    ...options.map(([value, text]) => element("option", { value }, text)),
  );
  input.value = chosen;
  return { field: element("label", { class: "field" }, element("span", {}, label), input), input };
}
