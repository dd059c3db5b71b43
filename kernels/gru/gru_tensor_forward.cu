// A GRU layer with the reset after the product, over T steps for B sequences and H <= 128 units in one launch by bf16
// products on tensor cores, as rnn_tensor_forward.h has them, 8 sequences a block. Gates are z, r and h~. The input's
// row is that of the sequence's id in ids (T,B), where that is not null, and below 0 there is none, which counts as
// zeros; else its own of (T,B,H,4), a unit's numbers side by side: those of z and r, one that is zero, and that of h~.
// recurrent (H,3H) and bias (2,3H) are float32. h before the first step is first_exact (B,H) in float32, or where that
// is null first_hidden (B,H) in bf16, which products take in any case; null for zeros. gates (T,B,H,4) receives z, r
// and h~ in 16 bits each, and the candidate's recurrent sum in bf16; null if they are not wanted. hidden (T,B,H)
// receives h in bf16, last_exact (B,H) the last h in float32, which may take the place of the first. tanh is the quick
// one of ptx.h. NaN stays NaN, but not in gates.
// Launch ceil(B / 8) blocks of 32 ceil(H / 8) threads. Elements are counted in 32 bits. sm_80 and newer.
// Bytes: 12 ceil(B / 8) H H + T B (26 H + 4) + 4 B H, less 4 T B without ids, less 8 T B H without gates, and 2 B H
// more for a first state, or 6 B H. FLOPs: T B (6 H H + about 30 H).
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
