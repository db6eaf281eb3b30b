// One invocation for each of LENGTH things: `make`, which the op's file has, makes one by its number.
// Constants: LENGTH, WORKGROUP.

fn work(group: u32, lane: u32) {
  let index = group * WORKGROUP + lane;
  if (index < LENGTH) { make(index); }
}
