// average = decay * average + (1 - decay) * value, in place. Constants: LENGTH, DECAY, REST (1 - DECAY).

fn make(index: u32) {
  average[index] = DECAY * average[index] + REST * value[index];
}
