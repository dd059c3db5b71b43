package org.charlstm.device.gpu.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.rnn.RnnEngines;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** Kernels load when they are needed; one that does not load is the obstacle of what needs it. */
@Needs(Need.SIMULATED_GPU)
class KernelsTest {
    private static final String REASON = "no image of it serves";

    private static final class Images extends KernelImages {
        private final KernelImages right;
        private final String missing;
        private final List<String> loaded = new ArrayList<>();

        Images(KernelImages right, String missing) {
            this.right = right;
            this.missing = missing;
        }

        @Override
        public CudaModule load(Cuda gpu, String kernel) {
            if (kernel.equals(missing)) {
                throw new CharlstmException(REASON);
            }
            loaded.add(kernel);
            return right.load(gpu, kernel);
        }

        @Override
        public String describe() {
            return right.describe();
        }
    }

    private static Images images(Gpu gpu, String missing) {
        return new Images(KernelImages.of(gpu.context().cuda().installation(), gpu.context().capability()), missing);
    }

    @Test
    void aKernelLoadsOnceAndWhenItIsNeeded() {
        try (Gpu gpu = Gpu.open()) {
            Images images = images(gpu, "lstm_fused_backward");
            try (Kernels kernels = new Kernels(gpu.context(), images)) {
                List<String> first = List.copyOf(images.loaded);
                assertTrue(first.contains("cross_entropy") && first.size() < 10, first + "");
                assertEquals(Optional.empty(), kernels.obstacle(Kernel.LSTM_FUSED_FORWARD, Kernel.CROSS_ENTROPY));
                assertEquals(Optional.empty(), kernels.obstacle(Kernel.LSTM_FUSED_FORWARD));
                assertEquals(first.size() + 1, images.loaded.size(), images.loaded + "");
                assertEquals(REASON, kernels.obstacle(Kernel.LSTM_FUSED_FORWARD, Kernel.LSTM_FUSED_BACKWARD)
                        .orElseThrow().getMessage());
                assertEquals(REASON, assertThrows(CharlstmException.class,
                        () -> kernels.launch(Kernel.LSTM_FUSED_BACKWARD, 1, 1, 1)).getMessage());
            }
        }
    }

    @Test
    void anEngineWhoseKernelDoesNotLoadIsTriedOnlyByName() {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 4, 1), 3, 2, true);
        try (Gpu gpu = Gpu.open();
                GpuMemory memory = new GpuMemory(gpu.context(), CudaType.FLOAT32);
                Kernels kernels = new Kernels(gpu.context(), images(gpu, "lstm_fused_backward"))) {
            CudaInstallation libraries = gpu.context().cuda().installation();
            GpuTools tools =
                    new GpuTools(gpu.context(), kernels, new GpuProducts(gpu.context(), Precision.FLOAT32));
            Autotuner tuner = new Autotuner(gpu.context(), false, System::nanoTime);
            RnnEngines automatic = RnnEngines.of(tools, libraries, DeviceOptions.DEFAULT, tuner);
            automatic.rnn(memory, shape, 0, null);
            String choice = automatic.choices().getFirst();
            assertTrue(choice.contains(": cudnn ") && choice.contains(REASON), choice);
            RnnEngines named = RnnEngines.of(tools, libraries, Gpu.running("fused"), tuner);
            assertEquals(REASON, assertThrows(CharlstmException.class, () -> named.rnn(memory, shape, 0, null))
                    .getMessage());
        }
    }

    @Test
    void withoutWhatEveryModelNeedsThereIsNoDevice() {
        try (Gpu gpu = Gpu.open()) {
            Images images = images(gpu, "cross_entropy");
            assertEquals(REASON, assertThrows(CharlstmException.class, () -> new Kernels(gpu.context(), images))
                    .getMessage());
        }
    }
}
