package org.charlstm.serve;

import static org.charlstm.serve.Page.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.machine.Browser;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page for playing with a model in a browser: texts, their characters, states and heat maps. */
@Tag("long")
@Needs(Need.CHROMIUM)
@InProcesses
class PlayPageTest {
    private static final String SHOWN =
            "[...document.querySelectorAll('#text span:not(.sign)')].map(e => e.textContent).join('')";
    private static final String WRITTEN = text("#play-status") + ".includes('characters')";

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

    private static String written(SavedModel saved, SamplingOptions options, Beginnings beginnings) {
        try (Device device = Devices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, saved.weights())) {
            return new Sampler(model, saved.requireVocabulary(), options, beginnings).sentences(1).getFirst()
                    .replace(Vocabulary.START_SIGN, "");
        }
    }

    @Test
    void aTextThatBreaksOffIsAnError() throws Exception {
        page.open("play");
        browser.value("window.fetch = async () => new Response("
                + "'{\"position\":0,\"char\":\"a\",\"probability\":1}\\n')");
        browser.click("#write");
        browser.await("!document.querySelector('#error').hidden");
        assertTrue(browser.text(text("#error")).contains("broke off"));
        assertEquals("a", browser.text(SHOWN));
        assertEquals("", browser.text(text("#play-status")));
    }

    @Test
    void aModelWritesAndEachCharacterIsExamined() throws Exception {
        SavedModel first = ModelFile.load(page.runs().resolve("first"));
        page.open("play");
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
        page.picture("rivals");
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
        // The map may have come to lie under the pointer, which chooses a cell then.
        browser.point("#prime");
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
        page.picture("play");
        page.requireFitsEveryMedium("play");
        browser.set("#model", "second");
        assertEquals("true,true,true", browser.text("['#units', '#units-tip', '#by-unit'].map(e => "
                + "document.querySelector(e).hidden).join()"));
    }

    @Test
    void theHeatMapIsRightBelowTheTextAndHasALegend() throws Exception {
        page.open("play");
        for (int width : new int[] {1000, 390}) {
            browser.look(width, "light");
            double gap = browser.value("document.querySelector('#units-title').getBoundingClientRect().top "
                    + "- document.querySelector('#by-probability').getBoundingClientRect().bottom").getAsDouble();
            assertTrue(gap < 100, gap + " empty pixels at a width of " + width);
        }
        browser.call("Emulation.clearDeviceMetricsOverride", "{}");
        assertTrue(browser.value("document.querySelector('#units-legend').hidden").getAsBoolean());
        browser.set("#model", "first");
        browser.value("document.querySelector('#prime').value = 'a '");
        browser.click("#write");
        browser.await(WRITTEN);
        browser.click("#show-units");
        browser.await("!document.querySelector('#units-legend').hidden");
        browser.point("#units");
        assertTrue(browser.text(text("#units-legend")).contains("-1 or less  1 or more"));
        assertEquals("true", browser.text("`${document.querySelector('#units-scale').checkVisibility()}`"));
        page.picture("units");
    }

    /** A heat map that was asked for before the model changed is not shown after; an error goes with its cause. */
    @Test
    @SecondCircle("another model")
    void anotherModelClearsHeatMapAndError() throws Exception {
        page.open("play");
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

    /** The page says what the next text begins from; a lost state is no error. */
    @Test
    void aStateIsCarriedResetAndLost() throws Exception {
        Path run = page.runs().resolve("second");
        page.open("play");
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
    @SecondCircle("another model")
    void aTextIsWrittenFromTheFeaturesThatAreTyped() throws Exception {
        SavedModel plain = ModelFile.load(page.runs().resolve("first"));
        ModelConfig config = plain.config().conditioned(3);
        SavedModel about = new SavedModel(config, 20, plain.vocabulary(), InitialWeights.KERAS.weights(config, 7));
        Path file = page.runs().resolve("about.safetensors");
        ModelFile.save(file, about);
        try {
            page.awaitListed("models", "about");
            page.open("play");
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
            page.picture("features");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    @SecondCircle("another model")
    void aModelWithoutAStartSymbolAsksForAPrime() throws Exception {
        ModelConfig config = Served.SETUP.model(3);
        Path file = page.runs().resolve("running.safetensors");
        ModelFile.save(file, new SavedModel(config, 20, Vocabulary.withoutMarkers("abc"),
                InitialWeights.KERAS.weights(config, 7)));
        try {
            page.awaitListed("models", "running");
            page.open("play");
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
}
