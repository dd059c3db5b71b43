package org.charlstm.cudasim.junit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaOptions;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.HostBuffer;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Tests with {@code @SimulatedGpu}, run as a program's own: what passes, what fails, and what they then say. */
@Needs(Need.SIMULATED_GPU)
@SimulatedGpu
class SimulatedGpuTest {
    private static final String PLANTED = "charlstm.test.planted";
    /** Each thread writes its own element, without a look at how many there are; or all write the first (one, mask). */
    private static final String PTX = """
            .version 7.0
            .target sm_75
            .address_size 64
            .visible .entry ones(.param .u64 p) {
              .reg .b64 %a, %i;
              .reg .b32 %t, %v;
              ld.param.u64 %a, [p];
              cvta.to.global.u64 %a, %a;
              mov.u32 %t, %tid.x;
              mul.wide.u32 %i, %t, 4;
              add.s64 %a, %a, %i;
              mov.u32 %v, 1;
              st.global.u32 [%a], %v;
              ret;
            }
            .visible .entry one(.param .u64 p) {
              .reg .b64 %a;
              .reg .b32 %v;
              ld.param.u64 %a, [p];
              cvta.to.global.u64 %a, %a;
              mov.u32 %v, 1;
              st.global.u32 [%a], %v;
              ret;
            }
            .visible .entry mask(.param .u64 p) {
              .reg .b64 %a;
              .reg .b32 %v;
              ld.param.u64 %a, [p];
              cvta.to.global.u64 %a, %a;
              activemask.b32 %v;
              st.global.u32 [%a], %v;
              ret;
            }
            """;

    private static int[] launched(Cuda gpu, String kernel, int threads) {
        try (CudaModule module = gpu.load("planted.ptx", PTX.getBytes(StandardCharsets.UTF_8));
                CudaBuffer y = gpu.allocate(CudaType.INT32, 4)) {
            module.kernel(kernel).launch(Grid.of(1, threads), y);
            return y.toInts();
        }
    }

    @Test
    void aSoundKernelPasses(Cuda gpu) {
        assertArrayEquals(new int[] {1, 1, 1, 1}, launched(gpu, "ones", 4));
    }

    @Test
    @SimulatedGpu(finds = "out-of-bounds")
    void aMistakeThatIsWantedPasses(Cuda gpu) {
        assertThrows(CudaException.class, () -> launched(gpu, "ones", 5));
    }

    @Test
    @SimulatedGpu(finds = "out-of-bounds")
    void aMistakeThatIsWantedLetsEverythingClose() {
        try (Cuda gpu = Cuda.open(CudaOptions.SIMULATED);
                CudaModule module = gpu.load("planted.ptx", PTX.getBytes(StandardCharsets.UTF_8));
                CudaBuffer values = gpu.allocate(CudaType.INT32, 4)) {
            assertThrows(CudaException.class, () -> {
                module.kernel("ones").launch(Grid.of(1, 5), values);
                gpu.synchronize();
            });
        }
    }

    /** A JVM has a handler of its own for such a signal, which it still needs: {@code length} reads at null. */
    @Test
    @SimulatedGpu(deferred = true, finds = "race")
    void memoryReadBeforeTheWaitIsTold(Cuda gpu) {
        try (CudaBuffer values = gpu.ints(1, 2, 3); HostBuffer into = gpu.pinned(CudaType.INT32, 3)) {
            values.readAsync(into);
            assertNotEquals(1, into.segment().getAtIndex(ValueLayout.JAVA_INT, 0));
            for (int i = 0; i < 20_000; i++) {
                String none = i % 2 == 0 ? "" : null;
                assertEquals(i % 2 == 0 ? 0 : -1, length(none));
            }
            gpu.synchronize();
            assertEquals(1, into.segment().getAtIndex(ValueLayout.JAVA_INT, 0));
        }
    }

    @SuppressWarnings("NullAway")
    private static int length(String text) {
        try {
            return text.length();
        } catch (NullPointerException e) {
            return -1;
        }
    }

