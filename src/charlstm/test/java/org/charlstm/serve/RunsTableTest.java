package org.charlstm.serve;

import static org.charlstm.serve.Page.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Browser;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of runs in a browser: what is read of it at any width, the colours, and what is said while it loads. */
@Tag("long")
@Needs(Need.CHROMIUM)
@InProcesses
class RunsTableTest {
    private static final String LONG = "bigger-gru-with-dropout_0.2-seed";
    private static final String TITLES = "[...document.querySelectorAll('#runs-table thead th')].map(e => e.innerText"
            + ".trim())";

    @TempDir
    private static Path folder;
    private static Page page;
    private static Browser browser;

    /** Beside the two trained runs, as many as the chart takes, with all that can differ. */
    @BeforeAll
    static void open() throws Exception {
        page = new Page(folder);
        for (int i = 0; i < 8; i++) {
            write(i == 0 ? LONG : "other-" + i, i);
        }
        page.awaitListed("runs", "other-7");
        browser = page.browser();
    }

    private static void write(String run, int i) throws Exception {
        Path into = Files.createDirectories(page.runs().resolve(run));
        Files.writeString(into.resolve(RunFolder.RUN), String.format(Locale.ROOT, """
                {"started": "2026-01-0%dT03:04:05Z", "text": {"source": "text-%d.txt"}, "device": {"name": "cpu"},
                 "end": "done", "options": {"epochs": "3", "force": "%s", "png": "%s", "tensorboard": "%s",
                 "sample-every": "%d", "text": "somewhere/text-%d.txt", "device": "%s", "batch-size": "%d",
                 "hidden": "%d", "dropout": "0.%d", "learning-rate": "0.00%d", "weight-decay": "0.00%d",
                 "recurrent-initializer": "orthogonal%d", "validation-split": "0.%d", "alphabet": "%s"}}""",
                i + 1, i % 2, i % 2 == 0, i % 2 == 0, i % 2 == 0, i, i % 2, i % 2 == 0 ? "auto" : "cpu", 16 << i,
                64 << i, i, i, i, i, i, "abcdefghijklmnopqrstuvwxyz".repeat(i)));
        Files.writeString(into.resolve(RunFolder.METRICS), String.format(Locale.ROOT, "{\"epoch\":1,\"loss\":%d.5,%s"
                + "\"bits_per_character\":3.25,\"seconds\":0.25,\"chars_per_second\":1234567.0}%n", i + 1,
                i % 2 == 0 ? "" : "\"val_loss\":0.75,\"val_bits_per_character\":4.25,"));
    }

    @AfterAll
    static void close() {
        page.close();
    }

    @AfterEach
    void requireNoErrorAndNoOtherServer() throws Exception {
        browser.call("Emulation.clearDeviceMetricsOverride", "{}");
        page.requireNoErrorAndNoOtherServer();
    }

    private static void openAt(int width) throws Exception {
        browser.call("Emulation.setDeviceMetricsOverride", "{\"width\":" + width
                + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":true}");
        page.open("runs");
        browser.await("document.querySelectorAll('#runs-table tbody tr').length === 10");
    }

    /** The cell of a run under a heading. */
    private static String cell(String run, String title) throws Exception {
        return browser.text("document.querySelector('[data-focus=\"choose " + run + "\"]').closest('tr').children["
                + TITLES + ".indexOf('" + title + "')].innerText").trim().replaceAll("[\\s\u00a0]+", " ");
    }

    /** A cell is in sight as a whole or not at all, also when one scrolls; there is no word that its cell cuts. */
    @Test
    @SecondCircle("every width of a window")
    void noWordIsCutAtAnyWidth() throws Exception {
        for (int width : new int[] {1280, 900, 700, 390}) {
            openAt(width);
            String cut = "[...document.querySelectorAll('#runs-table :is(th, td)')].filter(e => { "
                    + "const own = e.getBoundingClientRect(), frame = e.closest('.wide').getBoundingClientRect(), "
                    + "room = Math.min(frame.right, innerWidth); "
                    + "return own.left < room - 1 && own.right > room + 1 || e.scrollWidth > e.clientWidth + 1; "
                    + "}).map(e => e.innerText)";
            assertEquals(List.of(), browser.list(cut), "at " + width);
            page.picture("table-" + width);
            assertTrue(browser.value("document.documentElement.scrollWidth <= innerWidth").getAsBoolean(),
                    "the page is wider than " + width);
            boolean beyond = browser.value("document.querySelector('#runs-table').parentElement.scrollWidth > "
                    + "document.querySelector('#runs-table').parentElement.clientWidth + 1").getAsBoolean();
            assertEquals(beyond, browser.text(text("#runs-beyond")).matches("[0-9]+ more columns? (is|are) to the "
                    + "right\\."), "at " + width + " it says " + browser.text(text("#runs-beyond")));
            browser.value("document.querySelector('#runs-table').parentElement.scrollBy(300, 0)");
            browser.value("new Promise(done => setTimeout(done, 500))");
            assertEquals(List.of(), browser.list(cut), "scrolled at " + width);
        }
    }

