// What draws random numbers.
export { augmentImages } from "../augment";
export { dropout } from "../dropout";
export { randomNormal, randomUniform } from "../random";