    @Test
    @SimulatedGpu(deferred = true)
    void memoryReadAfterTheWaitIsRight(Cuda gpu) {
        try (CudaBuffer values = gpu.ints(1, 2, 3); HostBuffer into = gpu.pinned(CudaType.INT32, 3)) {
            values.readAsync(into);
            gpu.synchronize();
            assertEquals(1, into.segment().getAtIndex(ValueLayout.JAVA_INT, 0));
        }
    }

    /** As a program under test opens it, which knows nothing of the simulated GPU. */
    @Test
    void theGpuOfTheEnvironmentIsSimulated() {
        assertTrue(CudaOptions.ofEnvironment().simulated());
        try (Cuda gpu = Cuda.open()) {
            assertArrayEquals(new int[] {1, 1, 1, 1}, launched(gpu, "ones", 4));
        }
    }

    @Test
    @SimulatedGpu(capability = 75)
    void theCapabilityIsTheTests(Cuda gpu) {
        assertEquals(75, gpu.properties().capability());
    }

    @Test
    @SimulatedGpu(orders = "lockstep")
    void lanesRunTogetherInLockstep(Cuda gpu) {
        assertEquals(-1, launched(gpu, "mask", 32)[0]);
    }

    @Test
    @SimulatedGpu(faults = "oom:1")
    void faultsCountFromTheTestOn(Cuda gpu) {
        assertThrows(CudaException.class, () -> gpu.allocate(CudaType.INT32, 4));
    }

    /** Run below, each by itself: no suite runs them. */
    @EnabledIfSystemProperty(named = PLANTED, matches = "run")
    @Needs(Need.SIMULATED_GPU)
    @SimulatedGpu
    static class Planted {
        @Test
        void isOutOfBounds(Cuda gpu) {
            assertThrows(CudaException.class, () -> launched(gpu, "ones", 5));
        }

        @Test
        void writesOneValueTwice(Cuda gpu) {
            assertEquals(1, launched(gpu, "one", 64)[0]);
        }

        @Test
        @SimulatedGpu(failsOn = SimulatedGpu.Grade.ERROR)
        void mayWriteOneValueTwice(Cuda gpu) {
            assertEquals(1, launched(gpu, "one", 64)[0]);
        }

        @Test
        @SimulatedGpu(finds = "race")
        void wantsARaceAndHasNone(Cuda gpu) {
            assertEquals(1, launched(gpu, "ones", 4)[0]);
        }

        @Test
        @SimulatedGpu(deferred = true)
        void waitsForNothing(Cuda gpu) {
            gpu.load("planted.ptx", PTX.getBytes(StandardCharsets.UTF_8)).kernel("ones")
                    .launch(Grid.of(1, 5), gpu.allocate(CudaType.INT32, 4));
        }

        @Test
        @SimulatedGpu(orders = "some")
        void hasNoSuchOrders(Cuda gpu) {
            launched(gpu, "ones", 4);
        }

        @Test
        @SimulatedGpu(faults = "oom:1,oom:never")
        void hasNoSuchFault(Cuda gpu) {
            launched(gpu, "ones", 4);
        }

        @Test
        @SimulatedGpu(capability = 81)
        void hasNoSuchCapability(Cuda gpu) {
            launched(gpu, "ones", 4);
        }

        @Test
        @SimulatedGpu(finds = "out-of-bound")
        void hasNoSuchKind(Cuda gpu) {
            launched(gpu, "ones", 4);
        }

        @Nested
        @Needs(Need.SIMULATED_GPU)
        class Within {
            @ParameterizedTest
            @ValueSource(ints = {64, 5})
            @SimulatedGpu(capability = 75)
            void throwAfterALaunch(int threads, Cuda gpu) {
                assertEquals(75, gpu.properties().capability());
                launched(gpu, threads == 64 ? "one" : "ones", threads);
                throw new IllegalStateException("thrown");
            }

            @Test
            void isOutOfBoundsToo(Cuda gpu) {
                assertThrows(CudaException.class, () -> launched(gpu, "ones", 5));
            }
        }
    }

