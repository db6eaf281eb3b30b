// The number of the step: the first of its submit plus its place in it. The place comes from a
// static table through a dynamic offset, so that a step writes nothing.

@group(1) @binding(0) var<uniform> first_step: u32;
@group(1) @binding(1) var<uniform> step_in_submit: u32;

fn step_number() -> u32 {
  return first_step + step_in_submit;
}
