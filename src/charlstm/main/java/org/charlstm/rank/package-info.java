/** Several processes that train one model: sums, broadcasts and barriers through MPI, and sums on GPUs through NCCL. */
package org.charlstm.rank;
