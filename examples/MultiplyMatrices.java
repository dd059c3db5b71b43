// Multiplies matrices by cuBLAS: float32, several at once, and in half precision.
// Needs the library, as the README says, and --enable-native-access=ALL-UNNAMED:
//     examples/run MultiplyMatrices.java

import java.util.Arrays;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;

void main() {
    try (Cuda gpu = Cuda.open();
            CudaBuffer a = gpu.floats(1, 2, 3, 4, 5, 6);
            CudaBuffer b = gpu.floats(1, 0, 0, 1, 1, 1);
            CudaBuffer c = gpu.allocate(CudaType.FLOAT32, 4)) {
        // Row-major, as Java writes them: (2,3) times (3,2).
        gpu.blas().multiply(2, 2, 3, a, b, c);
        IO.println("a b = " + Arrays.toString(c.toFloats()));
        // c = 10 a a' - c, a' being the transpose.
        gpu.blas().gemm(Gemm.of(false, true, 2, 2, 3), 10, a, a, -1, c);
        IO.println("10 a a' - a b = " + Arrays.toString(c.toFloats()));
        // Three products at once: each row of a, as a (1,2), times the same (2,1).
        Gemm rows = Gemm.of(1, 1, 2).withBatches(3, 2, 0, 1);
        gpu.blas().gemm(rows, 1, a, b.view(4, 2), 0, c);
        IO.println("sums of pairs = " + Arrays.toString(c.view(0, 3).toFloats()));
        try (CudaBuffer half = gpu.allocate(CudaType.FLOAT16, 6)) {
            half.write(new float[] {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f});
            Gemm tensorCores = Gemm.of(false, true, 2, 2, 3).withTypes(CudaType.FLOAT16, CudaType.FLOAT32);
            gpu.blas().gemm(tensorCores, 1, half, half, 0, c);
            IO.println("in half precision = " + Arrays.toString(c.toFloats()));
        }
    }
}
