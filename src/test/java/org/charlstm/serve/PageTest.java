package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.run.RunFolder;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a browser: a run that trains, and a text that a model writes. */
@Tag("long")
@Needs(Need.CHROMIUM)
class PageTest {
    /** Where pictures are left for people, if anybody asks for them. */
    private static final String PICTURES = System.getProperty("charlstm.pictures", "");
    private static final String SHOWN =
            "[...document.querySelectorAll('#text span:not(.sign)')].map(e => e.textContent).join('')";
    private static final String WRITTEN = text("#play-status") + ".includes('characters')";

    @TempDir
    private static Path folder;
    private static Path runs;
    private static Served served;
    private static Browser browser;

    @BeforeAll
    static void open() throws Exception {
        runs = folder.resolve("runs");
        Served.train(runs.resolve("first"));
        Served.train(runs.resolve("second"), each -> each, Served.SETUP.epochs(30));
        served = new Served(runs, new LocalServer.Settings(null, 0, null, true), 10_000);
        browser = new Browser(folder);
    }

    @AfterAll
    static void close() {
        browser.close();
        served.close();
    }

    @AfterEach
    void nothingIsWrongAndNobodyElseIsAsked() {
        assertEquals(List.of(), browser.console());
        List<String> others = browser.requests().stream().filter(url -> !url.startsWith(served.at("/").toString())
                && !url.equals("about:blank")).toList();
        assertEquals(List.of(), others, "the page asks elsewhere");
        assertFalse(browser.requests().isEmpty());
    }

    private static String text(String selector) {
        return "document.querySelector('" + selector + "').textContent";
    }

    private static void picture(String name) throws Exception {
        if (!PICTURES.isEmpty()) {
            browser.screenshot(Files.createDirectories(Path.of(PICTURES)).resolve(name + ".png"));
        }
    }

    private static void open(String page) throws Exception {
        browser.open(served.at("/"));
        browser.await("document.readyState === 'complete' && document.querySelector('#runs-table tbody tr')");
        browser.value("document.querySelector('#to-" + page + "').click()");
        browser.await("!document.querySelector('#" + page + "-page').hidden");
        browser.await("document.querySelector('#model').options.length > 0");
    }

