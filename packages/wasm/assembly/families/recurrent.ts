// Recurrent layers and their gradients.
export { gru, gruGrad, lstm, lstmGrad, packKernel, simpleRnn, simpleRnnGrad } from "../recurrent";
export { computeTile } from "../tile";
