package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectIteration;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Device;
import org.charlstm.device.gpu.SequenceKernelTest.Way;
import org.charlstm.device.gpu.head.HeadKernelTest;
import org.charlstm.device.gpu.rnn.RnnWeightsKernelTest;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.SelfTest;
import org.charlstm.selftest.Tolerances;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.MethodSelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The kernels once more, as the PTX that nvcc made of them, which the simulated GPU executes with all its checks. */
@Needs({Need.SIMULATED_GPU, Need.NVCC})
@Tag("long")
class PtxCases {
    private static final List<Class<?>> OF_KERNELS = List.of(KernelTest.class, HeadKernelTest.class,
            SequenceKernelTest.class, CellSequenceTest.class, FusedCellKernelTest.class,
            WeightGradientsKernelTest.class,
            LstmKernelTest.class, CellKernelTest.class, RnnWeightsKernelTest.class, LayerKernelTest.class,
            GpuSamplingTest.class);
    /** That take inputs of the test's own alone, not of another kernel's making. */
    private static final List<Class<?>> ALONE = List.of(KernelTest.class, RnnWeightsKernelTest.class);
    private static final List<Class<?>> OTHERS =
            OF_KERNELS.stream().filter(each -> !ALONE.contains(each)).toList();
    private static final long ENOUGH = 20;
    /** Cases of one test, at most. */
    private static final int CASES = 64;
    private static final int EVERY = 3;
    private static final int NEWER = 120;

    /** Kernels that are empty, or of no use, below some compute capability. */
    private static final Map<Kernel, Integer> FROM = Stream.of(Kernel.values())
            .filter(kernel -> kernel.entry().matches(".*_(tensor|cluster\\d*)(_.*)?|interleave_gates|weight_gradients"))
            .collect(Collectors.toMap(kernel -> kernel,
                    kernel -> kernel.entry().matches(".*cluster.*|weight_gradients") ? 90 : 80));

    /** Some checks of devices whose kernels are PTX. */
    static void requireChecked(Function<Tolerances, List<Check>> all, Set<String> wanted) {
        byPtx(folder(90), 90, () -> {
            checkDevices(all, wanted);
            return all;
        });
    }

    /** Of the kernels that have a text of their own there, each is launched by one of these. */
    private static final List<MethodSelector> OF_OLDER_CARDS =
            Stream.of("LayerKernelTest#dropout(int, int, boolean)", "KernelTest#normAndClip(int)",
                    "KernelTest#convert(int, int)",
                    "FusedCellKernelTest#bothWaysFollowTheFormulas(boolean, int, int, int, boolean, boolean, boolean)",
                    "head.HeadKernelTest#theLowestOfEqualsIsThePrediction(org.charlstm.cuda.CudaType)",
                    "GpuSamplingTest#leavesWhatTheOperationsLeaveOneByOne(int, int, int, java.util.List)")
                    .map(PtxCases::method).toList();

    /** The cases of each of these begin with one for each size of clusters. */
    private static final List<MethodSelector> OF_CLUSTERS =
            Stream.of("SequenceKernelTest#bothWaysFollowTheFormulasInOtherClusters(Way, int, int, int, boolean, "
                    + "boolean, boolean)",
                    "CellSequenceTest#bothWaysFollowTheFormulasInOtherClusters(int, int, int, int, boolean, boolean, "
                            + "boolean)")
                    .map(name -> method(name.replace("(Way", "(" + Way.class.getName()))).toList();

    /** Kernels that no test of kernels launches by itself. */
    private static final Set<Kernel> OF_SELF_TEST =
            EnumSet.of(Kernel.GATHER_FEATURES, Kernel.LAST_ROWS, Kernel.MOVE_STATE, Kernel.PICK);

    /** Checks that launch those; what the others launch has tests of its own here. */
    private static final Set<String> CHECKS = Set.of("pick", "features", "states", "last rows");