    private static String written(SavedModel saved, SamplingOptions options, Beginnings beginnings) {
        try (Device device = Devices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, saved.weights())) {
            return new Sampler(model, saved.requireVocabulary(), options, beginnings).sentences(1).getFirst()
                    .replace(Vocabulary.START_SIGN, "");
        }
    }

    /** What comes into a folder is found within a second. */
    private static void awaitListed(String what, String id) throws Exception {
        for (int i = 0; i < 500 && !served.get("/api/" + what).body().contains("\"" + id + "\""); i++) {
            Thread.sleep(10);
        }
    }

    private static int points() throws Exception {
        return Integer.parseInt(browser.text("document.querySelector('#chart').dataset.points"));
    }

    /** It is chosen as the page opens, since it trains; its own epochs make the curve grow, until it is stopped. */
    @Test
    void aRunThatTrainsIsWatchedAndStopped() throws Exception {
        Path run = runs.resolve("live");
        try (Training training = new Training(run, 40)) {
            awaitListed("runs", "live");
            open("runs");
            browser.await("document.querySelector('[data-focus=\"choose live\"]').checked");
            browser.await("Number(document.querySelector('#chart').dataset.points) > 2");
            int before = points();
            browser.await(text("#sentences") + ".includes('live, epoch 3')");
            browser.await("Number(document.querySelector('#chart').dataset.points) > " + (before + 5));
            browser.await("/^training, .* left/.test(document.querySelector('.training').textContent)");
            picture("live");
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
    void aFirstEpochIsWatched() throws Exception {
        try (Training _ = new Training(runs.resolve("slow"), 0, 500, Served.SETUP.epochs(2).training(
                new TrainingOptions(1, 0.01, 1, true)))) {
            awaitListed("runs", "slow");
            open("runs");
            browser.await("Number(document.querySelector('#chart').dataset.parts) > 1");
            String row = "document.querySelector('[data-focus=\"choose slow\"]').closest('tr')";
            browser.await(row + ".querySelector('progress').value > 0");
            browser.await("/^training, .* left/.test(" + row + ".querySelector('.training').textContent)");
            assertTrue(browser.text(row + ".innerText").contains("1 of 2"), browser.text(row + ".innerText"));
            assertTrue(browser.text(text("#chart-said")).matches("slow loss: [0-9.]+ so far in epoch 1"));
            browser.set("#figure", "chars_per_second");
            browser.await(text("#chart-said") + ".startsWith('slow chars per second: ')");
            picture("first-epoch");
            browser.await("document.querySelector('#chart').dataset.points === '2'");
            assertEquals("0", browser.text("document.querySelector('#chart').dataset.parts"));
        }
        browser.await(text("#runs-said") + ".includes('slow trains no more: done')");
        delete("slow");
    }

    private static void delete(String run) throws Exception {
        try (Stream<Path> files = Files.list(runs.resolve(run))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(runs.resolve(run));
    }

    private static String rows() throws Exception {
        return browser
                .text("[...document.querySelectorAll('#runs-table tbody th')].map(e => e.innerText.trim()).join()");
    }

    /** Order, filter, columns, runs and the way of the chart are in the address, and chosen by keys alone. */
    @Test
    void whatIsChosenIsInTheAddress() throws Exception {
        open("runs");
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
        browser.await("location.hash === '#runs?runs=second&sort=-epoch&filter=epochs%3D3+done&columns=bits&smooth=0.6"
                + "&log=1'");
        assertEquals("second,first", rows(), "3 is also the beginning of 30");
        browser.type("#filter", "SECOND done");
        String chosen = "[location.hash, document.querySelectorAll('#runs-table tbody tr').length, "
                + "document.querySelector('#runs-table thead').textContent, document.querySelector('#smooth').value, "
                + "document.querySelector('#log').checked, document.querySelector('#filter').value, "
                + "document.querySelector('#chart-said').textContent].join(' | ')";
        browser.await("document.querySelectorAll('#runs-table tbody tr').length === 1");
        browser.await(text("#chart-said") + ".startsWith('second loss: ')");
        String before = browser.text(chosen);
        assertFalse(before.contains("Bits"), before);
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
        // What nobody has chosen is the usual.
        browser.open(served.at("/#runs?sort=-nothing&figure=__proto__&smooth=x&columns=a,b&runs=,nobody"));
        browser.value("window.old = true");
        browser.call("Page.reload", "{}");
        browser.await("!window.old && document.querySelectorAll('#runs-table tbody tr').length >= 2");
        assertTrue(browser.text(text("#chart-said")).startsWith("Choose runs"));
        assertEquals("loss", browser.text("document.querySelector('#figure').value"));
    }

    /** The first columns are in sight, whatever settings differ. */
    @Test
    void whatMattersIsNotOffTheEdge() throws Exception {
        for (String[] look : new String[][] {{"1280", "Started"}, {"390", "Loss"}}) {
            browser.call("Emulation.setDeviceMetricsOverride", "{\"width\":" + look[0]
                    + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":true}");
            open("runs");
            double right = browser.value("[...document.querySelectorAll('#runs-table thead th')].find(e => "
                    + "e.textContent === '" + look[1] + "').getBoundingClientRect().right").getAsDouble();
            assertTrue(right <= Integer.parseInt(look[0]), look[1] + " ends at " + right);
            assertEquals("Run,State,Epoch,Loss,Best,An epoch", browser.text("[...document.querySelectorAll("
                    + "'#runs-table thead th')].slice(0, 6).map(e => e.textContent).join()"));
        }
        browser.call("Emulation.clearDeviceMetricsOverride", "{}");
    }

    @Test
    void finishedRunsAreOverEachOther() throws Exception {
        open("runs");
        browser.await("document.querySelector('#chart').dataset.points > 0");
        browser.value("document.querySelectorAll('#runs-table input:checked').forEach(e => e.click())");
        browser.await("document.querySelector('#chart').dataset.points === '0'");
        browser.value("document.querySelector('[data-focus=\"choose first\"]').click()");
        browser.await("document.querySelector('#chart').dataset.points === '3'");
        assertTrue(browser.text(text("#sentences")).contains("first, epoch 3"));
        browser.value("document.querySelector('[data-focus=\"choose second\"]').click()");
        browser.await("document.querySelector('#chart').dataset.points === '30'");
        browser.await("document.querySelector('#chart canvas').width > 100");
        for (String figure : List.of("bits_per_character", "seconds", "loss")) {
            browser.set("#figure", figure);
            browser.await(text("#chart-said") + ".includes('second " + figure.replace('_', ' ') + ": ')");
        }
        browser.value("document.querySelector('#figures summary').click()");
        browser.await("document.querySelectorAll('#figures-table tbody tr').length === 30");
        assertEquals("30", browser.text(text("#figures-table tbody th")));
        picture("runs");
        look("runs");
    }

    @Test
    void aTextThatBreaksOffIsToldOf() throws Exception {
        open("play");
        browser.value("window.fetch = async () => new Response("
                + "'{\"position\":0,\"char\":\"a\",\"probability\":1}\\n')");
        browser.click("#write");
        browser.await("!document.querySelector('#error').hidden");
        assertTrue(browser.text(text("#error")).contains("broke off"));
        assertEquals("a", browser.text(SHOWN));
        assertEquals("", browser.text(text("#play-status")));
    }

    @Test
    void aModelWritesAndEachCharacterIsLookedAt() throws Exception {
        SavedModel first = ModelFile.load(runs.resolve("first"));
        open("play");
        browser.set("#model", "first");
        browser.value("document.querySelector('#prime').value = 'a '");
        browser.value("document.querySelector('#length').value = '40'");
        browser.click("#write");
        browser.await(WRITTEN);
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(40);
        assertEquals(written(first, options, Beginnings.all("a ")), browser.text(SHOWN));
        assertTrue(browser.value("document.querySelectorAll('#text [class*=\" p\"], #text [class^=\"p\"]').length")
                .getAsInt() > 2, "nothing is shaded");
        assertEquals(browser.text(SHOWN), browser.text(text("#text-said")));

        browser.point("#c3");
        browser.await("document.querySelectorAll('#next tr').length === 10");
        picture("rivals");
        String rivals = browser.text(text("#next caption"));
        browser.value("document.querySelector('#text').focus()");
        browser.press("ArrowRight");
        browser.await("document.querySelector('#c4').classList.contains('at')");
        assertNotEquals(rivals, browser.text(text("#next")));

        browser.value("document.querySelector('#temperature').value = '0.2'");
        browser.value("document.querySelector('#prime').focus()");
        browser.press("Enter");
        browser.await(WRITTEN);
        assertEquals(written(first, options.temperature(0.2), Beginnings.all("a ")), browser.text(SHOWN));

        browser.click("#show-units");
        browser.await("document.querySelector('#units').width > 0");
        assertTrue(browser.text(text("#units-said")).startsWith("8 units"));
        browser.value("document.querySelector('#units').focus()");
        browser.press("ArrowRight");
        browser.press("ArrowDown");
        browser.await(text("#units-said") + ".startsWith('Unit 2 after character 1, a: ')");
        String tip = browser.text(text("#units-tip"));
        assertEquals(browser.text(text("#units-said")), tip);
        browser.press("Enter");
        browser.await("document.querySelector('#text').classList.contains('by-unit')");
        assertTrue(browser.text(text("#by-unit")).startsWith("Shaded by unit 2 of layer 1"));
        boolean warm = !tip.contains(": -");
        assertEquals(warm, browser.value("document.querySelector('#c0').classList.contains('warm')").getAsBoolean());
        assertEquals(Math.abs(Double.parseDouble(tip.replaceAll(".*: ", ""))),
                Double.parseDouble(browser.text("document.querySelector('#c0').style.getPropertyValue('--strength')")),
                6e-4);
        browser.point("#units");
        browser.await(text("#units-tip") + " !== '" + tip + "'");
        double away =
                browser.value("(() => { const [tip, map] = ['#units-tip', '#units'].map(e => "
                        + "document.querySelector(e).getBoundingClientRect()); return Math.hypot(tip.x - map.x "
                        + "- map.width / 2, tip.y - map.y - map.height / 2); })()").getAsDouble();
        assertTrue(away < 60, "the tip is " + away + " from the pointer");
        picture("play");
        look("play");
        browser.set("#model", "second");
        assertEquals("true,true,true", browser.text("['#units', '#units-tip', '#by-unit'].map(e => "
                + "document.querySelector(e).hidden).join()"));
    }

    /** A heat map that was asked for before the model changed is not shown after; an error goes with its cause. */
    @Test
    void nothingOfTheLastModelIsLeft() throws Exception {
        open("play");
        browser.set("#model", "first");
        browser.click("#write");
        browser.await(WRITTEN);
        browser.value("window.asked = window.fetch; window.fetch = async (...all) => { await new Promise(go => "
                + "window.answer = go); const said = await asked(...all); window.answered = true; return said; }");
        browser.click("#show-units");
        browser.await("window.answer");
        browser.set("#model", "second");
        browser.value("window.fetch = window.asked; window.answer()");
        browser.await("window.answered");
        browser.value("new Promise(go => setTimeout(go, 100))");
        assertTrue(browser.value("document.querySelector('#units').hidden").getAsBoolean(), "an old map is shown");

        browser.type("#prime", "\u2603");
        browser.click("#write");
        browser.await("!document.querySelector('#error').hidden");
        assertEquals(List.of("422"), browser.forgiveRefusals());
        assertTrue(browser.text(text("#error")).startsWith("\"Begins with\": the character"));
        browser.type("#prime", "a");
        assertTrue(browser.value("document.querySelector('#error').hidden").getAsBoolean(), "the error stays");
    }

    /** By the tabulator alone one comes to all that can be used, and a screen reader has a name for it. */
    @Test
    void everythingIsReachedWithoutAMouse() throws Exception {
        for (String page : List.of("runs", "play")) {
            open(page);
            browser.value("document.querySelectorAll('#runs-table input:not(:checked)').forEach(e => e.click())");
            browser.await("document.querySelector('#chart').dataset.points > 0");
            Set<String> expected =
                    new HashSet<>(List.of(browser.text("[...document.querySelectorAll('a, button, input, "
                            + "select, textarea, summary, [tabindex=\"0\"]')].filter(e => e.checkVisibility() && "
                            + "!e.disabled).map((e, i) => e.dataset.number = i).join()").split(",")));
            assertTrue(expected.size() > 7, page + " has " + expected);
            browser.value("document.querySelector('.skip').focus()");
            for (int i = 0; i < 40; i++) {
                expected.remove(browser.text("document.activeElement.dataset.number ?? ''"));
                browser.press("Tab");
            }
            assertEquals(Set.of(), expected, page);
            List<String> unnamed = browser.found().stream()
                    .filter(each -> each.matches("(link|button|checkbox|combobox|"
                            + "spinbutton|textbox|img|image|table|listbox|option|application|region|navigation|list) "))
                    .toList();
            assertEquals(List.of(), unnamed, page);
            assertTrue(browser.found().stream().anyMatch(each -> each.startsWith(page.equals("runs") ? "checkbox first"
                    : "listbox Text, a character an item")), page);
        }
    }

    /** What the next text begins from is said; a state that is lost is no error. */
    @Test
    void aStateIsCarriedResetAndLost() throws Exception {
        Path run = runs.resolve("second");
        open("play");
        browser.set("#model", "second");
        assertEquals("State: each text begins from zeros.", browser.text(text("#state-said")));
        browser.value("document.querySelector('#keep-state').click()");
        browser.value("document.querySelector('#length').value = '30'");
        for (int i = 1; i <= 2; i++) {
            browser.click("#write");
            browser.await(text("#state-said") + " === 'State: carried; the next text goes on from text " + i + ".'");
        }
        assertEquals(1, browser.value("document.querySelectorAll('#text hr').length").getAsInt());
        browser.click("#reset");
        browser.await(text("#state-said") + " === 'State: the next text begins from zeros.'");
        browser.click("#write");
        browser.await(text("#state-said") + ".includes('text 1')");
        Served.train(run, each -> each, Served.SETUP.epochs(30));
        browser.click("#write");
        browser.await(text("#play-status") + ".startsWith('The state was not kept') && " + WRITTEN);
        assertEquals("", browser.text(text("#error")));
        assertEquals(List.of("410"), browser.forgiveRefusals());
    }

    @Test
    void aTextIsAboutTheFeaturesThatAreTyped() throws Exception {
        SavedModel plain = ModelFile.load(runs.resolve("first"));
        ModelConfig config = plain.config().conditioned(3);
        SavedModel about = new SavedModel(config, 20, plain.vocabulary(), InitialWeights.KERAS.weights(config, 7));
        Path file = runs.resolve("about.safetensors");
        ModelFile.save(file, about);
        try {
            awaitListed("models", "about");
            open("play");
            browser.await("[...document.querySelector('#model').options].some(e => e.value === 'about')");
            assertFalse(browser.value("document.querySelector('#features-field').checkVisibility()").getAsBoolean());
            browser.set("#model", "about");
            browser.await("document.querySelector('#features-field').checkVisibility()");
            browser.value("document.querySelector('#features').value = '[1.5, -2 0.25]'");
            browser.value("document.querySelector('#length').value = '30'");
            browser.click("#write");
            browser.await(WRITTEN);
            assertEquals(written(about, SamplingOptions.DEFAULT.maxLength(30), Beginnings.all("").about(
                    new Features("features", new float[][] {{1.5f, -2, 0.25f}}))), browser.text(SHOWN));
            picture("features");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aModelWithoutABeginningAsksForTheFieldThatIsThere() throws Exception {
        ModelConfig config = Served.SETUP.model(3);
        Path file = runs.resolve("running.safetensors");
        ModelFile.save(file, new SavedModel(config, 20, Vocabulary.withoutMarkers("abc"),
                InitialWeights.KERAS.weights(config, 7)));
        try {
            awaitListed("models", "running");
            open("play");
            browser.await("[...document.querySelector('#model').options].some(e => e.value === 'running')");
            browser.set("#model", "running");
            browser.click("#write");
            browser.await(text("#error") + ".includes('\"Begins with\"')");
            assertEquals("prime", browser.text("document.activeElement.id"));
            browser.set("#model", "first");
            assertTrue(browser.value("document.querySelector('#error').hidden").getAsBoolean(), "the error stays");
        } finally {
            Files.delete(file);
        }
    }

    /** In the dark, on a phone and on paper nothing is wider than the page. */
    private static void look(String page) throws Exception {
        for (String[] look : new String[][] {{"dark", "1000", "screen"}, {"light", "380", "screen"},
            {"dark", "700", "print"}}) {
            browser.call("Emulation.setEmulatedMedia", "{\"media\":\"" + look[2]
                    + "\",\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + look[0] + "\"}]}");
            browser.call("Emulation.setDeviceMetricsOverride", "{\"width\":" + look[1]
                    + ",\"height\":800,\"deviceScaleFactor\":1,\"mobile\":false}");
            // The chart takes its new width when it hears of it.
            browser.await("document.documentElement.scrollWidth <= innerWidth");
            picture(page + "-" + look[0] + "-" + look[1]);
        }
        browser.call("Emulation.setEmulatedMedia", "{\"media\":\"\",\"features\":[]}");
        browser.call("Emulation.clearDeviceMetricsOverride", "{}");
    }
}
