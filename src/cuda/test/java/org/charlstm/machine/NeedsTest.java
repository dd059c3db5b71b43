package org.charlstm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import module java.base;
import org.charlstm.Sources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** A test whose needs are not met is skipped before anything of it is set up, and the run says so. */
class NeedsTest {
    /** Their assumptions are of no program, right or file of the machine. */
    private static final Set<String> ASSUMING =
            Set.of("AtomicFileTest.java", "CpuProcessTest.java", "Gpu.java", "MachineCodeTest.java",
                    "NeedsTest.java", "NvrtcLedgerTest.java", "ProbeTest.java", "PtxCases.java", "RealNvrtcTest.java",
                    "ResourceLedgerTest.java");
    /** The run of this test itself has such a listener and such a filter. */
    private static final LauncherConfig ALONE =
            LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false)
                    .enablePostDiscoveryFilterAutoRegistration(false).build();
    private static boolean touched;

    @Needs(data = "no such file")
    static class Lacking {
        @BeforeAll
        static void prepare() {
            touched = true;
        }

        @AfterEach
        void tidy() {
            touched = true;
        }

        @Test
        void one() {
            touched = true;
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void another(int number) {
            touched |= number > 0;
        }
    }

    static class LackingInPart {
        private static int ran;

        @BeforeEach
        void prepare() {
            ran++;
        }

        @Test
        @Needs(data = "no such file")
        void lacking() {
            ran += 10;
        }

        @Test
        void needsNothing(TestReporter reporter) {
            ran += 100;
            reporter.publishEntry(LastLines.TRIED_AGAIN, "another program had failed");
        }

        @Test
        void assumes() {
            Assumptions.assumeTrue(false, "not on a Friday");
        }
    }

    @Test
    void nothingOfASkippedTestIsSetUpAndEachReasonHasALine() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        LastLines skipped = new LastLines(new PrintStream(said, true, StandardCharsets.UTF_8), false);
        SummaryGeneratingListener results = new SummaryGeneratingListener();
        LackingInPart.ran = 0;
        LauncherFactory.create(ALONE).execute(LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Lacking.class), selectClass(LackingInPart.class)).build(), skipped, results);
        assertFalse(touched, "a class was set up for nothing");
        assertEquals(102, LackingInPart.ran);
        assertEquals(0, results.getSummary().getTotalFailureCount(), results.getSummary().getFailures().toString());
        List<String> lines = said.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(3, lines.size(), lines.toString());
        assertTrue(lines.getFirst().startsWith("skipped 3 tests: no data by others in ")
                && lines.getFirst().contains("set CHARLSTM_DATA"), lines.getFirst());
        assertEquals("skipped 1 test: not on a Friday", lines.get(1));
        assertEquals("tried again 1 time: needsNothing(TestReporter): another program had failed", lines.getLast());
    }

    static class NeedingInPart {
        @Test
        @Needs({Need.BASH, Need.TAR})
        void packs() {
        }

        @Test
        @Needs(Need.GXX)
        void compiles() {
        }

        @Test
        void needsNothing() {
        }
    }

    @Needs(Need.TAR)
    static class NeedingAltogether {
        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void one(int number) {
            assertTrue(number > 0);
        }
    }

    @Test
    void thoseThatNeedSomethingRunAlone() {
        assertEquals(2, count(new Needing("NVCC,TAR")));
        assertEquals(1, count(new Needing("GXX")));
        assertEquals(4, count(new Needing("")));
        assertThrows(IllegalArgumentException.class, () -> new Needing("GXX,COBOL"));
    }

    /** A test with parameters counts once. */
    private static long count(PostDiscoveryFilter filter) {
        return LauncherFactory.create(ALONE).discover(LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(NeedingInPart.class), selectClass(NeedingAltogether.class))
                .filters(filter).build())
                .countTestIdentifiers(test -> test.getSource().orElse(null) instanceof MethodSource);
    }

    /** The run's own output is a channel to Maven, which such lines spoil. */
    @Test
    void noProcessPrintsToTheRunsOwnOutput() throws IOException {
        Set<String> printing = new TreeSet<>();
        for (Path file : Sources.files(Sources.TESTS)) {
            if (Files.readString(file).matches("(?s).*\\.inherit" + "IO\\(.*|.*redirectOutput\\([^)]*INHERIT.*")) {
                printing.add(file.getFileName().toString());
            }
        }
        assertEquals(Set.of(), printing);
    }

    /** Else a machine without a tool fails where a tool is looked for in some other way. */
    @Test
    void nothingElseAsksForATool() throws IOException {
        Set<String> asking = new TreeSet<>();
        Pattern path = Pattern.compile("getenv\\([^)]*\"PATH\"|\"/usr/bin/|\"/bin/bash");
        for (Path file : Sources.files(Sources.TESTS)) {
            String text = Files.readString(file);
            String name = file.getFileName().toString();
            boolean looks = path.matcher(text).find() && !file.getParent().endsWith("machine");
            if (looks || (text.contains("jupiter.api.Assumptions") && !ASSUMING.contains(name))) {
                asking.add(name);
            }
        }
        assertEquals(Set.of(), asking, "say @Needs");
    }
}
