package org.charlstm.device.gpu.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.binding.CudaBinding;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.charlstm.cuda.panama.PanamaBinding;
import org.charlstm.device.Device;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.GpuDevice;
import org.charlstm.device.gpu.SmallTraining;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Launches begin early after a kernel of their stream alone, and none that reads weights early after an update. */
@Needs(Need.SIMULATED_GPU)
class EarlyLaunchesTest {
    /** As {@link KernelSignatureTest} has it: their weights are read before they wait. */
    private static final String READS_WEIGHTS = "\\w+_(fused_backward|(tensor|cluster)_(forward|backward))";
    private static final String UPDATES = "sgd|rms_prop|adam";

    /** Work on a stream; the kernel is empty for other work. */
    private record Work(String kernel, boolean early) {
        private static final Work OTHER = new Work("", false);
    }

    /** What a driver was asked for, and what it refuses. */
    private static final class Watched implements CudaBinding {
        private final CudaBinding real = new PanamaBinding();
        private final Map<Long, String> kernels = new HashMap<>();
        private final Map<Long, List<Work>> streams = new HashMap<>();
        private final Predicate<Grid> refuses;
        private boolean recording;

        private Watched(Predicate<Grid> refuses) {
            this.refuses = refuses;
        }

        private void work(long stream, Work work) {
            streams.computeIfAbsent(stream, _ -> new ArrayList<>()).add(work);
        }

        private void before(CudaDriver driver, String call, Object[] arguments) {
            switch (call) {
                case "launch" -> {
                    Grid grid = (Grid) arguments[1];
                    if (recording && refuses.test(grid)) {
                        throw driver.failure("cuLaunchKernelEx", 900);
                    }
                    work((long) arguments[2], new Work(kernels.get(arguments[0]), grid.attributes().early()));
                }
                case "cuStreamBeginCapture_v2" -> {
                    recording = true;
                    work((long) arguments[0], Work.OTHER);
                }
                case "endCapture" -> recording = false;
                case "cuStreamWaitEvent", "cuGraphLaunch" ->
                    work((long) arguments[call.equals("cuGraphLaunch") ? 1 : 0], Work.OTHER);
                default -> {
                    if (call.matches("cuMem(set|cpy).*Async(_v2)?")) {
                        work((long) arguments[arguments.length - 1], Work.OTHER);
                    }
                }
            }
        }

        @Override
        public CudaDriver driver(LibrarySearch search) {
            CudaDriver driver = real.driver(search);
            return (CudaDriver) Proxy.newProxyInstance(Watched.class.getClassLoader(),
                    new Class<?>[] {CudaDriver.class},
                    (_, method, arguments) -> {
                        before(driver, method.getName(), arguments);
                        try {
                            Object result = method.invoke(driver, arguments);
                            if (method.getName().equals("cuModuleGetFunction")) {
                                kernels.put((long) result, (String) arguments[1]);
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        @Override
        public String name() {
            return real.name();
        }

        @Override
        public <T extends NvidiaLibrary> T open(Class<T> table,
                Function<List<Integer>, LibrarySearch.Found> library, List<Integer> majors) {
            return real.open(table, library, majors);
        }

        private GpuDevice device(String engine, Precision precision) {
            return new GpuDevice("cudasim", Gpus.installation(new CudaLibraries(this, LibrarySearch.OF_MACHINE)),
                    Gpu.running(engine).withPrecision(precision), null, ExcludedCandidates.NONE);
        }
    }

    private static void train(Device device, RecurrentCell cell) {
        try (Model model = new Model(device,
                Initializer.keras(Models.two(cell, SmallTraining.CORPUS.vocabulary().size(), 16, 8), 1));
                Trainer trainer = new Trainer(model, SmallTraining.CORPUS, new TrainingOptions(4, 0.01, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            trainer.epoch(EpochListener.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource({"cluster, BF16", "fused, BF16", "fused, FLOAT32", "plain, FLOAT32", "cudnn, FLOAT32"})
    void eachWaitsForOneKernelAndReadsNoWeightsAsTheyAreUpdated(String engine, Precision precision) {
        Watched watched = new Watched(_ -> false);
        try (GpuDevice device = watched.device(engine, precision)) {
            train(device, RecurrentCell.Lstm.SIGMOID);
        }
        int early = 0;
        for (List<Work> works : watched.streams.values()) {
            for (int i = 0; i < works.size(); i++) {
                Work work = works.get(i);
                if (work.early) {
                    String before = i == 0 ? "" : works.get(i - 1).kernel;
                    assertFalse(before.isEmpty(), work.kernel + " begins early after something else than a kernel");
                    assertFalse(before.matches(UPDATES) && work.kernel.matches(READS_WEIGHTS),
                            work.kernel + " reads weights while " + before + " may write them");
                    early++;
                }
            }
        }
        assertTrue(early > 20, early + " launches begin early");
    }

    @Test
    void withoutThemInGraphsStepsAreRecordedAllTheSame() {
        Watched watched = new Watched(grid -> grid.attributes().early());
        try (GpuDevice device = watched.device("fused", Precision.FLOAT32)) {
            train(device, RecurrentCell.Lstm.SIGMOID);
            List<String> warnings = device.warnings().stream().filter(line -> line.contains("graph")).toList();
            assertEquals(1, warnings.size(), warnings + "");
            assertTrue(warnings.getFirst().startsWith("kernels wait until those before them have ended, since no graph "
                    + "could be recorded of kernels that begin earlier: cuLaunchKernelEx failed"), warnings + "");
        }
    }

    @Test
    void aStepThatCannotBeRecordedEitherWayRunsCallByCall() {
        Watched watched = new Watched(_ -> true);
        try (GpuDevice device = watched.device("fused", Precision.FLOAT32)) {
            train(device, RecurrentCell.Lstm.SIGMOID);
            List<String> warnings = device.warnings().stream().filter(line -> line.contains("graph")).toList();
            assertEquals(1, warnings.size(), warnings + "");
            assertTrue(warnings.getFirst().startsWith("steps run call by call"), warnings + "");
        }
        assertTrue(watched.streams.values().stream().flatMap(List::stream).anyMatch(Work::early));
    }

    @Test
    void theyWantACardADriverAndNoObjection() {
        assertTrue(EarlyLaunches.possible("", 90, 12030));
        assertFalse(EarlyLaunches.possible("", 89, 12030));
        assertFalse(EarlyLaunches.possible("", 90, 12020));
        assertFalse(EarlyLaunches.possible("off", 90, 12030));
        assertEquals("CHARLSTM_EARLY is 'no'; it can be off, or be left out",
                assertThrows(CharlstmException.class, () -> EarlyLaunches.possible("no", 90, 12030)).getMessage());
    }
}