    /** The name, the state and the figures that every run has need no scrolling; on a phone nothing does. */
    @Test
    @SecondCircle("another width")
    void firstColumnsAreInSightOnAnyWidth() throws Exception {
        openAt(1280);
        assertEquals(List.of("Run", "State", "Epoch", "Training loss", "Validation loss", "Best training loss",
                "Best validation loss", "An epoch"), browser.list(TITLES).subList(0, 8));
        double right = browser.value("document.querySelectorAll('#runs-table thead th')[" + browser.list(TITLES)
                .indexOf("Started") + "].getBoundingClientRect().right").getAsDouble();
        assertTrue(right <= 1280, "Started ends at " + right);
        openAt(390);
        assertEquals(List.of(),
                browser.list("[...document.querySelectorAll('#runs-table td')].filter(e => e.checkVisibility()"
                        + " && e.getBoundingClientRect().right > innerWidth).map(e => e.innerText)"));
        // It is still a table to those who hear it.
        List<String> found = browser.found();
        for (String each : List.of("row ", "rowheader " + LONG, "columnheader Training loss", "cell 1.5000")) {
            assertTrue(found.stream().anyMatch(one -> one.startsWith(each)), each + " is missing");
        }
    }

    /** On a phone a name has a line of its own. */
    @Test
    @SecondCircle("another width")
    void aNameIsInOneLineOnAPhone() throws Exception {
        openAt(390);
        assertEquals(List.of(),
                browser.list("[...document.querySelectorAll('#runs-table tbody label span:last-child')].filter(e => { "
                        + "const range = document.createRange(); range.selectNodeContents(e); "
                        + "return new Set([...range.getClientRects()].map(r => r.top)).size !== 1; }).map(e "
                        + "=> e.innerText)"));
    }

    /** What is written and shown, and what has a column of its own, is no setting. */
    @Test
    void settingsAreThoseOfARun() throws Exception {
        openAt(1280);
        List<String> titles = browser.list(TITLES).stream().map(title -> title.toLowerCase(Locale.ROOT)).toList();
        assertTrue(titles.containsAll(List.of("batch size", "hidden", "weight decay", "text", "device")),
                titles.toString());
        for (String none : List.of("force", "png", "tensorboard", "sample every", "epochs")) {
            assertFalse(titles.contains(none), none + " is listed as a setting");
        }
        assertEquals(titles.size(), new HashSet<>(titles).size(), "a title is there twice: " + titles);
        assertEquals("text-1.txt", cell("other-1", "Text"));
    }

    /** Each column has figures of one kind. */
    @Test
    void lossesOfTrainingAndOfValidationHaveColumnsOfTheirOwn() throws Exception {
        openAt(1280);
        assertEquals(List.of("2.5000", "0.7500", "", "0.7500 in 1", "3.250", "4.250"), cells("other-1"));
        assertEquals(List.of("3.5000", "", "3.5000 in 1", "", "3.250", ""), cells("other-2"));
        browser.value("document.querySelectorAll('#runs-table input:checked').forEach(e => e.click())");
        browser.value("document.querySelector('[data-focus=\"choose other-1\"]').click()");
        browser.await(text("#chart-said") + " === 'other-1 training loss: 2.5000 in epoch 1; "
                + "other-1 validation loss: 0.7500 in epoch 1'");
    }

    private static List<String> cells(String run) throws Exception {
        List<String> cells = new ArrayList<>();
        for (String title : List.of("Training loss", "Validation loss", "Best training loss", "Best validation loss",
                "Training bits", "Validation bits")) {
            cells.add(cell(run, title));
        }
        return cells;
    }

    private static String swatch(String run) throws Exception {
        return browser.text("getComputedStyle(document.querySelector('[data-focus=\"choose " + run
                + "\"]').closest('tr').querySelector('.key')).backgroundColor");
    }

    private static void tick(String run) throws Exception {
        browser.value("document.querySelector('[data-focus=\"choose " + run + "\"]').click()");
    }

    /** With all that is ticked beside it, after a reload, in both schemes; no two runs or figures have the same. */
    @Test
    @SecondCircle("another start of the page")
    void aRunKeepsItsColour() throws Exception {
        page.open("runs");
        browser.value("document.querySelectorAll('#runs-table input:checked').forEach(e => e.click())");
        List<String> before = new ArrayList<>();
        for (int i = 1; i < 8; i++) {
            tick("other-" + i);
            before.add(swatch("other-" + i));
        }
        assertEquals(7, new HashSet<>(before).size(), before.toString());
        tick("other-1");
        tick("other-2");
        tick(LONG);
        tick("first");
        assertFalse(before.contains(swatch(LONG)) || before.contains(swatch("first")), "a colour is there twice");
        tick("first");
        tick("other-2");
        for (int i = 2; i < 8; i++) {
            assertEquals(before.get(i - 1), swatch("other-" + i), "other-" + i);
        }
        browser.value("window.old = true");
        browser.call("Page.reload", "{}");
        browser.await("!window.old && document.querySelector('#chart')?.dataset.points === '1'");
        for (int i = 2; i < 8; i++) {
            assertEquals(before.get(i - 1), swatch("other-" + i), "other-" + i + " after a reload");
        }
        browser.await("document.querySelectorAll('.u-legend .u-marker').length > 8");
        List<String> markers = browser.list("[...document.querySelectorAll('.u-legend .u-marker')].slice(1).map(e => "
                + "[getComputedStyle(e).borderTopColor, getComputedStyle(e).backgroundColor].join(' '))");
        assertEquals(markers.size(), new HashSet<>(markers).size(), "equal swatches: " + markers);
        page.picture("colours");
    }