    /**
     * Kernels whose results have other bits than the same text compiled as C++: nvcc joins a product and a sum
     * (RMSprop, the activations of biases) and takes quick exponentials (cross-entropy); the last two add up what these
     * give.
     */
    private static final Set<Kernel> OTHER_BITS = EnumSet.of(Kernel.RMS_PROP, Kernel.BIAS_FORWARD,
            Kernel.BIAS_BACKWARD, Kernel.CROSS_ENTROPY, Kernel.BIAS_SUM, Kernel.TOTALS);

    /** Each kernel by a case or two of each of its tests. */
    static void requireOfEachTestACase() {
        List<DiscoverySelector> some = new ArrayList<>(cases(OF_KERNELS, i -> i % 20 == 1));
        OF_CLUSTERS.forEach(test -> some.add(selectIteration(test, 0, 2)));
        Map<Kernel, Traffic> moved = byPtx(folder(90), 90, () -> KernelTraffic.moved(
                () -> requirePassed(launch(some), ENOUGH)));
        assertEquals(List.of(), Stream.of(Kernel.values()).filter(kernel -> moved.get(kernel).launches() == 0
                && !OF_SELF_TEST.contains(kernel)).toList());
    }

    /** Every case of every test but those that a newer card takes; all bits are those of C++, but for some kernels. */
    @Test
    void everyKernelComputesTheSame() {
        Map<Kernel, Long> ptx = new EnumMap<>(Kernel.class);
        long before = SimulatedGpu.found();
        Map<Kernel, Traffic> moved = byPtx(folder(90), 90, () -> KernelTraffic.moved(() -> {
            ptx.putAll(digests());
            requirePassed(launch(cases(OTHERS, i -> i % EVERY != 1 || !Files.isDirectory(place(NEWER)))),
                    ENOUGH * OTHERS.size() * (EVERY - 1) / EVERY);
            checkDevices(SelfTest::checks, CHECKS);
        }));
        assertEquals(List.of(), Stream.of(Kernel.values()).filter(kernel -> moved.get(kernel).launches() == 0)
                .toList());
        assertEquals(List.of(), SimulatedGpu.findings(before).stream()
                .filter(finding -> finding.contains("\"grade\":\"warning\"")).toList());
        Map<Kernel, Long> cxx = byPtx(null, 90, PtxCases::digests);
        assertEquals(OTHER_BITS, Stream.of(Kernel.values())
                .filter(kernel -> !ptx.get(kernel).equals(cxx.get(kernel)))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Kernel.class))));
    }

    @Test
    void aNewerCardComputesTheSame() {
        requireSame(folder(NEWER), NEWER, false);
    }

    @Test
    void anOlderCardComputesTheSame() throws IOException {
        requireOlderSame(folder(75), 75, folder(90));
    }

    /** For most kernels the compiler makes the same text as for 9.0, which has its own test: the others are run. */
    static void requireOlderSame(Path folder, int capability, Path newer) throws IOException {
        Set<Kernel> others = EnumSet.noneOf(Kernel.class);
        for (Kernel kernel : Kernel.values()) {
            if (FROM.getOrDefault(kernel, 0) <= capability && !text(folder, kernel).equals(text(newer, kernel))) {
                others.add(kernel);
            }
        }
        Map<Kernel, Traffic> moved = byPtx(folder, capability, () -> KernelTraffic.moved(
                () -> assertEquals(List.of(), failures(launch(OF_OLDER_CARDS)))));
        if (others.stream().anyMatch(kernel -> moved.get(kernel).launches() == 0)) {
            requireSame(folder, capability, false);
        }
    }

    /** Without the name of the card, and without the waits of early launches, which older ones have none of. */
    private static String text(Path folder, Kernel kernel) throws IOException {
        return Files.readString(folder.resolve(kernel.entry() + ".ptx")).replaceFirst("(?m)^\\.target .*$", "")
                .replaceAll("\\s*// begin inline asm\\s*griddepcontrol.*\\s*// end inline asm", "");
    }

    /** Runs all tests of kernels, or some cases of each, by a folder's texts; they launch each that there can be. */
    static void requireSame(Path folder, int capability, boolean everyCase) {
        Map<Kernel, Traffic> moved = byPtx(folder, capability, () -> KernelTraffic.moved(() -> {
            if (everyCase) {
                run(OF_KERNELS);
            } else {
                requirePassed(launch(cases(OF_KERNELS, i -> i % EVERY == 1)), ENOUGH * OF_KERNELS.size() / EVERY);
            }
        }));
        assertEquals(List.of(), Stream.of(Kernel.values()).filter(kernel -> moved.get(kernel).launches() == 0
                && FROM.getOrDefault(kernel, 0) <= capability && !OF_SELF_TEST.contains(kernel)).toList());
    }

    /** Some cases of each test, by their numbers; a test that has no cases is one. */
    private static List<DiscoverySelector> cases(List<Class<?>> tests, IntPredicate which) {
        int[] cases = IntStream.range(0, CASES).filter(which).toArray();
        return tests.stream().flatMap(each -> Stream.of(each.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class)
                        || method.isAnnotationPresent(ParameterizedTest.class))
                .map(method -> method.isAnnotationPresent(Test.class) ? selectMethod(each, method)
                        : selectIteration(selectMethod(each, method), cases)))
                .toList();
    }

    private static Map<Kernel, Long> digests() {
        Map<Kernel, Long> digests = new EnumMap<>(Kernel.class);
        Stream.of(Kernel.values()).forEach(kernel -> digests.put(kernel, SimulatedGpu.digest(kernel.entry())));
        run(ALONE);
        digests.replaceAll((kernel, before) -> SimulatedGpu.digest(kernel.entry()) - before);
        return digests;
    }

    private static Path folder(int capability) {
        assumeFalse(Boolean.getBoolean("charlstm.gpu"), "this is of the simulated GPU");
        assumeTrue(Files.isDirectory(place(capability)), "nvcc knows no sm_" + capability);
        return place(capability);
    }

    private static Path place(int capability) {
        return Path.of("target", "kernels", "sm_" + capability).toAbsolutePath();
    }

    /** By its name in this package. */
    private static MethodSelector method(String name) {
        return selectMethod(PtxCases.class.getPackageName() + "." + name);
    }

    private static void run(List<Class<?>> tests) {
        requirePassed(launch(tests.stream().map(each -> selectClass(each)).toList()), ENOUGH * tests.size());
    }

    private static void requirePassed(TestExecutionSummary summary, long enough) {
        assertEquals(List.of(), failures(summary));
        long count = summary.getTestsSucceededCount();
        assertTrue(count >= enough, count + " tests");
    }

    /** In an own launcher without parallel classes: others of this JVM must not run meanwhile. */
    private static TestExecutionSummary launch(List<? extends DiscoverySelector> tests) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false").selectors(tests).build();
        LauncherFactory.create(LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build())
                .execute(request, listener);
        assertTrue(listener.getSummary().getTestsStartedCount() > 0, tests + " name no test");
        return listener.getSummary();
    }

    private static List<String> failures(TestExecutionSummary summary) {
        return summary.getFailures().stream()
                .map(each -> each.getTestIdentifier().getUniqueId() + ": " + each.getException()).toList();
    }

    /** A mistake in a kernel's text, where each part of a kind becomes another; and how a test tells it. */
    enum Mistake {
        NO_BARRIER("cross_entropy", "bar.sync\\s+0;", "", "KernelTest#crossEntropy(int, int, double)",
                "Put a __syncthreads() between"),
        NO_BARRIER_IN_A_LOOP("lstm_fused_forward", "bar.sync\\s+0;", "",
                "SequenceKernelTest#gatesAndCellsAreExactWhateverTheirSize(boolean)",
                "Put a __syncthreads() between"),
        NO_WARP_BARRIER("cross_entropy", "bar.warp.sync\\s+\\S+;", "", "KernelTest#crossEntropy(int, int, double)",
                "Put a __syncwarp() between"),
        NO_WAIT_FOR_COPIES("head_tensor", "cp.async.wait_group 0;", "",
                "head.HeadKernelTest#partsGiveTheSameBitsInAnyOrder(CudaType)", "a copy is under way"),
        NO_WAIT_FOR_SENDS("lstm_cluster_forward", "@!ended bra again;", "",
                "SequenceKernelTest#whatIsRememberedForLongHasItsGradient(Way)", "which a send wrote"),
        NO_WAIT_FOR_SUMS("lstm_cluster16_forward", "bar.sync\\s+%r[^;]*;", "",
                "SequenceKernelTest#bothWaysFollowTheFormulasInOtherClusters(Way, int, int, int, boolean, boolean, "
                        + "boolean)",
                "Put a __syncthreads() between"),
        BOUND("add", "setp.ge.s32", "setp.gt.s32", "KernelTest#gatherAndAdd(int, int, int, int, int, boolean)",
                "out-of-bounds"),
        FRAGMENT("head_tensor", "(mma\\S+ \\{[^}]*\\}, \\{)(%r\\d+), (%r\\d+)", "$1$3, $2",
                "head.HeadKernelTest#partsGiveTheSameBitsInAnyOrder(CudaType)", "is allowed"),
        OPERATION("rms_prop", "sub.f32", "add.f32", "KernelTest#rmsProp(int)", "is allowed");

        private final String kernel;
        private final Pattern part;
        private final String instead;
        private final String test;
        private final String words;

        Mistake(String kernel, String part, String instead, String test, String words) {
            this.kernel = kernel;
            this.part = Pattern.compile(part);
            this.instead = instead;
            this.test = test.replace("CudaType", CudaType.class.getName()).replace("(Way", "(" + Way.class.getName());
            this.words = words;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMistakeInATextIsFound(Mistake mistake, @TempDir Path spoilt) throws IOException {
        requireFound(mistake, spoilt);
    }

    static void requireFound(Mistake mistake, Path spoilt) throws IOException {
        try (Stream<Path> files = Files.list(folder(90))) {
            for (Path file : files.toList()) {
                Files.copy(file, spoilt.resolve(file.getFileName()));
            }
        }
        Path file = spoilt.resolve(mistake.kernel + ".ptx");
        String text = Files.readString(file);
        Files.writeString(file, mistake.part.matcher(text).replaceAll(mistake.instead));
        assertNotEquals(text, Files.readString(file), "the text has no such part");
        long before = SimulatedGpu.found();
        List<String> told = new ArrayList<>(byPtx(spoilt, 90, () -> failures(launch(List.of(method(mistake.test))))));
        told.addAll(SimulatedGpu.findings(before));
        assertTrue(told.stream().anyMatch(each -> each.contains(mistake.words)), told::toString);
    }

    /** As {@code charlstm selftest} does. */
    private static void checkDevices(Function<Tolerances, List<Check>> all, Set<String> wanted) {
        for (Precision precision : List.of(Precision.FLOAT32, Precision.BF16)) {
            try (Device device = Gpu.device(Gpu.OPTIONS.withPrecision(precision))) {
                List<Check> checks = all.apply(Tolerances.of(device.precision())).stream()
                        .filter(check -> wanted.contains(check.name())).toList();
                assertEquals(wanted.size(), checks.size());
                for (Check check : checks) {
                    Outcome outcome = check.run(device);
                    assertTrue(outcome.passed(), () -> outcome.name() + ": " + outcome.message());
                }
            }
        }
    }

    /** With kernels of a folder of PTX, or as C++. */
    private static <T> T byPtx(@Nullable Path folder, int capability, Supplier<T> work) {
        Map<String, String> settings = new HashMap<>();
        settings.put("CHARLSTM_SIM_PTX", folder == null ? null : folder.toString());
        settings.put("CHARLSTM_SIM_CAPABILITY", String.valueOf(10 * capability));
        settings.put("CHARLSTM_SIM_DIGESTS", "1");
        settings.forEach(SimulatedGpu::set);
        System.setProperty(EveryOrder.ORDERS, "one");
        try {
            return work.get();
        } finally {
            System.clearProperty(EveryOrder.ORDERS);
            settings.keySet().forEach(each -> SimulatedGpu.set(each, System.getenv(each)));
        }
    }
}
