/**
 * WGSL without comments, without the spaces that no reader but a person needs, and with short names inside of functions.
 *
 * All other names stay: sources are put together at run time from several files, which know each other's names. No library
 * does less than a whole shader.
 */

/** Line comments, block comments (which WGSL nests, and ours never do), and what stands between them. */
const comments = /\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const operators = "+-*/%&|^=<>!~";

/** Whether two characters that a space parts would be read otherwise without it. */
function mustStayApart(before, after) {
  if (/\w/.test(before) && /\w/.test(after)) return true;
  return operators.includes(before) && operators.includes(after);
}

/** Names of a function's own: its parameters and variables. What follows a dot is a member's, and no such name. */
const ownNames = /\b(?:let|var|const)\s+(\w+)|(?<=[(,)]\s*)(\w+)\s*:/g;
const names = /(?<![\w.])[A-Za-z_]\w*/g;
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Two letters that are words of WGSL. */
const words = ["as", "do", "fn", "if", "in", "is", "of", "or"];

/** Short names in the order in which they are given out, without those that `taken` has. */
function* shortNames(taken) {
  for (const first of ["", ...letters]) {
    for (const second of letters) {
      const name = first + second;
      if (!taken.has(name) && !words.includes(name)) yield name;
    }
  }
}

/** A function with short names for its own: none that the file has for anything else. */
function shortenFunction(text, taken) {
  const free = shortNames(taken);
  const short = new Map();
  for (const [, variable, parameter] of text.matchAll(ownNames)) {
    const name = variable ?? parameter;
    if (!short.has(name)) short.set(name, name.length === 1 ? name : free.next().value);
  }
  return text.replace(names, (name) => short.get(name) ?? name);
}

/** Whole functions, whose last line is a brace at the margin; one without parameters or members in braces of its own. */
const functions = /^fn \w+\([\s\S]*?^}$/gm;

/** The same program in fewer bytes. Functions begin at the margin, and end with a brace there. */
export function minifyWgsl(source) {
  const bare = source.replace(comments, " ");
  const taken = new Set(bare.match(names));
  return bare
    .replace(functions, (text) => shortenFunction(text, taken))
    .trim()
    .replace(/(\S)\s+(?=(\S))/g, (_, before, after) =>
      mustStayApart(before, after) ? `${before} ` : before,
    )
    .replace(/,(?=[)}\]])/g, "");
}