    /** Graphics need 3 to 1. */
    @Test
    void everyColourStandsOut() throws Exception {
        page.open("runs");
        String contrasts = "(async () => { const { color } = await import('/color.js'); const context = "
                + "document.createElement('canvas').getContext('2d', { willReadFrequently: true }); const "
                + "light = css => {"
                + " context.fillStyle = css; context.fillRect(0, 0, 1, 1); "
                + "const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map(c => c / 255).map(c => c "
                + "<= 0.04045 ? "
                + "c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05; };"
                + "const page = light(getComputedStyle(document.body).backgroundColor); const probe = "
                + "document.body.appendChild(document.createElement('i')); return [...Array(72).keys()].map(i => { "
                + "probe.style.color = color(i); const own = light(getComputedStyle(probe).color); "
                + "return Math.max(own, page) / Math.min(own, page); }).filter(c => !(c >= 3)); })()";
        for (String scheme : List.of("light", "dark")) {
            browser.call("Emulation.setEmulatedMedia", "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\""
                    + scheme + "\"}]}");
            assertEquals(List.of(), browser.list(contrasts), scheme);
        }
        browser.call("Emulation.setEmulatedMedia", "{\"features\":[]}");
    }

    /** An answer that lets wait for itself, then one that refuses, then the runs. */
    @Test
    @SecondCircle("slow requests")
    void thePageSaysThatItLoadsAndThatARequestFailed() throws Exception {
        String script = browser
                .call("Page.addScriptToEvaluateOnNewDocument", "{\"source\":\"const real = window.fetch; "
                        + "window.answers = []; window.fetch = (...asked) => "
                        + "String(asked[0]).startsWith('/api/') ? new Promise("
                        + "(answer, fail) => answers.push({ fail, pass: () => answer(real(...asked)) })) : "
                        + "real(...asked);\"}")
                .get("identifier").getAsString();
        try {
            browser.open(page.at("/"));
            browser.await("window.answers?.length === 2");
            assertEquals("Loading the runs.", browser.text(text("#runs-loading")));
            String seen = "document.querySelector('#runs-loading').checkVisibility()";
            assertTrue(browser.value(seen).getAsBoolean());
            assertFalse(browser.value("document.querySelector('#runs-table').checkVisibility()").getAsBoolean());
            assertEquals("Loading the models.", browser.text(text("#play-status")));
            assertTrue(browser.value("document.querySelector('#write').disabled").getAsBoolean());
            browser.value("answers.splice(0).forEach(each => each.fail(new TypeError('no network')))");
            browser.await("!" + seen);
            browser.await(text("#error") + ".includes('The runs cannot be listed: The server does not answer.')");
            browser.await(text("#play-status") + " === ''");
            // The page asks again by itself.
            browser.await("answers.length > 0");
            browser.value("answers.splice(0).forEach(each => each.pass())");
            browser.await("document.querySelectorAll('#runs-table tbody tr').length === 10");
            assertFalse(browser.text(text("#error")).contains("runs"), browser.text(text("#error")));
        } finally {
            browser.call("Page.removeScriptToEvaluateOnNewDocument", "{\"identifier\":\"" + script + "\"}");
        }
    }

    /** Figures that have not come yet are not figures that there are none of. */
    @Test
    void theChartSaysWhichFiguresItWaitsFor() throws Exception {
        String script = browser
                .call("Page.addScriptToEvaluateOnNewDocument", "{\"source\":\"window.EventSource = class "
                        + "extends EventTarget { constructor() { super(); window.events = this; } close() {} };\"}")
                .get("identifier").getAsString();
        try {
            page.open("runs");
            browser.await("window.events");
            browser.await(text("#chart-said") + ".startsWith('Loading the figures of ')");
            browser.value("events.dispatchEvent(new Event('error'))");
            assertEquals("The figures of the runs do not arrive; the page asks again.", browser.text(text("#error")));
            browser.value("events.dispatchEvent(new Event('open'))");
            assertEquals("", browser.text(text("#error")));
        } finally {
            browser.call("Page.removeScriptToEvaluateOnNewDocument", "{\"identifier\":\"" + script + "\"}");
        }
    }
}
