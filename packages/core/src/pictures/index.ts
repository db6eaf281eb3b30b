/** For packages that take pictures among other things, as @hone/data does. A way in of its own: what every page loads does not ask. */
export { picturesFor } from "../pictures.js";
export { isPictures } from "./forms.js";
