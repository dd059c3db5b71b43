package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Texts with names of C++ and with CUDA's headers, by NVIDIA's own NVRTC and the headers of a toolkit, on the simulated
 * GPU: run by {@code .ci/nvidia}.
 */
@Needs({Need.SIMULATED_GPU, Need.NVRTC})
class NvidiaTextsTest {
    private static final String SETTING = "CHARLSTM_SIM_NVRTC";
    private static final Grid ONE = Grid.of(1, 1);

    @BeforeEach
    void handOn() {
        SimulatedGpu.set(SETTING, System.getenv("CHARLSTM_LIBNVRTC"));
    }

    @AfterEach
    void back() {
        SimulatedGpu.set(SETTING, System.getenv(SETTING));
    }

    @Test
    void kernelsAndVariablesAreFoundByTheirNames() {
        CudaSource text =
                NamesOfCppTest.TEXT.withNames("add<float, 256>", "ns::scale", "ns::inner::scale", "&ns::table");
        for (int i = 0; i < 2; i++) {
            try (Cuda gpu = Gpus.open("panama");
                    CudaModule module = gpu.compile(text);
                    CudaBuffer floats = gpu.floats(1);
                    CudaBuffer ints = gpu.ints(1)) {
                module.kernel("add<float,256>").launch(ONE, floats, 2f);
                assertArrayEquals(new float[] {513}, floats.toFloats());
                module.kernel("ns::scale").launch(ONE, floats, 2f);
                assertArrayEquals(new float[] {1026}, floats.toFloats());
                module.kernel("ns::inner::scale").launch(ONE, ints, 3, 1);
                assertArrayEquals(new int[] {4}, ints.toInts());
                CudaBuffer table = module.global("ns::table");
                assertEquals(List.of(CudaType.FLOAT32, 2L), List.of(table.type(), table.count()));
                table.write(new float[] {3, 4});
                assertArrayEquals(new float[] {3, 4}, module.global("&ns::table").toFloats());
                assertEquals("variable ns::table in names.cu is of float32, and was asked for as int",
                        assertThrows(IllegalArgumentException.class,
                                () -> module.global("ns::table", CudaType.INT32)).getMessage());
                assertThrows(CharlstmException.class, () -> module.kernel("add<int, 1>"));
            }
        }
        CompilationException wrong = assertThrows(CompilationException.class, () -> {
            try (Cuda gpu = Gpus.open("panama")) {
                gpu.compile(NamesOfCppTest.TEXT.withNames("add<none, 2>"));
            }
        });
        assertTrue(wrong.getMessage().contains("none"), wrong.getMessage());
    }

    /** A toolkit's may be of a newer CUDA than NVRTC; these serve all the same. */
    @Test
    @Needs(Need.NVCC)
    void headersOfCudaAreFound() {
        CudaSource text = CudaSource.of("headers.cu", """
                #include <cuda_fp16.h>
                #include <cuda_bf16.h>
                struct Pair { __half first; __nv_bfloat16 second; };
                template <typename T, int N> __global__ void sum(const T* x, float* y, T factor, Pair pair) {
                  float all = 0;
                  for (int i = 0; i < N; i++) {
                    all += float(x[i]);
                  }
                  *y = all * float(factor) + float(pair.first) + float(pair.second);
                }
                """).withNames("sum<__half, 3>", "sum<__nv_bfloat16, 2>");
        try (Cuda gpu = Gpus.open("panama");
                CudaModule module = gpu.compile(text);
                CudaBuffer half = gpu.allocate(CudaType.FLOAT16, 3);
                CudaBuffer bf16 = gpu.allocate(CudaType.BFLOAT16, 2);
                CudaBuffer y = gpu.floats(0)) {
            half.write(new float[] {1, 2, 3});
            bf16.fill(5);
            MemorySegment pair = MemorySegment.ofArray(
                    new short[] {CudaType.FLOAT16.bits(100), CudaType.BFLOAT16.bits(200)});
            module.kernel("sum<__half, 3>").launch(ONE, half, y, 0.5f, pair);
            assertEquals(303, y.toFloats()[0]);
            module.kernel("sum<__nv_bfloat16,2>").launch(ONE, bf16, y, 2f, pair);
            assertEquals(320, y.toFloats()[0]);
            assertEquals("argument 1 of sum<__half, 3>(const __half* x, float* y, __half factor, Pair pair) is x, of "
                    + "type const __half*, and a buffer of bf16 was given",
                    assertThrows(IllegalArgumentException.class,
                            () -> module.kernel("sum<__half, 3>").launch(ONE, bf16, y, 0.5f, pair)).getMessage());
        }
    }

    /** These need headers of NVRTC's own CUDA; those of another are named. */
    @Test
    @Needs(Need.NVCC)
    void cooperativeGroupsAndCubAreFound() throws IOException {
        CudaSource text = CudaSource.of("cub.cu", """
                #include <cooperative_groups.h>
                #include <cub/block/block_reduce.cuh>
                namespace groups = cooperative_groups;
                template <typename T, int N> __global__ void sum(const T* x, T* y) {
                  using Reduce = cub::BlockReduce<T, N>;
                  __shared__ typename Reduce::TempStorage memory;
                  T all = Reduce(memory).Sum(x[threadIdx.x]);
                  if (groups::this_thread_block().thread_rank() == 0) {
                    *y = all;
                  }
                }
                """).withNames("sum<float, 64>");
        Matcher release = Pattern.compile("release (\\d+)")
                .matcher(Installed.output("nvcc", "--version").orElseThrow());
        assertTrue(release.find());
        int version = Integer.parseInt(release.group(1));
        try (Cuda gpu = Gpus.open("panama"); CudaBuffer x = gpu.allocate(CudaType.FLOAT32, 64)) {
            if (gpu.installation().nvrtc().version() / 1000 == version) {
                x.fill(2);
                try (CudaModule module = gpu.compile(text)) {
                    module.kernel("sum<float, 64>").launch(Grid.of(1, 64), x, x.view(0, 1));
                }
                assertEquals(128, x.toFloats()[0]);
            } else {
                String message = assertThrows(CompilationException.class, () -> gpu.compile(text)).getMessage();
                assertTrue(
                        message.matches(".*; CUDA's headers in .* are of CUDA " + version + ".*, and NVRTC is of .*: "
                                + "install those of the same"),
                        message);
            }
        }
    }
}
