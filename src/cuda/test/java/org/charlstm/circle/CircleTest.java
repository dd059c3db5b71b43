package org.charlstm.circle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import module java.base;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Each circle runs its own tests, and the first a sample of cases that its seed decides. */
class CircleTest {
    private static final LauncherConfig ALONE =
            LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false)
                    .enablePostDiscoveryFilterAutoRegistration(false).build();
    private static final List<String> RAN = new ArrayList<>();

    static class OfBoth {
        @Test
        void first() {
            RAN.add("first");
        }

        @Test
        @SecondCircle("another size")
        void second() {
            RAN.add("second");
        }

        @ParameterizedTest
        @Sampled(every = 3)
        @ValueSource(ints = {0, 1, 2, 3, 4, 5})
        void some(int number) {
            RAN.add("some" + number);
        }

        @TestFactory
        @Sampled(every = 2)
        List<DynamicTest> made() {
            return List.of(DynamicTest.dynamicTest("a", () -> RAN.add("a")),
                    DynamicTest.dynamicTest("b", () -> RAN.add("b")));
        }
    }

    @Sampled
    static class ThatChooses {
        @Test
        void itself() {
            RAN.add("itself");
        }
    }

    @SecondCircle("the whole class")
    static class OfTheSecond {
        @Test
        void whole() {
            RAN.add("whole");
        }
    }

    private static Set<String> run(String circle, long seed) {
        RAN.clear();
        LauncherFactory.create(ALONE).execute(LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .selectors(selectClass(OfBoth.class), selectClass(ThatChooses.class),
                        selectClass(OfTheSecond.class))
                .filters(new Circle(circle, seed)).build());
        return new TreeSet<>(RAN);
    }

    @Test
    void everyCircleHasItsTests() {
        Set<String> every =
                Set.of("first", "second", "whole", "itself", "a", "b", "some0", "some1", "some2", "some3", "some4",
                        "some5");
        assertEquals(new TreeSet<>(every), run("all", 1));
        Set<String> others = new TreeSet<>(every);
        others.remove("first");
        assertEquals(others, run("second", 1));
        assertThrows(IllegalArgumentException.class, () -> new Circle("third", 1));
    }

    /** Together the seeds take every case, each of them a third, and one seed the same ones always. */
    @Test
    void theFirstTakesASampleThatItsSeedDecides() {
        Set<String> taken = new TreeSet<>();
        for (long seed = 0; seed < 6; seed++) {
            Set<String> ran = run("first", seed);
            assertEquals(ran, run("first", seed));
            assertEquals(2 + 2 + 1, ran.size(), ran::toString);
            taken.addAll(ran);
        }
        assertEquals(
                new TreeSet<>(
                        Set.of("first", "itself", "a", "b", "some0", "some1", "some2", "some3", "some4", "some5")),
                taken);
    }
}
