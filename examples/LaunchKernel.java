// Compiles a kernel of one's own by NVRTC and launches it: y = a x + y. The argument is the kernel's file.
// Needs the library, as the README says, and --enable-native-access=ALL-UNNAMED:
//     examples/run LaunchKernel.java examples/saxpy.cu

import java.nio.file.Path;
import java.util.Arrays;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.CudaKernel;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.Grid;

void main(String[] arguments) {
    Path file = Path.of(arguments.length == 0 ? "saxpy.cu" : arguments[0]);
    int n = 1000;
    float[] x = new float[n];
    float[] y = new float[n];
    for (int i = 0; i < n; i++) {
        x[i] = i;
        y[i] = 1;
    }
    try (Cuda gpu = Cuda.open();
            CudaModule module = gpu.compile(file);
            CudaBuffer onGpuX = gpu.floats(x);
            CudaBuffer onGpuY = gpu.floats(y);
            CudaStopwatch stopwatch = gpu.newStopwatch()) {
        CudaKernel saxpy = module.kernel("saxpy");
        Grid grid = Grid.covering(n, 128);
        IO.println("On " + gpu.properties() + ":");
        saxpy.launch(grid, n, 2f, onGpuX, onGpuY);
        IO.println(saxpy.signature() + " with a = 2 gives " + Arrays.toString(first(onGpuY)));
        // The same launch, recorded once and replayed three times.
        try (CudaGraph graph = gpu.record(() -> saxpy.launch(grid, n, 0.5f, onGpuX, onGpuY))) {
            stopwatch.mark();
            for (int i = 0; i < 3; i++) {
                graph.launch();
            }
            stopwatch.mark();
        }
        IO.println("and three times more with a = 0.5 " + Arrays.toString(first(onGpuY)));
        IO.println("The three took " + (stopwatch.laps()[0] > 0 ? "some" : "no") + " time by the GPU's clock.");
    }
}

/** The first four elements. */
float[] first(CudaBuffer buffer) {
    return buffer.view(0, 4).toFloats();
}
