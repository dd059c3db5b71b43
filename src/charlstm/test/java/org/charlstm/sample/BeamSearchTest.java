package org.charlstm.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.RecurrentCell;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Models;
import org.charlstm.nn.Weights;
import org.charlstm.sample.BeamSearch.Found;
import org.charlstm.sample.step.Stepper;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Held against all sentences that there are. */
class BeamSearchTest {
    private static final int LENGTH = 3;

    private record Every(String text, double logProbability, int symbols) {
    }

    /** Each way of writing a sentence after a beginning. */
    private static List<Every> all(TinyModel tiny, String prime, int length, String stop) {
        List<Every> all = new ArrayList<>();
        collect(tiny, prime, new ArrayList<>(), 0, length - prime.length(), stop, all);
        return all;
    }

    private static void collect(TinyModel tiny, String prime, List<Integer> symbols, double logProbability, int left,
            String stop, List<Every> all) {
        StringBuilder written = new StringBuilder();
        symbols.forEach(symbol -> written.append(TinyModel.VOCABULARY.text(symbol)));
        boolean stopped = !stop.isEmpty() && written.toString().endsWith(stop);
        if (left == 0 || stopped) {
            all.add(new Every(prime + (stopped ? written.substring(0, written.length() - stop.length()) : written),
                    logProbability, symbols.size()));
            return;
        }
        double[] logits;
        try (Stepper stepper = new Stepper(tiny.model(), 1, 0)) {
            stepper.feed(TinyModel.VOCABULARY.start());
            prime.chars().forEach(c -> stepper.feed(TinyModel.VOCABULARY.id(c)));
            symbols.forEach(stepper::feed);
            logits = stepper.logits().read();
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit);
        }
        for (int symbol : IntStream.range(0, logits.length).filter(id -> id != TinyModel.VOCABULARY.start())
                .toArray()) {
            double next = logProbability + logits[symbol] - Math.log(sum);
            if (symbol == TinyModel.VOCABULARY.end()) {
                all.add(new Every(prime + written, next, symbols.size() + 1));
            } else {
                symbols.add(symbol);
                collect(tiny, prime, symbols, next, left - 1, stop, all);
                symbols.removeLast();
            }
        }
    }

    private static List<Found> found(TinyModel tiny, String prime, int beams, double lengthPenalty, String stop) {
        return new BeamSearch(tiny.model(), TinyModel.VOCABULARY, SamplingOptions.DEFAULT.maxLength(LENGTH).stop(stop),
                beams, lengthPenalty).search(Beginnings.all(prime)).getFirst();
    }

    /** Of beams as many as there are sentences, the order is that of all. */
    @ParameterizedTest
    @CsvSource({"cpu, '', 0, ''", "cpu, '', 1, ''", "reference, '', 0.5, ''", "cpu, d, 0, ''", "cpu, '', 0, b",
        "reference, '', 1, ca"})
    void allThatThereAreAreFoundInTheirOrder(String device, String prime, double lengthPenalty, String stop) {
        try (TinyModel tiny = TinyModel.on(device)) {
            List<Every> all = all(tiny, prime, LENGTH, stop);
            all.sort(Comparator
                    .comparingDouble(one -> -one.logProbability / Math.pow(one.symbols, lengthPenalty)));
            List<Found> found = found(tiny, prime, 300, lengthPenalty, stop);
            assertEquals(all.size(), found.size());
            for (int i = 0; i < all.size(); i++) {
                assertEquals(all.get(i).logProbability, found.get(i).logProbability(), 1e-4, "number " + i);
                double next = i + 1 < all.size() ? all.get(i + 1).logProbability : Double.NEGATIVE_INFINITY;
                double before = i > 0 ? all.get(i - 1).logProbability : 0;
                // Those that are near each other may change their places.
                assertTrue(all.get(i).text.equals(found.get(i).text())
                        || Math.min(before, all.get(i).logProbability) - next < 1e-3
                        || before - all.get(i).logProbability < 1e-3, "number " + i + ": " + found.get(i));
            }
        }
    }

    /** Few beams find sentences that there are, at their probability, the best first. */
    @ParameterizedTest
    @CsvSource({"cpu, 2", "cpu, 7", "reference, 7"})
    void fewFindSomeOfThem(String device, int beams) {
        fewFindSomeOfThem(device, TinyModel.weights(TinyModel.SEED), beams);
    }

    static Stream<RecurrentCell> cells() {
        return RecurrentCell.forms().stream();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void fewFindSomeOfThemWithEveryCell(RecurrentCell cell) {
        fewFindSomeOfThem("cpu", TinyModel.weights(Models.two(cell, TinyModel.SYMBOLS, 6, 8), TinyModel.SEED), 5);
    }

    private static void fewFindSomeOfThem(String device, Weights weights, int beams) {
        try (TinyModel tiny = TinyModel.on(device, weights)) {
            List<Every> all = all(tiny, "", LENGTH, "");
            List<Found> found = found(tiny, "", beams, 0, "");
            assertEquals(beams, found.size());
            for (int i = 0; i < beams; i++) {
                Found one = found.get(i);
                assertTrue(all.stream().anyMatch(each -> each.text.equals(one.text())
                        && Math.abs(each.logProbability - one.logProbability()) < 1e-4), one::toString);
                assertTrue(i == 0 || found.get(i - 1).logProbability() >= one.logProbability());
            }
        }
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    void fewFindSomeOfThemOnAGpu() {
        fewFindSomeOfThem("cudasim", 7);
    }

    /** Of running text the first symbol counts too, by how often the text has it; one that it has not begins none. */
    @Test
    void theFirstSymbolOfRunningTextIsAsProbableAsItIsFrequent() {
        Vocabulary counted = Vocabulary.withoutMarkers("abcdefg").counted(new long[] {5, 0, 1, 0, 0, 3, 1});
        try (TinyModel tiny = TinyModel.on("cpu")) {
            List<Found> found = new BeamSearch(tiny.model(), counted, SamplingOptions.DEFAULT.maxLength(2), 50, 0)
                    .search(Beginnings.all("")).getFirst();
            assertEquals(4 * 7, found.size());
            for (Found one : found) {
                String first = one.text().substring(0, 1);
                double expected = Predictor.next(tiny.model(), counted, "")[counted.id(first.charAt(0))]
                        * Predictor.next(tiny.model(), counted, first)[counted.id(one.text().charAt(1))];
                assertEquals(Math.log(expected), one.logProbability(), 1e-9, one.text());
            }
        }
    }

    @Test
    void oneBeamIsTheMostProbableSymbolEachTime() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            SamplingOptions options = SamplingOptions.DEFAULT.temperature(0).maxLength(12);
            assertEquals(tiny.sampler(options).sentences(1), new BeamSearch(tiny.model(), TinyModel.VOCABULARY, options,
                    1, 0).search(Beginnings.all("")).getFirst().stream().map(Found::text).toList());
        }
    }
}
