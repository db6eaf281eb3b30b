/**
 * WGSL without comments and without the spaces that no reader but a person needs.
 *
 * Names stay: sources are put together at run time from several files, which know each other's names. No library
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

/** The same program in fewer bytes. */
export function minifyWgsl(source) {
  return source
    .replace(comments, " ")
    .trim()
    .replace(/(\S)\s+(?=(\S))/g, (_, before, after) =>
      mustStayApart(before, after) ? `${before} ` : before,
    )
    .replace(/,(?=[)}\]])/g, "");
}
