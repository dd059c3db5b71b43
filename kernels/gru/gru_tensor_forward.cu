// A GRU layer with the reset after the product, over T steps for B sequences and H <= 128 units in one launch, 8
// sequences per block, by bf16 products on tensor cores (rnn_tensor_forward.h). The gates are z, r and h~. Where ids
// (T,B) is null, input (T,B,H,4) has a row per step and sequence; otherwise the id chooses the row, and a negative id
// means zeros. A unit's four numbers side by side are the sums of z and r, a zero, and the sum of h~. recurrent (H,3H)
// and bias (2,3H) are float32. h before the first step is first_exact (B,H) in float32, or else first_hidden (B,H) in
// bf16; products always take first_hidden; null means zeros. gates (T,B,H,4) receives z, r and h~ in 16 bits each, and
// the candidate's recurrent sum in bf16; null drops them. hidden (T,B,H) receives h in bf16, last_exact (B,H) the last
// h in float32; last_exact may be first_exact. tanh is quick_tanh of ptx.h. NaN stays NaN, except in gates. Launch
// ceil(B / 8) blocks of 32 ceil(H / 8) threads. Elements are counted in 32 bits. sm_80 and newer. Bytes: 12 ceil(B / 8)
// H H + T B (26 H + 4) + 4 B H, less 4 T B without ids, less 8 T B H without gates, and 2 B H more for a first state,
// or 6 B H. FLOPs: T B (6 H H + about 30 H).
#include "gru_cell.h"
#include "rnn_block_forward.h"

extern "C" __global__ void __launch_bounds__(THREADS) gru_tensor_forward(
    const Four* __restrict__ input, const int* __restrict__ ids, const float* __restrict__ recurrent,
    const float* __restrict__ bias, const Half* __restrict__ first_hidden, const float* first_exact,
    KeptGates* __restrict__ gates, float* last_exact, Half* __restrict__ hidden, int steps, int batch,
    int units, int gate_kind) {
  run<GruCell>({input, ids, recurrent, bias, first_hidden, first_exact, gates, last_exact, hidden, steps, batch, units},
               gate_kind == HARD_SIGMOID);
}
