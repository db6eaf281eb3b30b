/** The program of the worker that `wasm` starts where there is one thread: a third smaller. */
import { serveDevice } from "./served.js";
import { Team } from "./team.js";

serveDevice(Team.alone);
