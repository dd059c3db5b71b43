package org.charlstm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Refusals;
import org.charlstm.machine.Browser;
import org.charlstm.machine.Chromium;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page of a grid, from results written by hand. */
@Tag("outside")
class GridReportTest {
    /** Functions for a page's charts, by number. */
    private static final String BOXES = "var svg = n => document.querySelectorAll('svg')[n].getBoundingClientRect(), "
            + "boxes = (n, what) => [...document.querySelectorAll('svg')[n].querySelectorAll(what)].map(e => { "
            + "const b = e.getBoundingClientRect(); return { left: b.left, right: b.right, top: b.top, "
            + "bottom: b.bottom, width: b.width, height: b.height, words: e.textContent }; }), "
            + "bars = n => boxes(n, 'rect'), texts = n => boxes(n, 'text'); ";

    @TempDir
    private Path folder;

    private static String row(String device, int batch, int hidden, double seconds) {
        return String.format(Locale.ROOT, """
                {"configuration": {"device": "%s", "precision": "float32", "threads": %d, "batch_size": %d,
                   "hidden": %d}, "status": "measured", "message": null,
                 "seconds": {"median": %f, "min": %f, "max": %f},
                 "characters_per_second": {"median": %f, "min": 1, "max": 2}, "flops_per_second": 55.3e9,
                 "share_of_ceiling": 0.1234, "peak_host_bytes": 1048576, "peak_device_bytes": 0, "loss": 1.25,
                 "operations": [{"name": "gather", "seconds": 1e-6}, {"name": "lstm forward", "seconds": 0.003}]}""",
                device, device.equals("cpu") ? 2 : 0, batch, hidden, seconds, seconds * 0.9, seconds * 1.1,
                1e6 / seconds);
    }

    private static String failed(String device, int batch, int hidden) {
        return String.format(Locale.ROOT, """
                {"configuration": {"device": "%s", "precision": "float32", "threads": 0, "batch_size": %d,
                   "hidden": %d}, "status": "does-not-fit", "message": "too <large>", "seconds": null,
                 "characters_per_second": null, "flops_per_second": null, "operations": []}""", device, batch, hidden);
    }

    private Report of(List<String> rows) throws IOException {
        Files.writeString(folder.resolve(GridReport.RESULTS), "{\"started\": \"2026-01-02T03:04:05Z\","
                + "\"finished\": null, \"text\": {\"source\": \"captions\", \"captions\": 12345},"
                + "\"machine\": {\"processors\": 2}, \"devices\": [{\"device\": \"cpu\"}], \"rows\": ["
                + String.join(",", rows) + "]}");
        return Report.of(folder);
    }

    private String page(List<String> rows) throws IOException {
        return Files.readString(of(rows).write());
    }

    private static List<String> grid() {
        List<String> rows = new ArrayList<>();
        for (String device : List.of("cpu", "cuda")) {
            for (int hidden : new int[] {64, 128}) {
                for (int batch : new int[] {32, 64, 1024}) {
                    rows.add(row(device, batch, hidden, (device.equals("cpu") ? 10.0 : 0.1) * hidden / batch));
                }
            }
        }
        rows.set(11, failed("cuda", 1024, 128));
        return rows;
    }

    @Test
    @Needs(Need.CHROMIUM)
    void aBrowserOpensItWithoutAWord() throws Exception {
        Chromium.Opened opened = Chromium.open(of(grid()).write(), folder);
        assertEquals(List.of(), opened.console());
        assertEquals(3, opened.page().split("<svg ").length - 1);
    }

