/** The worker of hosted.test.ts. */
import { serve } from "../server.js";
import { workerPort } from "../spawn.js";
import { toyBackend } from "./toy-backend.js";

serve((name?: string) => toyBackend(name), workerPort());
