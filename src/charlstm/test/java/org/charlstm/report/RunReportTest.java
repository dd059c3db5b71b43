package org.charlstm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import javax.imageio.ImageIO;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.Refusals;
import org.charlstm.circle.Sampled;
import org.charlstm.machine.Browser;
import org.charlstm.machine.Chromium;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.report.Chart.Ink;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page of a run, from a folder's files written by hand. */
@Tag("long")
@InProcesses
class RunReportTest {
    private static final String RUN = """
            {"started": "2026-01-02T03:04:05Z", "seed": 1, "config": {"symbols": 38, "hidden": 64},
             "options": {"epochs": "3", "learning-rate": "0.001", "out": null, "force": "false"},
             "text": {"source": "the <b>captions</b> & \\"more\\"", "captions": 12345},
             "device": {"name": "cpu", "choices": ["one", "two"]}, "machine": {"memory_bytes": 8589934592},
             "operations": [{"name": "gather", "seconds": 1e-6}, {"name": "lstm forward", "seconds": 0.003}]}
            """;
    private static final String HOSTILE = "</p><script>alert(1)</script><img src=\\\"http://example.org/x\\\">\\u0007";

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve(RunFolder.RUN), RUN);
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, 3));
        Files.writeString(folder.resolve(RunFolder.SAMPLES),
                "{\"epoch\":3,\"sentences\":[\"a cat  sits\",\"" + HOSTILE + "\"]}\n");
    }

    /** Epochs with falling losses, every second with validation. */
    private static String epochs(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(epoch -> String.format(Locale.ROOT,
                "{\"epoch\":%d,\"loss\":%.4f,\"real_loss\":2.25,\"bits_per_character\":3.25,%s\"seconds\":0.25,"
                        + "\"chars_per_second\":1234567.0}%n",
                epoch,
                1 + 1.0 / epoch, epoch % 2 == 0 ? "\"val_loss\":1.75," : "")).collect(Collectors.joining());
    }

    private String page() throws IOException {
        return Files.readString(Report.of(folder).write());
    }

    @Test
    @Needs(Need.CHROMIUM)
    void aBrowserOpensItWithoutAWordAndItLoadsNothing() throws Exception {
        Chromium.Opened opened = Chromium.open(Report.of(folder).write(), folder);
        assertEquals(List.of(), opened.console());
        assertEquals(5, opened.page().split("<svg ").length - 1);
        assertFalse(opened.page().contains("<script") || opened.page().contains("<img"), opened.page());
        // The browser reports a page that does load something.
        Path loading = Files.writeString(folder.resolve("loading.html"),
                page().replace("</main>", "<img src=\"http://localhost:9/x.png\"></main>"));
        assertFalse(Chromium.open(loading, folder).console().isEmpty(), "the policy does not hold");
    }

    /** A unit stays in one line, a sentence is apart from the next, and nothing is wider than the page. */
    @Test
    @Needs(Need.CHROMIUM)
    void unitsAreWholeAndSentencesApartOnAnyWidth() throws Exception {
        Path written = Report.of(folder).write();
        try (Browser browser = new Browser(folder)) {
            for (int width : new int[] {1280, 390, 340}) {
                browser.look(width, width == 390 ? "dark" : "light");
                browser.open(written.toUri());
                browser.await("document.readyState === 'complete' && document.querySelectorAll('svg').length === 5");
                assertEquals(List.of(), browser.list("[...document.querySelectorAll('.figures small')].filter(e => { "
                        + "const range = document.createRange(); range.selectNodeContents(e); "
                        + "return !e.textContent.includes(' ') && range.getClientRects().length > 1; })"
                        + ".map(e => e.textContent)"), "broken at " + width);
                assertEquals(List.of("a cat  sits"), browser.list("[...document.querySelectorAll('.samples p')]"
                        + ".filter(e => e.nextElementSibling).filter(e => "
                        + "parseFloat(getComputedStyle(e).borderLeftWidth)"
                        + " >= 2 && e.nextElementSibling.getBoundingClientRect().top - e.getBoundingClientRect().bottom"
                        + " >= 6).map(e => e.textContent)"), "sentences that are apart at " + width);
                assertTrue(browser.value("document.documentElement.scrollWidth <= innerWidth").getAsBoolean(),
                        "wider than " + width);
            }
        }
    }

    @Test
    @Needs(Need.CHROMIUM)
    void aGroupOfFactsStaysInOneColumn() throws Exception {
        String options = IntStream.range(0, 30).mapToObj(i -> "\"option-" + i + "\": \"1\"")
                .collect(Collectors.joining(", ", "{", "}"));
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replaceAll("\"options\": \\{.*?}", "\"options\": "
                + options));
        Path written = Report.of(folder).write();
        try (Browser browser = new Browser(folder)) {
            browser.look(1280, "light");
            browser.open(written.toUri());
            browser.await("document.readyState === 'complete' && document.querySelectorAll('.facts section').length");
            assertEquals(List.of(), browser.list("[...document.querySelectorAll('.facts section')]"
                    + ".filter(e => e.getClientRects().length > 1).map(e => e.textContent)"), "groups that are broken");
            assertEquals(2, browser.list("[...new Set([...document.querySelectorAll('.facts section')]"
                    + ".map(e => `${e.getBoundingClientRect().left}`))]").size(), "columns");
        }
    }

    /** As the table of a model's layers has them; what is no layer is shown as it is. */
    @Test
    void layersAreSaidAsPeopleDo() throws IOException {
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replace("\"hidden\": 64}", """
                "layers": [{"kind": "embedding", "units": 8},
                  {"kind": "lstm", "units": 128, "recurrent_activation": "sigmoid"}, {"kind": "dropout", "rate": 0.1},
                  {"kind": "gru", "units": 1024, "recurrent_activation": "hard_sigmoid", "reset_after": "false"},
                  {"kind": "rnn", "units": 16, "activation": "relu"}, 7, {"units": {"x": 1}},
                  {"kind": "dense", "units": 8, "activation": "linear"},
                  {"kind": "batch_normalization", "momentum": 0.99, "epsilon": 0.001},
                  {"kind": "dense", "units": 38, "activation": "linear", "tied": true}], "parameters": 9}"""));
        String page = page();
        for (String words : List.of("<dt>layer 1</dt><dd>Embedding, 8 units<", "<dd>LSTM, 128 units<",
                "<dd>Dropout, rate 0.1<", "<dd>GRU, 1,024 units, hard sigmoid gates, reset before the product<",
                "<dd>RNN, 16 units, ReLU<", "<dt>layer 6</dt><dd>7<", "<dd>x 1 units<", "<dd>Dense, 8 units, linear<",
                "<dd>BatchNorm, momentum 0.99, epsilon 0.001<",
                "<dt>layer 10</dt><dd>Dense, 38 units, softmax, tied to the embedding<", "<dt>parameters</dt>")) {
            assertTrue(page.contains(words), words + " is missing in " + page.substring(page.indexOf("<h3>Model")));
        }
        assertFalse(page.contains("kind lstm"), page);
    }

    @Test
    void thePageLoadsNothing() throws IOException {
        String page = page();
        assertTrue(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""), "no policy");
        Pattern loads = Pattern.compile("<[^>]*\\s(src|href)=|url\\(|@import|<(script|link|img)");
        assertFalse(loads.matcher(page).find(), page);
    }

    @Test
    void thePageShowsTheFilesContents() throws IOException {
        String page = page();
        for (String words : List.of("3 epochs on 12,345 captions", "2026-01-02 03:04:05 UTC", "1.3333", "2.2500",
                "Loss a character, padding left out", "3.250",

                "1.7500", "0.25", "1.23M", "a cat  sits", "Epoch 3", "lstm forward", "3.00 ms, 100 %", "&lt;1 %",
                "learning rate", "8.0 GiB", "one; two", "the &lt;b&gt;captions&lt;/b&gt; &amp; &quot;more&quot;")) {
            assertTrue(page.contains(words), words + " is missing");
        }
        assertTrue(page.indexOf("lstm forward") < page.indexOf("gather"), "the longest operation is not the first");
        assertFalse(page.contains("<dt>force</dt>") || page.contains("<dt>out</dt>"), "options that were not given");
        assertEquals(page, page(), "the same folder gives the same page");
    }

    /** The line of the best epoch is at its point, the line of the end at the right. */
    @Test
    void theBestEpochAndAnEarlyEndAreMarked() throws IOException {
        String losses = IntStream.rangeClosed(1, 5).mapToObj(epoch -> "{\"epoch\":" + epoch + ",\"loss\":" + (7 - epoch)
                + ",\"val_loss\":" + (epoch == 3 ? 2 : 3) + ",\"seconds\":1,\"chars_per_second\":9}\n")
                .collect(Collectors.joining());
        Files.writeString(folder.resolve(RunFolder.METRICS), losses);
        String page = page();
        assertTrue(page.contains("best, epoch 3<") && page.contains("<small>in epoch 3, best.safetensors<"), page);
        assertFalse(page.contains("stopped early"), page);
        assertEquals(place(page, "validation, epoch 3"), place(page, 2));
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replaceFirst("\\{",
                "{\"monitor\": \"loss\", \"end\": \"early\", "));
        page = page();
        for (String words : List.of("best, epoch 5<", "stopped early, epoch 5<", " UTC, stopped early.",
                "<dt>Best loss</dt><dd>2.0000")) {
            assertTrue(page.contains(words), words + " is missing");
        }
        assertEquals(place(page, "training, epoch 5"), place(page, 3));
        // The description decides, until a later epoch is better.
        String said = "{\"best\": {\"epoch\": 2, \"monitor\": \"val_loss\", \"loss\": 2, \"kept\": false}, ";
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replaceFirst("\\{", said));
        assertTrue(page().contains("<small>in epoch 2, its model is not kept<"), page());
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replaceFirst("\\{", said.replace("\"loss\": 2",
                "\"loss\": 2.5")));
        assertTrue(page().contains("<small>in epoch 3, best.safetensors<"), page());
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replaceFirst("\\{", "{\"best\": {\"epoch\": 0}, "));
        assertTrue(page().contains("<small>in epoch 3, best.safetensors<"), page());
    }

    /** How far to the right a point stands. */
    private static double place(String page, String hint) {
        Matcher dot = Pattern.compile("<circle[^>]* cx=\"([0-9.]+)\"[^>]*><title>" + hint).matcher(page);
        assertTrue(dot.find(), hint);
        return Double.parseDouble(dot.group(1));
    }

    /** The same of a mark with such dashes. */
    private static double place(String page, int dash) {
        String dashes = Chart.Canvas.DASHES.get(dash).stream().map(String::valueOf).collect(Collectors.joining(" "));
        Matcher mark = Pattern.compile("<path class=\"muted\" stroke-dasharray=\"" + dashes
                + "\" d=\"M([0-9.]+) [0-9.]+L\\1 ").matcher(page);
        assertTrue(mark.find(), "no mark");
        return Double.parseDouble(mark.group(1));
    }

    /** Nothing here knows the name. */
    @Test
    @Needs(Need.FONTS)
    void aFigureOfAnyNameIsShown() throws IOException {
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, 2).replace("\"seconds\"",
                "\"learning_rate\":0.00125,\"other_loss\":2.0,\"seconds\""));
        String page = page();
        for (String words : List.of("<th>Learning rate</th><th>Other loss</th><th>Seconds</th>",
                "<td>0.00125</td><td>2.0000</td>", "<figcaption>Learning rate</figcaption>",
                "learning rate, epoch 2: 0.00125", "other loss, epoch 2: 2.0000")) {
            assertTrue(page.contains(words), words + " is missing");
        }
        assertEquals(
                List.of("report-loss.png", "report-real_loss.png", "report-learning_rate.png", "report-seconds.png",
                        "report-speed.png",
                        "report-step.png"),
                Report.of(folder).writePictures().stream()
                        .map(picture -> picture.getFileName().toString()).toList());
    }

    /** The first warms up, and of few epochs would be half of the figure. */
    @Test
    void theMedianEpochIsNoneOfWarmingUp() throws IOException {
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, 2).replaceFirst("0\\.25", "9.5"));
        String page = page();
        assertTrue(page.contains("<dt>Median epoch</dt><dd>0.25<"), page.substring(page.indexOf("Median epoch")));
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, 1).replaceFirst("0\\.25", "9.5"));
        assertTrue(page().contains("<dt>Median epoch</dt><dd>9.50<"));
    }

    @Test
    void theLeadCountsTheEpochsOfAStoppedRun() throws IOException {
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, 2) + "{\"epoch\":3,\"lo");
        assertTrue(page().contains("2 of 3 epochs"), "a line that was cut short does not count");
        Files.writeString(folder.resolve(RunFolder.METRICS), "");
        Files.delete(folder.resolve(RunFolder.SAMPLES));
        String page = page();
        assertTrue(page.contains("0 of 3 epochs"));
        assertFalse(page.contains("Every figure") || page.contains("Samples"), page);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 40, 41, 100_000})
    @Sampled(every = 5)
    void anyNumberOfEpochsIsDrawnWithinItsChart(int count) throws IOException {
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, count));
        String page = page();
        assertTrue(page.length() < 200_000, page.length() + " characters");
        Matcher mark = Pattern.compile("<(path|circle|rect|text)[^>]*>").matcher(page);
        while (mark.find()) {
            Matcher number = Pattern.compile("[ML \"](-?[0-9]+\\.[0-9])").matcher(mark.group());
            while (number.find()) {
                double value = Double.parseDouble(number.group(1));
                assertTrue(value >= 0 && value <= Chart.WIDTH, mark.group());
            }
        }
        assertFalse(page.contains("NaN") || page.contains("Infinity"), "a figure that is none");
    }

    /** From equal values and tiny ones to huge ones. */
    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "1e-300,2e-300", "0,1e300", "1e15,1.0000000001e15", "-1,1", "3,3.0000000000000004"})
    void anAxisHasAFewTicksAroundItsValues(double least, double greatest) {
        Axis axis = Axis.around(least, greatest, 5);
        assertTrue(axis.min() <= least && axis.max() >= greatest && axis.max() > axis.min(), axis.toString());
        assertTrue(axis.ticks().size() >= 2 && axis.ticks().size() <= 9, axis.toString());
        assertTrue(axis.position(least) >= 0 && axis.position(greatest) <= 1, axis.toString());
    }

    @Test
    void ticksAreRound() {
        assertEquals(List.of("0.8", "1.0", "1.2", "1.4", "1.6"),
                Axis.around(0.93, 1.6, 5).ticks().stream().map(Axis.Tick::label).toList());
        assertEquals(List.of("0", "50k", "100k"), Axis.around(0, 99_000, 2).ticks().stream().map(Axis.Tick::label)
                .toList());
        assertEquals(List.of("2", "4", "6", "8", "10"),
                Axis.counting(1, 10, 6).ticks().stream().map(Axis.Tick::label).toList());
    }

    /** Where nothing is padding, both losses are the same, and so would both charts be. */
    @Test
    void lossesOfCharactersHaveAChartWhereThereIsPadding() throws IOException {
        assertTrue(page().contains("Loss a character, padding left out<"), page());
        Files.writeString(folder.resolve(RunFolder.METRICS),
                epochs(1, 3).replaceAll("\"loss\":([0-9.]+),\"real_loss\":[0-9.]+", "\"loss\":$1,\"real_loss\":$1"));
        assertFalse(page().contains("Loss a character, padding left out<"), page());
        assertFalse(page().contains("Real loss"), page());
    }

    /** Of running text nothing is a caption, and nothing is padded; its lines are broken where it breaks them. */
    @Test
    void wordsFitRunningText() throws IOException {
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replace("\"captions\": 12345", "\"captions\": 12345, "
                + "\"unit\": \"windows\", \"validation_captions\": 99").replace("0.001", "1.0E-4"));
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, 1000)
                .replaceAll("\"loss\":([0-9.]+),\"real_loss\":[0-9.]+", "\"loss\":$1,\"real_loss\":$1")
                .replace("\"seconds\"", "\"learning_rate\":6.158e-09,\"seconds\""));
        Files.writeString(folder.resolve(RunFolder.SAMPLES), "{\"epoch\":3,\"sentences\":[\"a <b>\\nc\"]}\n");
        String page = page();
        for (String words : List.of("on 12,345 windows from", "<dt>windows</dt><dd>12,345<",
                "<dt>validation windows</dt>",
                "<figcaption>Loss a character<", "Losses are means over every character that is predicted. The",
                "<p>a &lt;b&gt;\nc</p>", "<dd>6.2e-9<", "<td>6.2e-9<", "<dt>learning rate</dt><dd>0.0001<")) {
            assertTrue(page.contains(words), words + " is missing in " + page);
        }
        for (String words : List.of("padding included", "padding left", "aption</dt>", "captions</dt>", "eal loss",
                "e-09", "\u23CE")) {
            assertFalse(page.contains(words), words);
        }
        Matcher last = Pattern.compile("<text [^>]*x=\"([0-9.]+)\"[^>]*>1000<").matcher(page);
        assertTrue(
                last.find() && Double.parseDouble(last.group(1)) + Chart.Canvas.width("1000") / 2 <= Chart.WIDTH + 0.1,
                page);
    }

    @ParameterizedTest
    @CsvSource({"0.00399, 0.00399", "0.001, 0.001", "1.0E-4, 0.0001", "6.158e-9, 6.2e-9", "2.003e-7, 2e-7", "0, 0",
        "1e300, 1e300", "-7, -7", "0.123456, 0.1235"})
    void numbersAreWrittenAsPeopleDo(double number, String words) {
        assertEquals(words, Words.number(number));
    }

    @Test
    @Needs(Need.FONTS)
    void picturesShowEveryChart() throws IOException {
        List<Path> pictures = Report.of(folder).writePictures();
        assertEquals(
                List.of("report-loss.png", "report-real_loss.png", "report-seconds.png", "report-speed.png",
                        "report-step.png"),
                pictures.stream().map(path -> path.getFileName().toString()).toList());
        for (Path picture : pictures) {
            BufferedImage image = ImageIO.read(picture.toFile());
            int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
            assertTrue(IntStream.of(pixels).anyMatch(pixel -> (pixel & 0xffffff) == Ink.S1.light),
                    picture + " shows no figure");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {"run.json | {", "run.json | []", "run.json | ''",
        "run.json | {\"operations\":[{\"name\":\"gather\",\"seconds\":\"x\"}]}", "metrics.jsonl | {",
        "metrics.jsonl | []", "metrics.jsonl | {}", "metrics.jsonl | {\"epoch\":1,\"a/b\":1}",
        "metrics.jsonl | {\"epoch\":1,\"loss\":NaN,\"seconds\":1,\"chars_per_second\":1}",
        "metrics.jsonl | {\"epoch\":1,\"loss\":\"x\",\"seconds\":1,\"chars_per_second\":1}"})
    void aBrokenFileIsRefused(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content + "\n");
        Refusals.assertRefused(file.toString(), () -> Report.of(folder));
    }

    /** The message says what is wrong, and on which line. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {"null | line 4", "7 | line 4",
        "{\"epoch\":4,\"loss\":NaN,\"seconds\":1} | line 4 is not what charlstm writes: loss is \"NaN\"",
        "{\"epoch\":4,\"loss\":1e999,\"seconds\":1} | loss is 1e999",
        "{\"epoch\":4,\"loss\":1.7e308,\"seconds\":1} | loss is 1.7e308",
        "{\"epoch\":4,\"loss\":-1e300,\"seconds\":1} | loss is -1e300", "{\"epoch\":NaN,\"loss\":1} | epoch is \"NaN\"",
        "{\"epoch\":2,\"loss\":1} | epoch is 2", "{\"epoch\":-4,\"loss\":1} | epoch is -4",
        "{\"epoch\":4.5,\"loss\":1} | epoch is 4.5", "{\"epoch\":5000000000,\"loss\":1} | epoch is 5000000000",
        "{\"loss\":1} | epoch"})
    void aRefusalNamesTheLineAndTheFigure(String line, String words) throws IOException {
        Files.writeString(folder.resolve(RunFolder.METRICS), epochs(1, 3) + line + "\n");
        String message = Refusals.assertRefused(folder.resolve(RunFolder.METRICS) + ", line 4",
                () -> Report.of(folder));
        assertTrue(message.contains(words), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {RunFolder.METRICS, RunFolder.RUN, RunFolder.SAMPLES})
    void aFileThatIsNotUtf8IsRefused(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, (Files.readString(file) + "{\"epoch\":4,\"x\":\"\u00e9\"}\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        String message = Refusals.assertRefused(file.toString(), () -> Report.of(folder));
        assertTrue(message.contains("UTF-8"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "1e999", "-1", "1e300", "\"NaN\""})
    void timesOfAStepThatAreNoneAreRefused(String seconds) throws IOException {
        Files.writeString(folder.resolve(RunFolder.RUN), RUN.replace("0.003", seconds));
        String message = Refusals.assertRefused(folder.resolve(RunFolder.RUN).toString(), () -> Report.of(folder));
        assertTrue(message.contains("seconds is "), message);
    }

    @Test
    void aFolderWithoutARunIsRefused() {
        Refusals.assertRefused("nothing", () -> Report.of(folder.resolve("nothing")));
    }
}