    @Test
    void aLineForEachDeviceAndSize() throws IOException {
        String page = page(grid());
        for (String words : List.of("12,345 captions from captions", "cpu, threads 2, hidden 64", "cuda, hidden 128",
                ">batch size<", ">1,024<", "does not fit", "cuda, batch size 1,024, hidden 128: too &lt;large&gt;",
                "12 %", "55.3", "lstm forward", "The step is that of the fastest: cuda, batch size 1,024, hidden 64.",
                "cuda, batch size 64, hidden 64: 0.10 [0.09, 0.11] s")) {
            assertTrue(page.contains(words), words + " is missing");
        }
        assertFalse(page.contains("device MiB"), "a column that says nothing");
        // Four lines, one of a point less, in each of the two charts, and as many in their legends.
        assertEquals(2 * 4 * 2, page.split("<path class=\"s").length - 1);
        assertEquals(2 * 11, page.split("<circle ").length - 1);
        assertFalse(page.contains("NaN") || page.contains("Infinity"), page);
    }

    /** Over 6250 to 1, small values can be told apart by ratios alone. */
    @Test
    void aWideRangeIsDrawnByRatios() {
        Axis axis = Axis.of(Axis.Scale.WIDE, 0.00625, 40, 5);
        assertEquals(List.of("0.001", "0.01", "0.1", "1", "10", "100"),
                axis.ticks().stream().map(Axis.Tick::label).toList());
        assertEquals(0.4, axis.position(0.1), 1e-12);
        assertEquals(0, Axis.of(Axis.Scale.WIDE, 3, 40, 5).min());
    }

    @Test
    void aGridWithOneOrNoMeasurementHasAPage() throws IOException {
        assertEquals(1, page(List.of(row("cpu", 32, 64, 1))).split("<svg ").length - 1);
        String none = page(List.of(failed("cuda", 32, 64)));
        assertTrue(none.contains("does not fit") && !none.contains("<svg "), none);
        assertTrue(page(List.of()).contains("Settings and hardware"));
    }

    @Test
    void configurationsWithoutASizeBetweenThemAreBars() throws IOException {
        assertEquals(3, page(List.of(row("cuda", 32, 64, 1), row("cuda:1", 32, 64, 2))).split("<svg ").length - 1);
        // The one has threads and the other none, which is no place on an axis.
        String devices = page(List.of(row("cpu", 32, 64, 1), row("reference", 32, 64, 2)));
        assertEquals(3, devices.split("<svg ").length - 1);
        assertTrue(devices.contains("cpu, threads 2: ") && devices.contains("reference: "), devices);
    }

    /** Whatever their names, bars have most of the chart, one scale and one edge; names and values can be read. */
    @Test
    @Needs(Need.CHROMIUM)
    void barsCompareOnAnyWidth() throws Exception {
        List<String> rows = new ArrayList<>();
        double[] seconds = {8, 6.5, 4, 1, 0.5, 0.1};
        for (int i = 0; i < seconds.length; i++) {
            String cell = List.of("lstm", "gru", "rnn-relu").get(i % 3);
            rows.add(row("cpu", 32, 64, seconds[i]).replace("\"hidden\": 64", "\"hidden\": 64, \"cell\": \"" + cell
                    + "\", \"recurrent_activation\": \"" + (i % 3 == 2 ? "none" : "sigmoid") + "\", \"optimizer\": \""
                    + (i < 3 ? "rmsprop" : "adam") + "\", \"padding\": \"" + (i < 2 ? "lab" : "bucket") + "\""));
        }
        Path written = of(rows).write();
        try (Browser browser = new Browser(folder)) {
            for (int width : new int[] {1280, 390}) {
                browser.look(width, width == 390 ? "dark" : "light");
                browser.open(written.toUri());
                browser.await("document.readyState === 'complete' && document.querySelectorAll('svg').length === 3");
                List<String> names = browser.list(BOXES + "texts(0).map(t => t.words)");
                assertTrue(names.containsAll(List.of("lstm, rmsprop, padding lab", "rnn-relu, adam, padding bucket")),
                        names.toString());
                for (int chart = 0; chart < 3; chart++) {
                    String at = "chart " + chart + " at " + width;
                    assertTrue(browser.value(BOXES + "Math.max(...bars(" + chart + ").map(b => b.width)) >= 0.95 * svg("
                            + chart + ").width").getAsBoolean(), at + ": bars have little of the width");
                    assertEquals(1,
                            browser.list(BOXES + "[...new Set(bars(" + chart + ").map(b => '' + b.left))]").size(),
                            at + ": bars begin at several edges");
                    assertEquals(List.of(),
                            browser.list(BOXES + "texts(" + chart + ").filter(t => t.left < svg(" + chart
                                    + ").left - 1 || t.right > svg(" + chart
                                    + ").right + 1 || t.height < 11).map(t => t.words)"),
                            at + ": words are cut or tiny");
                    assertEquals(List.of(), browser.list(BOXES + "texts(" + chart + ").filter((t, i, all) => [...all, "
                            + "...bars(" + chart
                            + ")].some(o => o !== t && o.left < t.right - 1 && o.right > t.left + 1 "
                            + "&& o.top < t.bottom - 4 && o.bottom > t.top + 4)).map(t => t.words)"),
                            at + ": words lie on others");
                }
                for (int i = 1; i < seconds.length; i++) {
                    double ratio = browser.value(BOXES + "bars(0)[" + i + "].width / bars(0)[0].width").getAsDouble();
                    assertEquals(seconds[i] / seconds[0], ratio, 1e-3, "the bar of " + seconds[i] + " s");
                }
            }
        }
    }

