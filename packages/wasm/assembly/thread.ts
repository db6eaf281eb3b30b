// What all kernels of a thread know, whichever of its modules they stand in: globals of the host's.

/** The number of the step that is being run. */
// @ts-ignore: decorator
@external("env", "currentStep")
export declare let currentStep: i32;

/** The address of the calling thread's workspace. */
// @ts-ignore: decorator
@external("env", "workspace")
export declare let workspace: usize;
