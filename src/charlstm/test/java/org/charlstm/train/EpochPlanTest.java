package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.junit.jupiter.api.Test;

/** Which rows an epoch takes together, and for how many steps. */
class EpochPlanTest {
    /** 50 captions of 1 to 40 characters, most of them short. */
    private static final Corpus CORPUS = corpus();
    private static final TrainingOptions OPTIONS = new TrainingOptions(4, 0.1, 3, true).padding(PaddingMode.BUCKET);

    private static Corpus corpus() {
        RandomStream random = new RandomStream(5, Purpose.CAPTIONS, 0);
        return Corpus.encode(Captions.of(IntStream.range(0, 50).mapToObj(i -> "a".repeat(1 + (i % 10 == 0
                ? random.below(40) : random.below(15)))).toList()));
    }

    private static EpochPlan plan(TrainingOptions options, int epoch) {
        return EpochPlan.of(CORPUS, options, Buckets.of(CORPUS, options.padding()), epoch);
    }

    private static List<EpochPlan.Batch> batches(EpochPlan plan) {
        return plan.updates().stream().flatMap(List::stream).toList();
    }

    @Test
    void eachRowIsTakenOnceAndFits() {
        EpochPlan plan = plan(OPTIONS, 1);
        assertArrayEquals(IntStream.range(0, 50).toArray(), Arrays.stream(plan.order()).sorted().toArray());
        int at = 0;
        for (EpochPlan.Batch batch : batches(plan)) {
            long real = 0;
            for (int row : Arrays.copyOfRange(plan.order(), at, at + batch.rows())) {
                assertTrue(CORPUS.realSteps(row) <= batch.steps());
                real += CORPUS.realSteps(row);
            }
            assertEquals(real, batch.real());
            at += batch.rows();
        }
        assertEquals(50, at);
    }

    @Test
    void batchesAreShuffledButOfTheSameShapesInEachEpoch() {
        EpochPlan first = plan(OPTIONS, 1);
        EpochPlan second = plan(OPTIONS, 2);
        assertFalse(Arrays.equals(first.order(), second.order()));
        assertFalse(batches(first).equals(batches(second)));
        assertEquals(shapes(first), shapes(second));
        assertTrue(first.steps() < 0.6 * 50 * CORPUS.steps(), () -> first.steps() + " steps");
        assertFalse(Arrays.equals(first.order(), plan(new TrainingOptions(4, 0.1, 4, true)
                .padding(PaddingMode.BUCKET), 1).order()));
    }

    private static List<String> shapes(EpochPlan plan) {
        return batches(plan).stream().map(batch -> batch.rows() + " x " + batch.steps()).sorted().toList();
    }

    @Test
    void withoutShufflingCaptionsOfALengthKeepTheirOrder() {
        EpochPlan plan = plan(new TrainingOptions(4, 0.1, 3, false).padding(PaddingMode.BUCKET), 7);
        Buckets buckets = Buckets.of(CORPUS, PaddingMode.BUCKET);
        for (int i = 1; i < 50; i++) {
            int before = buckets.of(CORPUS.realSteps(plan.order()[i - 1]));
            int here = buckets.of(CORPUS.realSteps(plan.order()[i]));
            assertTrue(before < here || (before == here && plan.order()[i - 1] < plan.order()[i]));
        }
    }

    @Test
    void theLabsWayAndMasksTakeAllSteps() {
        for (PaddingMode mode : List.of(PaddingMode.LAB, PaddingMode.MASK)) {
            EpochPlan plan = plan(OPTIONS.padding(mode), 1);
            assertEquals(50L * CORPUS.steps(), plan.steps());
            assertEquals(List.of(4, 2), List.of(batches(plan).getFirst().rows(), batches(plan).getLast().rows()));
        }
    }

    @Test
    void streamsLeaveRowsOfLessThanABatch() {
        assertEquals(30, new TrainingOptions(30, 1, 1, true).streams(true).rows(CORPUS));
    }

    @Test
    void updatesAreBetweenWholeGroupsOfBatches() {
        EpochPlan plan = plan(OPTIONS.accumulate(3), 1);
        assertEquals(5, plan.updates().size());
        int first = EpochPlan.rows(plan.updates().getFirst());
        assertEquals(0, plan.updatesAfter(0));
        assertEquals(1, plan.updatesAfter(first));
        assertEquals(-1, plan.updatesAfter(first - 1));
        assertEquals(5, plan.updatesAfter(50));
        assertEquals(-1, plan.updatesAfter(51));
    }

    /** Three streams of four rows each; of thirteen rows one is left. */
    @Test
    void streamsTakeConsecutiveRows() {
        assertArrayEquals(new int[] {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12}, EpochPlan.ofStreams(13, 3));
    }
}
