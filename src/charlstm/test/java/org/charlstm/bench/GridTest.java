package org.charlstm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Spread;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.Models;
import org.charlstm.train.OperationTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of measurements, and the rows that are made of them. */
class GridTest {
    @Test
    void everyConfigurationComesOnceBeforeAnyComesAgainAndEveryOtherTimeBackwards() {
        Grid grid = new Grid(new TextSource(null, null, 0, null, new JsonObject(), 0), Samples.PROTOCOL,
                List.of(Samples.SMALL, Samples.LARGE), null);
        assertEquals(List.of(0, 1, 1, 0, 0, 1), grid.runs().stream().map(Grid.Run::configuration).toList());
        assertEquals(List.of(0, 0, 1, 1, 2, 2), grid.runs().stream().map(Grid.Run::repeat).toList());
        assertEquals(List.of(new DeviceSetup("cpu", "float32", 2)), grid.setups());
    }

    @Test
    void aRowIsTheMedianOverAllEpochsAndTheShareIsOfTheHighestCeiling() {
        Configuration refused =
                new Configuration("cpu", "float32", 2, 4, 2_000_000, 1, 4, "lstm", "sigmoid", "rmsprop", "lab");
        Journal.Header header = Samples.header(Samples.TEXT, Samples.PROTOCOL, Samples.SMALL, Samples.LARGE, refused);
        List<ResultRow> rows = ResultRow.of(header, List.of(
                Samples.entry(0, 0, Samples.measured(3e6, 1.0, 2.0)),
                Samples.entry(1, 0, Measurement.without(Status.FAILED, "once")),
                Samples.entry(2, 0, Measurement.without(Status.DOES_NOT_FIT, "too large")),
                Samples.entry(1, 1, Samples.measured(5e6, 8.0)),
                Samples.entry(0, 1, Samples.measured(4e6, 3.0, 7.0)),
                Samples.entry(0, 2, Samples.measured(2e6, 4.0, 2.0)),
                // Tried again.
                Samples.entry(1, 0, Samples.measured(1e6, 6.0))));
        ResultRow first = rows.getFirst();
        assertEquals(Status.MEASURED, first.status());
        assertEquals(new Spread(2.5, 1, 7), first.seconds());
        assertEquals(List.of(List.of(1.0, 2.0), List.of(3.0, 7.0), List.of(4.0, 2.0)), first.epochSeconds());
        assertEquals(new Spread(20 * 16 / 2.5, 20 * 16 / 7.0, 20 * 16), first.charactersPerSecond());
        double flops = 6 * 20 * (15 * 8 * 32 + 16 * (8 * 4 + 4 * 20));
        assertEquals(flops, first.flopsPerEpoch());
        assertEquals(flops / 2.5, first.flopsPerSecond());
        assertEquals(5e6, first.ceilingFlopsPerSecond());
        assertEquals(flops / 2.5 / 5e6, first.shareOfCeiling());
        assertEquals(List.of(new OperationTime("gather", 0.3)), first.operations());
        assertEquals(Status.UNFINISHED, rows.get(1).status());
        assertEquals(new Spread(7, 6, 8), rows.get(1).seconds());
        assertEquals(Status.DOES_NOT_FIT, rows.get(2).status());
        assertEquals("too large", rows.get(2).message());
        assertNull(rows.get(2).parameters());
        assertNull(rows.get(2).seconds());
    }

    /** As {@code train} counts: 200 characters and 20 end symbols, however many steps are computed. */
    @ParameterizedTest
    @ValueSource(strings = {"mask", "bucket"})
    void charactersAreThoseThatTheLossCounts(String padding) {
        Configuration padded =
                new Configuration("cpu", "float32", 2, 4, 8, 1, 4, "lstm", "sigmoid", "rmsprop", padding);
        Journal.Header header = Samples.header(Samples.TEXT, Samples.PROTOCOL, padded);
        ResultRow row = ResultRow.of(header, List.of(Samples.entry(0, 0, Samples.measured(3e6, 2.0)))).getFirst();
        assertEquals(new Spread(110, 110, 110), row.charactersPerSecond());
    }

    /**
     * Two layers of 2 units, a middle layer of 4, 3 symbols; 5 captions of 3 steps. A step's multiply-adds forward: 16
     * for a recurrent kernel (2, 8), of which the first step has none; 16 for the second layer's kernel (2, 8); 8 for
     * the middle layer (2, 4); 12 for the last (4, 3).
     */
    @Test
    void theWorkIsTheCountByHand() {
        int forward = 2 * 2 * 16 + 3 * 16 + 3 * 8 + 3 * 12;
        assertEquals(172, forward);
        assertEquals(3 * 2 * 5 * forward, Flops.epoch(Models.of(3, 2, 2, 4), 5, 3));
    }

    /** As docs/bench.md writes it down, with G gates: 1 layer above the first, a middle layer of 4, 3 symbols. */
    @ParameterizedTest
    @CsvSource({"lstm, 4", "gru, 3", "rnn, 1", "rnn-relu, 1"})
    void theWorkOfACellIsThatOfItsGates(String cell, int gates) throws IOException {
        int n = 5;
        int t = 3;
        int layers = 2;
        int h = 2;
        assertEquals(3 * 2 * n * (layers * (t - 1) * h * gates * h + (layers - 1) * t * h * gates * h
                + t * (h * 4 + 4 * 3)), Flops.epoch(Models.two(
                        RecurrentCell.Named.of(cell).with(
                                RecurrentActivation.SIGMOID, true),
                        3, h, 4), n, t));
        assertTrue(Files.readString(Path.of("docs", "bench.md")).contains(
                "3 x 2 N [ L (T - 1) H GH  +  (L - 1) T H GH  +  T (sum of I O over the dense layers) ]"));
    }

    @Test
    void withoutAMiddleLayerTheLastComesFromTheLstm() {
        assertEquals(3 * 2 * 5 * (2 * 16 + 3 * 6), Flops.epoch(Models.of(3, 2, 0), 5, 3));
    }

    /** The figure in docs/bench.md, beyond what 32 bits count. */
    @Test
    void theWorkOfTheLab() {
        assertEquals(896_885_760_000.0, Flops.epoch(Models.of(38, 128, 128), 10_000, 173));
    }
}
