package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.charlstm.cuda.CudaTexture.Edge;
import org.charlstm.cuda.CudaTexture.Sampling;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels that fetch a buffer through a texture object. */
@Needs({Need.SIMULATED_NVRTC, Need.NVCC})
class TextureTest {
    private static final CudaSource TEXT = CudaSource.of("textures.cu", """
            extern "C" __global__ void all(cudaTextureObject_t t, float* y) {
              y[threadIdx.x] = tex1Dfetch<float>(t, threadIdx.x);
            }
            extern "C" __global__ void at(cudaTextureObject_t t, float x, float y, float* out) {
              out[0] = tex2D<float>(t, x, y);
            }
            extern "C" __global__ void bytes(cudaTextureObject_t t, int* y) {
              uchar4 v = tex1Dfetch<uchar4>(t, threadIdx.x);
              y[threadIdx.x] = v.x + v.y + v.z + v.w;
            }
            """);
    private static final Grid ONE = Grid.of(1, 1);
    private static final Sampling NEAREST = new Sampling(Edge.CLAMP, false, false);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void elementsOfABufferAreFetched(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.compile(TEXT);
                CudaBuffer x = gpu.floats(new float[] {3, 5, 7});
                CudaBuffer y = gpu.allocate(CudaType.FLOAT32, 3);
                CudaBuffer pixels = gpu.allocate(CudaType.INT8, 8);
                CudaBuffer sums = gpu.allocate(CudaType.INT32, 2)) {
            try (CudaTexture texture = CudaTexture.of(x, 1)) {
                module.kernel("all").launch(Grid.of(1, 1).threads(3, 1, 1), texture, y);
                assertArrayEquals(new float[] {3, 5, 7}, y.toFloats());
            }
            pixels.write(new byte[] {1, 2, 3, 4, -1, 0, 0, 1});
            try (CudaTexture texture = CudaTexture.of(pixels, 4)) {
                module.kernel("bytes").launch(Grid.of(1, 1).threads(2, 1, 1), texture.handle(), sums);
                assertArrayEquals(new int[] {10, 256}, sums.toInts());
            }
        }
    }

    /** Two rows of three, with five elements of padding. */
    @ParameterizedTest
    @MethodSource("bindings")
    void rowsAreSampled(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.compile(TEXT);
                CudaBuffer x = gpu.floats(new float[] {1, 2, 3, 0, 0, 0, 0, 0, 5, 6, 7});
                CudaBuffer out = gpu.floats(1)) {
            CudaRows rows = new CudaRows(x, 0, 2, 3, 8);
            CudaKernel at = module.kernel("at");
            assertEquals(6, sample(at, rows, NEAREST, 1.9f, 1.2f, out));
            assertEquals(7, sample(at, rows, NEAREST, 9, 9, out));
            assertEquals(0, sample(at, rows, new Sampling(Edge.BORDER, false, false), 3.5f, 0.5f, out));
            assertEquals(3.5f, sample(at, rows, new Sampling(Edge.CLAMP, true, false), 1, 1, out));
            assertEquals(2, sample(at, rows, new Sampling(Edge.WRAP, false, true), 1.5f, 0.25f, out));
            assertEquals(3, sample(at, rows, new Sampling(Edge.MIRROR, false, true), 1.1f, 0.25f, out));
        }
    }

    private static float sample(CudaKernel kernel, CudaRows rows, Sampling sampling, float x, float y, CudaBuffer out) {
        try (CudaTexture texture = CudaTexture.of(rows, 1, sampling)) {
            kernel.launch(ONE, texture, x, y, out);
            return out.toFloats()[0];
        }
    }

    @Test
    @SuppressWarnings("try") // A texture whose buffer is closed first.
    void unsupportedTexturesAreRefused() {
        try (Cuda gpu = Gpus.open("panama");
                CudaBuffer floats = gpu.allocate(CudaType.FLOAT32, 64);
                CudaBuffer doubles = gpu.doubles(2);
                CudaBuffer ints = gpu.allocate(CudaType.INT32, 64)) {
            refused("there are no textures of double; take float32, half, or integers of 8 to 32 bits",
                    () -> CudaTexture.of(doubles, 1));
            refused("a texture of 64 elements, 3 together; it can be 1, 2 or 4, of which a whole number fits",
                    () -> CudaTexture.of(floats, 3));
            refused("the address of a texture's memory must be a multiple of 512 bytes, and is 4 more than one",
                    () -> CudaTexture.of(floats.view(1, 4), 1));
            refused("the pitch of a texture's rows must be a multiple of 32 bytes, and is 20 more than one",
                    () -> CudaTexture.of(new CudaRows(floats, 0, 2, 5, 5), 1, NEAREST));
            refused("a texture of int has no values between its elements; take float32 or half, or the nearest element",
                    () -> CudaTexture.of(new CudaRows(ints, 0, 2, 8, 8), 1, new Sampling(Edge.CLAMP, true, false)));
            refused("the edge WRAP needs normalized coordinates, from 0 to 1",
                    () -> new Sampling(Edge.WRAP, false, false));
            CudaTexture texture = CudaTexture.of(ints, 1);
            ints.close();
            assertEquals("a buffer of 64 elements of int was used after it was closed",
                    assertThrows(IllegalStateException.class, texture::handle).getMessage());
            texture.close();
        }
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
