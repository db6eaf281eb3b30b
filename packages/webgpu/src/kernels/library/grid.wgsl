// One flat index over a grid that is folded to two dimensions where one would pass 65535 workgroups.
// Constants: GRID_WIDTH.

fn flat_workgroup(group: vec3<u32>) -> u32 {
  return group.y * GRID_WIDTH + group.x;
}
