/** Where what threads share stands in memory, counted from the team's address: see assembly/team.ts. */

/** The calling thread and its helpers, at most. */
export const MOST_IN_TEAM = 64;

/** Byte offset of the record `Work` in assembly/run.ts. */
export const WORK_RECORD = 128;
/** Of what each helper waits on: `WORK_NUMBERS` in assembly/team.ts. */
export const WORK_NUMBERS = 448;
export const LINE = 64;

/** Bytes of all this, zeros in a new team. */
export const TEAM_BYTES = WORK_NUMBERS + MOST_IN_TEAM * LINE;
