package org.charlstm.programs;

import module java.base;

/** Kernels of {@code mistakes.cu}, and two of {@code language.cu}, each with what the simulated GPU says of it. */
final class Mistakes {
    private static final float[] X = Launches.floats(IntStream.range(0, 64).toArray());
    private static final String FAILED = "CUDA_ERROR_LAUNCH_FAILED";

    private Mistakes() {
    }

    static List<Launch> all() {
        return List.of(
                mistake("race_in_histogram", 64, Launches.ints(64, i -> i % 5), new int[5]).grid(1, 64).fails(FAILED,
                        "race: reads byte 0 of argument 2, which thread number 0 wrote and nothing orders before it; "
                                + "block (0,0,0) thread (5,0,0), PTX line N (mistakes.cu:8)"
                                + ". Make it one atomic operation, such as atomicAdd, or write elsewhere than it reads "
                                + "[race]"),
                mistake("neighbour_past_the_end", X, new float[64]).grid(1, 64).fails("CUDA_ERROR_ILLEGAL_ADDRESS",
                        "out-of-bounds read of 4 bytes at ADDRESS (byte 256 of argument 0), 0 bytes past an "
                                + "allocation of 256; block (0,0,0) thread (63,0,0), PTX line N (mistakes.cu:15)"
                                + ". Compare the index with the size before the access [out-of-bounds]"),
                mistake("reversed_without_barrier", (Object) X).grid(1, 64).fails(FAILED,
                        "race: writes byte 128 of a shared array of 256, which thread number 31 read and nothing "
                                + "orders before it; block (0,0,0) thread (32,0,0), PTX line N (mistakes.cu:23)"
                                + ". Put a __syncthreads() between this and PTX line N (mistakes.cu:24) [race]"),
                mistake("barrier_in_a_branch", (Object) X).grid(1, 64).fails(FAILED,
                        "barrier not reached by all threads: 32 of 64 wait at a barrier, 0 in a warp operation, 32 "
                                + "have returned; block (0,0,0) thread (31,0,0), PTX line N (mistakes.cu:36)"
                                + ". Let all threads of the block reach the same barrier [barrier]"),
                mistake("shared_that_nobody_wrote", (Object) X).grid(1, 64).fails(FAILED,
                        "reads byte 0 of a shared array of 256, that nobody wrote; block (0,0,0) thread (63,0,0), "
                                + "PTX line N (mistakes.cu:47)"
                                + "; the result depends on that, first at byte 252 of argument 0. Write it "
                                + "first; if another thread does, put a __syncthreads() between [unwritten]"),
                mistake("misaligned_pairs", X, new float[16]).grid(1, 8).fails("CUDA_ERROR_MISALIGNED_ADDRESS",
                        "misaligned read of 8 bytes at ADDRESS; block (0,0,0) thread (0,0,0), PTX line N "
                                + "(mistakes.cu:51)"
                                + ". Align the address to the size of the access [misaligned]"),
                mistake("stale_reads", 64, new float[128]).grid(1, 64).fails(FAILED,
                        "ld.global.nc reads byte 252 of argument 1, which the same launch writes; block (0,0,0) "
                                + "thread (0,0,0), PTX line N (HEADER, called at mistakes.cu:59)"
                                + ". Read it without __ldg() and const __restrict__ [race]"),
                mistake("last_block_without_fence", new float[4], new float[1]).grid(4, 1).fails(FAILED,
                        "race: reads byte 0 of argument 0, which thread number 0 of block (0,0,0) wrote and nothing "
                                + "orders before it; block (3,0,0) thread (0,0,0), PTX line N (mistakes.cu:70)"
                                + ". Make both accesses atomic, or order them by a __threadfence() on both sides of an "
                                + "atomic operation; the other is at PTX line N (mistakes.cu:66) [race]"),
                mistake("shuffle_without_all", (Object) Launches.ints(32, i -> i)).fails(FAILED,
                        "shuffle takes the value of a lane that takes no part; block (0,0,0) thread (15,0,0), "
                                + "PTX line N (HEADER, called at mistakes.cu:79)"
                                + ". Name the lanes that are there in the mask [shuffle-mask]"),
                mistake("neighbour_that_may_be_gone", (Object) new int[1]).grid(2, 1).withClusters(2).fails(FAILED,
                        "read of byte 0 of a shared array of 4 of block 1 of its cluster, which has returned; block "
                                + "(0,0,0) thread (0,0,0), PTX line N (mistakes.cu:91)"
                                + ". Put a barrier of the cluster before the end of each block [cluster]"),
                mistake("looks_before_a_swap", (Object) new int[] {5}).grid(1, 32).fails(FAILED,
                        "race: reads byte 0 of argument 0, which thread number 0 wrote and nothing orders before it; "
                                + "block (0,0,0) thread (1,0,0), PTX line N (mistakes.cu:98)"
                                + ". Put a __syncthreads() between this and PTX line N (HEADER, called at "
                                + "mistakes.cu:99), or make both atomic [race]"),
                Launch.of("language", "tell", 0).fails("CUDA_ERROR_ASSERT", "assertion 'n > 0' at language.cu:54; "
                        + "block (0,0,0) thread (0,0,0), PTX line N (language.cu:54)"
                        + ". Look for what breaks the condition [assertion]"),
                Launch.of("language", "expect", (Object) Launches.ints(32, i -> 4 * i)).fails("CUDA_ERROR_ASSERT",
                        "assertion 'x[threadIdx.x] < 100' at language.cu:61; block (0,0,0) thread (25,0,0), PTX line "
                                + "N (language.cu:61)"
                                + ". Look for what breaks the condition [assertion]"));
    }

    private static Launch mistake(String kernel, Object... arguments) {
        return Launch.of("mistakes", kernel, arguments);
    }
}