    private static List<Throwable> thrown(DiscoverySelector selector) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        System.setProperty(PLANTED, "run");
        try {
            LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request().selectors(selector)
                    .configurationParameter("junit.jupiter.execution.parallel.enabled", "false").build(), listener);
        } finally {
            System.clearProperty(PLANTED);
        }
        return listener.getSummary().getFailures().stream().map(TestExecutionSummary.Failure::getException).toList();
    }

    private static List<String> failures(String method) {
        return thrown(selectMethod(Planted.class, method, Cuda.class.getName())).stream()
                .map(each -> String.valueOf(each.getMessage())).toList();
    }

    @SuppressWarnings("restricted")
    private static boolean isInTheEnvironment(String variable) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle getenv = linker.downcallHandle(linker.defaultLookup().findOrThrow("getenv"),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            return !MemorySegment.NULL.equals((MemorySegment) getenv.invokeExact(arena.allocateFrom(variable)));
        }
    }

    @Test
    void findingsFailTests() {
        List<String> bounds = failures("isOutOfBounds");
        assertTrue(bounds.size() == 1 && bounds.getFirst().matches("(?s)error \\(out-of-bounds\\): .*kernel ones: "
                + "out-of-bounds write of 4 bytes .*PTX line 13.*\n    .+"), bounds::toString);
        List<String> race = failures("writesOneValueTwice");
        assertTrue(race.size() == 1 && race.getFirst().startsWith("warning (same-value-race): "), race::toString);
        assertEquals(List.of(), failures("mayWriteOneValueTwice"));
        assertEquals(List.of("the simulated GPU did not find race"), failures("wantsARaceAndHasNone"));
        List<String> late = failures("waitsForNothing");
        assertTrue(late.size() == 1 && late.getFirst().startsWith("error (out-of-bounds): "), late::toString);
    }

    @Test
    void settingsThatThereAreNotFailTests() {
        String who = "@SimulatedGpu or the environment: ";
        assertEquals(
                List.of(who + "CHARLSTM_SIM_ORDERS: 'some' is neither all, one, lockstep nor a number of launches"),
                failures("hasNoSuchOrders"));
        assertEquals(List.of(who + "CHARLSTM_SIM_FAULTS: 'oom:never' is none of no_device, oom:N, fail:N, "
                + "endless:NAME, fault:NAME"), failures("hasNoSuchFault"));
        List<String> capability = failures("hasNoSuchCapability");
        assertTrue(capability.size() == 1 && capability.getFirst().startsWith(who
                + "CHARLSTM_SIM_CAPABILITY: '810' is none of 500, "), capability::toString);
        List<String> kind = failures("hasNoSuchKind");
        assertTrue(kind.size() == 1 && kind.getFirst().startsWith("@SimulatedGpu(finds = \"out-of-bound\") is no kind "
                + "of finding; there are out-of-bounds, misaligned, "), kind::toString);
    }

    /** Findings stand beside the exception of a test that throws one. */
    @Test
    void nestedAndParameterizedTestsHaveSettingsOfTheirOwn() throws Throwable {
        List<Throwable> thrown = thrown(selectClass(Planted.Within.class));
        assertEquals(Set.of("IllegalStateException same-value-race", "CudaException out-of-bounds",
                "AssertionError out-of-bounds"),
                thrown.stream().map(SimulatedGpuTest::summary).collect(Collectors.toSet()));
        assertEquals(3, thrown.size());
        assertFalse(isInTheEnvironment("CHARLSTM_SIM_CAPABILITY"));
    }

    private static String summary(Throwable thrown) {
        Throwable[] beside = thrown.getSuppressed();
        String finding = (beside.length == 0 ? thrown : beside[beside.length - 1]).getMessage();
        return thrown.getClass().getSimpleName() + " " + finding.replaceFirst("(?s)\\w+ \\((.+?)\\).*", "$1");
    }

    @Test
    void linesOfJsonAreRead() {
        SimulatedDriver.Finding finding = SimulatedDriver.Finding.of("""
                {"grade":"note","kind":"padding","message":"kernel \\"k\\":\\u000aa \\\\ b","place":"own.cu:3"}""");
        assertEquals("note (padding): kernel \"k\":\na \\ b, own.cu:3", finding.text());
        assertEquals(SimulatedGpu.Grade.NOTE, finding.grade());
    }
}
