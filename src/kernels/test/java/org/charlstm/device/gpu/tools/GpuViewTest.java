package org.charlstm.device.gpu.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** Parts of matrices, as the steps of recurrent layers take them. */
@Needs(Need.SIMULATED_GPU)
class GpuViewTest {
    private static final GpuView ALL = GpuView.of(1 << 20, CudaType.BFLOAT16, 6, 10);

    @Test
    void rowsAndColumnsKeepTheDistanceOfRows() {
        GpuView part = ALL.columns(4, 3).rows(2, 1);
        assertEquals(new GpuView((1 << 20) + 2 * (2 * 10 + 4), CudaType.BFLOAT16, 1, 3, 10, false), part);
        assertEquals(part, ALL.rows(2, 1).columns(4, 3));
        assertEquals(part, part.transpose().transpose());
    }

    @Test
    void nothingHasNoParts() {
        assertSame(GpuView.NONE, GpuView.NONE.rows(5, 7));
    }

    @Test
    void partsEndWithTheMatrix() {
        assertThrows(IndexOutOfBoundsException.class, () -> ALL.rows(5, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> ALL.columns(-1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> ALL.columns(8, 3));
    }

    @Test
    void productsOfPartsWriteTheirPartAlone() {
        try (Gpu gpu = Gpu.open(); GpuMemory memory = new GpuMemory(gpu.context(), CudaType.FLOAT32)) {
            GpuMatrix a = memory.matrix(2, 3);
            a.write(new double[] {1, 2, 9, 3, 4, 9});
            GpuMatrix b = memory.matrix(3, 2);
            b.write(new double[] {9, 9, 5, 6, 7, 8});
            GpuMatrix c = memory.matrix(2, 4);
            c.write(new double[] {1, 1, 1, 1, 1, 1, 1, 1});
            GpuProducts products = new GpuProducts(gpu.context(), Precision.FLOAT32);
            products.multiply(a.view().columns(0, 2), b.view().rows(1, 2).transpose(), 1, c.view().columns(1, 2));
            assertArrayEquals(new double[] {1, 18, 24, 1, 1, 40, 54, 1}, c.read());
        }
    }

    @Test
    void aCopyConvertsWhereTypesDiffer() {
        try (Gpu gpu = Gpu.open(); GpuMemory memory = new GpuMemory(gpu.context(), CudaType.BFLOAT16)) {
            GpuTools tools = new GpuTools(gpu.context(), gpu.kernels(),
                    new GpuProducts(gpu.context(), Precision.BF16));
            GpuMatrix exact = memory.flat(3);
            exact.write(new double[] {1, 2.5, -3});
            GpuMatrix half = memory.matrix(1, 3);
            tools.copy(exact.view(), half.view());
            GpuMatrix again = memory.flat(3);
            tools.copy(half.view(), again.view());
            assertArrayEquals(new double[] {1, 2.5, -3}, again.read());
        }
    }
}
