// For texts that the simulated NVRTC compiles, in which it puts these in the place of CUDA's words.
#pragma once

namespace sim {

// The blocks of a cluster, or none.
constexpr unsigned cluster_of() { return 0; }
constexpr unsigned cluster_of(unsigned x, unsigned y = 1, unsigned z = 1) { return y == 1 && z == 1 ? x : ~0u; }

}
