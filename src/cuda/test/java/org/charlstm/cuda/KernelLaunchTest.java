package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Launches of a kernel that adds to integers, by each way to name it and in each shape. */
@Needs(Need.SIMULATED_GPU)
class KernelLaunchTest {
    private static final String ADD = "add(int* values, int amount, int n)";
    private static final int SHARED_OF_A_BLOCK = 227 << 10;

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static Cuda open(String binding) {
        return Gpus.open(binding);
    }

    private static CudaModule module(Cuda gpu) {
        return gpu.load("kernels", SimulatedGpu.builtIn());
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aLaunchTakesItsArgumentsInOrder(String binding) {
        try (Cuda gpu = open(binding); CudaModule module = module(gpu); CudaBuffer values = gpu.ints(1, 2, 3, 4)) {
            CudaKernel add = module.kernel(ADD);
            add.launch(Grid.covering(4, 32), values, 10, 3);
            assertArrayEquals(new int[] {11, 12, 13, 4}, values.toInts());
            add.launch(Grid.of(2, 1), values.view(1, 3), -1, 9);
            assertArrayEquals(new int[] {11, 11, 12, 4}, values.toInts());
            add.launch(Grid.of(1, 1), values.pointer() + 12, 5, 1);
            assertArrayEquals(new int[] {11, 11, 12, 9}, values.toInts());
            assertEquals(ADD, add.signature().toString());
        }
    }

    /** A text, sizes alone, and another declaration of the same sizes; and PTX that lacks its target. */
    @ParameterizedTest
    @MethodSource("bindings")
    @Needs(Need.NVCC)
    void parametersAreKnownFromATextOrBySize(String binding) {
        String ptx = """
                .version 9.0
                .visible .entry add(
                  .param .u64 add_param_0,
                  .param .u32 add_param_1,
                  .param .u32 add_param_2
                )
                { ret; }
                """;
        try (Cuda gpu = open(binding);
                CudaBuffer values = gpu.ints(1, 2);
                CudaModule text = gpu.compile(CudaSource.of("add.cu", "extern \"C\" __global__ void " + ADD
                        + " { if (threadIdx.x < n) values[threadIdx.x] += amount; }"));
                CudaModule code = module(gpu)) {
            assertEquals(ADD, text.kernel("add").signature().toString());
            assertEquals("cuModuleLoadData failed with status 218 (CUDA_ERROR_INVALID_PTX: line 2: expected "
                    + "'.target', and found '.visible'); the PTX does not compile for this GPU",
                    assertThrows(CudaException.class,
                            () -> gpu.load("add.ptx", ptx.getBytes(StandardCharsets.US_ASCII))).getMessage());
            assertEquals("add(8 bytes, 4 bytes, 4 bytes)", code.kernel("add").signature().toString());
            for (CudaModule module : List.of(text, code)) {
                module.kernel("add").launch(Grid.of(1, 2), values, 1, 2);
            }
            code.kernel("add(unsigned*, unsigned int, int)").launch(Grid.of(1, 2), values, 1, 2);
            assertArrayEquals(new int[] {4, 5}, values.toInts());
            assertEquals(text.kernel("add"), text.kernel("add"));
            assertEquals("add.cu", text.name());
            assertEquals("kernel add in kernels has parameters of [8, 4, 4] bytes, which are not those of "
                    + "add(int*, int)",
                    assertThrows(IllegalArgumentException.class, () -> code.kernel("add(int*, int)")).getMessage());
            assertEquals("no kernel 'ad' in add.cu; it has add; a kernel is found if it is declared extern \"C\" "
                    + "__global__", assertThrows(CharlstmException.class, () -> text.kernel("ad")).getMessage());
        }
    }

    /** Sizes that no block has; what a block has not room for runs at no time. */
    @ParameterizedTest
    @MethodSource("bindings")
    void sizesOfBlocksAreCheckedBeforeTheDriverIsAsked(String binding) {
        try (Cuda gpu = open(binding); CudaModule module = module(gpu)) {
            CudaKernel add = module.kernel(ADD);
            assertRefused("-1 bytes of dynamic shared memory; give 0 or more", () -> add.bestThreads(-1));
            assertRefused("-1 bytes of dynamic shared memory; give 0 or more", () -> add.blocksAtOnce(32, -1));
            assertRefused("-2 bytes of dynamic shared memory; give 0 or more",
                    () -> add.blocksPerMultiprocessor(32, -2));
            assertRefused("blocks of -1 threads; give 1 or more", () -> add.blocksAtOnce(-1, 0));
            assertRefused("blocks of 0 threads; give 1 or more", () -> add.blocksPerMultiprocessor(0, 0));
            assertEquals(0, add.blocksPerMultiprocessor(1025, 0));
            assertTrue(add.bestThreads(0) > 0 && add.blocksAtOnce(32, 0) > 0);
        }
    }

    private static void assertRefused(String line, Executable action) {
        assertEquals(line, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    /** Of an array of its own, one of the module that it names twice, and one that it does not name. */
    @ParameterizedTest
    @MethodSource("bindings")
    void staticSharedMemoryIsToldBeforeALaunch(String binding) {
        String ptx = """
                .version 7.0
                .target sm_75
                .address_size 64
                .shared .align 4 .b8 named[24];
                .shared .align 4 .b8 unnamed[1000];
                .extern .shared .align 4 .b8 dynamic[];
                .visible .entry k(.param .u64 x)
                {
                  .reg .b32 %r<5>;
                  .shared .align 4 .f32 own[8192];
                  mov.u32 %r1, own;
                  mov.u32 %r2, named;
                  mov.u32 %r3, named;
                  mov.u32 %r4, dynamic;
                  ret;
                }
                .visible .entry none() { ret; }
                """;
        try (Cuda gpu = open(binding);
                CudaModule module = gpu.load("k.ptx", ptx.getBytes(StandardCharsets.US_ASCII))) {
            assertEquals(List.of(32768 + 24, 0),
                    List.of(module.kernel("k").sharedBytes(), module.kernel("none").sharedBytes()));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aPreparedLaunchKeepsWhatIsNotSetAnew(String binding) {
        try (Cuda gpu = open(binding);
                CudaModule module = module(gpu);
                CudaBuffer one = gpu.ints(0, 0, 0);
                CudaBuffer other = gpu.ints(0, 0, 0)) {
            KernelLaunch launch = module.kernel(ADD).prepare(Grid.of(1, 4), one, 1, 3);
            launch.launch();
            launch.set(1, 10).launch();
            launch.set(0, other).launch();
            launch.set(2, 1).grid(Grid.of(1, 1)).launch();
            assertArrayEquals(new int[] {11, 11, 11}, one.toInts());
            assertArrayEquals(new int[] {20, 10, 10}, other.toInts());
            launch.set(0, one.pointer()).launch();
            assertArrayEquals(new int[] {21, 11, 11}, one.toInts());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void argumentsMayBeSetOneByOne(String binding) {
        try (Cuda gpu = open(binding); CudaModule module = module(gpu); CudaBuffer values = gpu.ints(0, 0)) {
            KernelLaunch launch = module.kernel(ADD).prepare(Grid.of(1, 2));
            launch.set(2, 2).set(0, values);
            assertEquals("argument 2 of " + ADD + " has not been set; set it before the launch",
                    assertThrows(IllegalStateException.class, launch::launch).getMessage());
            launch.set(1, 7).launch();
            assertArrayEquals(new int[] {7, 7}, values.toInts());
            KernelLaunch another = module.kernel(ADD).prepare(Grid.of(1, 2));
            another.set(2, 1).set(1, 1).set(0, values);
            launch.launch();
            another.launch();
            assertArrayEquals(new int[] {15, 14}, values.toInts());
        }
    }

    /** A thread of any y and z does what the one of x does, once more; of blocks the simulated GPU sees the race. */
    @ParameterizedTest
    @MethodSource("bindings")
    void threadsAndBlocksOfThreeDimensionsAllRun(String binding) {
        try (Cuda gpu = open(binding); CudaModule module = module(gpu); CudaBuffer values = gpu.ints(0, 0, 0, 0, 0)) {
            CudaKernel add = module.kernel(ADD);
            add.launch(Grid.of(1, 4).threads(4, 3, 1), values, 1, 5);
            assertArrayEquals(new int[] {3, 3, 3, 3, 0}, values.toInts());
            add.launch(Grid.of(2, 4).threads(4, 1, 5), values, 1, 5);
            assertArrayEquals(new int[] {8, 8, 8, 8, 5}, values.toInts());
            Map<Counter, Long> before = SimulatedGpu.counts();
            add.launch(Grid.of(1, 1).blocks(2, 3, 4), values, 1, 0);
            gpu.synchronize();
            assertEquals(before.get(Counter.LAUNCHES) + 1, SimulatedGpu.count(Counter.LAUNCHES));
        }
        for (Grid grid : List.of(Grid.of(1, 4).blocks(1, 2, 1), Grid.of(1, 4).blocks(1, 1, 2))) {
            Cuda gpu = open(binding);
            CudaBuffer values = gpu.ints(0, 0, 0, 0);
            gpu.load("kernels", SimulatedGpu.builtIn()).kernel(ADD).launch(Grid.of(1, 4), values, 1, 4);
            assertThrows(CudaException.class, () -> {
                gpu.load("kernels", SimulatedGpu.builtIn()).kernel(ADD).launch(grid, values, 1, 4);
                gpu.synchronize();
            });
            gpu.close();
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void sharedMemoryBeyond48KibIsAllowedByItselfUpToTheGpusLimit(String binding) {
        try (Cuda gpu = open(binding); CudaModule module = module(gpu); CudaBuffer values = gpu.ints(0)) {
            CudaKernel add = module.kernel(ADD);
            for (int bytes : new int[] {0, 48 << 10, (48 << 10) + 4, 100 << 10, SHARED_OF_A_BLOCK, 64 << 10}) {
                add.launch(Grid.of(1, 1).shared(bytes), values, 1, 1);
            }
            assertArrayEquals(new int[] {6}, values.toInts());
            assertEquals(SHARED_OF_A_BLOCK, gpu.properties().sharedPerBlockMost());
            assertEquals("a launch of add with 232449 bytes of dynamic shared memory; a block of it can have at most "
                    + "232448",
                    assertThrows(IllegalArgumentException.class,
                            () -> add.launch(Grid.of(1, 1).shared(SHARED_OF_A_BLOCK + 1), values, 1, 1)).getMessage());
            add.launch(Grid.of(1, 1), values, 1, 1);
            assertArrayEquals(new int[] {7}, values.toInts());
        }
    }

    /** A kernel that declares shared memory has less than 48 KiB more unasked; the driver knows how much. */
    @ParameterizedTest
    @MethodSource("bindings")
    void sharedMemoryThatAKernelDeclaresCountsToo(String binding) {
        try (Cuda gpu = open(binding);
                CudaModule module = module(gpu);
                CudaBuffer values = gpu.allocate(CudaType.FLOAT64, 4)) {
            CudaKernel norm = module.kernel("l2_norm(double*, double*, int)");
            CudaBuffer sums = gpu.allocate(CudaType.FLOAT64, 256);
            norm.launch(Grid.of(1, 256), sums, values, 1);
            gpu.synchronize();
            assertTrue(norm.sharedBytes() > 0, "l2_norm declares shared memory");
            norm.launch(Grid.of(1, 256).shared(48 << 10), sums, values, 1);
            gpu.synchronize();
            sums.close();
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void attributesAndOccupancyAreTheDrivers(String binding) {
        try (Cuda gpu = open(binding); CudaModule module = module(gpu)) {
            CudaKernel add = module.kernel(ADD);
            assertEquals(List.of(32, 1024, 0, 0),
                    List.of(add.registers(), add.maxThreads(), add.sharedBytes(), add.localBytes()));
            assertEquals(2, add.blocksPerMultiprocessor(1024, 0));
            assertEquals(4, add.blocksPerMultiprocessor(512, 0));
            assertEquals(32, add.blocksPerMultiprocessor(32, 0));
            assertEquals(4, add.blocksPerMultiprocessor(32, 48 << 10));
            assertEquals(0, add.blocksPerMultiprocessor(32, 100 << 10));
            assertEquals(1024, add.bestThreads(0));
            assertTrue(add.bestThreads(48 << 10) <= 1024);
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aGridMayAskForClusters(String binding) {
        try (Cuda gpu = open(binding);
                CudaModule module = module(gpu);
                CudaBuffer values = gpu.allocate(CudaType.INT32, 64)) {
            CudaKernel add = module.kernel(ADD);
            Grid grid = Grid.of(8, 8).cluster(2, 1, 1);
            add.launch(grid, values, 3, 64);
            add.launch(grid.blocks(4, 1, 1), values, 1, 64);
            int[] sums = values.toInts();
            assertEquals(4, sums[31]);
            assertEquals(3, sums[32]);
            assertEquals(2, grid.blocks(4, 1, 1).threads(2, 2, 2).shared(4).clusterX());
            assertThrows(IllegalArgumentException.class, () -> grid.blocks(3, 1, 1));
            assertEquals("CUDA_ERROR_INVALID_CLUSTER_SIZE", assertThrows(CudaException.class,
                    () -> add.launch(Grid.of(16, 1).cluster(16, 1, 1), values, 1, 1)).statusName());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aGridOfCudasLimitsIsPossible(String binding) {
        try (Cuda gpu = open(binding); CudaModule module = module(gpu); CudaBuffer values = gpu.ints(0)) {
            CudaKernel add = module.kernel(ADD);
            add.launch(Grid.of(1, 1).threads(4, 4, 64), values, 1, 1);
            add.launch(Grid.of(1, 1024), values, 1, 1);
            add.launch(Grid.covering(0, 128), values, 1, 0);
            assertArrayEquals(new int[] {257}, values.toInts());
        }
    }
}
