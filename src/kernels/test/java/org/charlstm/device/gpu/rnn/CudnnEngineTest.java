package org.charlstm.device.gpu.rnn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.tools.GpuProducts;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** cuDNN compiles code for a shape where a pass takes long, or where it is asked for. */
@Needs(Need.SIMULATED_GPU)
class CudnnEngineTest {
    @ParameterizedTest
    @CsvSource({"auto, 64, 128, 128, true", "auto, 63, 128, 128, false", "cudnn, 9, 3, 7, false",
        "persist-dynamic, 9, 3, 7, true"})
    void persistDynamicIsTriedWhereItMayPay(String asked, int steps, int batch, int units, boolean tried) {
        try (Gpu gpu = Gpu.open()) {
            DeviceOptions options = asked.equals("auto") ? DeviceOptions.DEFAULT : Gpu.running(asked);
            CudnnEngine engine = new CudnnEngine(new GpuTools(gpu.context(), gpu.kernels(),
                    new GpuProducts(gpu.context(), Precision.FLOAT32)), gpu.context().cuda().installation(), options);
            List<String> titles = engine.candidates(
                    new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), units, 1), steps, batch, true)).stream()
                    .map(RnnEngine.Candidate::title).toList();
            assertEquals(tried, titles.contains("cudnn persist-dynamic"), titles + "");
            assertEquals(!asked.equals("persist-dynamic"), titles.contains("cudnn standard"), titles + "");
        }
    }
}
