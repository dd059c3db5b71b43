package org.charlstm.serve;

import static org.charlstm.serve.Page.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Browser;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of runs in a browser: runs in training, the table, the chart and what is chosen. */
@Tag("long")
@Needs(Need.CHROMIUM)
@InProcesses
class RunsPageTest {
    @TempDir
    private static Path folder;
    private static Page page;
    private static Browser browser;

    @BeforeAll
    static void open() throws Exception {
        page = new Page(folder);
        browser = page.browser();
    }

    @AfterAll
    static void close() {
        page.close();
    }

    @AfterEach
    void requireNoErrorAndNoOtherServer() {
        page.requireNoErrorAndNoOtherServer();
    }

    private static int points() throws Exception {
        return Integer.parseInt(browser.text("document.querySelector('#chart').dataset.points"));
    }

    private static void delete(String run) throws Exception {
        try (Stream<Path> files = Files.list(page.runs().resolve(run))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(page.runs().resolve(run));
    }

    private static String rows() throws Exception {
        return browser
                .text("[...document.querySelectorAll('#runs-table tbody th')].map(e => e.innerText.trim()).join()");
    }

    /** It is chosen as the page opens, since it trains; its own epochs make the curve grow, until it is stopped. */
    @Test
    void aRunInTrainingIsShownLiveAndStopped() throws Exception {
        Path run = page.runs().resolve("live");
        try (Training training = new Training(run, 40)) {
            page.awaitListed("runs", "live");
            page.open("runs");
            browser.await("document.querySelector('[data-focus=\"choose live\"]').checked");
            browser.await("Number(document.querySelector('#chart').dataset.points) > 2");
            int before = points();
            browser.await(text("#sentences") + ".includes('live, epoch 3')");
            browser.await("Number(document.querySelector('#chart').dataset.points) > " + (before + 5));
            browser.await("/^training, .* left/.test(document.querySelector('.training').textContent)");
            page.picture("live");
            browser.click("[data-focus=\"stop live\"]");
            assertTrue(training.isStopped(), "the button stops nothing");
        }
        browser.await(text("#runs-said") + ".includes('live trains no more: stopped')");
        browser.await("document.querySelector('.training') === null");
        int saved = Files.readAllLines(run.resolve(RunFolder.METRICS)).size();
        browser.await("document.querySelector('#chart').dataset.points === '" + saved + "'");
        assertEquals(Served.TEXT.vocabulary().size(), ModelFile.load(run).config().symbols());
        assertTrue(Files.exists(run.resolve("state.safetensors")), "it cannot go on");
    }

    /** Each step takes a while: there is a bar, the time left and a chart before the first epoch has figures. */
    @Test
    @SecondCircle("a longer training; aRunInTrainingIsShownLiveAndStopped has the page")
    void aFirstEpochShowsProgressTimeLeftAndAChart() throws Exception {
        try (Training _ = new Training(page.runs().resolve("slow"), 0, 500, Served.SETUP.epochs(2).training(
                new TrainingOptions(1, 0.01, 1, true)))) {
            page.awaitListed("runs", "slow");
            page.open("runs");
            browser.await("Number(document.querySelector('#chart').dataset.parts) > 1");
            String row = "document.querySelector('[data-focus=\"choose slow\"]').closest('tr')";
            browser.await(row + ".querySelector('progress').value > 0");
            browser.await("/^training, .* left/.test(" + row + ".querySelector('.training').textContent)");
            assertTrue(browser.text(row + ".innerText").contains("1\u00a0of\u00a02"), browser.text(row + ".innerText"));
            assertTrue(browser.text(text("#chart-said")).matches("slow training loss: [0-9.]+ so far in epoch 1"));
            browser.set("#figure", "chars_per_second");
            browser.await(text("#chart-said") + ".startsWith('slow characters a second: ')");
            page.picture("first-epoch");
            browser.await("document.querySelector('#chart').dataset.points === '2'");
            assertEquals("0", browser.text("document.querySelector('#chart').dataset.parts"));
        }
        browser.await(text("#runs-said") + ".includes('slow trains no more: done')");
        delete("slow");
    }

    /** Order, filter, columns, runs and the way of the chart are in the address, and chosen by keys alone. */
    @Test
    @SecondCircle("another start of the page")
    void choicesAreKeptInTheAddress() throws Exception {
        page.open("runs");
        browser.value("document.querySelector('[data-focus=\"sort epoch\"]').focus()");
        browser.press("Enter");
        browser.await("document.querySelector('th[aria-sort=ascending]')?.textContent === 'Epoch'");
        assertEquals("sort epoch", browser.text("document.activeElement.dataset.focus"));
        assertTrue(rows().indexOf("first") < rows().indexOf("second"), rows());
        browser.press("Enter");
        browser.await("document.querySelector('th[aria-sort=descending]')?.textContent === 'Epoch'");
        assertTrue(rows().indexOf("second") < rows().indexOf("first"), rows());
        browser.value("document.querySelector('details').open = true");
        browser.click("[data-focus=\"column bits\"]");
        browser.value("document.querySelectorAll('#runs-table input:checked').forEach(e => e.click())");
        browser.value("document.querySelector('[data-focus=\"choose second\"]').click()");
        browser.type("#filter", "epochs=3 done");
        browser.type("#smooth", "0.6");
        browser.value("document.querySelector('#log').click()");
        browser.await("/^#runs\\?runs=second(&colors=1)?&sort=-epoch&filter=epochs%3D3\\+done&columns=bits&smooth=0.6"
                + "&log=1$/.test(location.hash)");
        assertEquals("second,first", rows(), "3 is also the beginning of 30");
        browser.type("#filter", "SECOND done");
        String chosen = "[location.hash, document.querySelectorAll('#runs-table tbody tr').length, "
                + "document.querySelector('#runs-table thead').textContent, document.querySelector('#smooth').value, "
                + "document.querySelector('#log').checked, document.querySelector('#filter').value, "
                + "document.querySelector('#chart-said').textContent].join(' | ')";
        browser.await("document.querySelectorAll('#runs-table tbody tr').length === 1");
        browser.await(text("#chart-said") + ".startsWith('second training loss: ')");
        String before = browser.text(chosen);
        assertFalse(before.contains("Training bits"), before);
        browser.value("window.old = true");
        browser.call("Page.reload", "{}");
        browser.await("!window.old && document.querySelector('#chart')?.dataset.points === '30'");
        assertEquals(before, browser.text(chosen));
        browser.value("document.querySelector('#to-play').click()");
        browser.await("!document.querySelector('#play-page').hidden");
        browser.value("document.querySelector('#to-runs').click()");
        browser.await("!document.querySelector('#runs-page').hidden");
        assertEquals(before, browser.text(chosen));
        browser.value("document.querySelector('[data-focus=\"sort loss\"]').click()");
        browser.await("location.hash.includes('sort=loss')");
        browser.value("history.back()");
        browser.await("document.querySelector('th[aria-sort=descending]')?.textContent === 'Epoch'");
        assertEquals(before, browser.text(chosen));
        // Choices that do not exist fall back to the defaults.
        browser.open(page.at("/#runs?sort=-nothing&figure=__proto__&smooth=x&columns=a,b&runs=,nobody"));
        browser.value("window.old = true");
        browser.call("Page.reload", "{}");
        browser.await("!window.old && document.querySelectorAll('#runs-table tbody tr').length >= 2");
        assertTrue(browser.text(text("#chart-said")).startsWith("Choose runs"));
        assertEquals("loss", browser.text("document.querySelector('#figure').value"));
    }

    @Test
    void finishedRunsShareTheChart() throws Exception {
        page.open("runs");
        browser.await("document.querySelector('#chart').dataset.points > 0");
        browser.value("document.querySelectorAll('#runs-table input:checked').forEach(e => e.click())");
        browser.await("document.querySelector('#chart').dataset.points === '0'");
        browser.value("document.querySelector('[data-focus=\"choose first\"]').click()");
        browser.await("document.querySelector('#chart').dataset.points === '3'");
        assertTrue(browser.text(text("#sentences")).contains("first, epoch 3"));
        browser.value("document.querySelector('[data-focus=\"choose second\"]').click()");
        browser.await("document.querySelector('#chart').dataset.points === '30'");
        browser.await("document.querySelector('#chart canvas').width > 100");
        for (String[] figure : new String[][] {{"bits_per_character", "training bits a character"},
            {"seconds", "seconds an epoch"}, {"loss", "training loss"}}) {
            browser.set("#figure", figure[0]);
            browser.await(text("#chart-said") + ".includes('second " + figure[1] + ": ')");
        }
        browser.value("document.querySelector('#figures summary').click()");
        browser.await("document.querySelectorAll('#figures-table tbody tr').length === 30");
        assertEquals("30", browser.text(text("#figures-table tbody th")));
        page.picture("runs");
        page.requireFitsEveryMedium("runs");
    }

    /** A canvas keeps no words, so the page's own call that writes them is heard. */
    @Test
    void theChartNamesItsAxesAndCountsWholeEpochs() throws Exception {
        page.open("runs");
        browser.value("window.said = []; const own = CanvasRenderingContext2D.prototype.fillText; "
                + "CanvasRenderingContext2D.prototype.fillText = function (words, ...at) { said.push(`${words}`); "
                + "own.call(this, words, ...at); }");
        browser.value("document.querySelectorAll('#runs-table input:checked').forEach(e => e.click())");
        browser.value("document.querySelector('[data-focus=\"choose first\"]').click()");
        browser.await("document.querySelector('#chart').dataset.points === '3'");
        for (String figure : List.of("bits_per_character", "loss")) {
            browser.value("window.said = []");
            browser.set("#figure", figure);
            browser.await("said.includes(document.querySelector('#figure').selectedOptions[0].textContent)");
            List<String> said = browser.list("said");
            assertTrue(said.containsAll(List.of("Epoch", "1", "2", "3")), said.toString());
            assertFalse(said.contains("1.5") || said.contains("2.5"), "parts of epochs: " + said);
        }
    }

    @Test
    void aSliderStaysBesideItsNameOnAPhone() throws Exception {
        page.open("runs");
        browser.look(390, "light");
        List<String> tops = browser.list("['[for=smooth]', '#smooth', '#smooth-said'].map(e => { "
                + "const box = document.querySelector(e).getBoundingClientRect(); return `${Math.round(box.top "
                + "+ box.height / 2)}`; })");
        assertEquals(1, tops.stream().distinct().count(), "its parts are in rows at " + tops);
        page.picture("runs-390");
        browser.call("Emulation.clearDeviceMetricsOverride", "{}");
    }

    /** By the tabulator alone one comes to all that can be used, and a screen reader has a name for it. */
    @Test
    @SecondCircle("every control")
    void everyControlIsReachedByTabAndHasAName() throws Exception {
        for (String part : List.of("runs", "play")) {
            page.open(part);
            browser.value("document.querySelectorAll('#runs-table input:not(:checked)').forEach(e => e.click())");
            browser.await("document.querySelector('#chart').dataset.points > 0");
            Set<String> expected =
                    new HashSet<>(List.of(browser.text("[...document.querySelectorAll('a, button, input, "
                            + "select, textarea, summary, [tabindex=\"0\"]')].filter(e => e.checkVisibility() && "
                            + "!e.disabled).map((e, i) => e.dataset.number = i).join()").split(",")));
            assertTrue(expected.size() > 7, part + " has " + expected);
            browser.value("document.querySelector('.skip').focus()");
            for (int i = 0; i < 40; i++) {
                expected.remove(browser.text("document.activeElement.dataset.number ?? ''"));
                browser.press("Tab");
            }
            assertEquals(Set.of(), expected, part);
            List<String> unnamed = browser.found().stream()
                    .filter(each -> each.matches("(link|button|checkbox|combobox|"
                            + "spinbutton|textbox|img|image|table|listbox|option|application|region|navigation|list) "))
                    .toList();
            assertEquals(List.of(), unnamed, part);
            assertTrue(browser.found().stream().anyMatch(each -> each.startsWith(part.equals("runs") ? "checkbox first"
                    : "listbox Text, a character an item")), part);
        }
    }
}
