package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An image that is not what it was computes what it should or is refused in a line; it never ends the process. */
@Needs(Need.SIMULATED_GPU)
class SpoiltImagesTest {
    private static final byte[] SEVEN = SimulatedGpu.imageOf("seven.cu", """
            .version 8.0
            .target sm_90
            .address_size 64
            .visible .entry seven(.param .u64 y) {
              .reg .u64 %y;
              .reg .u32 %i;
              ld.param.u64 %y, [y];
              mov.u32 %i, %tid.x;
              mad.wide.u32 %y, %i, 4, %y;
              st.global.u32 [%y], 7;
              ret;
            }
            """);
    private static final int CASES = 300;

    private static void requireOneLine(CudaException e) {
        assertTrue(e.getMessage().startsWith("cuModuleLoadData failed with status ")
                && e.getMessage().lines().count() == 1, e.getMessage());
    }

    @Test
    void bitsThatTurnAndPiecesThatAreCutOffAreFound() {
        Random random = new Random(49);
        int refused = 0;
        try (Cuda gpu = Gpus.open("panama"); CudaBuffer y = gpu.allocate(CudaType.INT32, 4)) {
            for (int i = 0; i < CASES; i++) {
                byte[] image = i % 3 == 0 ? Arrays.copyOf(SEVEN, random.nextInt(SEVEN.length)) : SEVEN.clone();
                for (int flips = i % 3; flips > 0; flips--) {
                    image[random.nextInt(SEVEN.length)] ^= (byte) (1 << random.nextInt(8));
                }
                y.write(new int[4]);
                try (CudaModule module = gpu.load("spoilt " + i, image)) {
                    module.kernel("seven").launch(Grid.of(1, 1).threads(4, 1, 1), y);
                    int[] values = new int[4];
                    y.read(values);
                    assertArrayEquals(new int[] {7, 7, 7, 7}, values);
                } catch (CudaException e) {
                    requireOneLine(e);
                    refused++;
                }
            }
        }
        assertTrue(refused > CASES / 2, refused + " of " + CASES + " were refused");
    }

    @Test
    void nothingIsNoImage() {
        try (Cuda gpu = Gpus.open("panama")) {
            CudaException e = assertThrows(CudaException.class, () -> gpu.load("nothing", new byte[0]));
            assertEquals("cuModuleLoadData failed with status 200 (CUDA_ERROR_INVALID_IMAGE: the image is empty); "
                    + "this is no CUBIN, fat binary or PTX", e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "\u007fELF", "charlstm simulated CUBIN\nsealed 3 0\nabc", "{\"a\": 1}", "\n\n"})
    void garbageIsNoImage(String garbage) {
        try (Cuda gpu = Gpus.open("panama")) {
            CudaException e = assertThrows(CudaException.class,
                    () -> gpu.load("garbage", garbage.getBytes(StandardCharsets.UTF_8)));
            requireOneLine(e);
            assertEquals("CUDA_ERROR_INVALID_IMAGE", e.statusName());
        }
    }
}