    @Test
    void brokenOperationsAreRefused() {
        String broken = row("cpu", 32, 64, 1).replace("0.003", "\"x\"");
        Refusals.assertRefused(GridReport.RESULTS, () -> of(List.of(broken)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{}", "{\"rows\":[{}]}", "{\"rows\":[{\"configuration\":{\"device\":\"cpu\"},"
            + "\"status\":\"measured\",\"message\":null,\"seconds\":{},\"characters_per_second\":{}}]}"})
    void brokenResultsAreRefused(String content) throws IOException {
        Path file = Files.writeString(folder.resolve(GridReport.RESULTS), content);
        Refusals.assertRefused(file.toString(), () -> Report.of(folder));
    }

    /** One member each is none, or no number that can be drawn. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {"\"median\": [0-9.]* | \"median\": NaN",
        "\"median\": [0-9.]* | \"median\": 1e999", "\"median\": [0-9.]* | \"median\": 1e300",
        "\"median\": [0-9.]* | \"median\": 0", "\"median\": [0-9.]* | \"median\": -1",
        "\"median\": [0-9.]* | \"median\": \"NaN\"", "\"seconds\": 0.003 | \"seconds\": NaN",
        "\"seconds\": 0.003 | \"seconds\": -1", "\"loss\": 1.25 | \"loss\": Infinity",
        "\"configuration\": [{][^}]*[}] | \"configuration\": 999", "\"name\": \"gather\" | \"name\": null",
        "\"batch_size\": 32 | \"batch_size\": NaN", "\"batch_size\": 32 | \"batch_size\": \"Infinity\"",
        "\"hidden\": 64 | \"x\": 1", "\"status\": \"measured\" | \"status\": null",
        "\"operations\": .* | \"operations\": [null]}"})
    void damagedResultsAreRefused(String right, String wrong) throws IOException {
        List<String> rows = grid();
        String damaged = rows.getFirst().replaceFirst(right, wrong);
        assertFalse(damaged.equals(rows.getFirst()), damaged);
        rows.set(0, damaged);
        String message = Refusals.assertRefused(folder.resolve(GridReport.RESULTS).toString(), () -> of(rows));
        assertTrue(message.contains("is not what charlstm writes: "), message);
    }

    @Test
    void resultsThatAreNotUtf8AreRefused() throws IOException {
        Path file = folder.resolve(GridReport.RESULTS);
        Files.write(file, "{\"rows\": [], \"started\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        String message = Refusals.assertRefused(file.toString(), () -> Report.of(folder));
        assertTrue(message.contains("UTF-8"), message);
    }
}
