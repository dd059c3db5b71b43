package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.cli.Tool;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaEvent;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaStopwatch;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Activation;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Memory;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.tools.ExcludedCandidates;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of work by its name, on the simulated GPU; a call that waits for what never ends does not come back there. */
@Timeout(100)
class EndlessCases {
    private static final Rnn.Shape SHAPE = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 7, 1), 9, 3, true);
    private static final Head.Shape HEAD = new Head.Shape(7, 6, 5, Activation.RELU, List.of(27));
    private static final Path CACHE = CudaInstallation.cache(System.getenv()).orElseThrow();

    /** They are read where the driver starts anew. */
    private static void fault(String faults) {
        SimulatedGpu.set("CHARLSTM_SIM_FAULTS", faults);
        Gpu.open().close();
    }

    @AfterEach
    void mend() {
        fault("");
        ExcludedCandidates.forget(CACHE);
    }

    /** As if it were a card, on which engines compete. */
    private static GpuDevice timed() {
        return new GpuDevice("cudasim", Gpus.installation(), DeviceOptions.DEFAULT, System::nanoTime);
    }

    private static List<String> choices() {
        try (GpuDevice device = timed(); Memory memory = device.memory()) {
            ComposedOperations operations = ComposedOperations.of(device.operations()).orElseThrow();
            operations.rnn(memory, SHAPE, 0, HEAD);
            operations.head(memory, HEAD, 0);
            return device.choices();
        }
    }

    @ParameterizedTest
    @CsvSource({"endless:lstm_fused_forward,fused,LSTM 9 x 3; 7 units; kernels since the last wait: lstm_fused_forward",
        "endless:lstm_fused_backward,fused,kernels since the last wait: lstm_fused_forward; lstm_fused_backward",
        "fault:lstm_fused_backward,fused,CUDA_ERROR_ILLEGAL_ADDRESS", "endless:head,head,head 7 x 6 x 5 on 27 rows"})
    @Sampled(every = 4)
    void aCandidateThatBreaksTheGpuIsNamedAndLeftOutFromThenOn(String faults, String engine, String words) {
        fault(faults);
        String message = assertThrows(CudaException.class, EndlessCases::choices).getMessage();
        assertTrue(message.contains("it came while " + (engine.equals("head") ? "one launch" : engine)
                + " was tried for "), message);
        assertTrue(message.endsWith("; start again, and auto leaves it out, or set CHARLSTM_WITHOUT=" + engine),
                message);
        if (faults.startsWith("endless")) {
            assertTrue(message.contains("has not ended within 200 ms"), message);
        }
        assertTrue(message.replace(",", ";").contains(words), message);
        // The fault is there still, and the device serves all the same.
        fault(faults);
        List<String> choices = choices();
        assertTrue(choices.stream().anyMatch(line -> line.contains(engine + " is left out: it broke this GPU on ")),
                choices + "");
        List<String> findings = new GpuProvider.Simulated().requirements(DeviceOptions.DEFAULT).stream()
                .filter(each -> each.subject().equals("left out")).map(each -> each.text()).toList();
        assertEquals(1, findings.size());
        assertTrue(findings.getFirst().startsWith(engine + ": it broke this GPU on "), findings + "");
        assertTrue(Tool.run("doctor").out().contains("\n  left out    " + findings.getFirst()
                + "; doctor --forget forgets it\n"));
        Tool doctor = Tool.run("doctor", "--forget");
        assertTrue(doctor.err().contains("forgot 1 engine that broke a GPU"), doctor.err());
        assertFalse(doctor.out().contains("left out"), doctor.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"fused", "plain"})
    @Sampled(every = 2)
    void aStepOfTrainingThatNeverEndsIsTold(String engine, @TempDir Path folder) {
        fault("endless:rms_prop");
        Tool tool = Tool.run("train", "--device", "cudasim", "--rnn-engine", engine, "--max-samples", 10, "--epochs", 1,
                "--hidden", 7, "--dense", 6, "--batch-size", 4, "--out", folder.resolve("run"));
        assertEquals(1, tool.code(), tool.toString());
        String last = tool.err().lines().toList().getLast();
        assertTrue(last.contains("has not ended within 1200 ms") && last.contains(": " + engine)
                && last.contains("CHARLSTM_WITHOUT"), last);
    }

    @Test
    void theSelftestReportsTheChecksBeforeAnEndlessOne() {
        fault("endless:rms_prop");
        Tool tool = Tool.run("selftest", "--device", "cudasim", "--json", "--only", "norm and clip,RMSprop,SGD,draw");
        assertEquals(1, tool.code(), tool.toString());
        List<String> lines = tool.out().lines().toList();
        assertEquals(3, lines.size(), tool.out());
        assertTrue(lines.get(0).contains("norm and clip") && lines.get(0).contains("\"passed\":true"), lines.get(0));
        assertTrue(lines.get(1).contains("it was check 'RMSprop', ") && lines.get(1).contains("rms_prop"),
                lines.get(1));
        assertTrue(lines.get(2).contains("\"failed\":1,\"not_run\":2"), lines.get(2));
    }

    private static void launchEndless(Cuda gpu, CudaBuffer buffer) {
        // A copy on the device has a name too.
        gpu.memory().copy(buffer.pointer(), buffer.pointer() + 8, 8);
    }

    private static void waits(Consumer<Cuda> wait) {
        fault("endless:a copy on the device");
        Cuda gpu = Gpus.open();
        CudaBuffer buffer = gpu.floats(1, 2, 3, 4);
        gpu.limitWaits(Duration.ofMillis(20), () -> "it was a trial");
        launchEndless(gpu, buffer);
        CudaException first = assertThrows(CudaException.class, () -> wait.accept(gpu));
        assertTrue(first.getMessage().contains("has not ended within 20 ms what it was given); it was a trial"),
                first.getMessage());
        assertTrue(first.breaksContext() && first.status() == 702);
        assertEquals(first.getMessage(), assertThrows(CudaException.class, () -> buffer.toFloats()).getMessage());
        buffer.close();
        gpu.close();
        assertFalse(gpu.isOpen());
    }

    @Test
    void everyKindOfWaitEnds() {
        waits(Cuda::synchronize);
        waits(gpu -> gpu.stream().synchronize());
        waits(gpu -> {
            CudaEvent event = gpu.newEvent();
            event.record();
            event.synchronize();
        });
        waits(gpu -> {
            CudaStopwatch watch = gpu.newStopwatch();
            watch.mark();
            watch.mark();
            watch.laps();
        });
        waits(gpu -> gpu.floats(1, 2));
    }

    @Test
    void aGraphThatNeverEndsIsTold() {
        fault("endless:a copy on the device");
        Cuda gpu = Gpus.open();
        CudaBuffer buffer = gpu.floats(1, 2, 3, 4);
        CudaGraph graph = gpu.record(() -> launchEndless(gpu, buffer));
        gpu.limitWaits(Duration.ofMillis(20), () -> "it was a graph");
        graph.launch();
        assertTrue(assertThrows(CudaException.class, gpu::synchronize).getMessage().contains("it was a graph"));
        gpu.close();
    }

    /** The limit that was there before is there again. */
    @Test
    void aLimitIsTakenBack() {
        Cuda gpu = Gpus.open();
        CudaBuffer buffer = gpu.floats(1, 2, 3, 4);
        gpu.limitWaits(Duration.ofMillis(30), () -> "the outer");
        Runnable before = gpu.limitWaits(Duration.ofMillis(10), () -> "the inner");
        launchEndless(gpu, buffer);
        gpu.synchronize();
        before.run();
        fault("endless:a copy on the device");
        launchEndless(gpu, buffer);
        assertTrue(assertThrows(CudaException.class, gpu::synchronize).getMessage().contains("the outer"));
        gpu.close();
    }
}
